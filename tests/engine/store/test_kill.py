"""A process that is killed at any point of a completion leaves nothing or the whole step."""

import os
import signal
import warnings

import pytest

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.domain.task import TaskState
from engine.engine import Engine
from engine.replay import verify
from engine.store.unit_of_work import UnitOfWork
from tests.engine.store.moves import CLERK, at_approval, complete

POINTS = ("begin", "loaded", "recorded", "written", "after commit")


def complete_and_die(url: str, task_id: int, point: str) -> None:
    """Complete the task and be killed on the way; never returns."""

    def die_at(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def doomed(uow: UnitOfWork) -> None:
        uow.instances.open_for_task(task_id)
        die_at("loaded")
        complete(uow, task_id)
        die_at("recorded")

    Engine(url, FixedClock(), checkpoint=die_at).execute(CLERK, doomed, command_id="doomed")


def signal_of_death(url: str, task_id: int, point: str) -> int:
    """Run it in a process of its own; gives the signal by which it died."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # a fork beside threads; the child uses none of them
        child = os.fork()
    if child == 0:
        try:
            complete_and_die(url, task_id, point)
        finally:
            os._exit(1)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("point", POINTS)
def test_killed_completion_is_whole_or_not_at_all(database_url: str, clock: FixedClock, point: str) -> None:
    engine = Engine(database_url, clock)
    instance_id, approval = at_approval(engine, units=2)
    before = engine.ask(SYSTEM, lambda r: r.instances.get(instance_id))
    engine.close()  # no connection may be shared with the child

    assert signal_of_death(database_url, approval.id, point) == signal.SIGKILL

    task = engine.ask(SYSTEM, lambda r: r.tasks.get(approval.id))
    if point == "after commit":
        assert task.state is TaskState.COMPLETED
        assert engine.ask(SYSTEM, lambda r: r.history.of_command(instance_id, "doomed")) != ()
    else:
        assert engine.ask(SYSTEM, lambda r: r.instances.get(instance_id)) == before
        assert task == approval
        engine.execute(CLERK, complete, approval.id, command_id="doomed")
    report = engine.ask(SYSTEM, verify, instance_id)
    engine.close()
    assert report.faults == ()
