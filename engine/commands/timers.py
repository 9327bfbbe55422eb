"""Timers: fire what is due in one instance, and try again what failed."""

from engine.commands.deliveries import deliver_all
from engine.commands.steps import Progress, fire_due, refusals_as_failures
from engine.domain.history import EventDraft, EventType
from engine.domain.instance import InstanceState
from engine.domain.permission import Action, is_hidden_from, require
from engine.errors import NotFound
from engine.store.unit_of_work import UnitOfWork


def fire_due_of_instance(uow: UnitOfWork, instance_id: int) -> int:
    """Fire every due timer of an instance; gives how many. Suspended and ended instances are left alone.

    Several pollers may call this at once: the instance is locked, and a timer that fired is gone.
    """
    handle = uow.instances.open(instance_id)
    if handle.state is not InstanceState.RUNNING:
        return 0
    before = handle.causes
    due = uow.timers.of_instance(instance_id)
    progress = fire_due(uow, handle, Progress.none())
    fired = handle.causes - before
    if due:
        with refusals_as_failures(instance_id, due[0].element_id):
            deliver_all(uow, progress)
    return fired


def try_again(uow: UnitOfWork, instance_id: int) -> int:
    """Fire what is due in an instance that rests since an incident, without waiting for the next turn.

    That somebody asked for it is noted, because what follows is signed by the system.
    """
    require(uow.actor, Action.TRY_AGAIN)
    if is_hidden_from(uow.actor, uow.instances.get(instance_id)):
        raise NotFound(kind="process instance", id=instance_id)
    uow.instances.open(instance_id).note(EventDraft(type=EventType.INSTANCE_TRIED_AGAIN, data={}))
    return fire_due_of_instance(uow, instance_id)
