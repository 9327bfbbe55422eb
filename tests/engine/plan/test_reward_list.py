"""Reward lists: who is the same person, whose agency decides, and what an order does to an earlier one."""

import pytest

from engine.plan.reward_list import (
    Issue,
    LineState,
    Person,
    RewardLine,
    Way,
    issue_of,
    line_from_json,
    main_handlers,
)
from engine.plan.rewards import GRADES, NO_GRADE, Grade, ruling
from engine.plan.rule_error import PlanRuleError

BUREAU = "經濟部標準檢驗局"


def person(**changes: object) -> Person:
    known = {"user": "chen", "name": "陳大文", "agency": "高雄分局", "kind": "civil_servant"}
    return Person(**{**known, **changes})  # type: ignore[arg-type]


def line(*facts: tuple[str, str], **changes: object) -> RewardLine:
    return RewardLine(person=person(**changes), relations=("head",), merits="參獎").with_facts(
        ruling(*fact) for fact in facts
    )


@pytest.mark.parametrize(
    ("name", "agency"), [("陳大文", "經濟部"), ("陳 大 文", "經濟部"), ("陳大文　", " 經濟部 ")]
)
def test_marks_do_not_make_another_person(name: str, agency: str) -> None:
    assert person(user="", name=name, agency=agency).key == "outside:陳大文@經濟部"


def test_the_same_name_at_another_agency_is_another_person() -> None:
    assert person(user="", agency="經濟部").key != person(user="", agency="行政院").key


def test_an_account_is_one_person_wherever_it_serves() -> None:
    assert person(agency="經濟部", serving=False).key == person().key


@pytest.mark.parametrize(
    ("changes", "way"),
    [
        ({}, Way.ORDER),
        ({"serving": False}, Way.LETTER),
        ({"kind": "other_agency"}, Way.LETTER),
        ({"kind": "contract"}, Way.APART),
        ({"kind": "private"}, Way.APART),
    ],
)
def test_whose_agency_decides(changes: dict[str, object], way: Way) -> None:
    assert person(**changes).way is way


@pytest.mark.parametrize("grade", list(GRADES.values()))
@pytest.mark.parametrize("issued", [None, *GRADES.values()])
def test_an_order_replaces_only_a_lower_one(grade: Grade, issued: Grade | None) -> None:
    if grade is NO_GRADE:
        expected = Issue.BLOCKED
    elif issued is None:
        expected = Issue.NEW
    else:
        expected = Issue.REISSUE if grade.weight > issued.weight else Issue.BLOCKED
    assert issue_of(grade, issued) is expected


@pytest.mark.parametrize("grade", list(GRADES.values()))
@pytest.mark.parametrize("issued", list(GRADES.values()))
def test_an_order_whose_outcome_has_fallen_ends_in_any_event(grade: Grade, issued: Grade) -> None:
    expected = Issue.REVOKE if grade is NO_GRADE else Issue.REISSUE
    assert issue_of(grade, issued, fallen=True) is expected


def test_a_line_begins_at_its_limit_and_keeps_its_bounds() -> None:
    ruled = line(("finalist", "superior_coach"), ("finalist", "bureau_coach"))
    assert (ruled.grade, ruled.may_choose()) == (Grade.TWO_COMMENDATIONS, True)
    with pytest.raises(PlanRuleError):
        ruled.chosen(NO_GRADE)


def test_a_fact_that_fell_takes_its_bounds_with_it() -> None:
    ruled = line(("won", "main_handler"), ("recommended", "head")).without_fallen([("recommended", "head")])
    assert (ruled.bounds, ruled.grade) == (line(("recommended", "head")).bounds, Grade.COMMENDATION)


def test_whoever_is_dealt_with_apart_has_no_grade() -> None:
    apart = line(("won", "main_handler"), kind="contract")
    assert (apart.grade, apart.state, apart.may_choose()) == (NO_GRADE, LineState.APART, False)


@pytest.mark.parametrize(
    ("changes", "fact", "director_named", "superior"),
    [
        ({}, ("won", "main_handler"), False, True),
        ({}, ("won", "head"), False, False),
        ({}, ("won", "head"), True, True),
        ({"user": "", "kind": "other_agency", "agency": BUREAU}, ("won", "bureau_coach"), False, True),
        ({"user": "", "kind": "other_agency", "agency": "經濟部"}, ("won", "superior_coach"), True, False),
    ],
)
def test_what_goes_to_the_superior_agency(
    changes: dict[str, object], fact: tuple[str, str], director_named: bool, superior: bool
) -> None:
    passed = line(fact, **changes).stepped(LineState.PASSED, "committee", "通過", "2026-11-20")
    assert passed.needs_superior(director_named=director_named) is superior


def test_a_step_leaves_the_line_before_as_it_was() -> None:
    before = line(("won", "head"))
    after = before.stepped(LineState.PASSED, "committee", "通過", "2026-11-20")
    assert (before.state, before.trail, after.trail) == (
        LineState.PROPOSED,
        (),
        ({"step": "committee", "grade": "記功1次", "words": "通過", "on": "2026-11-20"},),
    )


def test_a_line_comes_back_from_its_json() -> None:
    whole = line(("won", "head"), ("won", "bureau_coach")).stepped(
        LineState.PASSED, "committee", "通過", "2026-11-20"
    )
    again = line_from_json(whole.json())
    assert (again.json(), again.bounds) == (whole.json(), whole.bounds)


def test_main_handlers_are_counted() -> None:
    handler = RewardLine(person=person(), relations=("main_handler", "head"), merits="參獎")
    assert main_handlers([handler, line(("won", "head"))]) == 1
