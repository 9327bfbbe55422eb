"""Guards of a task: replay recomputes them, a changed row is found, and rebuilding brings them back."""

import random

import pytest
import sqlalchemy as sa

from engine.commands import tasks
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceState
from engine.engine import Engine
from engine.errors import Conflict, NotPermitted
from engine.replay import Check, rebuild, verify
from engine.store import tables
from engine.store.projections import ProjectionRows
from engine.store.unit_of_work import UnitOfWork
from tests.engine import guarded
from tests.engine.commands.office import PEOPLE, Office, open_office


@pytest.fixture
def office(engine: Engine) -> Office:
    return open_office(engine)


def change(uow: UnitOfWork, statement: sa.Executable) -> None:
    uow.transaction.core.execute(statement)


def rows(office: Office, instance_id: int) -> ProjectionRows:
    return office.engine.ask(SYSTEM, lambda reader: reader.projections.of_instance(instance_id))


def faults(office: Office, instance_id: int) -> list[tuple[Check, str]]:
    report = office.engine.ask(SYSTEM, verify, instance_id)
    return [(fault.check, str(fault)) for fault in report.faults]


@pytest.mark.parametrize(
    "statement",
    [
        sa.delete(tables.task_exclusion),
        sa.update(tables.task_exclusion).values(user_id="head"),
        sa.update(tables.task).values(excluded="[]"),
    ],
    ids=["row gone", "another person", "task changed"],
)
def test_a_changed_exclusion_is_found_and_rebuilt(office: Office, statement: sa.Executable) -> None:
    task = guarded.begin(office.engine, office.clerk, "handler_01")
    before = rows(office, task.instance_id)
    assert faults(office, task.instance_id) == []
    office.engine.execute(SYSTEM, change, statement)
    assert {check for check, _ in faults(office, task.instance_id)} == {Check.PROJECTION}
    office.engine.execute(SYSTEM, rebuild, task.instance_id)
    assert rows(office, task.instance_id) == before


@pytest.mark.parametrize("seed", range(4))
def test_guards_hold_and_replay_in_any_history(office: Office, seed: int) -> None:
    dice = random.Random(seed)
    people = [user for user, _, _ in PEOPLE]
    named = dice.sample(people, 2)
    instance_id = guarded.begin(office.engine, office.clerk, *named).instance_id
    for _ in range(12):
        if (
            office.engine.ask(SYSTEM, lambda r: r.instances.get(instance_id)).state
            is not InstanceState.RUNNING
        ):
            break
        task, who = guarded.open_task(office.engine, instance_id), dice.choice([*people, "clerk"])
        actor = office.actor(who)
        try:
            if dice.random() < 0.3:
                office.engine.execute(actor, tasks.claim if task.assignee is None else tasks.unclaim, task.id)
            else:
                decision = dice.choice(["return", "return", "ok"])
                call = guarded.call(office.engine, task, decision)
                office.engine.execute(actor, tasks.complete, task.id, **call)
        except (NotPermitted, Conflict):
            continue
        assert not task.excludes(who)
        before = rows(office, instance_id)
        assert faults(office, instance_id) == []
        office.engine.execute(SYSTEM, rebuild, instance_id)
        assert rows(office, instance_id) == before
