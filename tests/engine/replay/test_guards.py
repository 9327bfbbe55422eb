"""Guards of a task: replay recomputes them, a changed row is found, and rebuilding brings them back."""

import random
from datetime import datetime

import pytest
import sqlalchemy as sa

from engine.clock import to_micros
from engine.commands import tasks
from engine.domain.definition import SourceFile
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceState
from engine.domain.permission import may_see_instance
from engine.engine import Engine
from engine.errors import Conflict, NotFound, NotPermitted
from engine.replay import Check, rebuild, verify
from engine.store import tables
from engine.store.notice_tables import task_notice
from engine.store.projections import ProjectionRows
from engine.store.tables import NEVER
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


def known_to(office: Office, instance_id: int) -> set[str]:
    """Who may know of the instance."""
    instance = office.engine.ask(SYSTEM, lambda reader: reader.instances.get(instance_id))
    people = ["clerk", *(user for user, _, _ in PEOPLE)]
    return {user for user in people if may_see_instance(office.actor(user), instance)}


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


@pytest.mark.parametrize("table", [tables.task, tables.task_candidate], ids=lambda table: str(table.name))
def test_a_changed_end_of_the_grace_is_named_and_rebuilt(office: Office, table: sa.Table) -> None:
    instance_id = guarded.begin(office.engine, office.clerk, sources=guarded.ALL_GUARDS).instance_id
    before = rows(office, instance_id)
    assert faults(office, instance_id) == []
    office.engine.execute(SYSTEM, change, sa.update(table).values(late_after_at=table.c.due_at))
    named = "late_after_at" if table is tables.task else table.name
    found = faults(office, instance_id)
    assert {(check, named in words) for check, words in found} == {(Check.PROJECTION, True)}
    office.engine.execute(SYSTEM, rebuild, instance_id)
    assert rows(office, instance_id) == before


def add_strange_task(uow: UnitOfWork, task_id: int, strange_id: int) -> None:
    """A task that no history opened, about which somebody was told."""
    core = uow.transaction.core
    row = core.execute(sa.select(tables.task).where(tables.task.c.id == task_id)).mappings().one()
    core.execute(sa.insert(tables.task), [{**row, "id": strange_id}])
    told = {"task_id": strange_id, "late_after_at": 1, "level": 1, "told_at": 1}
    core.execute(sa.insert(task_notice), [told])


def test_a_task_that_no_history_opened_goes_with_its_notices(office: Office) -> None:
    task = guarded.begin(office.engine, office.clerk)
    before = rows(office, task.instance_id)
    office.engine.execute(SYSTEM, add_strange_task, task.id, task.id + 500)
    office.engine.execute(SYSTEM, rebuild, task.instance_id)
    assert rows(office, task.instance_id) == before


@pytest.mark.parametrize("sources", [guarded.FILES, guarded.ALL_GUARDS], ids=["excludes", "all guards"])
@pytest.mark.parametrize("seed", range(4))
def test_guards_hold_and_replay_in_any_history(
    office: Office, seed: int, sources: tuple[SourceFile, ...]
) -> None:
    dice = random.Random(seed)
    people = [user for user, _, _ in PEOPLE]
    named = dice.sample(people, 2)
    instance_id = guarded.begin(office.engine, office.clerk, *named, sources=sources).instance_id
    knowing = known_to(office, instance_id)
    late_after = NEVER if sources is guarded.FILES else to_micros(datetime.fromisoformat(guarded.LATE))
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
        except NotFound:
            assert who not in knowing
            continue
        except (NotPermitted, Conflict):
            continue
        assert not task.excludes(who)
        before = rows(office, instance_id)
        assert faults(office, instance_id) == []
        office.engine.execute(SYSTEM, rebuild, instance_id)
        assert (rows(office, instance_id), known_to(office, instance_id)) == (before, knowing)
        assert {row["late_after_at"] for row in before.tasks.values()} == {late_after}
