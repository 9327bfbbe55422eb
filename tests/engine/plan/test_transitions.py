from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.document import (
    Action,
    Method,
    Plan,
    PlanUnit,
    Sections,
    Strategy,
    Target,
    confirm_filled_rows,
    copy_for_year,
    flag_for_review,
    renumber,
    with_assignment,
    with_basis,
    with_not_applicable,
    with_sections,
    with_unit_actions,
)
from engine.plan.rule_error import PlanRuleError

SHARED = Action(id="1.1.1", summary="共同辦理事項", owner_units=("a", "b"))
OF_A = Action(id="1.1.2", summary="甲科辦理事項", owner_units=("a",))
OF_B = Action(id="1.1.3", summary="乙科辦理事項", owner_units=("b",))
PLAN = Plan(
    agency="分局",
    agency_id="branch",
    roc_year=114,
    title="分局114年度提升服務效能執行計畫",
    units=tuple(PlanUnit(id=id, label=id, kind="line") for id in ("a", "b", "c")),
    strategies=(
        Strategy(
            id="1",
            title="策略",
            methods=(
                Method(
                    id="1.1", title="作法一", units=("a", "b"), bureau_ref="1.1", actions=(SHARED, OF_A, OF_B)
                ),
                Method(id="1.2", title="作法二", units=("b",), bureau_ref="1.2"),
            ),
        ),
    ),
)


def rows(plan: Plan, method_id: str = "1.1") -> list[tuple[str, str, tuple[str, ...]]]:
    return [(action.id, action.summary, action.owner_units) for action in plan.method(method_id).actions]


def test_a_unit_changes_adds_and_removes_its_rows():
    entry = {"1.1": (replace(SHARED, summary="共同辦理事項(修)"), Action(summary="新增事項"))}
    assert rows(with_unit_actions(PLAN, "a", entry)) == [
        ("1.1.1", "共同辦理事項(修)", ("a", "b")),
        ("1.1.3", "乙科辦理事項", ("b",)),
        ("1.1.4", "新增事項", ("a",)),
    ]


def test_leaving_out_a_shared_row_only_gives_up_ownership():
    assert rows(with_unit_actions(PLAN, "a", {"1.1": (OF_A,)}))[0] == ("1.1.1", "共同辦理事項", ("b",))


def test_the_former_plan_is_untouched():
    before = rows(PLAN)
    with_unit_actions(PLAN, "a", {"1.1": (Action(summary="新增事項"),)})
    assert rows(PLAN) == before


def test_entries_on_one_plan_can_be_taken_in_one_after_the_other():
    a = with_unit_actions(PLAN, "a", {"1.1": (SHARED, Action(summary="甲新增"))}, seen=PLAN)
    both = with_unit_actions(a, "b", {"1.1": (SHARED, OF_B, Action(summary="乙新增"))}, seen=PLAN)
    assert rows(both) == [
        ("1.1.1", "共同辦理事項", ("a", "b")),
        ("1.1.3", "乙科辦理事項", ("b",)),
        ("1.1.4", "甲新增", ("a",)),
        ("1.1.5", "乙新增", ("b",)),
    ]


def test_the_id_of_a_removed_row_is_not_given_again():
    removed = with_unit_actions(PLAN, "b", {"1.1": (SHARED,)}, seen=PLAN)
    added = with_unit_actions(removed, "a", {"1.1": (SHARED, OF_A, Action(summary="甲新增"))}, seen=PLAN)
    assert [id for id, _, _ in rows(added)] == ["1.1.1", "1.1.2", "1.1.4"]


def test_a_row_left_alone_keeps_what_another_unit_wrote():
    changed = with_unit_actions(PLAN, "a", {"1.1": (replace(SHARED, summary="甲改過"), OF_A)}, seen=PLAN)
    later = with_unit_actions(changed, "b", {"1.1": (SHARED, OF_B)}, seen=PLAN)
    assert later.action("1.1.1").summary == "甲改過"


def test_two_units_may_make_the_same_change():
    same = replace(SHARED, summary="改成一樣")
    changed = with_unit_actions(PLAN, "a", {"1.1": (same, OF_A)}, seen=PLAN)
    assert with_unit_actions(changed, "b", {"1.1": (same, OF_B)}, seen=PLAN) == changed


def test_a_row_that_two_units_changed_is_refused():
    changed = with_unit_actions(PLAN, "a", {"1.1": (replace(SHARED, summary="甲改過"), OF_A)}, seen=PLAN)
    with pytest.raises(PlanRuleError, match=r"Action 1\.1\.1 was changed by another unit in the meantime"):
        with_unit_actions(changed, "b", {"1.1": (replace(SHARED, summary="乙改過"), OF_B)}, seen=PLAN)


def test_methods_that_an_entry_does_not_name_stay():
    both = with_unit_actions(PLAN, "b", {"1.2": (Action(summary="乙新增"),)})
    assert (rows(both), rows(both, "1.2")) == (rows(PLAN), [("1.2.1", "乙新增", ("b",))])


def test_a_method_of_other_units_is_refused():
    with pytest.raises(PlanRuleError, match=r"Method 1\.2 is not assigned to a"):
        with_unit_actions(PLAN, "a", {"1.2": (Action(summary="越權"),)})


@pytest.mark.parametrize("row", [OF_B, replace(OF_A, id="1.1.9")])
def test_a_row_that_the_unit_does_not_own_is_refused(row):
    with pytest.raises(PlanRuleError, match=f"Action {row.id} does not belong to a"):
        with_unit_actions(PLAN, "a", {"1.1": (row,)})


def test_an_unknown_method_is_refused():
    with pytest.raises(PlanRuleError, match=r"The plan has no method 7\.7"):
        with_unit_actions(PLAN, "a", {"7.7": ()})


def test_rows_filled_in_for_a_unit_are_marked():
    filled = with_unit_actions(PLAN, "a", {"1.1": (SHARED, Action(summary="代填"))}, filled_by="sec_handler")
    row = filled.action("1.1.4")
    assert (row.filled_by, row.filled_for) == ("sec_handler", "a")


def test_the_unit_clears_the_mark_by_its_own_entry():
    filled = with_unit_actions(PLAN, "a", {"1.1": (SHARED, OF_A)}, filled_by="sec_handler")
    own = with_unit_actions(filled, "a", {"1.1": (SHARED, OF_A)})
    assert own == PLAN


def test_another_unit_does_not_clear_the_mark():
    filled = with_unit_actions(PLAN, "a", {"1.1": (SHARED, OF_A)}, filled_by="sec_handler")
    other = with_unit_actions(filled, "b", {"1.1": (SHARED, OF_B)})
    assert (other.action("1.1.1").filled_by, other.action("1.1.1").filled_for) == ("sec_handler", "a")


def test_the_unit_confirms_what_was_filled_in_for_it():
    filled = with_unit_actions(PLAN, "a", {"1.1": (SHARED, OF_A)}, filled_by="sec_handler")
    assert (confirm_filled_rows(filled, "b"), confirm_filled_rows(filled, "a")) == (filled, PLAN)


def test_a_unit_that_is_not_concerned_owns_nothing_and_gives_its_reason():
    plan = with_not_applicable(PLAN, "b", " 本年度無相關業務可以提報 ")
    assert plan.actions_of("b") == ()
    assert plan.not_applicable == {"b": "本年度無相關業務可以提報"}


def test_an_entry_takes_the_reason_back():
    plan = with_not_applicable(PLAN, "b", "本年度無相關業務可以提報")
    assert with_unit_actions(plan, "b", {"1.2": (Action(summary="仍有一項"),)}).not_applicable == {}


def test_a_short_reason_is_refused():
    with pytest.raises(PlanRuleError, match="Say in at least 10 characters why the plan does not concern b"):
        with_not_applicable(PLAN, "b", "無相關業務")


def test_assignment_sets_units_and_mapping_and_settles_the_review():
    flagged = flag_for_review(PLAN, {"1.2"})
    method = with_assignment(flagged, "1.2", ["b", "c"], "2.4").method("1.2")
    assert (method.units, method.bureau_ref, method.needs_review) == (("b", "c"), "2.4", False)


def test_assignment_passes_orphaned_rows_to_the_new_units():
    assert rows(with_assignment(PLAN, "1.1", ["b", "c"], "1.1")) == [
        ("1.1.1", "共同辦理事項", ("b",)),
        ("1.1.2", "甲科辦理事項", ("b", "c")),
        ("1.1.3", "乙科辦理事項", ("b",)),
    ]


def test_assignment_to_nobody_is_refused():
    with pytest.raises(PlanRuleError, match=r"Method 1\.1 needs at least one responsible unit"):
        with_assignment(PLAN, "1.1", [], None)


def test_assignment_to_an_unknown_unit_is_refused():
    with pytest.raises(PlanRuleError, match="The plan does not know the unit z"):
        with_assignment(PLAN, "1.1", ["z"], None)


def test_assignment_of_an_unknown_method_is_refused():
    with pytest.raises(PlanRuleError, match=r"The plan has no method 4\.4"):
        with_assignment(PLAN, "4.4", ["a"], None)


def test_sections_and_basis_are_replaced(plan_114):
    sections = Sections(goal="目標")
    assert with_sections(PLAN, sections).sections == sections
    assert with_basis(PLAN, plan_114.basis).basis == plan_114.basis


def test_review_is_asked_for_changed_items_only():
    flagged = flag_for_review(PLAN, {"1.1", "9.9"})
    assert [(method.id, method.needs_review) for method in flagged.methods()] == [
        ("1.1", True),
        ("1.2", False),
    ]


def test_renumbering_closes_gaps():
    gappy = with_unit_actions(PLAN, "a", {"1.1": (SHARED, Action(summary="新增"))})
    assert [action.id for action in renumber(gappy).actions()] == ["1.1.1", "1.1.2", "1.1.3"]


@given(st.lists(st.lists(st.integers(0, 3), max_size=4), max_size=4))
def test_numbers_follow_the_place_in_the_tree(shape):
    tree = tuple(
        Strategy(
            id="",
            title="",
            methods=tuple(
                Method(id="", title="", actions=(Action(summary=""),) * count) for count in methods
            ),
        )
        for methods in shape
    )
    numbered = renumber(replace(PLAN, strategies=tree))
    assert [action.id for action in numbered.actions()] == [
        f"{s}.{m}.{a}"
        for s, methods in enumerate(shape, 1)
        for m, count in enumerate(methods, 1)
        for a in range(1, count + 1)
    ]
    assert renumber(numbered) == numbered


def test_last_years_plan_starts_the_next(plan_114):
    dated = with_unit_actions(
        plan_114,
        "metrology",
        {"3.2": (replace(plan_114.action("3.2.3"), milestone="報告", milestone_on=date(2025, 6, 30)),)},
        filled_by="sec_handler",
    )
    copied = copy_for_year(dated, 115, {("3.2.3", "砝碼校正數"): Decimal(131)})
    action = copied.action("3.2.3")
    assert (copied.roc_year, copied.title) == (115, "115年度提升服務效能執行計畫")
    assert (action.targets[0].baseline, action.targets[0].value) == (Decimal(131), Decimal(120))
    assert (action.milestone_on, action.filled_by, action.filled_for) == (date(2026, 6, 30), None, None)
    assert copied.action("3.3.3").targets[0].baseline is None
    assert {method.needs_review for method in copied.methods()} == {True}
    assert copied.sections.assessment.k3_on == date(2027, 1, 5)


def test_copying_drops_what_belonged_to_last_years_round():
    copied = copy_for_year(with_not_applicable(PLAN, "b", "本年度無相關業務可以提報"), 115)
    assert copied.not_applicable == {}


def test_a_leap_day_moves_to_the_end_of_february():
    action = replace(OF_A, milestone="報告", milestone_on=date(2028, 2, 29), targets=())
    method = Method(id="1.1", title="", units=("a",), actions=(action,))
    plan = replace(PLAN, roc_year=117, strategies=(Strategy(id="1", title="", methods=(method,)),))
    assert copy_for_year(plan, 118).action("1.1.2").milestone_on == date(2029, 2, 28)


@pytest.mark.parametrize("year", [113, 114])
def test_a_plan_is_copied_only_forward(year):
    with pytest.raises(
        PlanRuleError, match=f"The plan of 114 can be copied only for a later year, not {year}"
    ):
        copy_for_year(PLAN, year)


def test_targets_keep_everything_but_the_baseline():
    target = Target(indicator="數", value=Decimal(5), unit="件", baseline=Decimal(4))
    method = Method(id="1.1", title="", units=("a",), actions=(replace(OF_A, targets=(target,)),))
    plan = replace(PLAN, strategies=(Strategy(id="1", title="", methods=(method,)),))
    copied = copy_for_year(plan, 115, {("1.1.2", "數"): Decimal(6)}).action("1.1.2").targets
    assert copied == (replace(target, baseline=Decimal(6)),)
