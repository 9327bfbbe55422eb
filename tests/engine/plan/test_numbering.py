import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.numbering import chinese_numeral, clause, formal_numeral, heading
from engine.plan.rule_error import PlanRuleError


@pytest.mark.parametrize(
    ("level", "number", "mark"),
    [
        (1, 1, "壹、"),
        (1, 8, "捌、"),
        (2, 1, "一、"),
        (2, 12, "十二、"),
        (3, 1, "(一)"),
        (4, 1, "1."),
        (5, 1, "(1)"),
    ],
)
def test_each_level_has_its_mark(level, number, mark):
    assert heading(level, number) == mark


@pytest.mark.parametrize(
    ("number", "plain", "formal"),
    [
        (1, "一", "壹"),
        (10, "十", "拾"),
        (15, "十五", "拾伍"),
        (20, "二十", "貳拾"),
        (46, "四十六", "肆拾陸"),
        (99, "九十九", "玖拾玖"),
    ],
)
def test_numerals(number, plain, formal):
    assert (chinese_numeral(number), formal_numeral(number)) == (plain, formal)


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("number", [0, 100])
def test_numbers_outside_an_outline_are_refused(level, number):
    with pytest.raises(PlanRuleError, match=f"{number} cannot be an outline number"):
        heading(level, number)


@given(st.lists(st.integers(1, 99), min_size=2, max_size=2, unique=True), st.sampled_from([1, 2, 3, 4, 5]))
def test_no_two_numbers_share_a_mark(numbers, level):
    assert heading(level, numbers[0]) != heading(level, numbers[1])


@pytest.mark.parametrize(
    ("parts", "text"),
    [((7,), "柒"), ((5, 1), "伍.一"), ((7, 2, 5), "柒.二(五)"), ((6, 2, 1, 1), "陸.二(一)1")],
)
def test_clause_references(parts, text):
    assert clause(*parts) == text
