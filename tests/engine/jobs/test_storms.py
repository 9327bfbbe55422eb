"""Many timers of one moment: fired together, several at a time, and by workers that never queue."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.activities.calls import ActivityCall
from engine.clock import FixedClock
from engine.commands import definitions, instances, timers
from engine.commands.steps import ACTIVITIES
from engine.domain.definition import SourceFile
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import Unavailable
from engine.jobs import timers as firing
from engine.jobs.timers import FiringReport, fire_due_timers
from engine.plan.rule_error import PlanRuleError
from engine.replay import verify_all
from engine.store.unit_of_work import Reader, UnitOfWork

FOLDER = Path(__file__).parent
ACTIVITY = "cycle.compute_deadlines"
PATIENCE = 30


def waiting(engine: Engine, key: str, count: int, hour: int = 9) -> list[int]:
    """Instances that wait for one hour of the next day."""
    file = SourceFile(name=f"{key}.bpmn", body=(FOLDER / f"{key}.bpmn").read_bytes())
    engine.execute(SYSTEM, definitions.deploy, (file,))
    return [
        engine.execute(
            SYSTEM, instances.start, definition_key=key, business_key=f"{hour}-{number}",
            variables={"waits_until": f"2025-01-07T{hour:02}:00:00+08:00"},
        )
        for number in range(count)
    ]  # fmt: skip


def events(reader: Reader, event_type: EventType) -> Counter[int]:
    """How often each instance tells an event of this type."""
    return Counter(
        event.stream for event in reader.history.of_streams(reader.instances.ids(), types=[event_type])
    )


def assert_proven(engine: Engine) -> None:
    faults = [
        str(fault)
        for report in engine.ask(SYSTEM, lambda reader: list(verify_all(reader)))
        for fault in report.faults
    ]
    assert faults == []


@contextmanager
def held(url: str, clock: FixedClock, instance_id: int) -> Iterator[threading.Event]:
    """Another worker has an instance in its hands until the block ends; gives the sign to go on."""
    other = Engine(url, clock)
    locked, go_on = threading.Event(), threading.Event()

    def hold(uow: UnitOfWork) -> None:
        timers.fire_due_of_instance(uow, instance_id)
        uow.settle()
        locked.set()
        go_on.wait(PATIENCE)

    def work() -> None:
        with suppress(Unavailable):  # of whoever was cut off
            other.execute(SYSTEM, hold)

    thread = threading.Thread(target=work)
    thread.start()
    assert locked.wait(PATIENCE)
    try:
        yield go_on
    finally:
        go_on.set()
        thread.join(PATIENCE)
        other.close()


def test_a_moment_is_fired_in_a_few_statements_and_one_for_each_instance(
    postgres_url: str, clock: FixedClock
) -> None:
    statements: list[str] = []
    engine = Engine(postgres_url, clock, on_statement=statements.append)
    waiting(engine, "waiting", 1)  # numbers the pair of its task
    clock.move_to(clock.at + timedelta(days=1))
    fire_due_timers(engine)
    clock.move_to(clock.at - timedelta(days=1))
    waiting(engine, "waiting", 20)
    clock.move_to(clock.at + timedelta(days=1))
    engine.memory.live.clear()
    statements.clear()
    assert len(engine.execute(SYSTEM, timers.fire_due_together, without=(), limit=20).fired) == 20
    applied = [sql for sql in statements if "apply_step" in sql]
    # The moment, two limits of waiting, the instances, their snapshots, their causes
    assert (len(applied), len(statements) - len(applied)) == (20, 6)
    engine.close()


def test_more_instances_than_fire_together_are_all_fired(
    engine: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "BATCH", 3)
    started = waiting(engine, "waiting", 8)
    clock.move_to(clock.at + timedelta(days=1))
    assert sorted(fire_due_timers(engine).fired) == started
    assert engine.ask(SYSTEM, events, EventType.TIMER_FIRED) == dict.fromkeys(started, 1)
    assert_proven(engine)


def test_one_that_fails_leaves_one_incident_and_keeps_nobody_back(
    engine: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = waiting(engine, "computing", 5)

    def refuses_one(_uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
        if call.instance_id == started[2]:
            raise PlanRuleError("No office calendar of {year}", year=2031)
        return {}

    monkeypatch.setitem(ACTIVITIES, ACTIVITY, refuses_one)
    clock.move_to(clock.at + timedelta(days=1))
    assert fire_due_timers(engine) == FiringReport(fired=(*started[:2], *started[3:]), failed=(started[2],))
    assert engine.ask(SYSTEM, events, EventType.INCIDENT_RAISED) == {started[2]: 1}
    assert_proven(engine)


def test_what_another_worker_holds_is_passed_over(
    postgres_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "MOST_PAUSES", 2)
    engine = Engine(postgres_url, clock)
    started = waiting(engine, "waiting", 4)
    clock.move_to(clock.at + timedelta(days=1))
    with held(postgres_url, clock, started[1]):
        assert fire_due_timers(engine) == FiringReport(fired=(started[0], *started[2:]), failed=())
    assert fire_due_timers(engine) == FiringReport(fired=(), failed=())
    assert engine.ask(SYSTEM, events, EventType.TIMER_FIRED) == dict.fromkeys(started, 1)
    engine.close()


def test_what_fell_due_later_waits_for_what_another_worker_holds(
    postgres_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "MOST_PAUSES", 2)
    engine = Engine(postgres_url, clock)
    later = waiting(engine, "waiting", 2, hour=10)
    (earlier,) = waiting(engine, "waiting", 1, hour=9)
    clock.move_to(clock.at + timedelta(days=1))
    with held(postgres_url, clock, earlier):
        assert fire_due_timers(engine).fired == ()
    clock.move_to(clock.at + timedelta(hours=1))
    assert fire_due_timers(engine).fired == tuple(later)
    engine.close()


def test_a_worker_that_stands_still_holds_nothing_for_long(
    postgres_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "LONGEST_STANDSTILL", 300)
    engine = Engine(postgres_url, clock)
    started = waiting(engine, "waiting", 2)
    clock.move_to(clock.at + timedelta(days=1))
    with held(postgres_url, clock, started[0]):
        assert sorted(fire_due_timers(engine).fired) == started
    assert engine.ask(SYSTEM, events, EventType.TIMER_FIRED) == dict.fromkeys(started, 1)
    assert_proven(engine)
    engine.close()


def test_what_has_to_wait_for_another_worker_fires_by_itself_and_leaves_no_incident(
    postgres_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "LONGEST_WAIT", 50)
    engine = Engine(postgres_url, clock)
    (target,) = waiting(engine, "waiting", 1)
    started = waiting(engine, "computing", 3)

    def reaches_out(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
        if call.instance_id == started[1]:
            uow.instances.open(target)
        return {}

    monkeypatch.setitem(ACTIVITIES, ACTIVITY, reaches_out)
    clock.move_to(clock.at + timedelta(days=1))
    with held(postgres_url, clock, target) as go_on:
        threading.Timer(0.5, go_on.set).start()
        report = fire_due_timers(engine)
    assert report == FiringReport(fired=tuple(started), failed=())
    assert engine.ask(SYSTEM, events, EventType.TIMER_FIRED) == dict.fromkeys([target, *started], 1)
    assert engine.ask(SYSTEM, events, EventType.INCIDENT_RAISED) == {}
    assert_proven(engine)
    engine.close()
