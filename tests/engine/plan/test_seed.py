from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.completeness import check_plan
from engine.plan.document import from_json, to_json
from engine.plan.document_number import DocumentNumber
from engine.plan.finding import blocking
from engine.plan.quantification import action_kind
from engine.plan.rule_error import PlanRuleError
from engine.plan.seed import enacting_letter, plan_from_yaml_dict


def changed(body, path, value):
    """A copy of nested mappings and lists with one place replaced."""
    first, *rest = path
    copied = list(body) if isinstance(body, list) else dict(body)
    copied[first] = changed(copied[first], rest, value) if rest else value
    return copied


def test_tree_of_114_has_its_counts(plan_114):
    shape = [[len(method.actions) for method in strategy.methods] for strategy in plan_114.strategies]
    assert shape == [[1, 3, 2, 3], [2, 2], [3, 7, 3], [3, 3, 3], [4, 3, 4]]
    assert (len(shape), sum(map(len, shape)), sum(map(sum, shape))) == (5, 15, 46)


def test_ids_of_114_are_those_that_numbering_would_give(plan_114):
    ids = [
        f"{s}.{m}.{a}"
        for s, strategy in enumerate(plan_114.strategies, 1)
        for m, method in enumerate(strategy.methods, 1)
        for a in range(1, len(method.actions) + 1)
    ]
    assert [action.id for action in plan_114.actions()] == ids


def test_numeric_targets_of_114(plan_114):
    targets = [
        (action.id, str(target.value), target.unit, target.period, target.owner, target.aggregation)
        for action in plan_114.actions()
        for target in action.targets
    ]
    assert targets == [
        ("1.4.2", "1", "次", "year", "branch", "sum"),
        ("2.2.2", "1", "次", "2years", "bureau", "any"),
        ("3.2.3", "120", "具", "year", "branch", "sum"),
        ("3.3.3", "100", "件", "year", "branch", "sum"),
        ("5.3.2", "9", "站", "year", "branch", "sum"),
    ]


def test_only_the_dispute_appraisals_depend_on_demand(plan_114):
    assert [a.id for a in plan_114.actions() if any(t.demand_driven for t in a.targets)] == ["3.3.3"]


def test_actions_with_a_target_are_the_quantified_ones(plan_114):
    quantified = [action.id for action in plan_114.actions() if action_kind(action) == "quantified"]
    assert quantified == ["1.4.2", "2.2.2", "3.2.3", "3.3.3", "5.3.2"]


def test_responsible_units_are_expanded(plan_114):
    line = ("metrology", "registration", "kinmen", "penghu", "tech_a", "tech_b", "tech_c")
    everyone = tuple(unit.id for unit in plan_114.units)
    by_units: dict[tuple[str, ...], list[str]] = {}
    for method in plan_114.methods():
        by_units.setdefault(method.units, []).append(method.id)
    assert by_units == {
        everyone: ["1.1", "1.4", "4.3", "5.1", "5.2", "5.3"],
        line[:4]: ["1.2", "1.3"],
        line: ["2.1", "2.2", "3.1", "3.2", "3.3", "4.1", "4.2"],
    }


def test_the_plan_of_114_is_complete(plan_114):
    findings = check_plan(plan_114, active_reward_rules={"reward_clause:1"}, enacted_on=date(2025, 1, 24))
    assert blocking(findings) == ()
    assert {finding.rule for finding in findings} == {"quantified_share", "vague_word"}


def test_only_the_head_offices_letter_carries_this_years_plan(plan_114):
    assert [letter.bureau_plan_year for letter in plan_114.basis] == [None, None, 114]


def test_the_plan_of_114_goes_to_json_and_back(plan_114):
    assert from_json(to_json(plan_114)) == plan_114


def test_enacting_letter(body_114):
    number = DocumentNumber(prefix="經標高秘字", number="11490000470", kind="函")
    assert enacting_letter(body_114) == (date(2025, 1, 24), number)


def test_no_text_calls_the_head_office_by_its_ambiguous_name(body_114):
    assert "本局" not in str(body_114)


def test_texts_hold_no_unreadable_glyphs(body_114):
    assert [glyph for glyph in "蠡蠱" if glyph in str(body_114)] == []


def test_an_action_without_owners_belongs_to_all_units_of_its_method(body_114):
    action = {
        k: v for k, v in body_114["strategies"][0]["methods"][1]["actions"][0].items() if k != "owner_units"
    }
    plan = plan_from_yaml_dict(changed(body_114, ["strategies", 0, "methods", 1, "actions", 0], action))
    assert plan.action("1.2.1").owner_units == ("metrology", "registration", "kinmen", "penghu")


def test_milestones_and_baselines_are_read(body_114):
    place = ["strategies", 2, "methods", 1, "actions", 2]
    raw = body_114["strategies"][2]["methods"][1]["actions"][2]
    raw = raw | {
        "milestone": "報告",
        "milestone_on": "2025-06-30",
        "target": raw["target"] | {"baseline": 118.5},
    }
    action = plan_from_yaml_dict(changed(body_114, place, raw)).action("3.2.3")
    assert (action.milestone, action.milestone_on) == ("報告", date(2025, 6, 30))
    assert str(action.targets[0].baseline) == "118.5"


def test_an_unknown_unit_is_refused(body_114):
    with pytest.raises(PlanRuleError, match="The plan does not know the unit archive"):
        plan_from_yaml_dict(changed(body_114, ["strategies", 0, "methods", 0, "units"], ["archive"]))


def test_an_owner_outside_the_method_is_refused(body_114):
    place = ["strategies", 0, "methods", 1, "actions", 0, "owner_units"]
    with pytest.raises(PlanRuleError, match=r"Action 1\.2\.1 does not belong to ethics"):
        plan_from_yaml_dict(changed(body_114, place, ["ethics"]))


@given(st.sampled_from(["plan", "units", "strategies"]))
def test_a_missing_part_is_refused(body_114, part):
    with pytest.raises(PlanRuleError, match="The plan cannot be read: KeyError"):
        plan_from_yaml_dict({name: value for name, value in body_114.items() if name != part})


def test_texts_of_the_chapters_may_be_missing(body_114):
    plan = plan_from_yaml_dict({name: value for name, value in body_114.items() if name != "sections"})
    assert (plan.sections.goal, plan.sections.steps.reporting) == ("", False)
