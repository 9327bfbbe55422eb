"""The reward rule (柒.二): the cases, the properties of combining, and the decision table it stands on."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.plan.rewards import (
    GRADES,
    NO_GRADE,
    Mode,
    RuledFact,
    entitlement,
    grade_named,
    ruling,
)
from engine.plan.rule_error import PlanRuleError
from engine.runtime.decision import DecisionTable, read_decision
from engine.settings import WORKFLOWS

GIVEN = yaml.safe_load((Path(__file__).parent / "reward-cases.yaml").read_text(encoding="utf-8"))
OUTCOMES = ("won", "finalist", "recommended", "not_recommended")
RELATIONS = ("main_handler", "head", "other_merit", "superior_coach", "bureau_coach")
GRID = tuple(product(OUTCOMES, RELATIONS))


def read_table() -> DecisionTable:
    path = WORKFLOWS / "reward_clause.dmn"
    return read_decision(etree.fromstring(path.read_bytes()), path.name)


TABLE = read_table()


def ruled(outcome: str, relation: str) -> RuledFact:
    """What the shipped table gives for a fact, as a process reads it."""
    row = TABLE.evaluate({"fact": {"outcome": outcome, "relation": relation}}).result
    mode, grade = Mode(row["mode"]), grade_named(row["grade"])
    return RuledFact(outcome=outcome, relation=relation, clause=row["clause"], mode=mode, grade=grade)


PAIRS = st.lists(st.sampled_from(GRID), max_size=8)


@pytest.mark.parametrize("case", GIVEN["cases"], ids=lambda case: f"{case['id']} {case['desc']}")
def test_the_given_case(case: dict[str, Any]) -> None:
    result = entitlement((fact["outcome"], fact["relation"]) for fact in case["facts"])
    assert {
        "mode": str(result.mode),
        "reward": str(result.cap),
        "floor": str(result.floor),
        "clause": result.clause,
    } == case["expect"]


def test_the_weights_are_the_given_ones() -> None:
    assert {label: grade.weight for label, grade in GRADES.items()} == GIVEN["weights"]


def test_three_of_a_kind_weigh_as_much_as_one_of_the_next() -> None:
    of_one = {"嘉獎": 1, "記功": 3, "記大功": 9}
    counted = {
        label: int(label[-2]) * of_one[label[:-2]] for label in GRADES if grade_named(label) != NO_GRADE
    }
    assert counted == {label: grade.weight for label, grade in GRADES.items() if grade != NO_GRADE}


def test_words_do_not_sort_above_weights() -> None:
    assert ("嘉獎2次" < "記功1次", grade_named("嘉獎2次") < grade_named("記功1次")) == (True, True)
    assert [str(grade) for grade in sorted(map(grade_named, ("記功1次", "記大功1次", "嘉獎2次")))] == [
        "嘉獎2次", "記功1次", "記大功1次",
    ]  # fmt: skip


def test_a_grade_that_is_not_on_the_list_is_refused() -> None:
    with pytest.raises(PlanRuleError, match="There is no reward “嘉獎3次”"):
        grade_named("嘉獎3次")


# 6.2, written down a second time: clause, mode and grade of every pair of the grid.
CLAUSES = {"won": "柒.二(一)", "finalist": "柒.二(二)", "recommended": "柒.二(三)"}
FIXED = {"won": "記大功1次", "finalist": "記功1次", "recommended": "嘉獎2次"}
LIMITS = {"won": "記功1次", "finalist": "嘉獎2次", "recommended": "嘉獎1次"}


def expected_row(outcome: str, relation: str) -> dict[str, str | None]:
    if outcome == "not_recommended":
        return {"clause": None, "mode": "none", "grade": "none"}
    if relation == "bureau_coach":
        return {"clause": "柒.二(四)", "mode": "exact", "grade": "嘉獎1次"}
    if relation == "main_handler":
        return {"clause": CLAUSES[outcome], "mode": "exact", "grade": FIXED[outcome]}
    return {"clause": CLAUSES[outcome], "mode": "at_most", "grade": LIMITS[outcome]}


@pytest.mark.parametrize(("outcome", "relation"), GRID)
def test_every_pair_of_the_grid_falls_under_exactly_one_rule(outcome: str, relation: str) -> None:
    ruling = TABLE.evaluate({"fact": {"outcome": outcome, "relation": relation}})
    assert (len(ruling.rules), ruling.result) == (1, expected_row(outcome, relation))


def test_the_inputs_of_the_table_are_the_grid() -> None:
    assert tuple(product(*(column.allowed or () for column in TABLE.columns))) == GRID


@pytest.mark.parametrize(("outcome", "relation"), GRID)
def test_the_rule_in_code_says_what_the_table_says(outcome: str, relation: str) -> None:
    assert ruling(outcome, relation) == ruled(outcome, relation)


@pytest.mark.parametrize(("outcome", "relation"), GRID)
def test_a_single_fact_gives_what_its_rule_says(outcome: str, relation: str) -> None:
    row, result = expected_row(outcome, relation), entitlement([(outcome, relation)])
    floor = row["grade"] if row["mode"] == "exact" else "none"
    assert (result.clause, str(result.mode), str(result.cap), str(result.floor)) == (
        row["clause"], row["mode"], row["grade"], floor,
    )  # fmt: skip


def test_a_fixed_reward_goes_before_one_up_to_the_same_weight() -> None:
    result = entitlement([("finalist", "head"), ("recommended", "main_handler")])
    assert (result.mode, str(result.cap), result.clause) == (Mode.EXACT, "嘉獎2次", "柒.二(三)")


def test_whoever_has_a_fixed_reward_does_not_end_lower_under_a_wider_clause() -> None:
    result = entitlement([("finalist", "superior_coach"), ("finalist", "bureau_coach")])
    assert (result.mode, str(result.cap), str(result.floor), result.clause) == (
        Mode.AT_MOST, "嘉獎2次", "嘉獎1次", "柒.二(二)",
    )  # fmt: skip


@given(PAIRS, st.randoms())
def test_the_order_of_facts_does_not_matter(pairs: list[tuple[str, str]], random: Any) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    assert entitlement(shuffled) == entitlement(pairs)


@given(PAIRS)
def test_a_fact_counts_once_however_often_it_is_named(pairs: list[tuple[str, str]]) -> None:
    assert entitlement([*pairs, *pairs]) == entitlement(pairs)


@given(PAIRS, st.sampled_from(GRID))
def test_another_fact_never_lowers_cap_or_floor(pairs: list[tuple[str, str]], one: tuple[str, str]) -> None:
    before, after = entitlement(pairs), entitlement([*pairs, one])
    assert (after.cap >= before.cap, after.floor >= before.floor) == (True, True)


@given(PAIRS)
def test_nothing_is_added_up(pairs: list[tuple[str, str]]) -> None:
    singles = [ruled(*pair).grade for pair in pairs]
    assert entitlement(pairs).cap == max(singles, default=NO_GRADE)


@given(PAIRS)
def test_the_cap_is_never_below_the_floor(pairs: list[tuple[str, str]]) -> None:
    result = entitlement(pairs)
    assert result.cap >= result.floor


@given(PAIRS)
def test_a_fixed_reward_leaves_nothing_to_choose(pairs: list[tuple[str, str]]) -> None:
    result = entitlement(pairs)
    assert (len(result.choices()) == 1) == (result.mode is not Mode.AT_MOST)


@given(PAIRS, st.sampled_from(sorted(GRADES)))
def test_a_grade_outside_the_bounds_is_refused(pairs: list[tuple[str, str]], label: str) -> None:
    result, grade = entitlement(pairs), grade_named(label)
    if result.floor <= grade <= result.cap:
        assert result.chosen(grade) == grade
    else:
        with pytest.raises(PlanRuleError):
            result.chosen(grade)


@given(PAIRS)
def test_the_choices_are_what_may_be_chosen_highest_first(pairs: list[tuple[str, str]]) -> None:
    result = entitlement(pairs)
    within = [g for g in GRADES.values() if result.floor <= g <= result.cap]
    assert list(result.choices()) == sorted(within, reverse=True)


@pytest.mark.parametrize(
    ("pairs", "label", "words"),
    [
        ([("won", "main_handler")], "記功1次", "Clause 柒.二(一) fixes 記大功1次"),
        ([("finalist", "head")], "記功1次", "記功1次 is more than 嘉獎2次"),
        ([("not_recommended", "head")], "嘉獎1次", "嘉獎1次 is more than 不予敘獎"),
        (
            [("finalist", "superior_coach"), ("finalist", "bureau_coach")],
            "none",
            "不予敘獎 is less than 嘉獎1次",
        ),
    ],
)
def test_a_refusal_names_the_bound(pairs: list[tuple[str, str]], label: str, words: str) -> None:
    with pytest.raises(PlanRuleError, match=words.replace("(", r"\(").replace(")", r"\)")):
        entitlement(pairs).chosen(grade_named(label))


def test_all_facts_stay_in_the_answer_with_the_one_that_counts_first() -> None:
    result = entitlement([("recommended", "head"), ("won", "main_handler"), ("won", "bureau_coach")])
    assert [(f.outcome, f.relation, f.clause, str(f.grade)) for f in result.facts] == [
        ("won", "main_handler", "柒.二(一)", "記大功1次"),
        ("won", "bureau_coach", "柒.二(四)", "嘉獎1次"),
        ("recommended", "head", "柒.二(三)", "嘉獎1次"),
    ]
