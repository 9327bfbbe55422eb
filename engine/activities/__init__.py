"""What diagrams and forms call by name: activities, prefills, checks and completions of every stage."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from engine.activities import (
    acknowledgement,
    amendment,
    assessment,
    award_correction,
    award_opening,
    award_outcomes,
    award_writing,
    circulation,
    compilation,
    contribution,
    countersign,
    cycle,
    deadlines,
    designations,
    drafting,
    execution,
    extensions,
    improvement,
    notices,
    opinions,
    publication,
    result_letters,
    results,
    review,
    reward_dates,
    reward_nomination,
    reward_orders,
    reward_review,
    screening_review,
    screening_survey,
    self_report,
    signoff,
)
from engine.activities.calls import Activity, Check, Completion, Prefill

GROUPS: tuple[ModuleType, ...] = (
    acknowledgement,
    amendment,
    assessment,
    award_correction,
    award_opening,
    award_outcomes,
    award_writing,
    circulation,
    compilation,
    contribution,
    countersign,
    cycle,
    deadlines,
    designations,
    drafting,
    execution,
    extensions,
    improvement,
    notices,
    opinions,
    publication,
    result_letters,
    results,
    review,
    reward_dates,
    reward_nomination,
    reward_orders,
    reward_review,
    screening_review,
    screening_survey,
    self_report,
    signoff,
)


def _all_named(table: str) -> dict[str, Any]:
    """One table of all groups; a name that two groups give is a fault of the program."""
    found: dict[str, Any] = {}
    for group in GROUPS:
        entries: Mapping[str, Any] = getattr(group, table, {})
        if twice := found.keys() & entries.keys():
            raise ValueError(f"{group.__name__} names {sorted(twice)} again")
        found |= entries
    return found


ACTIVITIES: dict[str, Activity] = _all_named("ACTIVITIES")
PREFILLS: dict[str, Prefill] = _all_named("PREFILLS")
CHECKS: dict[str, Check] = _all_named("CHECKS")
COMPLETIONS: dict[str, Completion] = _all_named("COMPLETIONS")
