"""Rebuilding: every projection of an instance is thrown away and made again from its history."""

from engine.errors import NotFound, ProcessFailed
from engine.replay.projection import rows_of
from engine.replay.run import run_events
from engine.store.unit_of_work import UnitOfWork


def rebuild(uow: UnitOfWork, instance_id: int) -> None:
    """Write tasks, candidates, timers, subscriptions and the instance's row again; the snapshot goes.

    NotFound without history; ProcessFailed when the history cannot be re-executed, because a wrong history
    must not become the truth of the rows.
    """
    events = uow.history.events(instance_id)
    if not events:
        raise NotFound(kind="process instance", id=instance_id)
    run = run_events(uow, events)
    if run.fault is not None:
        raise ProcessFailed(str(run.fault))
    uow.projections.replace(rows_of(run, events))
    uow.memory.live.drop(instance_id)
