"""Amending a plan: typing errors, substance, and targets that are lowered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.plan.amendment import (
    beyond_typing,
    goes_to_bureau,
    is_typing_error,
    lowered_targets,
    lowering_needs_reason,
    weight_of,
)
from engine.plan.differences import diff_plans
from engine.plan.document import Action, Plan, Target, number_new, renumber
from engine.plan.words import element_labels, with_words, words_of

Change = Callable[[Plan], Plan]


def with_action(plan: Plan, action_id: str, **changes: Any) -> Plan:
    """The plan with one action changed."""

    def changed(action: Action) -> Action:
        return replace(action, **changes) if action.id == action_id else action

    strategies = tuple(
        replace(s, methods=tuple(replace(m, actions=tuple(map(changed, m.actions))) for m in s.methods))
        for s in plan.strategies
    )
    return replace(plan, strategies=strategies)


def target_of(plan: Plan, action_id: str) -> Target:
    return plan.action(action_id).targets[0]


@pytest.mark.parametrize(
    ("before", "after", "is_one"),
    [
        ("校正砝碼", "校正法碼", True),
        ("砵碼校正", "砝碼校正", True),
        ("辦理說明會", "辦理說明會。", True),
        ("校正120具", "校正100具", False),
        ("辦理三場", "辦理二場", False),
        ("應公開結果", "得公開結果", False),
        ("公開結果", "不公開結果", False),
        ("公開結果", "", False),
        ("", "公開結果", False),
        ("公開結果", "於網站及各服務場所公開辦理結果供民眾查閱", False),
    ],
)
def test_a_typing_error_changes_few_letters_no_number_and_no_duty(
    before: str, after: str, is_one: bool
) -> None:
    assert is_typing_error(before, after) is is_one


def weights(before: Plan, after: Plan) -> set[str]:
    return {weight_of(change) for change in diff_plans(before, after)}


def test_a15_what_the_bureau_acknowledged_is_substance(plan_114: Plan) -> None:
    """A15: a required section, a strategy, a responsible unit or a target."""
    target = target_of(plan_114, "3.2.3")
    changes: tuple[Change, ...] = (
        lambda plan: with_words(plan, {"goal": "另訂目標，以提升民眾滿意度為先，並逐年檢討。"}),
        lambda plan: with_words(plan, {"1": "另訂策略名稱以完備各項基礎服務及其他"}),
        lambda plan: replace(plan, strategies=plan.strategies[:-1]),
        lambda plan: with_action(plan, "3.2.3", owner_units=("registration",)),
        lambda plan: with_action(plan, "3.2.3", targets=(replace(target, value=Decimal(121)),)),
        lambda plan: with_action(plan, "3.2.3", targets=()),
        lambda plan: with_action(plan, "1.1.1", milestone_on=date(2025, 6, 30)),
    )
    assert [weights(plan_114, change(plan_114)) for change in changes] == [{"substantive"}] * len(changes)


def test_a15_the_branchs_own_business_does_not_go_to_the_bureau(plan_114: Plan) -> None:
    changes: tuple[Change, ...] = (
        lambda plan: with_words(plan, {"supplement": "另訂補充規定，由秘書室公告後辦理。"}),
        lambda plan: with_action(plan, "1.1.1", handler="unit_handler.metrology"),
        lambda plan: with_action(plan, "1.1.1", evidence_kinds=("照片",)),
    )
    amended = [diff_plans(plan_114, change(plan_114)) for change in changes]
    assert [goes_to_bureau(each) for each in amended] == [False, False, False]
    assert [bool(beyond_typing(each)) for each in amended] == [True, True, True]


def test_a_corrected_letter_is_no_more_than_that(plan_114: Plan) -> None:
    text = plan_114.action("1.1.1").summary
    amended = with_words(plan_114, {"1.1.1": f"{text}。"})
    assert (weights(plan_114, amended), beyond_typing(diff_plans(plan_114, amended))) == ({"typing"}, ())


def test_how_many_letters_a_typing_error_may_touch_is_a_setting(plan_114: Plan) -> None:
    amended = with_words(plan_114, {"1.1.1": plan_114.action("1.1.1").summary + "甲乙丙"})
    changes = diff_plans(plan_114, amended)
    assert [bool(beyond_typing(changes, most)) for most in (2, 3)] == [True, False]


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ({"value": Decimal(119)}, "≥ 119 具"),
        ({"comparator": "<="}, "≤ 120 具"),
        ({"unit": "件"}, "≥ 120 件"),
        ({"period": "2years"}, "≥ 120 具"),
        ({"indicator": "另一指標"}, None),
    ],
)
def test_a_target_is_lowered_when_it_asks_for_less(
    plan_114: Plan, changes: dict[str, Any], after: str | None
) -> None:
    eased = replace(target_of(plan_114, "3.2.3"), **changes)
    lowered = lowered_targets(plan_114, with_action(plan_114, "3.2.3", targets=(eased,)))
    assert [(each.action_id, each.before, each.after) for each in lowered] == [("3.2.3", "≥ 120 具", after)]


def test_a_target_that_asks_for_more_is_not_lowered(plan_114: Plan) -> None:
    raised = replace(target_of(plan_114, "3.2.3"), value=Decimal(130))
    assert lowered_targets(plan_114, with_action(plan_114, "3.2.3", targets=(raised,))) == ()


@pytest.mark.parametrize(
    ("on", "known", "needed"),
    [
        (date(2025, 10, 1), False, False),
        (date(2025, 10, 2), False, True),
        (date(2025, 3, 1), True, True),
    ],
)
def test_lowering_needs_a_reason_late_in_the_year_or_when_the_result_is_known(
    on: date, known: bool, needed: bool
) -> None:
    assert lowering_needs_reason(114, on, result_known=known) is needed


def test_the_words_of_a_plan_put_back_give_the_same_plan(plan_114: Plan) -> None:
    assert with_words(plan_114, words_of(plan_114)) == plan_114
    assert element_labels(plan_114).keys() == words_of(plan_114).keys()


def test_new_rows_take_free_numbers_and_old_rows_keep_theirs(plan_114: Plan) -> None:
    first, *others = plan_114.strategies
    rows = (replace(first.methods[1], id="", actions=(Action(summary="新作法"),)), *first.methods[1:])
    amended = number_new(replace(plan_114, strategies=(replace(first, methods=rows), *others)), plan_114)
    assert [method.id for method in amended.strategies[0].methods] == ["1.5", "1.2", "1.3", "1.4"]
    assert [action.id for action in amended.method("1.5").actions] == ["1.5.1"]
    assert number_new(plan_114, plan_114) == plan_114 == renumber(plan_114)
