"""The schedule of a plan's year (年度時程): its dates as data, with the defaults of the plan's text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Any

from engine.plan.deadlines import ENACTING_WORKING_DAYS, nominal_dates
from engine.plan.document_number import parse_document_number
from engine.plan.rule_error import PlanRuleError

# Units hand in five working days before the plan is due, so that it can be compiled and signed (P1).
UNIT_LEAD = 5
FREQUENCIES = ("off", "monthly", "quarterly")
# The dates that the bureau set (陸.一): only a letter of the bureau moves them.
OF_THE_BUREAU = ("K2", "K3", "K4")
IN_ORDER = ("assessment_open", "assessment_units", "assessment_chiefs", "assessment_branch", *OF_THE_BUREAU)
# The ministry recommends by the year's 評獎實施計畫 (陸.二(二)): there is no date before it has come.
AWARD = "K6"
AWARD_CLAUSE = "陸.二(二)"
_DAYS = {"enacting_days": range(1, 61), "unit_lead_days": range(1, 31)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The dates of one year before the calendar is asked. `letters`: deadline id -> number of its letter.

    K6 stands among the dates as soon as the award's own schedule names it.
    """

    dates: Mapping[str, date]
    enacting_days: int = ENACTING_WORKING_DAYS
    unit_lead_days: int = UNIT_LEAD
    progress: str = "quarterly"
    letters: Mapping[str, str] = field(default_factory=dict)


def default_schedule(roc_year: int, progress: str = "quarterly") -> Schedule:
    """The schedule that the plan's text and its assumptions give."""
    return Schedule(dates=nominal_dates(roc_year), progress=progress)


def changed_schedule(before: Schedule, after: Schedule, letter: str) -> Schedule:
    """The later schedule, with the bureau's letter as the basis of every date of 陸 that it moves."""
    moved = {id: letter for id in OF_THE_BUREAU if after.dates[id] != before.dates[id]}
    return replace(after, letters={**before.letters, **moved})


def moves_only_award(before: Schedule, after: Schedule) -> bool:
    """True for a change of K6 alone: it belongs to the award of the next year, not to the plan's cycle."""
    return replace(before, dates=_without_award(before)) == replace(after, dates=_without_award(after))


def schedule_faults(before: Schedule, after: Schedule, letter: str) -> Iterator[tuple[str, PlanRuleError]]:
    """What hinders a schedule, by the entry that it belongs to; empty when it holds."""
    for name, allowed in _DAYS.items():
        if getattr(after, name) not in allowed:
            first, last = allowed.start, allowed.stop - 1
            yield name, PlanRuleError("Enter a number from {first} to {last}", first=first, last=last)
    if after.progress not in FREQUENCIES:
        yield "progress", PlanRuleError("Choose one of the options")
    for earlier, later in pairwise(IN_ORDER):
        if after.dates[later] < after.dates[earlier]:
            yield later, PlanRuleError("This date may not lie before the one above it")
    if AWARD in after.dates and after.dates[AWARD] < after.dates["K5"]:
        yield AWARD, PlanRuleError("This date may not lie before the one above it")
    if any(after.dates[id] != before.dates[id] for id in OF_THE_BUREAU):
        yield from _letter_faults(letter)


def to_json(schedule: Schedule) -> dict[str, Any]:
    """The schedule as JSON."""
    return {
        "dates": {id: on.isoformat() for id, on in schedule.dates.items()},
        "enacting_days": schedule.enacting_days,
        "unit_lead_days": schedule.unit_lead_days,
        "progress": schedule.progress,
        "letters": dict(schedule.letters),
    }


def from_json(body: Mapping[str, Any]) -> Schedule:
    """The schedule of such JSON."""
    return Schedule(
        dates={id: date.fromisoformat(on) for id, on in body["dates"].items()},
        enacting_days=int(body["enacting_days"]),
        unit_lead_days=int(body["unit_lead_days"]),
        progress=str(body["progress"]),
        letters=dict(body["letters"]),
    )


def _without_award(schedule: Schedule) -> dict[str, date]:
    return {id: on for id, on in schedule.dates.items() if id != AWARD}


def _letter_faults(letter: str) -> Iterator[tuple[str, PlanRuleError]]:
    if not letter.strip():
        reason = "Only a letter of the head office moves K2, K3 and K4: enter its number"
        yield "letter", PlanRuleError(reason)
        return
    try:
        parse_document_number(letter)
    except PlanRuleError as error:
        yield "letter", error
