"""What the figures of a year say: progress by unit, how long steps take, what comes back, what is late."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil
from statistics import median

from engine.plan.tree import Plan

_REACHED = frozenset({"achieved", "done"})
_MISSED = frozenset({"not_achieved", "not_done"})
_RESTS = "not_applicable"
NINETIETH = 0.9
MONTHS = range(1, 13)


class Progress(StrEnum):
    """How far an action has come. `open`: no unit has told a number or a status yet; `rests`: 不適用."""

    REACHED = "reached"
    PARTLY = "partly"
    MISSED = "missed"
    OPEN = "open"
    RESTS = "rests"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitProgress:
    """The actions of one unit by how far they have come; an action of two units counts for both."""

    unit: str
    label: str
    counts: Mapping[Progress, int]

    @property
    def actions(self) -> int:
        return sum(self.counts.values())

    @property
    def percent(self) -> float | None:
        """The reached share of the actions that do not rest; None where all of them do."""
        counted = self.actions - self.counts[Progress.RESTS]
        return round(100 * self.counts[Progress.REACHED] / counted, 1) if counted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """How long a step took: half of the times were at most `middle`, nine of ten at most `ninetieth`."""

    times: int
    middle: float
    ninetieth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One task that had a last day: `done_on` is None while it is open."""

    last_on: date
    done_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfDeadlines:
    """The tasks whose last day lay in a month: how many, done too late, and late and still open."""

    month: int
    due: int
    done_late: int
    still_open: int

    @property
    def late(self) -> int:
        return self.done_late + self.still_open

    @property
    def percent(self) -> float | None:
        """The late share; None where nothing was due."""
        return round(100 * self.late / self.due, 1) if self.due else None


def progress_of(statuses: Collection[str | None]) -> Progress:
    """The progress of an action with these statuses of its targets, or its one status in words."""
    told = {status for status in statuses if status not in (None, _RESTS)}
    if not told:
        return Progress.RESTS if _RESTS in statuses else Progress.OPEN
    if None in statuses:
        return Progress.PARTLY if told - _MISSED else Progress.MISSED
    if told <= _REACHED:
        return Progress.REACHED
    return Progress.MISSED if told <= _MISSED else Progress.PARTLY


def progress_by_unit(plan: Plan, statuses: Mapping[str, Collection[str | None]]) -> tuple[UnitProgress, ...]:
    """Every unit that has actions, in the order in which the plan names them; `statuses` by action."""
    counts: dict[str, Counter[Progress]] = {}
    for action in plan.actions():
        for unit in action.owner_units:
            counts.setdefault(unit, Counter())[progress_of(statuses.get(action.id, ()))] += 1
    return tuple(
        UnitProgress(unit=unit, label=plan.unit_label(unit), counts={p: own[p] for p in Progress})
        for unit, own in counts.items()
    )


def duration_of(lengths: Collection[float]) -> Duration:
    """The middle and the ninetieth of a hundred (nearest rank) of some lengths; at least one."""
    in_order = sorted(lengths)
    rank = ceil(NINETIETH * len(in_order))
    return Duration(
        times=len(in_order), middle=round(median(in_order), 1), ninetieth=round(in_order[rank - 1], 1)
    )


def overdue_by_month(owed: Iterable[Owed], year: int, today: date) -> tuple[MonthOfDeadlines, ...]:
    """The twelve months of a year, of those tasks whose last day has passed or that are done."""
    found = {month: Counter[str]() for month in MONTHS}
    for task in owed:
        if task.last_on.year == year and (task.done_on is not None or task.last_on < today):
            found[task.last_on.month][_outcome(task)] += 1
    return tuple(_months(found))


def _outcome(task: Owed) -> str:
    if task.done_on is None:
        return "open"
    return "late" if task.done_on > task.last_on else "in_time"


def _months(found: Mapping[int, Counter[str]]) -> Iterator[MonthOfDeadlines]:
    for month, own in found.items():
        yield MonthOfDeadlines(month=month, due=own.total(), done_late=own["late"], still_open=own["open"])
