"""An open task of a running instance, as somebody who may see it opens it to change it, and its notes."""

from typing import Any

from engine.commands.steps import check_running
from engine.domain.history import EventDraft, EventType
from engine.domain.permission import may_see_task, refusal_of
from engine.domain.task import Task, acting_for
from engine.errors import NotFound, TaskNotOpen
from engine.store.instance_handle import InstanceHandle
from engine.store.unit_of_work import UnitOfWork


def open_seen(uow: UnitOfWork, task_id: int) -> tuple[InstanceHandle, Task]:
    """Lock the instance of a task that the actor sees; TaskNotOpen for one that was closed meanwhile."""
    handle = uow.instances.open_for_task(task_id)
    task = handle.task
    if task is None:
        raise NotFound(kind="task", id=task_id)
    if not may_see_task(uow.actor, task, handle.instance):
        raise refusal_of(uow.actor, task, handle.instance)
    if not task.is_open:
        raise TaskNotOpen
    check_running(handle)
    uow.acting_for = acting_for(uow.actor, task)
    return handle, task


def task_note(uow: UnitOfWork, event_type: EventType, task: Task, **told: Any) -> EventDraft:
    """The note of what was done with a task; a deputy's tells in whose place."""
    told |= in_whose_place(uow)
    return EventDraft(type=event_type, element_id=task.element_id, task_id=task.id, data=told)


def in_whose_place(uow: UnitOfWork) -> dict[str, Any]:
    """What an event tells of the deputyship in which the actor acts, if in any."""
    return {"deputy": uow.acting_for.json()} if uow.acting_for else {}
