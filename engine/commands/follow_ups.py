"""Follow-ups: a person puts a task off the own list until a day; for everybody else nothing changes."""

from datetime import date, timedelta

from engine.domain.permission import may_see_task, refusal_of
from engine.errors import FieldError, Invalid, TaskNotOpen
from engine.store.unit_of_work import UnitOfWork

LONGEST = timedelta(days=366)


def follow_up(uow: UnitOfWork, task_id: int, *, until_on: date | None) -> None:
    """Leave a task out of the actor's list until a day, or show it again when none is given.

    Neither its due date nor anybody's notices move; what is overdue shows itself all the same. Invalid for a
    day that is not to come, or that lies more than a year ahead.
    """
    task = uow.tasks.get(task_id)
    instance = uow.instances.get(task.instance_id)
    if not may_see_task(uow.actor, task, instance):
        raise refusal_of(uow.actor, task, instance)
    if not task.is_open:
        raise TaskNotOpen
    if until_on is None:
        uow.follow_ups.take_up(task_id)
        return
    if not uow.today < until_on <= uow.today + LONGEST:
        raise Invalid((FieldError(path="until_on", template="Choose a day of the year to come"),))
    uow.follow_ups.put_off(task_id, until_on)
