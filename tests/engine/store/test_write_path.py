"""A completion: what it writes, how often it asks the database, who wins, and what is left after a
failure."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from zlib import compress

import pytest
import sqlalchemy as sa

from engine.clock import FixedClock
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceState
from engine.domain.task import TaskState, instance_of
from engine.engine import Engine
from engine.errors import Conflict, NotFound, ProcessFailed, TaskNotOpen
from engine.replay import verify
from engine.store import tables
from engine.store.unit_of_work import Reader, UnitOfWork
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
    to_approval,
)

THREADS = 8


def types_of(reader: Reader, instance_id: int) -> list[EventType]:
    return [event.type for event in reader.history.events(instance_id)]


def candidate_count(reader: Reader) -> int:
    return reader.transaction.core.execute(
        sa.select(sa.func.count()).select_from(tables.task_candidate)
    ).scalar_one()


@pytest.fixture
def statements() -> list[str]:
    return []


@pytest.fixture
def counted(database_url: str, clock: FixedClock, statements: list[str]) -> Iterator[Engine]:
    """An engine that tells every statement."""
    opened = Engine(database_url, clock, on_statement=statements.append)
    yield opened
    opened.close()


def test_completion_closes_its_task_and_opens_the_next(engine: Engine) -> None:
    instance_id, approval = at_approval(engine, units=2)
    draft, *reports = engine.ask(SYSTEM, lambda r: r.tasks.of_instance(instance_id))[:3]
    assert (draft.state, draft.closed_by, draft.revision) == (TaskState.COMPLETED, "clerk", 2)
    assert {task.candidates[0].unit for task in reports} == {"kinmen", "unit_2"}
    assert (approval.element_id, approval.due_at is not None, approval.inputs) == (
        "approve",
        True,
        {"plan_key": "branch:114"},
    )


def test_ended_instance_has_no_candidates_timers_subscriptions_and_snapshot(
    database_url: str, clock: FixedClock
) -> None:
    engine = Engine(database_url, clock, snapshot_every=1)
    instance_id = played_through(engine)
    engine.close()
    found = engine.ask(
        SYSTEM,
        lambda r: (
            candidate_count(r),
            r.timers.of_instance(instance_id),
            r.messages.of_instance(instance_id),
            r.instances.snapshot(instance_id),
            r.instances.get(instance_id).state,
        ),
    )
    engine.close()
    assert found == (0, [], [], None, InstanceState.COMPLETED)


def test_automatic_causes_are_signed_by_the_system(engine: Engine) -> None:
    instance_id, _ = at_approval(engine)
    events = engine.ask(SYSTEM, lambda r: r.history.events(instance_id))
    actors = {event.type: event.actor for event in events if event.type is not EventType.ELEMENT_PASSED}
    assert actors[EventType.TASK_COMPLETED] == "clerk"
    assert actors[EventType.ACTIVITY_RETURNED] == "system"


def test_message_received_withdraws_the_task_and_its_subscription(engine: Engine) -> None:
    instance_id, approval = at_approval(engine)
    engine.execute(CLERK, recall, instance_id)
    task = engine.ask(SYSTEM, lambda r: r.tasks.get(approval.id))
    assert task.state is TaskState.WITHDRAWN
    assert engine.ask(SYSTEM, lambda r: r.messages.of_instance(instance_id)) == []
    assert engine.ask(SYSTEM, verify, instance_id).faults == ()


@pytest.mark.parametrize("units", [2, 4, 301])
def test_number_of_statements_does_not_depend_on_open_tasks(
    counted: Engine, statements: list[str], units: int
) -> None:
    counted.execute(SYSTEM, deploy)
    instance_id = counted.execute(CLERK, start, units)
    (draft,) = counted.ask(SYSTEM, open_tasks, instance_id)
    first, *_ = counted.execute(CLERK, complete, draft.id)
    statements.clear()
    counted.execute(CLERK, complete, first.id)
    assert len(statements) == (5 if counted.database.is_sqlite else 2)


@pytest.mark.parametrize("opened", [1, 3, 300])
def test_number_of_statements_does_not_depend_on_how_many_tasks_open(
    counted: Engine, statements: list[str], opened: int
) -> None:
    counted.execute(SYSTEM, deploy)
    warm = counted.execute(CLERK, start, 300)  # the candidate pairs have their numbers from here on
    counted.execute(CLERK, complete, counted.ask(SYSTEM, open_tasks, warm)[0].id)
    instance_id = counted.execute(CLERK, start, opened)
    (draft,) = counted.ask(SYSTEM, open_tasks, instance_id)
    statements.clear()
    assert len(counted.execute(CLERK, complete, draft.id)) == opened
    assert len(statements) == (7 if counted.database.is_sqlite else 2)


def test_of_many_who_complete_one_task_one_wins(engine: Engine) -> None:
    instance_id, approval = at_approval(engine)

    def attempt(_: int) -> str:
        try:
            engine.execute(CLERK, complete, approval.id)
        except Conflict as conflict:
            return type(conflict).__name__
        return "won"

    with ThreadPoolExecutor(THREADS) as pool:
        answers = sorted(pool.map(attempt, range(THREADS)))
    assert answers == [TaskNotOpen.__name__] * (THREADS - 1) + ["won"]
    completions = [
        e for e in engine.ask(SYSTEM, lambda r: r.history.events(instance_id)) if e.task_id == approval.id
    ]
    assert [e.type for e in completions] == [EventType.TASK_OPENED, EventType.TASK_COMPLETED]


def test_different_tasks_of_one_instance_are_completed_at_once(engine: Engine) -> None:
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start, THREADS)
    (draft,) = engine.ask(SYSTEM, open_tasks, instance_id)
    reports = engine.execute(CLERK, complete, draft.id)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda task: engine.execute(CLERK, complete, task.id), reports))
    assert [task.element_id for task in engine.ask(SYSTEM, open_tasks, instance_id)] == ["approve"]
    assert engine.ask(SYSTEM, verify, instance_id).faults == ()


def test_two_processes_take_turns_on_one_instance(database_url: str, clock: FixedClock) -> None:
    first, second = Engine(database_url, clock), Engine(database_url, clock)
    first.execute(SYSTEM, deploy)
    instance_id = first.execute(CLERK, start, 4)
    (draft,) = first.ask(SYSTEM, open_tasks, instance_id)
    reports = second.execute(CLERK, complete, draft.id)
    for turn, task in enumerate(reports):
        (first, second)[turn % 2].execute(CLERK, complete, task.id)
    report = first.ask(SYSTEM, verify, instance_id)
    first.close()
    second.close()
    assert report.faults == ()


def test_repeated_command_is_found_by_its_id(engine: Engine) -> None:
    instance_id, approval = at_approval(engine)
    engine.execute(CLERK, complete, approval.id, command_id="once")
    events = engine.ask(SYSTEM, lambda r: r.history.of_command(instance_id, "once"))
    assert [e.type for e in events] == [
        EventType.TASK_COMPLETED,
        *types_of_end(engine, instance_id),
    ]
    assert events[0].task_id == approval.id


def types_of_end(engine: Engine, instance_id: int) -> list[EventType]:
    types = engine.ask(SYSTEM, types_of, instance_id)
    last = len(types) - 1 - types[::-1].index(EventType.TASK_COMPLETED)
    return types[last + 1 :]


def test_unknown_command_id_has_no_events(engine: Engine) -> None:
    instance_id, _ = at_approval(engine)
    assert engine.ask(SYSTEM, lambda r: r.history.of_command(instance_id, "never")) == ()


def test_repeated_start_is_found_by_its_command_id(engine: Engine) -> None:
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start, command_id="start-1")
    found = engine.ask(SYSTEM, lambda r: r.instances.started_by_command("start-1"))
    assert found is not None
    assert found.id == instance_id


def test_a_second_start_with_the_same_command_id_writes_nothing(engine: Engine) -> None:
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start, command_id="start-1")
    with pytest.raises(Conflict):
        engine.execute(CLERK, start, command_id="start-1")
    assert engine.ask(SYSTEM, lambda r: r.instances.ids()) == [instance_id]


def test_unknown_task_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.execute(CLERK, complete, 5 << 20)


def test_unknown_instance_cannot_be_opened(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.execute(CLERK, lambda uow: uow.instances.open(4711))


def test_command_that_fails_leaves_nothing_but_an_incident(engine: Engine) -> None:
    instance_id, approval = at_approval(engine)
    before = engine.ask(SYSTEM, types_of, instance_id)

    def complete_badly(uow: UnitOfWork) -> None:
        complete(uow, approval.id)
        raise ZeroDivisionError("a fault of the program")

    with pytest.raises(ProcessFailed) as raised:
        engine.execute(CLERK, complete_badly)
    number = raised.value.fields["incident"]
    incident = engine.ask(SYSTEM, lambda r: r.incidents.get(number))
    assert (incident.instance_id, incident.task_id, incident.actor) == (instance_id, approval.id, "clerk")
    assert incident.reason == "ZeroDivisionError: a fault of the program"
    assert engine.ask(SYSTEM, types_of, instance_id) == [*before, EventType.INCIDENT_RAISED]
    engine.execute(CLERK, complete, approval.id)
    assert engine.ask(SYSTEM, verify, instance_id).faults == ()


def test_a_change_without_event_is_refused(engine: Engine) -> None:
    with pytest.raises(ProcessFailed):
        engine.execute(CLERK, lambda uow: uow.documents.put("branch:114", "plan", "", {}))
    assert engine.ask(SYSTEM, lambda r: r.documents.find("branch:114", "plan")) is None


def test_a_reader_cannot_write(engine: Engine) -> None:
    with pytest.raises(TypeError):
        engine.ask(CLERK, lambda reader: reader.documents.put("branch:114", "plan", "", {}))


def test_held_task_leaves_the_pool_and_comes_back(engine: Engine) -> None:
    _, approval = at_approval(engine)
    assert engine.ask(SYSTEM, candidate_count) == 1
    held = engine.execute(CLERK, claim, approval.id)
    assert (held.assignee, held.revision) == ("clerk", 2)
    assert engine.ask(SYSTEM, candidate_count) == 0
    engine.execute(CLERK, unclaim, approval.id)
    assert engine.ask(SYSTEM, candidate_count) == 1
    assert engine.ask(SYSTEM, verify, instance_of(approval.id)).faults == ()


def unclaim(uow: UnitOfWork, task_id: int) -> None:
    handle = uow.instances.open_for_task(task_id)
    assert handle.task is not None
    draft = EventDraft(type=EventType.TASK_UNCLAIMED, task_id=task_id, data={})
    handle.hold(handle.task, draft, assignee=None)


def test_returned_task_says_so(engine: Engine) -> None:
    instance_id, approval = at_approval(engine)
    (draft,) = engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    flags = engine.ask(SYSTEM, was_returned, instance_id)
    assert flags == {draft.id: True}
    assert engine.ask(SYSTEM, verify, instance_id).faults == ()


def was_returned(reader: Reader, instance_id: int) -> dict[int, bool]:
    task = tables.task.c
    query = sa.select(task.id, task.was_returned).where(task.instance_id == instance_id, task.state == 1)
    return {row.id: row.was_returned for row in reader.transaction.core.execute(query)}


def test_snapshots_may_be_deleted(database_url: str, clock: FixedClock) -> None:
    engine = Engine(database_url, clock, snapshot_every=1)
    instance_id, approval = at_approval(engine, units=3)
    assert engine.ask(SYSTEM, lambda r: r.instances.snapshot(instance_id)) is not None
    engine.execute(SYSTEM, lambda uow: uow.transaction.core.execute(sa.delete(tables.snapshot)))
    engine.memory.forget()
    engine.execute(CLERK, complete, approval.id)
    report = engine.ask(SYSTEM, verify, instance_id)
    engine.close()
    assert report.faults == ()


@pytest.mark.parametrize("cache_size", [0, 100])
@pytest.mark.parametrize("snapshot_every", [1, 3, 64])
def test_cache_and_snapshots_change_nothing(
    database_url: str, clock: FixedClock, cache_size: int, snapshot_every: int
) -> None:
    engine = Engine(database_url, clock, cache_size=cache_size, snapshot_every=snapshot_every)
    instance_id, approval = at_approval(engine, units=3)
    engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    engine.execute(CLERK, complete, to_approval(engine, instance_id).id)
    report = engine.ask(SYSTEM, verify, instance_id)
    state = engine.ask(SYSTEM, lambda r: r.instances.get(instance_id)).state
    engine.close()
    assert (report.faults, state) == ((), InstanceState.COMPLETED)


def test_snapshot_of_another_version_is_passed_over(database_url: str, clock: FixedClock) -> None:
    engine = Engine(database_url, clock, snapshot_every=1)
    instance_id, approval = at_approval(engine)
    broken = sa.update(tables.snapshot).values(body=compress(b'{"format": 0, "process": "review"}'))
    engine.execute(SYSTEM, lambda uow: uow.transaction.core.execute(broken))
    engine.memory.forget()
    engine.execute(CLERK, complete, approval.id)
    report = engine.ask(SYSTEM, verify, instance_id)
    engine.close()
    assert report.faults == ()


def test_a_timer_fires_once_whoever_looks(engine: Engine, clock: FixedClock) -> None:
    instance_id, _ = at_approval(engine)
    (timer,) = engine.ask(SYSTEM, lambda r: r.timers.of_instance(instance_id))
    clock.move_to(timer.due_at)
    with ThreadPoolExecutor(4) as pool:
        fired = sorted(pool.map(lambda _: engine.execute(SYSTEM, fire, timer.task_id), range(4)))
    assert fired == [False, False, False, True]
    assert engine.ask(SYSTEM, types_of, instance_id).count(EventType.TIMER_FIRED) == 1
    assert engine.ask(SYSTEM, verify, instance_id).faults == ()


def test_timers_of_suspended_instances_are_not_due(engine: Engine, clock: FixedClock) -> None:
    instance_id, _ = at_approval(engine)
    (timer,) = engine.ask(SYSTEM, lambda r: r.timers.of_instance(instance_id))
    clock.move_to(timer.due_at)
    assert engine.ask(SYSTEM, lambda r: r.timers.due(r.now, 10)) == [timer]

    def suspend(uow: UnitOfWork) -> None:
        uow.instances.open(instance_id).suspend(
            EventDraft(type=EventType.INSTANCE_SUSPENDED, data={"reason": "x"})
        )

    engine.execute(CLERK, suspend)
    assert engine.ask(SYSTEM, lambda r: r.timers.due(r.now, 10)) == []
    assert engine.ask(SYSTEM, verify, instance_id).faults == ()


def test_what_was_recorded_is_read_in_the_same_unit_of_work(engine: Engine) -> None:
    engine.execute(SYSTEM, deploy)

    def start_and_read(uow: UnitOfWork) -> list[str]:
        instance_id = start(uow)
        (draft,) = uow.tasks.open_of_instance(instance_id)
        (report,) = complete(uow, draft.id)
        complete(uow, report.id)
        (waiting,) = uow.messages.waiting("review_recalled", "branch:114")
        assert waiting.instance_id == instance_id
        return [task.element_id for task in uow.tasks.open_of_instance(instance_id)]

    assert engine.execute(CLERK, start_and_read) == ["approve"]
    assert engine.ask(SYSTEM, verify, 1024).faults == ()
