"""The schedule of a plan's year: each date with its clause, the days to act by, and its basis."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.activities.deadlines import DEADLINES, plan_deadline
from engine.activities.working_plan import AGENCY_ID
from engine.activities.year_schedule import SCHEDULE, schedule_of
from engine.domain.document import Document
from engine.domain.identity import Agency, User
from engine.domain.permission import Action, may, may_see_agency
from engine.errors import NotFound
from engine.plan.deadlines import CLAUSES, Deadline, deadline
from engine.plan.rule_error import PlanRuleError
from engine.plan.schedule import AWARD, AWARD_CLAUSE, Schedule
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleLine:
    """One date. `due` is None where the office calendar of its year is missing, or it is still to come."""

    id: str
    clause: str
    nominal_on: date | None
    due: Deadline | None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePage:
    """The year's schedule. `k0_on` stands there as soon as the bureau's plan has arrived."""

    roc_year: int
    schedule: Schedule
    k0_on: date | None
    lines: tuple[ScheduleLine, ...]
    versions: tuple[Document, ...]
    people: Mapping[str, User]
    may_change: bool
    may_enter_award: bool


def schedule_page(reader: Reader, roc_year: int) -> SchedulePage:
    """The dates of a year, as they were computed or as they would be; NotFound outside the agency."""
    if not may_see_agency(reader.actor, Agency.BRANCH) or roc_year not in range(100, 200):
        raise NotFound(kind="schedule", id=roc_year)
    plan_key = f"{reader.organisation.setting('agency_id', AGENCY_ID)}:{roc_year}"
    schedule = schedule_of(reader, plan_key)
    computed = reader.documents.find(plan_key, DEADLINES)
    lines = [
        _computed(plan_deadline(reader, plan_key, id)) if computed else _expected(reader, schedule, id)
        for id in CLAUSES
    ]
    lines.insert([line.id for line in lines].index("K5") + 1, _expected(reader, schedule, AWARD))
    may_change = may(reader.actor, Action.CHANGE_SCHEDULE)
    return SchedulePage(
        roc_year=roc_year,
        schedule=schedule,
        k0_on=date.fromisoformat(computed.body["K0"]) if computed else None,
        lines=tuple(lines),
        versions=tuple(reversed(reader.documents.versions(plan_key, SCHEDULE))),
        people={user.id: user for user in reader.organisation.users()},
        may_change=computed is None and may_change,
        may_enter_award=may_change,
    )


def _computed(due: Deadline) -> ScheduleLine:
    return ScheduleLine(
        id=due.id, clause=due.clause, nominal_on=due.nominal_on, due=due, basis=due.basis or ""
    )  # fmt: skip


def _expected(reader: Reader, schedule: Schedule, id: str) -> ScheduleLine:
    on = schedule.dates.get(id)
    try:
        due = deadline(on, reader.calendar) if on else None
    except PlanRuleError:
        due = None
    return ScheduleLine(
        id=id,
        clause=AWARD_CLAUSE if id == AWARD else CLAUSES[id],
        nominal_on=on,
        due=due,
        basis=schedule.letters.get(id, ""),
    )  # fmt: skip
