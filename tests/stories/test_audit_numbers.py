"""Question 9 of an audit: the numbers that differ between the unit, D1 and D2, each with its reason."""

import pytest

from engine.domain.identity import SYSTEM
from tests.stories.asking import table
from tests.stories.delivering import (
    BEFORE_NEW_YEAR,
    LETTER,
    WEIGHTS,
    dispatched,
    sent,
    units_reported,
)
from tests.stories.stage import Stage

SLUG = "delivered-numbers"


ROW = "114/1.1.1 / 度量衡科 / 砝碼校正數"


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    fresh_stage.move_to(BEFORE_NEW_YEAR)
    fresh_stage.engine.execute(SYSTEM, units_reported)
    return fresh_stage


def answers(stage: Stage) -> list[dict[str, str]]:
    """The rows without the person and the moment."""
    return table(stage, SLUG, "row", "own", "d1", "d2", "changed", "reason", "sent")


def test_numbers_that_all_tell_alike_stand_in_no_row(stage: Stage) -> None:
    instance = sent(stage)
    dispatched(stage, instance)
    assert answers(stage) == []


def test_a_late_number_and_a_difference_of_d2_are_told_with_their_reasons(stage: Stage) -> None:
    instance = sent(stage, late_changes=[{"row": WEIGHTS, "actual": "118", "reason": "重複計列一具"}])
    stage.move_to("2026-01-05T10:00")
    dispatched(stage, instance, changes=[{"row": WEIGHTS, "actual": "120", "reason": "複核後增列二具"}])
    told = {"row": ROW, "own": "119", "d1": "118", "d2": "120"}
    assert answers(stage) == [
        {**told, "changed": "D1 / 119 became 118", "reason": "重複計列一具", "sent": "", "why": ""},
        {**told, "changed": "D2 / 118 became 120", "reason": "複核後增列二具", "sent": "D1",
         "why": "Changed when the results of D1 were known already"},
    ]  # fmt: skip


def test_a_correction_and_a_report_changed_afterwards_are_told(stage: Stage) -> None:
    instance = sent(stage)
    stage.move_to("2026-01-05T10:00")
    stage.act(
        "sec_handler", instance, "correct_result", delivery="d1", reason="校正數誤植，應更正為一百二十具"
    )
    correction = stage.instances("result_correction")[0]
    changes = [{"row": WEIGHTS, "actual": "120", "reason": "誤植"}]
    stage.complete("sec_handler", correction, "propose_correction", changes=changes)
    stage.complete("sec_chief", correction, "approve_correction", decision="approve")
    stage.complete("registry", correction, "dispatch_correction", **LETTER)
    stage.engine.execute(SYSTEM, units_reported, "121")
    told = {"row": ROW, "own": "121", "d1": "120", "d2": "", "sent": "D1"}
    known = "Changed when the results of D1 were known already"
    assert answers(stage) == [
        {**told, "changed": "Correction of D1 / 119 became 120", "reason": "誤植", "why": known},
        {**told, "changed": "The unit's own entry / 119 became 121", "reason": "",
         "why": f"The unit changed its entry after D1 had been compiled / {known}"},
    ]  # fmt: skip
