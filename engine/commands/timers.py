"""Timers: fire what is due in one instance or in many together, and try again what failed."""

from collections.abc import Collection
from dataclasses import dataclass

from engine.commands.deliveries import deliver_all
from engine.commands.steps import Progress, fire_due, refusals_as_failures
from engine.domain.history import EventDraft, EventType
from engine.domain.instance import InstanceState
from engine.domain.permission import Action, is_hidden_from, require
from engine.errors import Conflict, NotFound
from engine.store.unit_of_work import UnitOfWork

# Two that wait for each other would find out after a second only.
LONGEST_WAIT = 200
# A worker that stands still in the middle holds its instances no longer; the others go on without it.
LONGEST_STANDSTILL = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """Which instances were moved together; `is_last` when nothing is due, whoever would fire it."""

    fired: tuple[int, ...]
    is_last: bool = False


class NotTogether(Conflict):
    """These timers could not fire in one transaction; each has to fire in its own."""

    def __init__(self, instance_ids: tuple[int, ...]) -> None:
        super().__init__()
        self.instance_ids = instance_ids


def fire_due_together(uow: UnitOfWork, *, without: Collection[int], limit: int) -> Firing:
    """Fire what fell due first, in some instances of that moment that nobody else is moving.

    NotTogether when one of them fails or has to wait for somebody: then nothing happened to any of them.
    """
    moment = uow.timers.first_due_at(uow.now, without=without)
    if moment is None:
        return Firing(fired=(), is_last=True)
    uow.transaction.wait_at_most(LONGEST_WAIT)
    uow.transaction.let_go_after(LONGEST_STANDSTILL)
    locked = [handle.id for handle in uow.instances.lock_due(moment, without=without, limit=limit)]
    try:
        fired = tuple(each for each in locked if _fire(uow, each))
        uow.settle()
        uow.transaction.send()
    except Exception as error:
        raise NotTogether(tuple(locked)) from error
    return Firing(fired=fired)


def fire_due_of_instance(uow: UnitOfWork, instance_id: int) -> int:
    """Fire every due timer of an instance; gives how many. Suspended and ended instances are left alone.

    Several pollers may call this at once: the instance is locked, and a timer that fired is gone.
    """
    uow.transaction.let_go_after(LONGEST_STANDSTILL)
    return _fire(uow, instance_id)


def try_again(uow: UnitOfWork, instance_id: int) -> int:
    """Fire what is due in an instance that rests since an incident, without waiting for the next turn.

    That somebody asked for it is noted, because what follows is signed by the system.
    """
    require(uow.actor, Action.TRY_AGAIN)
    if is_hidden_from(uow.actor, uow.instances.get(instance_id)):
        raise NotFound(kind="process instance", id=instance_id)
    uow.instances.open(instance_id).note(EventDraft(type=EventType.INSTANCE_TRIED_AGAIN, data={}))
    return fire_due_of_instance(uow, instance_id)


def _fire(uow: UnitOfWork, instance_id: int) -> int:
    handle = uow.instances.open(instance_id)
    if handle.state is not InstanceState.RUNNING:
        return 0
    due = handle.live.due_timers(uow.now)
    if not due:
        return 0
    before = handle.causes
    progress = fire_due(uow, handle, Progress.none())
    fired = handle.causes - before
    with refusals_as_failures(instance_id, due[0].element_id):
        deliver_all(uow, progress)
    return fired
