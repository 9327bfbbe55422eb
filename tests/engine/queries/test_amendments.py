"""The record of changes (8.1), the panel of a plan's page, and two versions side by side."""

import pytest

from engine.errors import NotFound, NotPermitted
from engine.queries.amendments import amendment_panel, changes_page, comparison
from engine.queries.plans import plan_page
from tests.stories import amending
from tests.stories.conftest import fresh_stage, stage_template
from tests.stories.stage import Stage

__all__ = ["fresh_stage", "stage_template"]


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    return amending.begin(fresh_stage)


def lowered_in_november(stage: Stage) -> int:
    """The director has decided that a target is lowered, and said why."""
    stage.move_to("2025-11-03T09:00")
    instance = amending.amend(stage)
    amending.request(stage, instance, effective_on="2025-11-28", unit_due="2025-11-10")
    amending.rewrite(stage, instance, value="90")
    amending.compile_texts(stage, instance)
    amending.sign(stage, instance, lowering_reason="量能調整，經評估無法達成")
    return instance


def test_the_record_knows_since_when_the_plan_is_in_effect(stage: Stage) -> None:
    """What the draft set before that moment is folded on the page."""
    lowered_in_november(stage)
    page = stage.engine.ask(stage.engine.actor("director"), changes_page, 114)
    (change,) = page.changes
    assert page.enacted_at is not None
    assert page.enacted_at < change.made_at


def test_the_record_says_who_changed_which_target_when_and_who_approved_it(stage: Stage) -> None:
    instance = lowered_in_november(stage)
    (change,) = stage.engine.ask(stage.engine.actor("director"), changes_page, 114).changes
    assert (change.action_id, change.indicator, change.before, change.after, change.is_lowered) == (
        "1.1.1", "砝碼校正數", "≥ 120 具", "≥ 90 具", True,
    )  # fmt: skip
    assert (change.made_by, change.task, change.instance_id) == (
        "unit_handler.metrology 科員", "單位提報", instance,
    )  # fmt: skip
    assert (change.approved_by, change.reason, change.is_result_known) == (
        "director 科員", "量能調整，經評估無法達成", False,
    )  # fmt: skip


def test_the_record_of_one_action_leaves_the_others_out(stage: Stage) -> None:
    lowered_in_november(stage)
    actor = stage.engine.actor("director")
    assert [stage.engine.ask(actor, changes_page, 114, id).changes != () for id in ("1.1.1", "1.1.2")] == [
        True,
        False,
    ]


def test_a_change_that_nobody_has_approved_says_so(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.request(stage, instance)
    amending.rewrite(stage, instance)
    page = stage.engine.ask(stage.engine.actor("sec_chief"), changes_page, 114)
    assert [(c.is_lowered, c.approved_at) for c in page.changes] == [(False, None)]
    assert [(line.no, line.kind, line.state) for line in page.amendments] == [(1, "修正", "requested")]


def test_a_change_after_the_result_was_known_is_marked(stage: Stage) -> None:
    stage.move_to("2025-04-01T09:00")
    execution, user = stage.instances("plan_execution")[0], "unit_handler.metrology"
    rows = stage.shown(user, execution, "progress_update@metrology")["rows"]
    done = [{**row, "status": "completed", "actual": "95", "text": "全年度工作已辦理完成"} for row in rows]
    stage.complete(user, execution, "progress_update@metrology", rows=done)
    stage.move_to("2025-11-02T09:00")
    lowered_in_november(stage)
    (change,) = stage.engine.ask(stage.engine.actor("director"), changes_page, 114).changes
    assert change.is_result_known


def test_only_those_who_read_histories_read_the_record(stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        stage.engine.ask(stage.engine.actor("unit_handler.metrology"), changes_page, 114)


def test_there_is_no_record_of_a_plan_that_does_not_exist(stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.engine.ask(stage.engine.actor("director"), changes_page, 199)


def test_the_panel_offers_an_amendment_to_the_secretariat_while_none_runs(stage: Stage) -> None:
    def offered(user: str) -> bool:
        return stage.engine.ask(stage.engine.actor(user), amendment_panel, 114).may_amend

    before = (offered("sec_handler"), offered("director"))
    amending.amend(stage)
    assert (before, offered("sec_handler")) == ((True, False), False)


def test_the_page_of_a_plan_shows_the_version_in_effect_while_it_is_amended(stage: Stage) -> None:
    instance = amending.reported(stage)
    actor = stage.engine.actor("sec_handler")
    panel = stage.engine.ask(actor, amendment_panel, 114)
    shown = stage.engine.ask(actor, plan_page, 114).version.no
    assert panel.running is not None
    assert (panel.running.state, shown) == ("reported", panel.in_effect_no)
    amending.reply(stage)
    amending.publish_after(stage, instance, "2025-03-31T09:00")
    after = stage.engine.ask(actor, amendment_panel, 114)
    assert (after.running, shown in after.amended_nos, after.in_effect_no != shown) == (None, True, True)


def test_two_versions_stand_side_by_side_field_by_field(stage: Stage) -> None:
    instance = amending.reported(stage)
    amending.reply(stage)
    stage.move_to("2025-03-31T09:00")
    found = stage.engine.ask(stage.engine.actor("sec_handler"), comparison, 114, None, None)
    assert [(c.path, c.before, c.after) for c in found.changes] == [
        ("1.1.1.summary", "校正砝碼", "校正砝碼並公開結果給申請人"),
        ("1.1.1.handler", None, "unit_handler.metrology"),
        ("1.1.1.targets.砝碼校正數.value", "120", "130"),
    ]
    assert stage.open(instance) != []


def test_a_version_that_does_not_exist_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.engine.ask(stage.engine.actor("sec_handler"), comparison, 114, 1, 99)
