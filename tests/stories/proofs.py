"""What holds for every database: each history proves itself, and every projection comes back from it."""

from pathlib import Path

import sqlalchemy as sa

from engine.documents.net_source import nets_of
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceView
from engine.engine import Engine
from engine.mining.conformance import conformance
from engine.mining.deviation import Conformance
from engine.queries.instance_state import view_after
from engine.replay import rebuild, replay, verify
from engine.store import tables
from engine.store.notice_tables import task_notice, task_priority
from engine.store.projections import ProjectionRows
from engine.store.unit_of_work import Reader, UnitOfWork


def check_histories(engine: Engine, path: Path) -> None:
    """Every instance proves itself, also after all that follows from its history was thrown away."""
    ids = engine.ask(SYSTEM, lambda reader: reader.instances.ids())
    faults = [str(fault) for number in ids for fault in engine.ask(SYSTEM, verify, number).faults]
    assert not faults, faults
    check_conformance(engine)
    before = {number: engine.ask(SYSTEM, _all_of, number) for number in ids}
    for number in ids:
        engine.execute(SYSTEM, throw_away, number)
        engine.execute(SYSTEM, rebuild, number)
    anew = Engine(f"sqlite:///{path}", engine.clock)
    try:
        assert {number: anew.ask(SYSTEM, _all_of, number) for number in ids} == before
        assert {number: anew.ask(SYSTEM, replay, number).state for number in ids} == {
            number: view for number, (_, view) in before.items()
        }
    finally:
        anew.close()


def check_conformance(engine: Engine) -> None:
    """Every history is one that its diagram allows, by a checker that knows nothing of the runtime."""
    found = {number: engine.ask(SYSTEM, _conformance, number) for number in engine.ask(SYSTEM, _ids)}
    deviating = [(number, each.deviations) for number, each in found.items() if each.fitness < 1.0]
    assert not deviating, deviating


def _ids(reader: Reader) -> list[int]:
    return reader.instances.ids()


def _conformance(reader: Reader, instance_id: int) -> Conformance:
    instance = reader.instances.get(instance_id)
    nets = nets_of(tuple(reader.definitions.parsed(instance.deployment_id).sources.values()))
    return conformance(nets, instance.definition_key, reader.history.events(instance_id))


def _all_of(reader: Reader, instance_id: int) -> tuple[ProjectionRows, InstanceView]:
    instance = reader.instances.get(instance_id)
    view = view_after(reader, instance, reader.history.events(instance_id))
    return reader.projections.of_instance(instance_id), view


def throw_away(uow: UnitOfWork, instance_id: int) -> None:
    """Delete whatever follows from the history of an instance but its own row."""
    first, last = instance_id << 20, (instance_id + 1) << 20
    core = uow.transaction.core
    for table, column in (
        (tables.task_candidate, tables.task_candidate.c.task_id),
        (tables.task_exclusion, tables.task_exclusion.c.task_id),
        (tables.draft, tables.draft.c.task_id),
        (task_notice, task_notice.c.task_id),
        (task_priority, task_priority.c.task_id),
        (tables.task, tables.task.c.id),
        (tables.timer, tables.timer.c.task_id),
        (tables.message_subscription, tables.message_subscription.c.task_id),
    ):
        core.execute(sa.delete(table).where(column >= first, column < last))
    core.execute(sa.delete(tables.snapshot).where(tables.snapshot.c.instance_id == instance_id))
