"""What is overdue in the branch, unit by unit: the lines of the weekly report and of the page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from engine.activities.working_plan import AGENCY_ID
from engine.clock import TAIPEI
from engine.domain.identity import ROLES
from engine.domain.task import Task
from engine.plan.rule_error import PlanRuleError
from engine.store.unit_of_work import Reader

REPORT = "overdue_report"
# Above this a report is a sign of something else; the page says that it was cut.
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueLine:
    """One overdue task. `unit` is that of its candidates or empty; `group` its label, or the role."""

    unit: str
    group: str
    task_id: int
    instance_id: int
    label: str
    subject: str
    owed_by: str
    due_on: date
    original_on: date | None = None  # the first due date of one that was extended
    late_after_on: date
    days: int


def reports_owner(reader: Reader) -> str:
    """Under which key the weekly reports are kept."""
    return f"{reader.organisation.setting('agency_id', AGENCY_ID)}:overdue"


def overdue_lines(reader: Reader) -> tuple[OverdueLine, ...]:
    """Every overdue task of the branch by unit, the longest late first, up to `MOST_LINES`.

    Tasks of restricted instances are left out: a report goes to people who may not know of them.
    """
    return lines_of(reader, reader.notices.late_in_branch(MOST_LINES))


def lines_of(reader: Reader, late: Sequence[Task]) -> tuple[OverdueLine, ...]:
    """Overdue tasks by unit, the longest late first."""
    people = {user.id: f"{user.name} {user.title}".strip() for user in reader.organisation.users()}
    units = {unit.id: (place, unit.label) for place, unit in enumerate(reader.organisation.units())}
    first = reader.tasks.first_due_of(late)
    days = {on: _days_late(reader, on) for on in {_late_after_on(task) for task in late}}
    lines = [_line(task, people, units, first.get(task.id), days) for task in late]
    return tuple(
        sorted(
            lines, key=lambda line: (units.get(line.unit, (-1, ""))[0], line.group, -line.days, line.task_id)
        )
    )


def lines_json(lines: Iterable[OverdueLine]) -> list[dict[str, Any]]:
    """Lines as JSON."""
    return [
        {name: each.isoformat() if isinstance(each, date) else each for name, each in asdict(line).items()}
        for line in lines
    ]


def lines_from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[OverdueLine, ...]:
    """The lines of such JSON; reports from before extensions were shown tell no first date."""
    days = ("due_on", "late_after_on", "original_on")
    return tuple(
        OverdueLine(**{**row, **{name: date.fromisoformat(row[name]) for name in days if row.get(name)}})
        for row in rows
    )


def _late_after_on(task: Task) -> date:
    late_after_at = task.late_after_at or task.due_at
    assert late_after_at is not None
    return late_after_at.astimezone(TAIPEI).date()


def _line(
    task: Task,
    people: Mapping[str, str],
    units: Mapping[str, tuple[int, str]],
    first_due_at: datetime | None,
    days: Mapping[date, int],
) -> OverdueLine:
    assert task.due_at is not None
    unit = next((c.unit for c in task.candidates if c.unit), "")
    roles = dict.fromkeys(ROLES[c.role].label if c.role in ROLES else c.role for c in task.candidates)
    late_after_on = _late_after_on(task)
    return OverdueLine(
        unit=unit,
        group=units[unit][1] if unit in units else "、".join(roles),
        task_id=task.id,
        instance_id=task.instance_id,
        label=task.label,
        subject=task.subject,
        owed_by=people.get(task.assignee or "", ""),
        due_on=task.due_at.astimezone(TAIPEI).date(),
        original_on=first_due_at.astimezone(TAIPEI).date() if first_due_at else None,
        late_after_on=late_after_on,
        days=days[late_after_on],
    )


def _days_late(reader: Reader, late_after_on: date) -> int:
    """Working days since; calendar days where the office calendar of a year is missing."""
    try:
        return max(1, reader.calendar.working_days_between(late_after_on, reader.today))
    except PlanRuleError:
        return (reader.today - late_after_on).days
