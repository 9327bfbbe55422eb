"""Urging by the calendar: tell one level of one task, with its event."""

from engine.activities.escalation import people_to_tell, tell
from engine.activities.extensions import PROCESS, application_key
from engine.clock import TAIPEI
from engine.domain.history import EventDraft, EventType
from engine.domain.instance import InstanceState
from engine.domain.task import Task
from engine.errors import NotPermitted
from engine.plan.escalation import Level, is_reached
from engine.store.unit_of_work import UnitOfWork


def tell_level(uow: UnitOfWork, task_id: int, level: Level) -> bool:
    """Tell a level of a task; False where nothing is to be told (any more): done, resumed later, told before.

    Only the system does this, when the level is reached by the office calendar.
    """
    if not uow.actor.is_system:
        raise NotPermitted
    handle = uow.instances.open_for_task(task_id)
    task = handle.task
    if task is None or handle.state is not InstanceState.RUNNING or not _is_due(uow, task, level):
        return False
    users = sorted(people_to_tell(uow, task, handle.instance, level))
    told = {"level": int(level), "users": users, "channel": "mail"}
    handle.note(
        EventDraft(type=EventType.TASK_NOTICE_GIVEN, element_id=task.element_id, task_id=task.id, data=told)
    )
    uow.notices.mark([task], int(level))
    tell(uow, task, users, level)
    return True


def _is_due(uow: UnitOfWork, task: Task, level: Level) -> bool:
    if not task.is_open or task.due_at is None or uow.notices.told(task, int(level)):
        return False
    if level > Level.REMINDER and uow.instances.find_running(PROCESS, application_key(task.id)) is not None:
        return False  # an extension that is applied for stops the urging until it is decided
    late_after_at = task.late_after_at or task.due_at
    due_on, late_on = task.due_at.astimezone(TAIPEI).date(), late_after_at.astimezone(TAIPEI).date()
    return is_reached(level, due_on, late_on, uow.today, uow.calendar)
