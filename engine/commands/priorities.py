"""The priority of a task: whoever distributes or supervises it says what comes first, with the reason."""

from engine.commands.reasons import check_reason
from engine.commands.seen_tasks import task_note
from engine.commands.steps import check_running
from engine.domain.history import EventType
from engine.domain.permission import may_see_instance, may_see_task, refusal_of
from engine.domain.priority import Priority
from engine.domain.task import Task, may_prioritise, supervises
from engine.errors import FieldError, Invalid, NotFound, NotPermitted, TaskNotOpen
from engine.store.unit_of_work import UnitOfWork


def prioritise(uow: UnitOfWork, task_id: int, *, priority: str, reason: str) -> Task:
    """Let an open task come before others, or in its turn again; its dates and its holder stay.

    The chief of its unit does this, and who heads the office whose task it is; no deputy does, and nobody
    whom the task excludes. Invalid for the priority that it has already.
    """
    handle = uow.instances.open_for_task(task_id)
    task = handle.task
    if task is None:
        raise NotFound(kind="task", id=task_id)
    is_known = supervises(uow.actor, task) and may_see_instance(uow.actor, handle.instance)
    if not (is_known or may_see_task(uow.actor, task, handle.instance)):
        raise refusal_of(uow.actor, task, handle.instance)
    if not task.is_open:
        raise TaskNotOpen
    check_running(handle)
    if not may_prioritise(uow.actor, task):
        raise NotPermitted
    if priority not in list(Priority):
        raise Invalid((FieldError(path="priority", template="This value does not exist"),))
    check_reason(reason)
    before = uow.priorities.of_task(task.id)
    if priority == before:
        raise Invalid((FieldError(path="priority", template="The task has this priority already"),))
    note = task_note(uow, EventType.TASK_PRIORITISED, task, reason=reason.strip(), before=before)
    handle.prioritise(task, note, priority=Priority(priority))
    return task
