"""Re-execution: the state at any moment, and where it parts from the history."""

import random

import pytest

from engine.clock import FixedClock
from engine.domain.history import EventType, Origin
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import NotFound
from engine.replay import replay, verify
from tests.engine.store.moves import (
    CLERK,
    at_approval,
    claim,
    complete,
    deploy,
    fire,
    open_tasks,
    played_through,
    recall,
    start,
)


def test_replay_gives_the_state_of_any_moment(sqlite_engine: Engine) -> None:
    engine = sqlite_engine
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start, 2)
    seen = {}
    while tasks := engine.ask(SYSTEM, open_tasks, instance_id):
        seq = engine.ask(SYSTEM, lambda r: r.history.head(instance_id))[0]
        seen[seq] = [task.id for task in tasks]
        engine.execute(CLERK, complete, tasks[0].id)
    for seq, expected in seen.items():
        report = engine.ask(SYSTEM, replay, instance_id, seq)
        assert report.is_proven
        assert report.state is not None
        assert [task.id for task in report.state.open_tasks] == expected


def test_replay_gives_the_variables_of_that_moment(sqlite_engine: Engine) -> None:
    instance_id, approval = at_approval(sqlite_engine)
    sqlite_engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    opened = sqlite_engine.ask(
        SYSTEM, lambda r: r.history.last_of_type(instance_id, EventType.TASK_OPENED, approval.id)
    )
    assert opened is not None
    then = sqlite_engine.ask(SYSTEM, replay, instance_id, opened.seq)
    now = sqlite_engine.ask(SYSTEM, replay, instance_id)
    assert then.state is not None
    assert now.state is not None
    assert "approve" not in then.state.variables
    assert now.state.variables["approve"] == {"decision": "return"}


def test_replay_may_stop_between_a_cause_and_its_effects(sqlite_engine: Engine) -> None:
    instance_id = played_through(sqlite_engine, units=2)
    events = sqlite_engine.ask(SYSTEM, lambda r: r.history.events(instance_id))
    reports = [sqlite_engine.ask(SYSTEM, replay, instance_id, event.seq) for event in events]
    assert [report.fault for report in reports] == [None] * len(events)


def test_replay_without_history_is_not_found(sqlite_engine: Engine) -> None:
    with pytest.raises(NotFound):
        sqlite_engine.ask(SYSTEM, replay, 4711)


@pytest.mark.parametrize("seed", range(12))
def test_stored_state_equals_the_state_of_history_for_random_lives(
    sqlite_url: str, clock: FixedClock, seed: int
) -> None:
    """Whatever people, timers and messages do in whatever order: rows, chain and re-execution agree at
    every step."""
    dice = random.Random(seed)
    engine = Engine(sqlite_url, clock, snapshot_every=dice.choice([1, 2, 5]), cache_size=dice.choice([0, 1]))
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start, dice.randint(1, 4))
    for _ in range(14):
        tasks = engine.ask(SYSTEM, open_tasks, instance_id)
        if not tasks:
            break
        task = dice.choice(tasks)
        timers = engine.ask(SYSTEM, lambda r: r.timers.of_instance(instance_id))
        move = dice.choice(["complete", "complete", "return", "claim", "fire", "recall"])
        if move == "claim" and task.assignee is None:
            engine.execute(CLERK, claim, task.id)
        elif move == "fire" and timers:
            clock.move_to(max(clock.now(), timers[0].due_at))
            engine.execute(SYSTEM, fire, timers[0].task_id)
        elif move == "recall" and task.element_id == "approve" and dice.random() < 0.3:
            engine.execute(CLERK, recall, instance_id)
        elif move == "return" and task.element_id == "approve":
            engine.execute(CLERK, complete, task.id, {"decision": "return"})
        elif move == "complete":
            engine.execute(CLERK, complete, task.id)
        assert engine.ask(SYSTEM, verify, instance_id).faults == ()
    causes = [
        e for e in engine.ask(SYSTEM, lambda r: r.history.events(instance_id)) if e.origin is Origin.CAUSE
    ]
    assert engine.ask(SYSTEM, lambda r: r.instances.get(instance_id)).causes == len(causes)
    engine.close()
