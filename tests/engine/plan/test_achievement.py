from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.achievement import (
    Achievement,
    aggregate,
    branch_status,
    carried_over,
    check_achievement,
    is_off_year,
    numeric_status,
    rate,
)
from engine.plan.document import Target
from engine.plan.rule_error import PlanRuleError

TARGET = Target(indicator="砝碼校正數", value=Decimal(120), unit="具")
REACHED = Achievement(
    action_id="3.2.3",
    unit="metrology",
    indicator="砝碼校正數",
    actual=Decimal(131),
    status="achieved",
    evidence=("f1",),
)
EXPLAINED = replace(
    REACHED,
    actual=Decimal(90),
    status="partly_achieved",
    evidence=(),
    cause="設備送修",
    improvement="增購備機",
)
DONE = Achievement(action_id="1.3.2", unit="kinmen", status="done", evidence=("f2",))
AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=2)
VALUES = st.decimals(min_value=Decimal("0.01"), max_value=10**6, places=2)


def rules(achievement: Achievement, target: Target | None = None) -> list[str]:
    return [finding.rule for finding in check_achievement(achievement, target)]


@pytest.mark.parametrize(
    ("comparator", "actual", "percent", "status"),
    [
        (">=", "120", "100.0", "achieved"),
        (">=", "131", "109.1", "achieved"),
        (">=", "119.99", "99.9", "partly_achieved"),
        (">=", "80", "66.6", "partly_achieved"),
        (">=", "0.01", "0.0", "partly_achieved"),
        (">=", "0", "0.0", "not_achieved"),
        ("<=", "120", "100.0", "achieved"),
        ("<=", "0", "100.0", "achieved"),
        ("<=", "121", "99.1", "partly_achieved"),
        ("=", "120", "100.0", "achieved"),
        ("=", "121", "99.1", "partly_achieved"),
        ("=", "60", "50.0", "partly_achieved"),
        ("=", "0", "0.0", "not_achieved"),
    ],
)
def test_rate_is_rounded_down_and_gives_the_status(comparator, actual, percent, status):
    target = replace(TARGET, comparator=comparator)
    assert (str(rate(target, Decimal(actual))), numeric_status(target, Decimal(actual))) == (percent, status)


@given(VALUES, AMOUNTS)
def test_full_rate_and_achieved_are_the_same(value, actual):
    target = replace(TARGET, value=value)
    assert (
        (rate(target, actual) >= 100) is (numeric_status(target, actual) == "achieved") is (actual >= value)
    )


@given(VALUES, AMOUNTS, AMOUNTS)
def test_more_is_never_rated_lower(value, first, second):
    target = replace(TARGET, value=value)
    assert rate(target, min(first, second)) <= rate(target, max(first, second))


def test_a_number_below_zero_is_refused():
    with pytest.raises(PlanRuleError, match="The actual number of 砝碼校正數 is below zero"):
        rate(TARGET, Decimal(-1))


def test_a_target_of_nothing_is_refused():
    with pytest.raises(PlanRuleError, match="The target 砝碼校正數 is not above zero"):
        rate(replace(TARGET, value=Decimal(0)), Decimal(1))


@pytest.mark.parametrize("broken", [{"indicator": None}, {"status": "done"}])
def test_statuses_of_numbers_and_of_narratives_are_not_mixed(broken):
    with pytest.raises(PlanRuleError, match=r"is not a status of action 3\.2\.3"):
        replace(REACHED, **broken)


def test_a_proven_result_goes_up():
    assert rules(REACHED, TARGET) == []
    assert rules(DONE) == []


def test_an_explained_shortfall_goes_up():
    assert rules(EXPLAINED, TARGET) == []


@pytest.mark.parametrize("result", [REACHED, DONE])
def test_what_is_reached_needs_evidence(result):
    assert rules(replace(result, evidence=())) == ["evidence_missing"]


@pytest.mark.parametrize(
    "result",
    [
        replace(EXPLAINED, cause="", improvement=" "),
        replace(REACHED, actual=Decimal(0), status="not_achieved"),
        replace(DONE, status="partly_done"),
        replace(DONE, status="not_done"),
    ],
)
def test_what_is_not_reached_needs_cause_and_improvement(result):
    assert rules(result) == ["cause_missing", "improvement_missing"]


def test_not_applicable_needs_its_reason():
    bare = replace(REACHED, status="not_applicable", actual=None, evidence=())
    assert (rules(bare, TARGET), rules(replace(bare, reason="當年無標準改版"), TARGET)) == (
        ["reason_missing"],
        [],
    )


def test_a_target_needs_its_number():
    assert rules(replace(REACHED, actual=None), TARGET) == ["actual_missing"]


def test_a_status_other_than_computed_needs_a_reason():
    raised = replace(REACHED, actual=Decimal(110))
    assert (rules(raised, TARGET), rules(replace(raised, reason="含跨年度案件"), TARGET)) == (
        ["override_reason_missing"],
        [],
    )


def test_a_shortfall_of_demand_needs_its_reason():
    target = replace(TARGET, indicator="糾紛鑑定件數", value=Decimal(100), demand_driven=True)
    short = replace(EXPLAINED, indicator="糾紛鑑定件數")
    assert rules(short, target) == ["shortfall_reason_missing"]
    assert rules(replace(short, shortfall_reason="民眾申請件數減少"), target) == []
    assert rules(replace(REACHED, indicator="糾紛鑑定件數"), target) == []


def test_findings_name_the_action():
    finding = check_achievement(replace(DONE, evidence=()))[0]
    assert (finding.severity, finding.element_id, finding.text) == (
        "block",
        "1.3.2",
        "The result of action 1.3.2 needs evidence",
    )


@pytest.mark.parametrize(
    ("aggregation", "result"),
    [
        ("sum", "160"),
        ("max", "100"),
        ("min", "20"),
        ("average", "53.33333333333333333333333333"),
        ("any", "100"),
    ],
)
def test_the_branchs_number_out_of_the_units(aggregation, result):
    target = replace(TARGET, aggregation=aggregation)
    units = {"a": Decimal(40), "b": None, "c": Decimal(100), "d": Decimal(20)}
    assert str(aggregate(target, units)) == result


def test_any_takes_the_unit_closest_to_the_target():
    target = replace(TARGET, aggregation="any", comparator="<=")
    assert aggregate(target, {"a": Decimal(200), "b": Decimal(130)}) == Decimal(130)


def test_no_number_when_the_target_concerns_no_unit():
    assert aggregate(TARGET, {"a": None}) is None


@given(
    st.dictionaries(st.sampled_from("abcdef"), AMOUNTS, min_size=1),
    st.sampled_from(["max", "min", "any", "average"]),
)
def test_the_branchs_number_lies_between_the_units(units, aggregation):
    result = aggregate(replace(TARGET, aggregation=aggregation), units)
    assert min(units.values()) <= result <= max(units.values())


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([], "not_applicable"),
        (["not_applicable"], "not_applicable"),
        (["done", "done", "not_applicable"], "done"),
        (["not_done", "not_done"], "not_done"),
        (["done", "not_done"], "partly_done"),
        (["done", "partly_done"], "partly_done"),
    ],
)
def test_the_branchs_status_of_a_narrative_action(statuses, status):
    assert branch_status(statuses) == status


@pytest.mark.parametrize(
    ("period", "year", "last", "off"),
    [
        ("2years", 114, 113, True),
        ("2years", 115, 113, False),
        ("2years", 114, 114, False),
        ("year", 114, 113, False),
    ],
)
def test_a_two_yearly_survey_rests_every_other_year(period, year, last, off):
    assert is_off_year(replace(TARGET, period=period), year, last) is off


def test_an_off_year_carries_the_former_result_over_and_goes_up():
    survey = Target(indicator="顧客滿意度調查", value=Decimal(1), unit="次", comparator="=", period="2years")
    result = carried_over("2.2.2", "registration", survey, 113)
    assert (result.status, result.reason, rules(result, survey)) == (
        "not_applicable",
        "沿用前次(113年度)",
        [],
    )
