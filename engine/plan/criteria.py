"""Sets of criteria by which the units are assessed (考核項目, 陸.一(一)): what a set must hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.plan.rule_error import PlanRuleError

NAME_LENGTH = range(2, 61)
SCORES = range(1, 101)
NOTE_LENGTH = 300
MOST_CRITERIA = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One item with its full marks and what is looked at."""

    name: str
    max_score: int
    note: str = ""


def criteria_faults(name: str, criteria: Sequence[Criterion]) -> Iterator[tuple[str, PlanRuleError]]:
    """What hinders a set of criteria, by the entry that it belongs to; empty when it holds."""
    if len(name.strip()) not in NAME_LENGTH:
        yield "name", _length()
    if not 1 <= len(criteria) <= MOST_CRITERIA:
        yield "criteria", PlanRuleError("Enter 1 to {most} criteria", most=MOST_CRITERIA)
    for place, criterion in enumerate(criteria):
        yield from _criterion_faults(f"criteria/{place}", criterion)
        if criterion.name in {earlier.name for earlier in criteria[:place]}:
            yield f"criteria/{place}/name", PlanRuleError("Two criteria have the same name")


def _criterion_faults(path: str, criterion: Criterion) -> Iterator[tuple[str, PlanRuleError]]:
    if len(criterion.name.strip()) not in NAME_LENGTH:
        yield f"{path}/name", _length()
    if criterion.max_score not in SCORES:
        first, last = SCORES.start, SCORES.stop - 1
        yield (
            f"{path}/max_score",
            PlanRuleError("Enter a number from {first} to {last}", first=first, last=last),
        )
    if len(criterion.note) > NOTE_LENGTH:
        yield f"{path}/note", PlanRuleError("Use at most {limit} characters", limit=NOTE_LENGTH)


def _length() -> PlanRuleError:
    first, last = NAME_LENGTH.start, NAME_LENGTH.stop - 1
    return PlanRuleError("Use {first} to {last} characters", first=first, last=last)
