"""Any moment of an instance: what it cost, what it tells, and what it does when the history is wrong."""

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from engine.domain.canonical import canonical_json
from engine.domain.history import EventType, HistoryEvent, Origin
from engine.domain.identity import SYSTEM
from engine.domain.instance import Instance
from engine.domain.reason import BranchReason, Seen
from engine.engine import Engine
from engine.errors import NotFound, ProcessFailed
from engine.replay import Moment, moment_at, past, state_after
from engine.store import tables
from engine.store.unit_of_work import Reader
from tests.engine.replay.test_verify import tamper
from tests.engine.store.moves import CLERK, at_approval, claim, complete, open_tasks, played_through

LONG = 1_000


def history(engine: Engine, instance_id: int) -> tuple[Instance, list[HistoryEvent]]:
    return engine.ask(SYSTEM, lambda r: (r.instances.get(instance_id), r.history.events(instance_id)))


def moment(engine: Engine, instance: Instance, seq: int) -> Moment:
    return engine.ask(SYSTEM, moment_at, instance, seq)


@pytest.fixture
def long_life(sqlite_engine: Engine) -> tuple[Engine, Instance]:
    """An instance that came back until its history had a thousand events."""
    instance_id, approval = at_approval(sqlite_engine)
    while True:
        sqlite_engine.execute(CLERK, complete, approval.id, {"decision": "return"})
        instance, _ = history(sqlite_engine, instance_id)
        if instance.seq > LONG:
            return sqlite_engine, instance
        while True:
            first, *_ = sqlite_engine.ask(SYSTEM, open_tasks, instance_id)
            if first.element_id == approval.element_id:
                approval = first
                break
            sqlite_engine.execute(CLERK, complete, first.id)


def test_a_jump_executes_few_causes_whatever_the_length(long_life: tuple[Engine, Instance]) -> None:
    engine, instance = long_life
    moment(engine, instance, instance.seq)
    costs = [moment(engine, instance, seq).causes for seq in (instance.seq, LONG // 2, 3, LONG - 7, 200)]
    assert max(costs) <= past.EVERY + 1


def test_a_step_back_and_forth_executes_few_causes(long_life: tuple[Engine, Instance]) -> None:
    engine, instance = long_life
    moment(engine, instance, instance.seq)
    costs = [moment(engine, instance, seq).causes for seq in range(LONG // 2, LONG // 2 + 80)]
    assert max(costs) <= past.EVERY + 1


def test_the_first_look_executes_each_cause_once(long_life: tuple[Engine, Instance]) -> None:
    engine, instance = long_life
    engine.memory.forget()
    assert moment(engine, instance, instance.seq).causes == instance.causes


def test_checkpoints_change_nothing(long_life: tuple[Engine, Instance]) -> None:
    engine, instance = long_life
    asked = range(LONG // 2, LONG // 2 + 12)
    engine.memory.forget()
    cold = [replace(moment(engine, instance, seq), causes=0) for seq in asked]
    moment(engine, instance, instance.seq)
    assert [replace(moment(engine, instance, seq), causes=0) for seq in reversed(asked)] == cold[::-1]


def test_a_history_that_is_another_one_makes_checkpoints_worthless(
    long_life: tuple[Engine, Instance],
) -> None:
    engine, instance = long_life
    before = moment(engine, instance, LONG)
    for checkpoint in [engine.memory.checkpoints.latest(instance.id, seq) for seq in range(LONG)]:
        if checkpoint is not None:
            engine.memory.checkpoints.drop(instance.id)
            engine.memory.checkpoints.put(instance.id, replace(checkpoint, digest=bytes(32), picture=b""))
    after = moment(engine, instance, LONG)
    assert replace(after, causes=0) == replace(before, causes=0)


def test_the_last_moment_closes_the_history(sqlite_engine: Engine) -> None:
    instance_id = played_through(sqlite_engine, units=2)
    instance, _ = history(sqlite_engine, instance_id)
    assert moment(sqlite_engine, instance, instance.seq).fault is None


def test_the_first_moment_has_nothing_before_it(sqlite_engine: Engine) -> None:
    instance, _ = history(sqlite_engine, at_approval(sqlite_engine)[0])
    first = moment(sqlite_engine, instance, 1)
    assert (first.before, first.event.type) == (None, EventType.INSTANCE_STARTED)


@pytest.mark.parametrize("behind", [0, 1], ids=["before_the_first", "after_the_last"])
def test_a_moment_that_never_was_is_not_found(sqlite_engine: Engine, behind: int) -> None:
    instance, _ = history(sqlite_engine, at_approval(sqlite_engine)[0])
    with pytest.raises(NotFound):
        moment(sqlite_engine, instance, behind * (instance.seq + 1))
    with pytest.raises(NotFound):
        sqlite_engine.ask(SYSTEM, state_after, instance, behind * (instance.seq + 1))


def test_a_branch_tells_its_conditions_and_the_values_it_saw(sqlite_engine: Engine) -> None:
    instance_id, approval = at_approval(sqlite_engine)
    sqlite_engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    instance, events = history(sqlite_engine, instance_id)
    done = next(
        e for e in reversed(events) if e.type is EventType.TASK_COMPLETED and e.task_id == approval.id
    )
    told = next(e for e in events if e.seq > done.seq and e.type is EventType.BRANCH_TAKEN)
    reasons = moment(sqlite_engine, instance, told.seq).reasons
    branch = next(r for r in reasons if isinstance(r, BranchReason) and r.element_id == told.element_id)
    assert branch.taken == tuple(json.loads(told.data)["taken"])
    assert [(w.expression, w.result) for w in branch.weighed] == [
        (c["expression"], c["result"]) for c in json.loads(told.data)["conditions"]
    ]
    assert Seen(name="approve.decision", value="return") in branch.weighed[0].seen
    assert events[done.seq + branch.effect] == told


def test_the_reasons_of_a_cause_are_those_of_its_effects(sqlite_engine: Engine) -> None:
    instance_id = played_through(sqlite_engine, units=2)
    instance, events = history(sqlite_engine, instance_id)
    for event in events:
        found = moment(sqlite_engine, instance, event.seq)
        assert found.events[-1] == event
        if event.origin is Origin.EFFECT:
            assert found.reasons == moment(sqlite_engine, instance, found.events[0].seq).reasons


def test_a_claim_shows_its_holder_from_then_on(sqlite_engine: Engine) -> None:
    instance_id, approval = at_approval(sqlite_engine)
    sqlite_engine.execute(CLERK, claim, approval.id)
    instance, events = history(sqlite_engine, instance_id)
    taken = next(e for e in events if e.type is EventType.TASK_CLAIMED)
    found = moment(sqlite_engine, instance, taken.seq)
    assert found.before is not None
    assert found.after is not None
    assert approval.id not in found.before.notes
    assert found.after.notes[approval.id].assignee == CLERK.user_id


def test_what_cannot_be_executed_has_no_state(sqlite_engine: Engine) -> None:
    instance_id, approval = at_approval(sqlite_engine)
    sqlite_engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    instance, events = history(sqlite_engine, instance_id)
    opened = next(e for e in events if e.type is EventType.TASK_OPENED and e.task_id == approval.id)
    forge(sqlite_engine, opened, {**json.loads(opened.data), "label": "something else"})
    last = moment(sqlite_engine, instance, instance.seq)
    assert (last.after, last.fault and last.fault.seq) == (None, opened.seq)
    with pytest.raises(ProcessFailed):
        sqlite_engine.ask(SYSTEM, state_after, instance, instance.seq)
    assert moment(sqlite_engine, instance, opened.seq - 1).after is not None


def forge(engine: Engine, event: HistoryEvent, data: dict[str, Any]) -> None:
    """Change an event behind the back of the program, as whoever owns the database can."""
    place = (tables.history_event.c.stream == event.stream, tables.history_event.c.seq == event.seq)
    tamper(engine, sa.update(tables.history_event).where(*place).values(data=canonical_json(data)))


def test_readers_of_one_instance_do_not_disturb_one_another(long_life: tuple[Engine, Instance]) -> None:
    engine, instance = long_life

    def two(reader: Reader) -> tuple[Moment, Moment, Moment]:
        first = moment_at(reader, instance, 400)
        second = moment_at(reader, instance, 401)
        return first, second, moment_at(reader, instance, 400)

    first, second, again = engine.ask(SYSTEM, two)
    assert replace(first, causes=0) == replace(again, causes=0)
    assert second.before == first.after
