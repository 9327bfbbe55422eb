"""統計: progress by unit, durations of steps, returns by reason, and what was late, of one year.

Counted is what the reader may see: what is restricted to other roles leaves no number. A task belongs to
the year in which it was closed, a due date to that in which it lay.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.activities.amendment import running_amendment
from engine.activities.plan_documents import released_version
from engine.clock import TAIPEI, from_micros, to_micros
from engine.domain.form_fields import FieldKind, fields_of
from engine.domain.history import EventType
from engine.domain.identity import Agency
from engine.domain.permission import may_see_agency, sight_of
from engine.domain.task import TaskState
from engine.domain.telling import told_by
from engine.errors import NotFound, NotPermitted
from engine.plan.document import from_json
from engine.plan.roc import roc_to_ad_year, roc_year
from engine.plan.statistics import (
    Duration,
    MonthOfDeadlines,
    Owed,
    UnitProgress,
    duration_of,
    overdue_by_month,
    progress_by_unit,
)
from engine.queries.plan_numbers import ActionStanding, standings
from engine.queries.plans import documents_of, plan_list
from engine.queries.task_page import is_returned
from engine.queries.working_time import WorkingDays
from engine.store import tables
from engine.store.sight import is_covered
from engine.store.tables import NEVER
from engine.store.unit_of_work import Reader

OWNER = "bsmi_khh"
REASONS = "return_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDuration:
    """How long one step of one process took, in working days."""

    process: str
    step: str
    duration: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How often something was returned for a reason; `reason` is empty where none was chosen."""

    reason: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The figures of a year. `returns` is how many returns the reasons are of: one may name several."""

    year: int
    years: tuple[int, ...]
    has_plan: bool
    units: tuple[UnitProgress, ...]
    steps: tuple[StepDuration, ...]
    returns: int
    reasons: tuple[ReasonCount, ...]
    months: tuple[MonthOfDeadlines, ...]


def statistics(reader: Reader, year: int | None = None) -> Statistics:
    """The figures of a ROC year, the latest one with a plan unless one is named.

    The number of statements does not depend on what there is to count.

    NotPermitted outside the branch, NotFound for a year without a table of months (100 to 199).
    """
    if not may_see_agency(reader.actor, Agency.BRANCH):
        raise NotPermitted
    with_plans = tuple(line.roc_year for line in plan_list(reader))
    present = roc_year(reader.today)
    shown = year if year is not None else next(iter(with_plans), present)
    if shown not in range(100, 200):
        raise NotFound(kind="statistics", id=shown)
    rows = _tasks(reader, shown)
    returned = _returns(reader, shown)
    labels = reason_labels(reader)
    return Statistics(
        year=shown,
        years=tuple(sorted({*with_plans, shown, present}, reverse=True)),
        has_plan=shown in with_plans,
        units=_progress(reader, shown) if shown in with_plans else (),
        steps=_steps(reader, rows, shown),
        returns=len(returned),
        reasons=_reasons(returned, labels),
        months=overdue_by_month(_owed(rows), roc_to_ad_year(shown), reader.today),
    )


def _progress(reader: Reader, year: int) -> tuple[UnitProgress, ...]:
    """By the version in effect: a draft of an amendment binds nobody yet."""
    plan_key = f"{OWNER}:{year}"
    is_amended = running_amendment(reader, plan_key) is not None
    version = released_version(reader, plan_key) if is_amended else reader.documents.get(plan_key, "plan")
    plan = from_json(version.body)
    found = standings(plan, documents_of(reader, plan_key))
    return progress_by_unit(plan, {action: _statuses(standing) for action, standing in found.items()})


def _statuses(standing: ActionStanding) -> tuple[str | None, ...]:
    return tuple(target.status for target in standing.targets) or (standing.status,)


def _bounds(year: int) -> tuple[int, int]:
    """The first instant of a ROC year and the first after it."""
    first = roc_to_ad_year(year)
    starts = (datetime(y, 1, 1, tzinfo=TAIPEI) for y in (first, first + 1))
    begin, end = (to_micros(start) for start in starts)
    return begin, end


def _tasks(reader: Reader, year: int) -> Sequence[Any]:
    """The tasks that were closed in the year, or whose last day lay in it, with no word of what they were."""
    task, instance = tables.task.c, tables.process_instance.c
    begin, end = _bounds(year)
    query = (
        sa.select(
            task.process_key, task.element_id, task.label, task.opened_at, task.closed_at, task.late_after_at
        )
        .join_from(tables.task, tables.process_instance, instance.id == task.instance_id)
        .where(
            task.state.in_((int(TaskState.OPEN), int(TaskState.COMPLETED))),
            sa.or_(
                sa.and_(task.closed_at >= begin, task.closed_at < end),
                sa.and_(task.late_after_at >= begin, task.late_after_at < end),
            ),
            is_covered(sight_of(reader.actor)),
        )
        .order_by(task.opened_at)
    )
    return reader.transaction.core.execute(query).all()


def _steps(reader: Reader, rows: Iterable[Any], year: int) -> tuple[StepDuration, ...]:
    """Every step that was done in the year, the slowest first."""
    begin, end = _bounds(year)
    done = [row for row in rows if row.closed_at is not None and begin <= row.closed_at < end]
    clock = WorkingDays(reader.calendar)
    lengths: dict[tuple[str, str], list[float]] = {}
    labels: dict[tuple[str, str], str] = {}
    for row in done:
        key = (row.process_key, row.element_id)
        labels[key] = row.label
        lengths.setdefault(key, []).append(
            clock.between(from_micros(row.opened_at), from_micros(row.closed_at))
        )
    names = _process_names(reader)
    found = [
        StepDuration(process=names.get(key[0], key[0]), step=labels[key], duration=duration_of(own))
        for key, own in lengths.items()
    ]
    return tuple(sorted(found, key=lambda s: (-s.duration.middle, -s.duration.ninetieth, s.process, s.step)))


def _process_names(reader: Reader) -> dict[str, str]:
    return {process.key: process.name for process in reader.definitions.all_latest()}


def _owed(rows: Iterable[Any]) -> list[Owed]:
    return [
        Owed(last_on=_day(row.late_after_at), done_on=_day(row.closed_at) if row.closed_at else None)
        for row in rows
        if row.late_after_at != NEVER
    ]


def _day(micros: int) -> date:
    return from_micros(micros).astimezone(TAIPEI).date()


def _returns(reader: Reader, year: int) -> list[list[str]]:
    """The reasons of every return of the year; the sealed entries of people are read for them."""
    task, instance, event = tables.task.c, tables.process_instance.c, tables.history_event.c
    begin, end = _bounds(year)
    query = (
        sa.select(event.data)
        .join_from(tables.task, tables.process_instance, instance.id == task.instance_id)
        .join(
            tables.history_event,
            sa.and_(
                event.stream == task.instance_id,
                event.task_id == task.id,
                event.type == EventType.TASK_COMPLETED,
            ),
        )
        .where(
            task.state == int(TaskState.COMPLETED),
            task.closed_at >= begin,
            task.closed_at < end,
            event.data.contains('"return'),
            is_covered(sight_of(reader.actor)),
        )
    )
    rows = reader.transaction.core.execute(query)
    entries = (told_by(EventType.TASK_COMPLETED, None, row.data)["values"] for row in rows)
    return [_chosen(values) for values in entries if is_returned(values)]


def _chosen(values: Mapping[str, Any]) -> list[str]:
    reasons = values.get(REASONS) or []
    return [str(reason) for reason in (reasons if isinstance(reasons, list) else [reasons])]


def _reasons(returned: Iterable[Sequence[str]], labels: Mapping[str, str]) -> tuple[ReasonCount, ...]:
    """The most frequent reason first."""
    counts: Counter[str] = Counter()
    for reasons in returned:
        counts.update(labels.get(reason, reason) for reason in reasons or ("",))
    in_order = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ReasonCount(reason=reason, times=times) for reason, times in in_order)


def reason_labels(reader: Reader) -> dict[str, str]:
    """What the forms in use call their reasons; the same value has one name in all of them."""
    latest = {process.deployment_id for process in reader.definitions.all_latest()}
    forms = (form for id in sorted(latest) for form in reader.definitions.parsed(id).forms.values())
    fields = (field for form in forms for field in fields_of(form) if field.name == REASONS)
    return {
        str(value): label
        for field in fields
        if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES)
        for value, label in field.choices
    }
