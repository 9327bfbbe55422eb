"""行事曆: every deadline of a calendar year, with who owes what; only what the reader may know of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import sqlalchemy as sa

from engine.activities.award_records import SCHEDULE as EDITION_SCHEDULE
from engine.activities.execution import DUE_WORKING_DAYS, report_periods
from engine.activities.working_plan import AGENCY_ID
from engine.clock import TAIPEI, to_micros
from engine.domain.identity import ROLES, Agency, User
from engine.domain.permission import may_see_agency, sight_of
from engine.domain.task import TASK_BITS, Task, TaskState, may_see
from engine.errors import NotFound
from engine.plan.award import edition_key, screening_key
from engine.plan.calendar import WorkCalendar
from engine.plan.roc import roc_to_ad_year, roc_year
from engine.plan.rule_error import PlanRuleError
from engine.queries.schedules import schedule_page
from engine.store import tables
from engine.store.sight import is_covered
from engine.store.tasks import task_from_row
from engine.store.unit_of_work import Reader

MOST_TASKS = 500
YEARS = range(100, 200)
_DAY = timedelta(days=1)
# Who owes the dates of the plan (stages 1 to 8); the label of a role, or of all units.
ALL_UNITS = "各單位"
OWED_BY = {
    "K1": "sec_handler", "K2": "sec_handler", "K3": "sec_handler", "K4": "sec_handler",
    "K5": "ministry_handler", "K6": "ministry_handler", "assessment_open": "sec_handler",
    "assessment_branch": "sec_handler", "assessment_chiefs": "unit_chief",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One deadline: `kind` is plan (`name` is K1 …), report, award or task.

    `year` is that of the plan or edition behind it; `count` is how many open tasks an entry stands for, and
    `task_id` one that the reader may open.
    """

    kind: str
    on: date
    late_after_on: date
    name: str
    subject: str
    owed_by: tuple[str, ...]
    year: int
    is_late: bool = False
    count: int = 1
    task_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingIn:
    """The days on which somebody stands in for the reader, or (`is_mine`) the reader for somebody."""

    first_on: date
    last_on: date
    name: str
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class YearCalendar:
    """A calendar year. `is_known` is False for a year whose office calendar has not been imported."""

    roc_year: int
    entries: tuple[CalendarEntry, ...]
    days_off: frozenset[date]
    make_up_days: frozenset[date]
    closures: dict[date, str]
    standing_in: tuple[StandingIn, ...]
    is_known: bool
    is_confirmed: bool
    is_cut: bool


def year_calendar(reader: Reader, year: int) -> YearCalendar:
    """The deadlines of a ROC year in their order, and which of its days are worked; NotFound for no year.

    Dates of the plans stand there for the branch; open tasks for whoever may know of their instance.
    """
    if year not in YEARS:
        raise NotFound(kind="calendar", id=year)
    first = date(roc_to_ad_year(year), 1, 1)
    last = date(first.year, 12, 31)
    tasks = _open_tasks(reader, year, first, last)
    found = [*_entries_of_tasks(reader, tasks)]
    if may_see_agency(reader.actor, Agency.BRANCH):
        for of_year in (year - 1, year):
            found += [*_plan_entries(reader, of_year), *_award_entries(reader, of_year)]
    table = reader.calendar.tables.get(first.year)
    return YearCalendar(
        roc_year=year,
        entries=tuple(
            sorted((e for e in found if first <= e.on <= last), key=lambda e: (e.on, e.kind, e.name))
        ),
        days_off=table.holidays if table else frozenset(),
        make_up_days=table.workdays if table else frozenset(),
        closures=reader.calendar.closures(first.year),
        standing_in=tuple(_standing_in(reader, first, last)),
        is_known=table is not None,
        is_confirmed=table is not None and table.confirmed,
        is_cut=len(tasks) == MOST_TASKS,
    )


def _standing_in(reader: Reader, first: date, last: date) -> Iterator[StandingIn]:
    """Own deputies, and for whom the reader stands in; nobody does from the day of an early end on."""
    me = reader.actor.user_id
    names = {user.id: user.name for user in reader.organisation.users()}
    for found in (*reader.deputyships.of_principal(me), *reader.deputyships.of_deputy(me)):
        last_on = min(found.valid_to, last)
        if found.ended_at is not None:
            last_on = min(last_on, found.ended_at.astimezone(TAIPEI).date() - _DAY)
        first_on = max(found.valid_from, first)
        if first_on <= last_on:
            is_mine = found.deputy == me
            name = names[found.principal if is_mine else found.deputy]
            yield StandingIn(first_on=first_on, last_on=last_on, name=name, is_mine=is_mine)


def _plan_entries(reader: Reader, year: int) -> Iterator[CalendarEntry]:
    """The dates of the plan of a year: computed ones, or those to be expected of a year that is to come."""
    if year not in YEARS:
        return
    page = schedule_page(reader, year)
    if page.k0_on is None and not page.versions and year < roc_year(reader.today):
        return  # a year that was not run here has no deadlines
    for line in page.lines:
        if line.due is not None:
            owed = OWED_BY.get(line.id, "")
            label = ROLES[owed].label if owed else ALL_UNITS
            on, late = line.due.internal_due_on, line.due.late_after_on
            yield CalendarEntry(
                kind="plan", on=on, late_after_on=late, name=line.id, subject="", owed_by=(label,), year=year
            )
    opens = next((line.due for line in page.lines if line.id == "assessment_open"), None)
    for label, end in report_periods(year, page.schedule.progress):
        due = _report_due(end, reader.calendar)
        if due is not None and (opens is None or end < opens.internal_due_on):
            yield CalendarEntry(
                kind="report", on=due, late_after_on=due, name=label, subject="", owed_by=(ALL_UNITS,),
                year=year,
            )  # fmt: skip


def _report_due(end: date, calendar: WorkCalendar) -> date | None:
    try:
        return calendar.add_working_days(end, DUE_WORKING_DAYS)
    except PlanRuleError:
        return None


def _award_entries(reader: Reader, year: int) -> Iterator[CalendarEntry]:
    """The schedule of the edition of a year, as letters named it."""
    edition = edition_key(str(reader.organisation.setting("agency_id", AGENCY_ID)), year)
    schedule = reader.documents.find(edition, EDITION_SCHEDULE)
    for step in schedule.body["steps"] if schedule else ():
        on = date.fromisoformat(step["on"])
        yield CalendarEntry(
            kind="award", on=on, late_after_on=on, name=str(step["step"]), subject="", owed_by=(), year=year
        )


def _open_tasks(reader: Reader, year: int, first: date, last: date) -> list[tuple[Task, str]]:
    """Open tasks of the plans and awards that reach into the year, due in it, with the key they belong to."""
    instance, task = tables.process_instance.c, tables.task.c
    agency = str(reader.organisation.setting("agency_id", AGENCY_ID))
    plans = [f"{agency}:{of_year}" for of_year in (year - 1, year)]
    around = (year - 1, year, year + 1)
    awards = [*(edition_key(agency, y) for y in around), *(screening_key(y) for y in around)]
    belongs = sa.or_(
        instance.plan_key.in_([*plans, *awards]),
        *(instance.plan_key.startswith(f"{key}:", autoescape=True) for key in awards),
    )
    since = datetime.combine(first, datetime.min.time(), TAIPEI)
    until = datetime.combine(last + _DAY, datetime.min.time(), TAIPEI)
    numbers = instance.id * (1 << TASK_BITS)
    query = (
        sa.select(tables.task, instance.plan_key)
        .join_from(
            tables.process_instance,
            tables.task,
            sa.and_(task.id >= numbers, task.id < numbers + (1 << TASK_BITS)),
        )
        .where(
            belongs, instance.ended_at.is_(None), is_covered(sight_of(reader.actor)),
            task.state == int(TaskState.OPEN), task.due_at >= to_micros(since),
            task.due_at < to_micros(until),
        )
        .order_by(task.due_at, task.id)
        .limit(MOST_TASKS)
    )  # fmt: skip
    return [(task_from_row(row[:-1]), row[-1]) for row in reader.transaction.core.execute(query)]


def _entries_of_tasks(reader: Reader, tasks: Iterable[tuple[Task, str]]) -> Iterator[CalendarEntry]:
    """One entry for all open tasks of a step that are due on the same day for the same plan or entry."""
    people = {user.id: user for user in reader.organisation.users()}
    units = {unit.id: unit.label for unit in reader.organisation.units()}

    def alike(found: tuple[Task, str]) -> tuple[date, str, str, str]:
        task, key = found
        assert task.due_at is not None
        return task.due_at.astimezone(TAIPEI).date(), task.element_id, task.label, key

    for (on, _, label, key), group in groupby(sorted(tasks, key=alike), key=alike):
        members = [task for task, _ in group]
        late = max((task.late_after_at for task in members if task.late_after_at), default=None)
        mine = next((task.id for task in members if may_see(reader.actor, task)), None)
        yield CalendarEntry(
            kind="task",
            on=on,
            late_after_on=late.astimezone(TAIPEI).date() if late else on,
            name=label,
            subject=members[0].subject if len(members) == 1 else "",
            owed_by=tuple(dict.fromkeys(_owes(task, people, units) for task in members)),
            year=_year_of(key),
            is_late=any(task.is_overdue(reader.now) for task in members),
            count=len(members),
            task_id=mine,
        )


def _owes(task: Task, people: dict[str, User], units: dict[str, str]) -> str:
    """Who holds the task; else the unit of those who may take it, or their role."""
    if task.assignee in people:
        holder = people[task.assignee]
        return f"{holder.name} {holder.title}".strip()
    named = (
        units.get(c.unit) or (ROLES[c.role].label if c.role in ROLES else c.role) for c in task.candidates
    )
    return "、".join(dict.fromkeys(named))


def _year_of(key: str) -> int:
    return next((int(part) for part in key.split(":") if part.isdecimal()), 0)
