"""Tasks: complete one, and change who holds it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from engine.activities import CHECKS, COMPLETIONS
from engine.activities.content import content_of, form_in
from engine.commands.deliveries import deliver_all
from engine.commands.files import foreign_files
from engine.commands.paper import Paper, signing
from engine.commands.reasons import check_reason
from engine.commands.seen_tasks import in_whose_place, task_note
from engine.commands.steps import Progress, carry_on, check_running, fire_due, plan_rules_as_invalid
from engine.domain.definition import FormDefinition
from engine.domain.form import DRAFT_COPY, FormContent, shown_digest
from engine.domain.history import EventDraft, EventType
from engine.domain.permission import (
    Action,
    may_not_decide,
    may_see_instance,
    may_see_task,
    refusal_of,
    require,
)
from engine.domain.task import (
    Task,
    TaskState,
    acting_for,
    assigning_as,
    capacity,
    may_claim,
    may_complete,
    may_delegate,
    may_resolve,
    may_unclaim,
    supervises,
)
from engine.errors import (
    DeputyMayNotDecide,
    DraftSavedElsewhere,
    FieldError,
    Invalid,
    NotFound,
    NotPermitted,
    ShownContentChanged,
    StaleTask,
    TaskAlreadyCompleted,
    TaskHeldByOther,
    TaskNotOpen,
)
from engine.forms import accept_values
from engine.store.instance_handle import InstanceHandle
from engine.store.unit_of_work import UnitOfWork

MAX_NOTE = 500
TAKEN_FROM = "Given to {who} now: “{label}” ({subject}). {reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """What a completion led to: the tasks that opened and that the actor may take."""

    task_id: int
    instance_id: int
    next_tasks: tuple[Task, ...]


def complete(
    uow: UnitOfWork, task_id: int, *, values: dict[str, Any], revision: int, shown_digest: str,
    paper: Paper | None = None,
) -> Completed:  # fmt: skip
    """Complete a task with the values of its form and carry its instance on to the next wait.

    With a `paper` the step was taken on paper (轉紙本): the scan stands in the event beside the values.

    `revision` and `shown_digest` are those of the page that the person acted on; due timers fire first.
    Refused with StaleTask or ShownContentChanged when the page is old, with Invalid and an entry per bad
    field, with a Conflict when somebody was faster. Repeating a command with its id only answers again.
    """
    handle = uow.instances.open_for_task(task_id)
    task = _task_of(handle)
    if not may_see_task(uow.actor, task, handle.instance):
        raise refusal_of(uow.actor, task, handle.instance)
    if not task.is_open:
        return _completed_before(uow, handle, task)
    check_running(handle)
    progress = fire_due(uow, handle)
    if task_id in progress.withdrawn:
        raise TaskNotOpen
    if not may_complete(uow.actor, task):
        raise (
            NotPermitted
            if task.assignee in (None, uow.actor.user_id)
            else TaskHeldByOther(assignee=task.assignee)
        )
    way = capacity(uow.actor, task)
    uow.acting_for = way.deputyship if way else None
    if revision != task.revision:
        raise StaleTask
    form = form_in(uow, task, handle.instance.deployment_id)
    if may_not_decide(uow.actor, task, form):
        raise DeputyMayNotDecide
    content = content_of(uow, task, form)
    _check_shown(task, form, content, shown_digest)
    way_of_signing, told_to_process = signing(uow, handle, task, form, paper)
    uow.is_on_paper = paper is not None
    accepted = _accept(uow, task, form, content, values)
    result = _run_completion(uow, task, form, accepted) | told_to_process
    variables = {name: accepted[name] for name in form.variables if name in accepted} | result
    step = handle.live.complete(uow.now, task_id, variables)
    completed = EventDraft(
        type=EventType.TASK_COMPLETED,
        element_id=task.element_id,
        task_id=task_id,
        data={
            "values": accepted,
            "variables": variables,
            "shown": shown_digest,
            "shown_documents": [[d.owner, d.kind, d.key, d.no, d.digest] for d in content.shown],
            "name": uow.actor.name,
            "title": uow.actor.title,
            **way_of_signing,
            **in_whose_place(uow),
        },
    )
    carry_on(uow, handle, completed, step, progress=progress, signed_as=way.candidate if way else None)
    deliver_all(uow, progress)
    return _answer(uow, handle, task_id, progress)


def claim(uow: UnitOfWork, task_id: int) -> Task:
    """Take a task that nobody holds; a task that is held already is never stolen.

    A deputy takes it in the principal's name, so that it stays with the principal when the deputyship ends.
    """
    handle, task = _open(uow, task_id)
    way = capacity(uow.actor, task)
    if way is None or not may_claim(uow.actor, task):
        raise TaskHeldByOther(assignee=task.assignee) if task.assignee else NotPermitted
    return handle.hold(task, task_note(uow, EventType.TASK_CLAIMED, task), assignee=way.holder(uow.actor))


def unclaim(uow: UnitOfWork, task_id: int) -> Task:
    """Put a task back into the pool of its role."""
    handle, task = _open(uow, task_id)
    if not may_unclaim(uow.actor, task):
        raise NotPermitted
    return handle.hold(task, task_note(uow, EventType.TASK_UNCLAIMED, task), assignee=None)


def assign(uow: UnitOfWork, task_id: int, *, user: str, reason: str = "") -> Task:
    """Hand a task to a member of its pool; the chief of the unit does this, or their deputy.

    What somebody holds already is taken from them for a reason only (轉派), and they are told.
    """
    handle, task = _open(uow, task_id, seen_by_chief=True)
    may, uow.acting_for = assigning_as(uow.actor, task)
    if not may:
        raise NotPermitted
    _check_candidate(uow, task, user)
    if user == task.assignee and task.owner is None:
        raise Invalid((FieldError(path="user", template="This person holds the task already"),))
    told: dict[str, Any] = {"user": user}
    if task.assignee is not None:
        check_reason(reason)
        told |= {"reason": reason.strip(), "held_by": task.assignee}
    given = handle.hold(task, task_note(uow, EventType.TASK_ASSIGNED, task, **told), assignee=user)
    _tell_former_holders(uow, handle, task, user, reason.strip())
    return given


def delegate(uow: UnitOfWork, task_id: int, *, user: str) -> Task:
    """Ask another member of the pool to prepare a held task; its owner stays who it was."""
    handle, task = _open(uow, task_id)
    if not may_delegate(uow.actor, task):
        raise NotPermitted
    _check_candidate(uow, task, user)
    note = task_note(uow, EventType.TASK_DELEGATED, task, user=user)
    return handle.hold(task, note, assignee=user, owner=task.assignee)


def resolve(uow: UnitOfWork, task_id: int) -> Task:
    """Give a delegated task back to its owner."""
    handle, task = _open(uow, task_id)
    if not may_resolve(uow.actor, task):
        raise NotPermitted
    return handle.hold(
        task, task_note(uow, EventType.TASK_RESOLVED, task, user=task.owner), assignee=task.owner
    )


def urge(uow: UnitOfWork, task_id: int, *, note: str) -> list[str]:
    """Urge the people who owe a task (催辦): recorded, and mailed to each once per urging; gives whom."""
    handle = uow.instances.open_for_task(task_id)
    task = _task_of(handle)
    if not may_see_instance(uow.actor, handle.instance):
        raise NotFound(kind="task", id=task_id)
    require(uow.actor, Action.URGE)
    if not task.is_open:
        raise TaskNotOpen
    if len(note) > MAX_NOTE:
        raise Invalid(
            (FieldError(path="note", template="Use at most {limit} characters", params={"limit": MAX_NOTE}),)
        )
    owing = sorted(uow.organisation.who_owe(task))
    handle.note(task_note(uow, EventType.TASK_URGED, task, note=note, users=owing, channel="mail"))
    for user_id in owing:
        uow.outbox.add(
            f"urge:{task_id}:{handle.seq}:{user_id}",
            "urge",
            {"user": user_id, "task": task_id, "label": task.label, "subject": task.subject, "note": note},
        )
    return owing


def save_draft(
    uow: UnitOfWork, task_id: int, *, values: dict[str, Any], after: Collection[str] | None = None
) -> None:
    """Keep what a person has entered so far; only that person sees it.

    Also after somebody else closed the task: what was typed meanwhile is not lost. What a page saves by
    itself tells `after` which drafts it follows (their stamps): DraftSavedElsewhere when the one that lies
    there is none of them, because nobody has chosen between the two.
    """
    task = uow.tasks.get(task_id)
    instance = uow.instances.get(task.instance_id)
    if not may_see_task(uow.actor, task, instance):
        raise refusal_of(uow.actor, task, instance)
    if after is not None:
        before = uow.drafts.find(task_id, locked=True)
        if before is not None and before.stamp not in (*after, values.get(DRAFT_COPY)):
            raise DraftSavedElsewhere
    uow.drafts.save(task_id, values)


def discard_draft(uow: UnitOfWork, task_id: int) -> None:
    """Throw the person's own draft away."""
    uow.drafts.discard(task_id)


def _task_of(handle: InstanceHandle) -> Task:
    if handle.task is None:
        raise NotFound(kind="task", id=handle.id)
    return handle.task


def _open(uow: UnitOfWork, task_id: int, *, seen_by_chief: bool = False) -> tuple[InstanceHandle, Task]:
    handle = uow.instances.open_for_task(task_id)
    task = _task_of(handle)
    is_seen = may_see_task(uow.actor, task, handle.instance) or (
        seen_by_chief and supervises(uow.actor, task) and may_see_instance(uow.actor, handle.instance)
    )
    if not is_seen:
        raise refusal_of(uow.actor, task, handle.instance)
    if not task.is_open:
        raise TaskNotOpen
    check_running(handle)
    uow.acting_for = acting_for(uow.actor, task)
    return handle, task


def _completed_before(uow: UnitOfWork, handle: InstanceHandle, task: Task) -> Completed:
    """Answer a repeated command as the first time; refuse everybody else with who was first."""
    events = uow.history.of_command(handle.id, uow.command_id)
    if events and events[0].task_id == task.id and events[0].actor == uow.actor.user_id:
        opened_ids = [e.task_id for e in events if e.type is EventType.TASK_OPENED and e.task_id is not None]
        opened = [uow.tasks.get(task_id) for task_id in opened_ids]
        return Completed(
            task_id=task.id,
            instance_id=handle.id,
            next_tasks=tuple(t for t in opened if t.is_open and may_complete(uow.actor, t)),
        )
    if task.state is TaskState.COMPLETED and task.closed_by and task.closed_at:
        raise TaskAlreadyCompleted(who=uow.organisation.user(task.closed_by).name, at=task.closed_at)
    raise TaskNotOpen


def _check_shown(task: Task, form: FormDefinition, content: FormContent, claimed: str) -> None:
    if shown_digest(task.id, form.digest, task.inputs, content) != claimed:
        raise ShownContentChanged


def _accept(
    uow: UnitOfWork, task: Task, form: FormDefinition, content: FormContent, values: dict[str, Any]
) -> dict[str, Any]:
    """The values as they will be recorded; Invalid with one entry per bad field."""
    accepted, errors = accept_values(form, content, values)
    if not errors:
        errors = tuple(foreign_files(uow, form, content, accepted))
    if not errors and form.check:
        errors = tuple(CHECKS[form.check](uow, task, accepted))
    if errors:
        raise Invalid(errors)
    return accepted


def _run_completion(
    uow: UnitOfWork, task: Task, form: FormDefinition, values: dict[str, Any]
) -> dict[str, Any]:
    if form.on_complete is None:
        return {}
    with plan_rules_as_invalid():
        return COMPLETIONS[form.on_complete](uow, task, values)


def _answer(uow: UnitOfWork, handle: InstanceHandle, task_id: int, progress: Progress) -> Completed:
    mine = tuple(t for t in progress.still_open() if may_complete(uow.actor, t))
    return Completed(task_id=task_id, instance_id=handle.id, next_tasks=mine)


def _check_candidate(uow: UnitOfWork, task: Task, user: str) -> None:
    if user not in uow.organisation.people_for(task, uow.today):
        raise Invalid((FieldError(path="user", template="This person may not take the task"),))


def _tell_former_holders(uow: UnitOfWork, handle: InstanceHandle, task: Task, user: str, reason: str) -> None:
    """Write to those who had prepared a task that somebody else has to do now."""
    for former in sorted({task.assignee, task.owner} - {None, user, uow.actor.user_id}, key=str):
        params = {
            "label": task.label, "subject": task.subject, "who": uow.organisation.user(user).name,
            "reason": reason,
        }  # fmt: skip
        payload = {"user": former, "template": TAKEN_FROM, "params": params, "instance_id": handle.id}
        uow.outbox.add(f"assigned:{task.id}:{handle.seq}:{former}", "mail", payload)
