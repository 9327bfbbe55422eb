"""Question 7: opinions of the units that were asked, their answers, and silence."""

import pytest

from tests.stories import actors
from tests.stories.asking import ask, findings, rows, summary
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

SLUG = "countersigning"


def asked_of_two(stage: Stage) -> None:
    """Two units are asked side by side before the first level."""
    actors.draft(stage, compiled={"countersign_units": ["kinmen", "metrology"]})


SCENES = {"cycle": asked_of_two}


@pytest.fixture
def cycle(stage: Stage) -> int:
    return cycle_of(stage)


def say(stage: Stage, cycle: int, unit: str, kind: str, **words: str) -> None:
    stage.complete(f"unit_chief.{unit}", cycle, f"countersign_opinion@{unit}", opinion_kind=kind, **words)


def test_who_disagreed_without_being_followed_and_who_stayed_silent_is_found(
    cycle: int, stage: Stage
) -> None:
    say(stage, cycle, "kinmen", "disagree", opinion="離島人力不足")
    stage.move_to("2026-01-12T09:00")
    shown = stage.shown("sec_handler", cycle, "merge_opinions@secretariat")["rows"]
    answered = [{**row, "handling": "not_adopted", "reason": "已請技術科支援"} for row in shown]
    stage.complete("sec_handler", cycle, "merge_opinions@secretariat", rows=answered)
    asked = ask(stage, SLUG, plan_year=115)
    assert rows(asked, "unit", "kind", "opinion", "answer") == [
        ("金門辦事處", "不同意", "離島人力不足",
         "Not adopted at all / 已請技術科支援 / 2026-01-12 09:00 / sec_handler 科員"),
        ("度量衡科", "未表示意見（視為同意）", "", ""),
    ]  # fmt: skip
    assert findings(asked) == [
        ("remarkable", "Disagreed and was not followed"),
        ("remarkable", "Stayed silent, which counts as consent"),
    ]
    assert summary(asked) == [
        "Opinions asked for: 2. Disagreed: 1, of which not followed: 1, and not answered: 0. "
        "Stayed silent: 1."
    ]


def test_units_that_agree_are_no_finding(cycle: int, stage: Stage) -> None:
    say(stage, cycle, "kinmen", "agree")
    say(stage, cycle, "metrology", "agree_with_comment", opinion="請補列期程")
    asked = ask(stage, SLUG, plan_year=115)
    assert rows(asked, "unit", "kind") == [("金門辦事處", "同意"), ("度量衡科", "同意並提供意見")]
    assert findings(asked) == []
