"""Any history of the shipped processes: projections come back the same, and replays give the same."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.clock import FixedClock
from tests.stories import (
    actors,
    amending,
    commendation_actors,
    entrants,
    screeners,
    test_designation,
    test_outcome_correction,
)
from tests.stories.proofs import check_histories
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
        check_histories(stage.engine, path)
    finally:
        stage.engine.close()
        path.unlink()
