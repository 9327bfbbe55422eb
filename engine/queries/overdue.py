"""The overdue list by unit: as it is now, or as a weekly report kept it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from engine.activities.overdue import (
    MOST_LINES,
    REPORT,
    OverdueLine,
    lines_from_json,
    lines_of,
    reports_owner,
)
from engine.domain.permission import Action, may, require
from engine.queries.tasks import cursor_key, position
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueGroup:
    """The overdue tasks of one unit, or of a role that no unit has for itself."""

    label: str
    lines: tuple[OverdueLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueReport:
    """The list on a day. `week` is the Monday of a kept report, None for now; `weeks` are all kept.

    `next_cursor` leads to what is late for less time, where the list has more than was asked for.
    """

    on: date
    week: date | None
    weeks: tuple[date, ...]
    groups: tuple[OverdueGroup, ...]
    may_urge: bool
    next_cursor: str | None

    @property
    def count(self) -> int:
        return sum(len(group.lines) for group in self.groups)


def overdue_report(
    reader: Reader, week: date | None = None, *, cursor: str | None = None, limit: int = MOST_LINES,
    among: Collection[int] | None = None,
) -> OverdueReport:  # fmt: skip
    """What is overdue in the branch now, or was by the report of a week; NotFound when there was none.

    Chiefs of units read the lines of their own units. Of what is overdue now, the list has so many lines at
    most, the longest overdue first, or only those tasks that are asked for. Invalid for a cursor that no
    list has.
    """
    require(reader.actor, Action.READ_OVERDUE)
    owner = reports_owner(reader)
    units = None if may(reader.actor, Action.READ_OVERDUE_OF_ALL) else _units_headed(reader)
    on, next_cursor = reader.today, None
    if week is None:
        late = reader.notices.late_in_branch(limit + 1, after=cursor_key(cursor), units=units, among=among)
        shown = late[:limit]
        lines = lines_of(reader, shown)
        next_cursor = "{}.{}".format(*position(shown[-1])) if len(late) > limit else None
    else:
        body = reader.documents.get(owner, REPORT, week.isoformat()).body
        on, lines = date.fromisoformat(body["on"]), lines_from_json(body["lines"])
    return OverdueReport(
        on=on,
        week=week,
        weeks=tuple(date.fromisoformat(key) for key in reversed(reader.documents.keys(owner, REPORT))),
        groups=_groups(line for line in lines if units is None or line.unit in units),
        may_urge=week is None and may(reader.actor, Action.URGE),
        next_cursor=next_cursor,
    )


def _units_headed(reader: Reader) -> frozenset[str]:
    return frozenset(unit for role, unit in reader.actor.pairs if role == "unit_chief" and unit)


def _groups(lines: Iterable[OverdueLine]) -> tuple[OverdueGroup, ...]:
    return tuple(
        OverdueGroup(label=label, lines=tuple(own))
        for label, own in groupby(lines, key=lambda line: line.group)
    )
