from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.document import (
    Action,
    Assessment,
    BasisLetter,
    Method,
    Plan,
    PlanUnit,
    Rewards,
    Sections,
    Steps,
    Strategy,
    Target,
    action_from_json,
    action_to_json,
    decimal_text,
    from_json,
    to_json,
)
from engine.plan.document_number import DocumentNumber
from engine.plan.rule_error import PlanRuleError

TEXT = st.text(max_size=12)
IDS = st.lists(st.sampled_from(["metrology", "registration", "kinmen"]), unique=True).map(tuple)
DAYS = st.none() | st.dates()
AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=3)

TARGETS = st.builds(
    Target,
    indicator=TEXT,
    value=AMOUNTS,
    unit=st.sampled_from(["次", "%"]),
    comparator=st.sampled_from([">=", "=", "<="]),
    period=st.sampled_from(["year", "half_year", "quarter", "2years"]),
    counting_rule=TEXT,
    baseline=st.none() | AMOUNTS,
    aggregation=st.sampled_from(["sum", "max", "any", "average", "min"]),
    owner=st.sampled_from(["branch", "bureau"]),
    demand_driven=st.booleans(),
)
ACTIONS = st.builds(
    Action,
    id=TEXT,
    summary=TEXT,
    owner_units=IDS,
    handler=st.none() | TEXT,
    targets=st.lists(TARGETS, max_size=2).map(tuple),
    milestone=TEXT,
    milestone_on=DAYS,
    narrative_reason=TEXT,
    evidence_kinds=IDS,
    creative=st.booleans(),
    inclusive=st.booleans(),
    tags=IDS,
    filled_by=st.none() | TEXT,
    filled_for=st.none() | TEXT,
)
METHODS = st.builds(
    Method,
    id=TEXT,
    title=TEXT,
    units=IDS,
    bureau_ref=st.none() | TEXT,
    needs_review=st.booleans(),
    actions=st.lists(ACTIONS, max_size=2).map(tuple),
)
LETTERS = st.builds(
    BasisLetter,
    issuer=TEXT,
    issued_on=DAYS,
    number=st.none() | st.just(DocumentNumber(prefix="經標秘字", number="11490000310")),
    subject=TEXT,
    also=TEXT,
    bureau_plan_year=st.none() | st.integers(100, 199),
)
SECTIONS = st.builds(
    Sections,
    goal=TEXT,
    scope_units=IDS,
    steps=st.builds(Steps, text=TEXT, reporting=st.booleans(), publication=st.booleans()),
    assessment=st.builds(Assessment, text=TEXT, k2_on=DAYS, k3_on=DAYS, k4_on=DAYS),
    rewards=st.builds(Rewards, text=TEXT, rule_version=st.none() | TEXT),
    supplement=TEXT,
)
PLANS = st.builds(
    Plan,
    agency=TEXT,
    agency_id=TEXT,
    roc_year=st.integers(100, 199),
    title=TEXT,
    units=st.just((PlanUnit(id="metrology", label="度量衡科", kind="line"),)),
    basis=st.lists(LETTERS, max_size=2).map(tuple),
    sections=SECTIONS,
    strategies=st.lists(
        st.builds(Strategy, id=TEXT, title=TEXT, methods=st.lists(METHODS, max_size=2).map(tuple)), max_size=2
    ).map(tuple),
    not_applicable=st.dictionaries(TEXT, TEXT, max_size=2),
)


def is_json(value: object) -> bool:
    if isinstance(value, dict):
        return all(type(name) is str and is_json(each) for name, each in value.items())
    if isinstance(value, list):
        return all(is_json(each) for each in value)
    return value is None or type(value) in (str, int, bool)


@given(PLANS)
def test_plan_goes_to_json_and_back_exactly(plan):
    assert from_json(to_json(plan)) == plan


@given(PLANS)
def test_json_holds_no_floats_dates_or_decimals(plan):
    assert is_json(to_json(plan))


@given(PLANS)
def test_json_of_the_plan_read_back_is_the_same(plan):
    assert to_json(from_json(to_json(plan))) == to_json(plan)


@given(ACTIONS)
def test_one_action_goes_to_json_and_back(action):
    assert action_from_json(action_to_json(action)) == action


@pytest.mark.parametrize(
    ("number", "text"),
    [("120", "120"), ("120.00", "120"), ("1.2E+2", "120"), ("0.50", "0.5"), ("0.000", "0"), ("-0", "0")],
)
def test_equal_decimals_have_one_text(number, text):
    assert decimal_text(Decimal(number)) == text


@pytest.mark.parametrize("body", [{}, {"schema": "planflow-plan/2"}])
def test_another_schema_is_refused(body):
    with pytest.raises(PlanRuleError, match="This is not a plan document of the form planflow-plan/1"):
        from_json(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"strategies": 3},
        {"colour": "red"},
        {"sections": None},
        {"basis": [{"issuer": "x", "issued_on": "1月"}]},
    ],
)
def test_a_broken_plan_is_refused(plan_114, changes):
    with pytest.raises(PlanRuleError, match="The plan document cannot be read"):
        from_json(to_json(plan_114) | changes)


def test_a_wrong_letter_number_keeps_its_own_reason(plan_114):
    body = to_json(plan_114)
    body["basis"][0]["number"]["number"] = "1"
    with pytest.raises(PlanRuleError, match="1 is not a document number of 10 or 11 digits"):
        from_json(body)


def test_a_broken_action_is_refused():
    with pytest.raises(PlanRuleError, match="The action cannot be read"):
        action_from_json({"summary": "校正", "targets": [{"indicator": "數", "value": "many", "unit": "具"}]})


def test_an_action_with_a_wrong_target_keeps_its_own_reason():
    target = {"indicator": "數", "value": "1", "unit": "具", "period": "month"}
    with pytest.raises(PlanRuleError, match="month is not a known period of a target"):
        action_from_json({"summary": "校正", "targets": [target]})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"comparator": ">"}, "> is not a known comparator of a target"),
        ({"period": "month"}, "month is not a known period of a target"),
        ({"aggregation": "median"}, "median is not a known aggregation of a target"),
        ({"owner": "ministry"}, "ministry is not a known owner of a target"),
        ({"value": Decimal("NaN")}, "NaN is not a number of a target"),
        ({"baseline": Decimal("Infinity")}, "Infinity is not a number of a target"),
    ],
)
def test_a_target_out_of_its_vocabulary_is_refused(changes, reason):
    with pytest.raises(PlanRuleError, match=reason):
        Target(**({"indicator": "砝碼校正數", "value": Decimal(120), "unit": "具"} | changes))


def test_an_unknown_kind_of_unit_is_refused():
    with pytest.raises(PlanRuleError, match="field is not a kind of unit"):
        PlanUnit(id="x", label="x", kind="field")


def test_key_names_agency_and_year(plan_114):
    assert plan_114.key == "bsmi_khh:114"


def test_method_and_action_are_found_by_id(plan_114):
    assert (plan_114.method("3.2").id, plan_114.action("3.2.3").id) == ("3.2", "3.2.3")


def test_unknown_method_and_action_are_refused(plan_114):
    with pytest.raises(PlanRuleError, match=r"The plan has no method 9\.9"):
        plan_114.method("9.9")
    with pytest.raises(PlanRuleError, match=r"The plan has no action 9\.9\.9"):
        plan_114.action("9.9.9")


@pytest.mark.parametrize(
    ("method_id", "text"),
    [("1.1", "各單位"), ("2.1", "各業務單位"), ("1.2", "度量衡科、報驗發證科、金門辦事處、澎湖辦事處")],
)
def test_units_are_printed_as_in_the_plan(plan_114, method_id, text):
    assert plan_114.units_text(plan_114.method(method_id).units) == text


def test_a_unit_that_the_plan_does_not_know_is_printed_by_its_id(plan_114):
    assert plan_114.units_text(("archive",)) == "archive"


def test_no_units_print_as_nothing(plan_114):
    assert replace(plan_114, units=()).units_text(()) == ""


def test_actions_of_a_unit(plan_114):
    owned = [action.id for action in plan_114.actions_of("metrology")]
    assert owned == ["1.1.1", "1.2.3", "1.3.1", "3.2.3", "3.3.3", "5.3.2"]


def test_own_method_is_marked():
    method = Method(id="1.1", title="x", bureau_ref="分局自訂")
    assert (method.is_own, replace(method, bureau_ref="1.1").is_own) == (True, False)


def test_dates_stand_in_json_as_iso(plan_114):
    assessment = to_json(plan_114)["sections"]["assessment"]
    assert [assessment[name] for name in ("k2_on", "k3_on", "k4_on")] == [
        "2025-12-31",
        "2026-01-05",
        "2026-01-20",
    ]


def test_milestone_dates_survive(plan_114):
    action = Action(summary="完成報告", milestone="報告", milestone_on=date(2025, 6, 30))
    assert action_from_json(action_to_json(action)).milestone_on == date(2025, 6, 30)
