from datetime import timedelta
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.commands import definitions, instances
from engine.domain.definition import SourceFile
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.jobs.poller import Poller
from engine.jobs.timers import FiringReport, fire_due_timers
from engine.store.unit_of_work import Reader

PROCESS = Path(__file__).with_name("waiting.bpmn")
UNTIL = {"waits_until": "2025-01-07T09:00:00+08:00"}


@pytest.fixture
def waiting(engine: Engine) -> list[int]:
    """Three instances that wait for the next morning."""
    file = SourceFile(name=PROCESS.name, body=PROCESS.read_bytes())
    engine.execute(SYSTEM, definitions.deploy, (file,))
    return [
        engine.execute(
            SYSTEM, instances.start, definition_key="waiting", business_key=str(n), variables=UNTIL
        )
        for n in range(3)
    ]


def fired_at(reader: Reader, instance_id: int) -> list[str]:
    events = reader.history.events(instance_id)
    return [str(event.occurred_at) for event in events if event.type is EventType.TIMER_FIRED]


def test_nothing_fires_before_its_time(engine: Engine, waiting: list[int]) -> None:
    assert fire_due_timers(engine) == FiringReport(fired=(), failed=())


def test_every_due_instance_is_moved_once(engine: Engine, clock: FixedClock, waiting: list[int]) -> None:
    clock.move_to(clock.at + timedelta(days=1))
    reports = [fire_due_timers(engine), fire_due_timers(engine)]
    assert [sorted(report.fired) for report in reports] == [waiting, []]


def test_after_a_pause_timers_fire_in_the_order_in_which_they_fell_due(
    engine: Engine, clock: FixedClock, waiting: list[int]
) -> None:
    earlier = [
        engine.execute(
            SYSTEM,
            instances.start,
            definition_key="waiting",
            business_key=f"earlier-{hour}",
            variables={"waits_until": f"2025-01-07T{hour:02}:00:00+08:00"},
        )
        for hour in (8, 7, 6, 5, 4, 3)
    ]
    clock.move_to(clock.at + timedelta(days=1))
    fired = fire_due_timers(engine).fired
    assert (fired[:6], sorted(fired[6:])) == (tuple(reversed(earlier)), waiting)


def test_a_timer_that_fired_is_in_the_history_once(
    engine: Engine, clock: FixedClock, waiting: list[int]
) -> None:
    clock.move_to(clock.at + timedelta(days=2))
    fire_due_timers(engine)
    fire_due_timers(engine)
    assert [len(engine.ask(SYSTEM, fired_at, instance_id)) for instance_id in waiting] == [1, 1, 1]


def test_a_suspended_instance_waits_until_it_is_resumed(
    engine: Engine, clock: FixedClock, waiting: list[int]
) -> None:
    reason = "等候主管機關函示後再行續辦，特此暫停辦理程序。"
    engine.execute(SYSTEM, instances.suspend, waiting[0], reason=reason)
    clock.move_to(clock.at + timedelta(days=1))
    during = fire_due_timers(engine).fired
    engine.execute(SYSTEM, instances.resume, waiting[0], reason=reason)
    assert (sorted(during), fire_due_timers(engine).fired) == (waiting[1:], (waiting[0],))


def test_two_pollers_do_no_work_twice(database_url: str, engine: Engine, waiting: list[int]) -> None:
    at = FixedClock()
    at.move_to(at.at + timedelta(days=1))
    others = [Engine(database_url, at) for _ in range(2)]
    pollers = [Poller(other, None, 0.01) for other in others]
    for poller in pollers:
        poller.start()
    while engine.ask(SYSTEM, lambda reader: reader.timers.next_due_at()) is not None:
        pass
    for poller, other in zip(pollers, others, strict=True):
        poller.stop()
        other.close()
    assert [len(engine.ask(SYSTEM, fired_at, instance_id)) for instance_id in waiting] == [1, 1, 1]
