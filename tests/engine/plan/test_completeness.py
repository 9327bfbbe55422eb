from dataclasses import replace
from datetime import date

import pytest

from engine.plan.completeness import check_completeness, check_plan
from engine.plan.document import (
    Assessment,
    Method,
    Plan,
    Rewards,
    Sections,
    Steps,
    Strategy,
    with_not_applicable,
)
from engine.plan.finding import Finding, blocking

ACTIVE = {"reward_clause:1"}


def found(plan: Plan, **known: object) -> list[tuple[str, str, str, str]]:
    findings = check_completeness(plan, **({"active_reward_rules": ACTIVE} | known))  # type: ignore[arg-type]
    return [(f.severity, f.section, f.rule, f.element_id) for f in findings]


def with_section(plan: Plan, **changes: object) -> Plan:
    return replace(plan, sections=replace(plan.sections, **changes))  # type: ignore[arg-type]


def with_method(plan: Plan, **changes: object) -> Plan:
    strategy = plan.strategies[0]
    methods = (replace(strategy.methods[0], **changes), *strategy.methods[1:])  # type: ignore[arg-type]
    return replace(plan, strategies=(replace(strategy, methods=methods), *plan.strategies[1:]))


def test_a_complete_plan_has_no_finding(plan_114):
    assert found(plan_114) == []


def test_an_empty_plan_lacks_every_section():
    plan = Plan(agency="分局", agency_id="branch", roc_year=114, title="計畫")
    assert found(plan) == [
        ("block", "basis", "basis_empty", ""),
        ("block", "basis", "bureau_plan_missing", ""),
        ("block", "goal", "goal_length", ""),
        ("warn", "goal", "goal_phrase", ""),
        ("warn", "goal", "goal_phrase", ""),
        ("warn", "goal", "goal_phrase", ""),
        ("block", "scope", "scope_empty", ""),
        ("block", "strategies", "strategy_missing", ""),
        ("block", "steps", "steps_empty", ""),
        ("block", "steps", "steps_reporting", ""),
        ("block", "steps", "steps_publication", ""),
        ("block", "assessment", "assessment_empty", ""),
        ("block", "assessment", "assessment_date", "K2"),
        ("block", "assessment", "assessment_date", "K3"),
        ("block", "assessment", "assessment_date", "K4"),
        ("block", "rewards", "rewards_empty", ""),
        ("block", "rewards", "rewards_rule", ""),
    ]


@pytest.mark.parametrize("lost", [{"issuer": " "}, {"issued_on": None}, {"number": None}, {"subject": ""}])
def test_a_basis_letter_must_be_whole(plan_114, lost):
    basis = (replace(plan_114.basis[0], **lost), *plan_114.basis[1:])
    assert found(replace(plan_114, basis=basis)) == [("block", "basis", "basis_letter_incomplete", "1")]


def test_the_basis_must_hold_this_years_plan_of_the_head_office(plan_114):
    old = replace(plan_114.basis[2], bureau_plan_year=113)
    assert found(replace(plan_114, basis=(*plan_114.basis[:2], old))) == [
        ("block", "basis", "bureau_plan_missing", "")
    ]


@pytest.mark.parametrize(
    ("enacted_on", "rules"),
    [(date(2025, 1, 6), []), (date(2025, 1, 5), [("block", "basis", "basis_letter_later", "3")])],
)
def test_basis_letters_are_not_later_than_the_plan(plan_114, enacted_on, rules):
    assert found(plan_114, enacted_on=enacted_on) == rules


@pytest.mark.parametrize(
    ("length", "rules"),
    [
        (49, [("block", "goal", "goal_length", "")]),
        (50, []),
        (2000, []),
        (2001, [("block", "goal", "goal_length", "")]),
    ],
)
def test_length_of_the_goal(plan_114, length, rules):
    goal = "便捷服務遞送擴大社會參與開放政府治理".ljust(length, "好")
    assert found(with_section(plan_114, goal=goal)) == rules


def test_a_goal_without_a_phrase_of_the_award_is_only_warned(plan_114):
    goal = plan_114.sections.goal.replace("開放政府治理", "透明治理機關")
    findings = check_completeness(with_section(plan_114, goal=goal), active_reward_rules=ACTIVE)
    assert findings == (
        Finding(
            severity="warn",
            section="goal",
            element_id="",
            rule="goal_phrase",
            template="The goal does not refer to {phrase}",
            params={"phrase": "開放政府治理"},
        ),
    )


def test_the_scope_needs_a_unit(plan_114):
    assert found(with_section(plan_114, scope_units=())) == [("block", "scope", "scope_empty", "")]


def test_a_strategy_needs_a_method(plan_114):
    plan = replace(plan_114, strategies=(*plan_114.strategies, Strategy(id="6", title="空")))
    assert found(plan) == [("block", "strategies", "method_missing", "6")]


def test_a_method_needs_units_and_actions(plan_114):
    empty = Strategy(id="6", title="空", methods=(Method(id="6.1", title="空", bureau_ref="6.1"),))
    assert found(replace(plan_114, strategies=(*plan_114.strategies, empty))) == [
        ("block", "strategies", "unit_missing", "6.1"),
        ("block", "strategies", "action_missing", "6.1"),
    ]


def test_an_action_needs_a_summary(plan_114):
    blank = replace(plan_114.action("1.1.1"), summary=" ")
    assert found(with_method(plan_114, actions=(blank,))) == [
        ("block", "strategies", "summary_missing", "1.1.1")
    ]


def test_an_action_needs_a_target_a_milestone_or_a_reason(plan_114):
    bare = replace(plan_114.action("1.1.1"), narrative_reason="無法量化")
    assert found(with_method(plan_114, actions=(bare,))) == [
        ("block", "strategies", "reason_missing", "1.1.1")
    ]


def test_a_unit_in_scope_without_action_or_reason_is_found(plan_114):
    plan = with_not_applicable(plan_114, "penghu", "本年度無相關業務可以提報")
    assert found(plan) == []
    assert found(replace(plan, not_applicable={})) == [
        ("block", "strategies", "unit_without_action", "penghu")
    ]


def test_the_finding_names_the_unit_by_its_label(plan_114):
    plan = replace(with_not_applicable(plan_114, "penghu", "本年度無相關業務可以提報"), not_applicable={})
    findings = check_completeness(plan, active_reward_rules=ACTIVE)
    assert [f.text for f in findings] == [
        "澎湖辦事處 has neither an action nor a reason why the plan does not concern it"
    ]


def test_an_unmapped_method_is_warned(plan_114):
    assert found(with_method(plan_114, bureau_ref=None)) == [("warn", "strategies", "mapping_missing", "1.1")]


def test_a_method_of_the_branchs_own_is_mapped(plan_114):
    assert found(with_method(plan_114, bureau_ref="分局自訂")) == []


def test_a_mapping_to_be_reviewed_is_warned(plan_114):
    assert found(with_method(plan_114, needs_review=True)) == [
        ("warn", "strategies", "mapping_review", "1.1")
    ]


def test_an_unconfirmed_row_that_was_filled_in_is_warned(plan_114):
    row = replace(plan_114.action("1.1.1"), filled_by="sec_handler", filled_for="metrology")
    assert found(with_method(plan_114, actions=(row,))) == [
        ("warn", "strategies", "filled_row_unconfirmed", "1.1.1")
    ]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"text": ""}, "steps_empty"),
        ({"reporting": False}, "steps_reporting"),
        ({"publication": False}, "steps_publication"),
    ],
)
def test_the_steps_report_and_publish(plan_114, changes, rule):
    whole = Steps(text="提報、核備、公開", reporting=True, publication=True)
    assert found(with_section(plan_114, steps=replace(whole, **changes))) == [("block", "steps", rule, "")]


@pytest.mark.parametrize(("field", "id"), [("k2_on", "K2"), ("k3_on", "K3"), ("k4_on", "K4")])
def test_the_assessment_holds_its_three_dates(plan_114, field, id):
    assessment = replace(plan_114.sections.assessment, **{field: None})
    assert found(with_section(plan_114, assessment=assessment)) == [
        ("block", "assessment", "assessment_date", id)
    ]


def test_the_assessment_needs_its_text(plan_114):
    dates = plan_114.sections.assessment
    blank = Assessment(k2_on=dates.k2_on, k3_on=dates.k3_on, k4_on=dates.k4_on)
    assert found(with_section(plan_114, assessment=blank)) == [
        ("block", "assessment", "assessment_empty", "")
    ]


@pytest.mark.parametrize(
    ("rewards", "rule"),
    [
        (Rewards(text="", rule_version="reward_clause:1"), "rewards_empty"),
        (Rewards(text="敘獎", rule_version="reward_clause:0"), "rewards_rule"),
        (Rewards(text="敘獎", rule_version=None), "rewards_rule"),
    ],
)
def test_the_rewards_link_to_a_rule_in_force(plan_114, rewards, rule):
    assert found(with_section(plan_114, rewards=rewards)) == [("block", "rewards", rule, "")]


def test_the_supplement_is_optional(plan_114):
    assert found(with_section(plan_114, supplement="")) == []


def test_both_checks_together_say_nothing_twice(plan_114):
    bare = with_method(plan_114, actions=(replace(plan_114.action("1.1.1"), narrative_reason=""),))
    findings = check_plan(bare, active_reward_rules=ACTIVE)
    assert [(f.rule, f.element_id) for f in blocking(findings)] == [("reason_missing", "1.1.1")]
    assert [f.rule for f in findings if f.severity == "warn"] == ["quantified_share"] + ["vague_word"] * 6


def test_sections_start_empty():
    assert Sections() == Sections(steps=Steps(), assessment=Assessment(), rewards=Rewards())
