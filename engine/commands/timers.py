"""Timers: fire what is due in one instance."""

from engine.commands.deliveries import deliver_all
from engine.commands.steps import Progress, fire_due
from engine.domain.instance import InstanceState
from engine.store.unit_of_work import UnitOfWork


def fire_due_of_instance(uow: UnitOfWork, instance_id: int) -> int:
    """Fire every due timer of an instance; gives how many. Suspended and ended instances are left alone.

    Several pollers may call this at once: the instance is locked, and a timer that fired is gone.
    """
    handle = uow.instances.open(instance_id)
    if handle.state is not InstanceState.RUNNING:
        return 0
    before = handle.causes
    progress = fire_due(uow, handle, Progress.none())
    fired = handle.causes - before
    deliver_all(uow, progress)
    return fired
