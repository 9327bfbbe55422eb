"""Everything that the page of one task shows: its form as it was filled in so far, and what surrounds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.activities.content import content_of, form_in
from engine.clock import TAIPEI, from_micros
from engine.domain.definition import FormDefinition
from engine.domain.deputy import ActiveDeputyship
from engine.domain.form import FormContent, shown_digest
from engine.domain.form_fields import Field, FieldKind, fields_of
from engine.domain.history import EventType
from engine.domain.identity import ROLES, User
from engine.domain.instance import Instance
from engine.domain.permission import (
    may_look_back_at,
    may_not_decide,
    may_see_instance,
    may_send,
    refusal_of,
)
from engine.domain.priority import Priority
from engine.domain.task import (
    Task,
    TaskState,
    acting_for,
    instance_of,
    may_claim,
    may_complete,
    may_delegate,
    may_resolve,
    may_unclaim,
)
from engine.domain.telling import told_by
from engine.queries.asked_opinions import AskedOpinion, asked_opinions
from engine.queries.closed_choices import closed_choices
from engine.queries.comments import Comment, comments_beside
from engine.queries.decision import (
    OpinionNote,
    PlanFigures,
    SinceLastYear,
    opinion_notes,
    plan_figures,
    since_last_year,
)
from engine.queries.since_seen import SinceSeen, return_reasons, since_seen
from engine.queries.steps_ahead import tasks_ahead
from engine.queries.task_verbs import HandedBack, Verb, handed_back, original_due, verbs_of
from engine.queries.working_time import days_left
from engine.store import tables
from engine.store.drafts import Draft
from engine.store.unit_of_work import Reader

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment

# What people said is kept in these fields of forms; the first that was filled in is the saying.
OPINIONS = ("opinion", "comment", "general_comment", "return_note", "reason", "note", "response")
VERDICTS = ("decision", "proposal", "opinion_kind", "result", "choice")
RETURNS = frozenset({"return", "returned", "disagree", "not_compliant", "revise"})
# Verdicts by which the item itself goes back to whoever sent it.
GIVES_BACK = frozenset({"return", "differs", "not_improved"})
MANY = 200
DONE_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody said at an earlier step: an opinion, a return with its reason, an urging."""

    who: str
    title: str
    at: datetime
    step: str
    verdict: str
    text: str
    is_return: bool
    reasons: tuple[str, ...] = ()
    deputy: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One step of the process: `state` is done, now or todo; `who` acted or has to; `count` are beside."""

    label: str
    state: str
    who: str
    at: datetime | None = None
    is_own: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """How a task that is not open any more was closed; `values` as they were sent."""

    who: str
    at: datetime
    values: dict[str, Any]
    was_withdrawn: bool
    deputy: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A level that should have signed before this task, its unit if it has one, and why it did not."""

    role: str
    unit: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What the reader may do with the task now."""

    claim: bool
    unclaim: bool
    complete: bool
    delegate: bool
    resolve: bool
    # As a deputy who may not decide: everything but to complete what decides.
    is_kept_from_deciding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """A task with its form and surroundings; `shown_digest` is what a completion has to name again."""

    task: Task
    instance: Instance
    form: FormDefinition
    content: FormContent
    draft: Draft | None
    may: Abilities
    shown_digest: str
    standings: tuple[Standing, ...]
    sayings: tuple[Saying, ...]
    passed_over: tuple[PassedOver, ...]
    sender: User | None
    submitter: User | None
    submitted_for: User | None
    acting_for: ActiveDeputyship | None
    assignee: User | None
    unit: str
    days_left: int | None
    closed: Closed | None
    figures: PlanFigures | None
    since_seen: SinceSeen | None
    since_last_year: SinceLastYear | None
    opinion_notes: Mapping[str, OpinionNote]
    may_see_instance: bool
    verbs: tuple[Verb, ...]
    asked: tuple[AskedOpinion, ...]
    recall: str | None
    original_on: date | None
    handed_back: HandedBack | None
    priority: Priority
    comments: tuple[Comment, ...]

    @property
    def due_on(self) -> date | None:
        return self.task.due_at.astimezone(TAIPEI).date() if self.task.due_at else None

    @property
    def late_after_on(self) -> date | None:
        """The last day on which the task does not count as late."""
        return self.task.late_after_at.astimezone(TAIPEI).date() if self.task.late_after_at else None

    @property
    def late_from(self) -> date | None:
        """The first day on which the task counts as late."""
        return self.late_after_on + timedelta(days=1) if self.late_after_on else None


def is_returned(values: Mapping[str, Any]) -> bool:
    """True for entries by which something goes back to where it came from."""
    return any(values.get(name) in GIVES_BACK for name in VERDICTS)


def task_page(reader: Reader, task_id: int) -> TaskPage:
    """The page of a task, for its candidates, its holder and whoever closed it; NotFound, NotPermitted."""
    task = reader.tasks.get(task_id)
    instance = reader.instances.get(instance_of(task.id))
    if not may_look_back_at(reader.actor, task, instance):
        raise refusal_of(reader.actor, task, instance)
    reader.looks_at(instance)
    form = form_in(reader, task, instance.deployment_id)
    if task.is_open:
        content = content_of(reader, task, form)
    else:
        content = FormContent(choices=closed_choices(reader, task, form))
    completions = _completions(reader, task.instance_id)
    return TaskPage(
        task=task, instance=instance, form=form, content=content,
        draft=_unsent(reader, task), may=_abilities(reader, task, form),
        shown_digest=shown_digest(task.id, form.digest, task.inputs, content),
        standings=_standings(reader, task, instance),
        sayings=tuple(_sayings(reader, task, instance, completions)),
        passed_over=tuple(_passed_over(reader, task)),
        sender=reader.organisation.find_user(task.sent_by) if task.sent_by else None,
        submitter=_submitter(reader, task),
        submitted_for=_submitted_for(reader, task),
        acting_for=acting_for(reader.actor, task) if task.is_open else None,
        assignee=reader.organisation.find_user(task.assignee) if task.assignee else None,
        unit=_unit_of(reader, task), days_left=_days_left(reader, task),
        closed=_closed(reader, task, completions),
        figures=plan_figures(reader, content) if _is_signed(form) else None,
        since_seen=since_seen(reader, task, form, content, completions) if _is_signed(form) else None,
        since_last_year=since_last_year(reader, content) if _is_signed(form) else None,
        opinion_notes=opinion_notes(reader, content) if _is_signed(form) else {},
        may_see_instance=may_see_instance(reader.actor, instance),
        verbs=verbs_of(reader, task, instance), original_on=original_due(reader, task),
        asked=asked_opinions(reader, task.id), recall=_recall(reader, task),
        handed_back=handed_back(reader, task), priority=reader.priorities.of_task(task.id),
        comments=comments_beside(reader, task, instance),
    )  # fmt: skip


def _is_signed(form: FormDefinition) -> bool:
    """True for forms that are decided on the approver's page."""
    return form.ui.get("display") == "approval"


def _abilities(reader: Reader, task: Task, form: FormDefinition) -> Abilities:
    actor = reader.actor
    completes = may_complete(actor, task)
    is_kept = completes and may_not_decide(actor, task, form)
    return Abilities(
        claim=may_claim(actor, task), unclaim=may_unclaim(actor, task), complete=completes and not is_kept,
        delegate=may_delegate(actor, task), resolve=may_resolve(actor, task), is_kept_from_deciding=is_kept,
    )  # fmt: skip


def _recall(reader: Reader, task: Task) -> str | None:
    """The element by which the reader takes back (抽回) what they sent with this task, if they can."""
    if task.is_open or task.closed_by != reader.actor.user_id:
        return None
    waiting = (stored.subscription for stored in reader.messages.of_instance(task.instance_id))
    return next((s.element_id for s in waiting if s.role is None and may_send(reader.actor, s)), None)


def _unsent(reader: Reader, task: Task) -> Draft | None:
    """What the reader has entered and not sent; whoever closed the task sent it."""
    return reader.drafts.find(task.id) if task.closed_by != reader.actor.user_id else None


def _passed_over(reader: Reader, task: Task) -> Iterator[PassedOver]:
    """The levels that the step before found nobody for (engine/activities/next_signer.py)."""
    signers = [value for name, value in task.inputs.items() if name.endswith(".signer") and value]
    for passed in (row for signer in signers for row in signer["passed"]):
        unit = reader.organisation.find_unit(passed["unit"])
        yield PassedOver(
            role=ROLES[passed["role"]].label, unit=unit.label if unit else "", reason=passed["reason"]
        )


def _submitter(reader: Reader, task: Task) -> User | None:
    """Who handed in what a round of signing is about."""
    opening = task.inputs.get("open_round") or {}
    return reader.organisation.find_user(str(opening.get("submitted_by", "")))


def _submitted_for(reader: Reader, task: Task) -> User | None:
    """In whose place it was handed in, if a deputy did so."""
    opening = task.inputs.get("open_round") or {}
    _, *principals = opening.get("submitters", [""])
    return reader.organisation.find_user(principals[0]) if principals else None


def _unit_of(reader: Reader, task: Task) -> str:
    """The unit for which the task is, where it is one unit's."""
    unit = _own_unit(task)
    found = reader.organisation.find_unit(unit) if unit else None
    return found.label if found else ""


def _own_unit(task: Task) -> str:
    units = {candidate.unit for candidate in task.candidates if candidate.unit}
    return units.pop() if len(units) == 1 else ""


def _is_beside(task: Task, other: Task) -> bool:
    """True for a step that another unit takes in the same process: it is no step on the way of this task."""
    units = {_own_unit(task), _own_unit(other)}
    return task.process_key == other.process_key and len(units - {""}) == 2


def _days_left(reader: Reader, task: Task) -> int | None:
    """Working days until the due date, negative after the grace; calendar days where no table is there.

    None for a task without a due date, and for one that is closed: no day passes for it any more.
    """
    if not task.is_open or task.due_at is None or task.late_after_at is None:
        return None
    due_on, late_after_on = (at.astimezone(TAIPEI).date() for at in (task.due_at, task.late_after_at))
    return days_left(reader.today, due_on, late_after_on, reader.calendar)


def _name(reader: Reader, user_id: str | None) -> str:
    user = reader.organisation.find_user(user_id) if user_id else None
    return f"{user.name} {user.title}".strip() if user else ""


def _standings(reader: Reader, task: Task, instance: Instance) -> tuple[Standing, ...]:
    """The last steps that were done in this instance, this one, those open beside it, and what comes next."""
    others = [t for t in reader.tasks.of_instance(task.instance_id) if t.id != task.id]
    on_the_way = [t for t in others if t.state is TaskState.COMPLETED and not _is_beside(task, t)]
    closed = [t for t in on_the_way if t.opened_at <= task.opened_at]
    done = sorted(closed, key=lambda t: t.closed_at or t.opened_at)[-DONE_SHOWN:]
    holder = _name(reader, task.assignee)
    own = Standing(label=task.label, state="now", who=holder, at=task.opened_at, is_own=True)
    if not task.is_open:
        closer = _name(reader, task.closed_by)
        own = Standing(label=task.label, state="done", who=closer, at=task.closed_at, is_own=True)
    beside = Counter(t.label for t in others if t.is_open)
    diagrams = reader.definitions.parsed(instance.deployment_id).diagrams
    ahead = tasks_ahead(diagrams, task.process_key, task.element_id) if task.is_open else ()
    return (
        *(
            Standing(label=t.label, state="done", who=_name(reader, t.closed_by), at=t.closed_at)
            for t in done
        ),
        own,
        *(Standing(label=label, state="now", who="", count=count) for label, count in beside.items()),
        *(Standing(label=label, state="todo", who="") for label in ahead),
    )


def _completions(reader: Reader, instance_id: int) -> list[Any]:
    """The latest completions of an instance, oldest first: their events as rows."""
    event = tables.history_event.c
    query = (
        sa.select(event.actor, event.occurred_at, event.element_id, event.task_id, event.data)
        .where(event.stream == instance_id, event.type == EventType.TASK_COMPLETED)
        .order_by(event.seq.desc())
        .limit(MANY)
    )
    return list(reversed(reader.transaction.core.execute(query).all()))


def _sayings(reader: Reader, task: Task, instance: Instance, completions: list[Any]) -> Iterator[Saying]:
    parsed = reader.definitions.parsed(instance.deployment_id)
    steps = {step.id: step for step in reader.tasks.of_instance(task.instance_id)}
    scopes = _scopes(reader, task.instance_id)
    for row in completions:
        step = steps.get(row.task_id)
        if step is None or _is_beside(task, step) or _is_of_another_item(scopes, task, step):
            continue
        form = _form_of(parsed, step)
        told = told_by(EventType.TASK_COMPLETED, row.element_id, row.data)
        values = told.get("values", {})
        text = next((str(values[name]) for name in OPINIONS if values.get(name)), "")
        verdict = next((name for name in VERDICTS if values.get(name)), None)
        if form is None or not (text or (verdict and values[verdict] in RETURNS)):
            continue
        user = reader.organisation.find_user(row.actor)
        yield Saying(
            who=user.name if user else row.actor, title=user.title if user else "",
            at=from_micros(row.occurred_at), step=step.label, text=text,
            verdict=_label(fields_of(form), verdict, values.get(verdict)) if verdict else "",
            is_return=bool(verdict) and values[verdict] in RETURNS, reasons=return_reasons(form, values),
            deputy=told.get("deputy"),
        )  # fmt: skip


def _scopes(reader: Reader, instance_id: int) -> dict[int, list[str]]:
    """Task -> the calls and sub-processes that hold it, from the outermost in."""
    event = tables.history_event.c
    query = sa.select(event.task_id, event.element_id, event.data).where(
        event.stream == instance_id, event.type == EventType.TASK_OPENED
    )
    told = {
        row.task_id: told_by(EventType.TASK_OPENED, row.element_id, row.data)
        for row in reader.transaction.core.execute(query)
    }
    return {task_id: opening["path"].split("/")[:-1] for task_id, opening in told.items()}


def _is_of_another_item(scopes: dict[int, list[str]], task: Task, step: Task) -> bool:
    """True unless one of the two lies on the way to the other.

    The plan is one item and its results are another; what is said of one unit is not said of the next.
    """
    own, other = scopes.get(task.id, []), scopes.get(step.id, [])
    return any(here != there for here, there in zip(own, other, strict=False))


def _form_of(parsed: ParsedDeployment, step: Task) -> FormDefinition | None:
    """The form of a step; elements of different processes may have the same id."""
    process = parsed.processes.get(step.process_key)
    element = process.elements.get(step.element_id) if process else None
    return parsed.forms.get(element.form) if element and element.form else None


def _label(fields: tuple[Field, ...], name: str, value: Any) -> str:
    field = next((f for f in fields if f.name == name and f.kind is FieldKind.CHOICE), None)
    return next((label for key, label in field.choices if key == value), "") if field else ""


def _closed(reader: Reader, task: Task, completions: list[Any]) -> Closed | None:
    if task.is_open or task.closed_at is None:
        return None
    row = next((r for r in reversed(completions) if r.task_id == task.id), None)
    told = told_by(EventType.TASK_COMPLETED, row.element_id, row.data) if row else {}
    return Closed(
        who=_name(reader, task.closed_by), at=task.closed_at,
        values=told.get("values", {}), deputy=told.get("deputy"),
        was_withdrawn=task.state is TaskState.WITHDRAWN,
    )  # fmt: skip
