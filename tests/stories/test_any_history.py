"""Any history of the shipped processes: projections come back the same, and replays give the same."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceView
from engine.engine import Engine
from engine.queries.instance_state import view_after
from engine.replay import rebuild, replay, verify
from engine.store import tables
from engine.store.notice_tables import task_notice
from engine.store.projections import ProjectionRows
from engine.store.unit_of_work import Reader, UnitOfWork
from tests.stories import (
    actors,
    amending,
    commendation_actors,
    entrants,
    screeners,
    test_designation,
    test_outcome_correction,
)
from tests.stories.scenes import Scenes
from tests.stories.stage import Stage
from tests.stories.wanderer import Wanderer

NEW_YEAR = "2026-01-07T09:00"
STARTS: dict[str, Callable[[Stage], Any]] = {
    "amendment": lambda stage: amending.amend(amending.begin(stage, NEW_YEAR)),
    "amendment_reported": lambda stage: amending.reported(
        amending.begin(stage, NEW_YEAR), effective_on="2026-01-20", unit_due="2026-01-12"
    ),
    "cycle": actors.start_cycle,
    "drafted": actors.draft,
    "reported": actors.reported,
    "reported_by_letter": lambda stage: actors.reported(stage, bureau_mode="letters"),
    "publication": lambda stage: stage.start("plan_publication", publication_reason="first"),
    "execution": lambda stage: stage.start("plan_execution"),
    "assessment": lambda stage: stage.start("self_assessment"),
    "results": lambda stage: stage.start("result_submission"),
    "results_by_letter": lambda stage: stage.start("result_submission", bureau_mode="letters"),
    "commendation": commendation_actors.commendation,
    "award_entry": entrants.surveyed,
    "award_result": entrants.recommended,
    "award_corrected": test_outcome_correction.corrected_win,
    "designated": test_designation.designated_by_accounts,
    "screening": screeners.collected,
}
MOVES = st.tuples(
    st.sampled_from(["complete"] * 7 + ["timer", "timer", "wait", "act", "pause", "route", "route"]),
    st.integers(0, 7),
    st.sampled_from([0, 0, 0, 1, 2, 3]),
)


# Seventeen starts with 25 walks each; as tests of their own, the processes of a test run share them.
@pytest.mark.parametrize("start", sorted(STARTS))
@pytest.mark.timeout(600)
@settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
@given(moves=st.lists(MOVES, min_size=1, max_size=14))
def test_any_history_rebuilds_and_replays(
    start: str,
    scenes: Scenes,
    tmp_path_factory: pytest.TempPathFactory,
    moves: list[tuple[str, int, int]],
) -> None:
    path = tmp_path_factory.getbasetemp() / f"{uuid.uuid4().hex}.db"
    stage = scenes.open(f"any.{start}", STARTS[start], path, FixedClock())
    try:
        wanderer = Wanderer(stage)
        for move in moves:
            wanderer.move(*move)
        _check(stage.engine, path)
    finally:
        stage.engine.close()
        path.unlink()


def _check(engine: Engine, path: Path) -> None:
    ids = engine.ask(SYSTEM, lambda reader: reader.instances.ids())
    assert {number: engine.ask(SYSTEM, verify, number).faults for number in ids} == dict.fromkeys(ids, ())
    before = {number: engine.ask(SYSTEM, _all_of, number) for number in ids}
    for number in ids:
        engine.execute(SYSTEM, _throw_away, number)
        engine.execute(SYSTEM, rebuild, number)
    anew = Engine(f"sqlite:///{path}", engine.clock)
    try:
        assert {number: anew.ask(SYSTEM, _all_of, number) for number in ids} == before
        assert {number: anew.ask(SYSTEM, replay, number).state for number in ids} == {
            number: view for number, (_, view) in before.items()
        }
    finally:
        anew.close()


def _all_of(reader: Reader, instance_id: int) -> tuple[ProjectionRows, InstanceView]:
    instance = reader.instances.get(instance_id)
    view = view_after(reader, instance, reader.history.events(instance_id))
    return reader.projections.of_instance(instance_id), view


def _throw_away(uow: UnitOfWork, instance_id: int) -> None:
    first, last = instance_id << 20, (instance_id + 1) << 20
    core = uow.transaction.core
    for table, column in (
        (tables.task_candidate, tables.task_candidate.c.task_id),
        (tables.task_exclusion, tables.task_exclusion.c.task_id),
        (tables.draft, tables.draft.c.task_id),
        (task_notice, task_notice.c.task_id),
        (tables.task, tables.task.c.id),
        (tables.timer, tables.timer.c.task_id),
        (tables.message_subscription, tables.message_subscription.c.task_id),
    ):
        core.execute(sa.delete(table).where(column >= first, column < last))
    core.execute(sa.delete(tables.snapshot).where(tables.snapshot.c.instance_id == instance_id))
