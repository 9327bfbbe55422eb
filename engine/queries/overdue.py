"""The overdue list by unit: as it is now, or as a weekly report kept it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from engine.activities.overdue import (
    MOST_LINES,
    REPORT,
    OverdueLine,
    lines_from_json,
    overdue_lines,
    reports_owner,
)
from engine.domain.permission import Action, may, require
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueGroup:
    """The overdue tasks of one unit, or of a role that no unit has for itself."""

    label: str
    lines: tuple[OverdueLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueReport:
    """The list on a day. `week` is the Monday of a kept report, None for now; `weeks` are all kept."""

    on: date
    week: date | None
    weeks: tuple[date, ...]
    groups: tuple[OverdueGroup, ...]
    may_urge: bool
    is_cut: bool

    @property
    def count(self) -> int:
        return sum(len(group.lines) for group in self.groups)


def overdue_report(reader: Reader, week: date | None = None) -> OverdueReport:
    """What is overdue in the branch now, or was by the report of a week; NotFound when there was none.

    Chiefs of units read the lines of their own units.
    """
    require(reader.actor, Action.READ_OVERDUE)
    owner = reports_owner(reader)
    if week is None:
        on, lines = reader.today, overdue_lines(reader)
    else:
        body = reader.documents.get(owner, REPORT, week.isoformat()).body
        on, lines = date.fromisoformat(body["on"]), lines_from_json(body["lines"])
    return OverdueReport(
        on=on,
        week=week,
        weeks=tuple(date.fromisoformat(key) for key in reversed(reader.documents.keys(owner, REPORT))),
        groups=_groups(_own(reader, lines)),
        may_urge=week is None and may(reader.actor, Action.URGE),
        is_cut=len(lines) == MOST_LINES,
    )


def _own(reader: Reader, lines: Iterable[OverdueLine]) -> list[OverdueLine]:
    if may(reader.actor, Action.READ_OVERDUE_OF_ALL):
        return list(lines)
    return [line for line in lines if line.unit and reader.actor.holds("unit_chief", line.unit)]


def _groups(lines: Iterable[OverdueLine]) -> tuple[OverdueGroup, ...]:
    return tuple(
        OverdueGroup(label=label, lines=tuple(own))
        for label, own in groupby(lines, key=lambda line: line.group)
    )
