from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.document import Action, Method, Plan, Strategy, Target
from engine.plan.quantification import (
    action_kind,
    check_evidence_use,
    check_quantification,
    is_countable,
    is_weaker,
    quantified_percent,
)

TARGET = Target(indicator="砝碼校正數", value=Decimal(120), unit="具", counting_rule="每具出具報告計一次")
REASON = "性質上無法以數字衡量成效"
COUNTED = Action(summary="提供砝碼校正服務", targets=(TARGET,), evidence_kinds=("校正報告",))
MILESTONE = Action(summary="完成檢討報告", milestone="檢討報告", milestone_on=date(2025, 6, 30))
NARRATIVE = Action(summary="櫃台人員主動引導", narrative_reason=REASON)


def plan_of(*actions: Action) -> Plan:
    rows = tuple(replace(action, id=f"1.1.{n}") for n, action in enumerate(actions, 1))
    method = Method(id="1.1", title="作法", units=("a",), actions=rows)
    return Plan(
        agency="分局",
        agency_id="branch",
        roc_year=114,
        title="計畫",
        strategies=(Strategy(id="1", title="策略", methods=(method,)),),
    )


def texts(*actions: Action, share: int = 0) -> list[str]:
    return [finding.text for finding in check_quantification(plan_of(*actions), quantified_share=share)]


@pytest.mark.parametrize(
    "lost", [{"value": Decimal(0)}, {"value": Decimal(-1)}, {"unit": "櫃"}, {"counting_rule": " "}]
)
def test_a_target_that_lacks_a_part_cannot_be_counted(lost):
    assert (is_countable(TARGET), is_countable(replace(TARGET, **lost))) == (True, False)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (COUNTED, "quantified"),
        (replace(COUNTED, milestone="報告", milestone_on=date(2025, 6, 30)), "quantified"),
        (replace(COUNTED, evidence_kinds=()), "narrative"),
        (replace(COUNTED, targets=(replace(TARGET, unit="櫃"), TARGET)), "quantified"),
        (MILESTONE, "milestone"),
        (replace(MILESTONE, milestone_on=None), "narrative"),
        (replace(MILESTONE, milestone=" "), "narrative"),
        (NARRATIVE, "narrative"),
    ],
)
def test_kind_of_an_action(action, kind):
    assert action_kind(action) == kind


def test_counted_dated_and_reasoned_actions_pass():
    assert texts(COUNTED, MILESTONE, NARRATIVE) == []


@pytest.mark.parametrize("reason", ["", "無法量化", " 九個字的理由寫在此 "])
def test_only_a_missing_reason_blocks(reason):
    findings = check_quantification(plan_of(replace(NARRATIVE, narrative_reason=reason)), quantified_share=0)
    assert [(f.severity, f.rule, f.text) for f in findings] == [
        (
            "block",
            "reason_missing",
            "Action 1.1.1 needs a target, a dated milestone, or a reason of at least 10 characters",
        )
    ]


def test_a_low_share_is_warned_and_the_mark_can_be_set():
    low = "Only 33 percent of the actions are quantified; 34 percent are expected"
    assert texts(COUNTED, MILESTONE, NARRATIVE, share=34) == [low]
    assert texts(COUNTED, MILESTONE, NARRATIVE, share=33) == []


def test_thirty_per_cent_are_expected_by_default():
    findings = check_quantification(plan_of(MILESTONE, NARRATIVE))
    assert [f.text for f in findings] == [
        "Only 0 percent of the actions are quantified; 30 percent are expected"
    ]


def test_a_plan_without_actions_has_no_share_to_warn_of():
    assert (quantified_percent(plan_of()), texts(share=30)) == (Fraction(0), [])


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ("適時修訂作業程序", ["適時"]),
        ("不定期辦理教育訓練", ["不定期"]),
        ("定期更新並持續檢討", ["定期", "持續"]),
        ("每年定期召開 4 次會議", []),
        ("召開科務會議", []),
    ],
)
def test_vague_words_without_a_number_are_warned(summary, words):
    assert texts(replace(NARRATIVE, summary=summary)) == [
        f"Action 1.1.1 says {word} without a number" for word in words
    ]


def test_vague_words_beside_a_target_are_fine():
    assert texts(replace(COUNTED, summary="持續提供校正服務")) == []


@pytest.mark.parametrize(
    ("comparator", "value", "weaker"),
    [(">=", 120, False), (">=", 119, True), ("=", 119, True), ("<=", 119, False), ("<=", 121, True)],
)
def test_a_target_is_compared_with_last_years_actual(comparator, value, weaker):
    target = replace(TARGET, comparator=comparator, value=Decimal(value), baseline=Decimal(120))
    assert is_weaker(target) is weaker


def test_without_last_years_actual_nothing_is_weaker():
    assert is_weaker(TARGET) is False


def test_a_target_is_compared_with_another_target():
    assert is_weaker(replace(TARGET, value=Decimal(100), baseline=Decimal(90)), TARGET) is True


def test_a_weaker_target_is_warned():
    lower = replace(COUNTED, targets=(replace(TARGET, baseline=Decimal(131)),))
    assert texts(lower) == ["The target 砝碼校正數 of action 1.1.1 asks for less than last year's 131"]


def test_the_same_text_in_two_actions_is_warned():
    assert texts(NARRATIVE, COUNTED, NARRATIVE) == ["Actions 1.1.1 and 1.1.3 share 100 percent of their text"]


def test_similar_texts_are_warned_from_eighty_per_cent():
    other = replace(NARRATIVE, summary="櫃台人員主動協助")
    near = replace(NARRATIVE, summary="櫃檯人員主動引導")
    assert texts(NARRATIVE, other) == []
    assert texts(NARRATIVE, near) == ["Actions 1.1.1 and 1.1.2 share 87 percent of their text"]


def test_blank_texts_are_not_called_similar():
    assert texts(replace(NARRATIVE, summary=""), replace(NARRATIVE, summary=" ")) == []


def test_evidence_counted_in_two_targets_is_warned():
    use = {("3.2.3", "校正數"): ["f1", "f2"], ("1.4.2", "稽核次數"): ["f2"], ("5.3.2", "站數"): ["f3"]}
    assert [(f.severity, f.text) for f in check_evidence_use(use)] == [
        ("warn", "The evidence f2 is counted for 1.4.2 稽核次數 and for 3.2.3 校正數")
    ]


def test_evidence_counted_once_is_fine():
    assert check_evidence_use({("3.2.3", "校正數"): ["f1"], ("1.4.2", "稽核次數"): ["f2"]}) == ()


@given(st.lists(st.sampled_from([COUNTED, MILESTONE, NARRATIVE]), min_size=1, max_size=6))
def test_share_is_that_of_the_counted_actions(actions):
    counted = sum(action is COUNTED for action in actions)
    assert quantified_percent(plan_of(*actions)) == Fraction(100 * counted, len(actions))
