"""Question 1: who changed a target, from what to what, when, under which task, and who approved it."""

import pytest

from engine.errors import NotFound
from tests.stories import amending
from tests.stories.asking import ask, events, findings, rows, summary
from tests.stories.stage import Stage

SLUG = "target-changes"


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    return amending.begin(fresh_stage)


def complete_the_year(stage: Stage) -> None:
    """The unit reports in April that the work of the year is done: the result is known."""
    stage.move_to("2025-04-01T09:00")
    execution = stage.instances("plan_execution")[0]
    user = "unit_handler.metrology"
    shown = stage.shown(user, execution, "progress_update@metrology")["rows"]
    done = [{**row, "status": "completed", "actual": "95", "text": "全年度工作已辦理完成"} for row in shown]
    stage.complete(user, execution, "progress_update@metrology", rows=done)


def amend(stage: Stage, value: str, **decision: str) -> int:
    """An amendment changes the number of the weights, and the director decides."""
    instance = amending.amend(stage)
    amending.request(stage, instance, effective_on="2025-04-30", unit_due="2025-04-10")
    amending.rewrite(stage, instance, value=value)
    amending.compile_texts(stage, instance)
    amending.sign(stage, instance, **decision)
    return instance


COLUMNS = ("action", "from", "to", "at", "by", "task", "approved_by", "result", "reason")


def test_a_target_lowered_after_its_result_was_known_is_found_with_everything_about_it(stage: Stage) -> None:
    complete_the_year(stage)
    stage.move_to("2025-04-02T10:30")
    amend(stage, "90", lowering_reason="量能調整，經評估無法達成")
    asked = ask(stage, SLUG, plan_year=114)
    assert rows(asked, *COLUMNS) == [(
        "1.1.1", "≥ 120 具", "≥ 90 具", "2025-04-02 10:30",
        "unit_handler.metrology 科員 / 度量衡科 單位承辦人", "單位提報",
        "unit_chief.metrology 科員 / sec_chief 科員 / deputy_director 科員 / director 科員",
        "After it was known on 2025-04-01 09:00", "量能調整，經評估無法達成",
    )]  # fmt: skip
    assert findings(asked) == [
        ("remarkable", "Changed after the result was known", "Asks for less than before")
    ]
    assert summary(asked) == [
        "Changes of targets: 1, of which lowered: 1, and after the result was known: 1."
    ]
    assert events(stage, asked) == ["task_completed"]


def test_a_target_raised_before_any_result_is_no_finding(stage: Stage) -> None:
    amend(stage, "130")
    asked = ask(stage, SLUG, plan_year=114)
    assert rows(asked, "from", "to", "result") == [("≥ 120 具", "≥ 130 具", "Before any result was known")]
    assert findings(asked) == []


def test_a_plan_whose_targets_stayed_has_no_row(stage: Stage) -> None:
    assert rows(ask(stage, SLUG), "action") == []


def test_what_nobody_has_approved_says_so(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.request(stage, instance)
    user = "unit_handler.metrology"
    shown = stage.shown(user, instance, "edit_actions@metrology")["actions"]
    changed = [{**row, "evidence_kinds": ["校正報告"], "value": "125"} for row in shown]
    changed = [
        {**row, "counting_rule": "發給報告者計1具", "summary": "校正砝碼並公開結果給申請人"}
        for row in changed
    ]
    stage.complete(user, instance, "edit_actions@metrology", applicable=True, actions=changed)
    assert rows(ask(stage, SLUG), "to", "approved_by") == [("≥ 125 具", "Nobody yet")]


def test_one_instance_answers_for_its_own_changes_only(stage: Stage) -> None:
    first = amend(stage, "130")
    asked = ask(stage, SLUG, instance_id=first)
    assert (rows(asked, "to"), asked.instances) == ([("≥ 130 具",)], 1)
    execution = stage.instances("plan_execution")[0]
    assert rows(ask(stage, SLUG, instance_id=execution), "to") == []


def test_an_edition_without_processes_has_nothing_to_look_at(stage: Stage) -> None:
    asked = ask(stage, SLUG, edition=118)
    assert (rows(asked, "to"), asked.instances, asked.events) == ([], 0, 0)


def test_nobody_asks_about_what_does_not_exist(stage: Stage) -> None:
    for slug, scope in (("no-such-question", {}), (SLUG, {"instance_id": 5})):
        with pytest.raises(NotFound):
            ask(stage, slug, **scope)
