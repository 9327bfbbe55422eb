from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.plan.achievement import Achievement
from engine.plan.differences import Change, NumberChange, diff_plans, differences, freeze_d1, missing_reasons
from engine.plan.document import Action, Plan, Steps, with_not_applicable, with_unit_actions
from engine.plan.rule_error import PlanRuleError

WEIGHTS = Achievement(
    action_id="3.2.3",
    unit="metrology",
    indicator="砝碼校正數",
    actual=Decimal("118.0"),
    status="partly_achieved",
)
METERS = replace(WEIGHTS, action_id="3.3.3", indicator="糾紛鑑定件數", actual=Decimal(104), status="achieved")
GREETING = Achievement(action_id="1.3.2", unit="kinmen", status="partly_done")
TENTH = replace(GREETING, action_id="1.10.1")


def with_action(plan: Plan, action_id: str, **changes: object) -> Plan:
    strategies = tuple(
        replace(
            strategy,
            methods=tuple(
                replace(
                    method,
                    actions=tuple(
                        replace(a, **changes) if a.id == action_id else a
                        for a in method.actions  # type: ignore[arg-type]
                    ),
                )
                for method in strategy.methods
            ),
        )
        for strategy in plan.strategies
    )
    return replace(plan, strategies=strategies)


def test_a_plan_does_not_differ_from_itself(plan_114):
    assert diff_plans(plan_114, plan_114) == ()


def test_a_changed_target_shows_each_field(plan_114):
    target = plan_114.action("3.2.3").targets[0]
    later = replace(target, value=Decimal(100), baseline=Decimal("118.50"), demand_driven=True)
    assert diff_plans(plan_114, with_action(plan_114, "3.2.3", targets=(later,))) == (
        Change(path="3.2.3.targets.砝碼校正數.value", label="砝碼校正數 目標值", before="120", after="100"),
        Change(
            path="3.2.3.targets.砝碼校正數.baseline",
            label="砝碼校正數 前一年實績",
            before=None,
            after="118.5",
        ),
        Change(
            path="3.2.3.targets.砝碼校正數.demand_driven",
            label="砝碼校正數 需求導向",
            before="否",
            after="是",
        ),
    )


def test_a_target_can_come_and_go(plan_114):
    target = plan_114.action("3.2.3").targets[0]
    renamed = with_action(plan_114, "3.2.3", targets=(replace(target, indicator="校正件數"),))
    assert diff_plans(plan_114, renamed) == (
        Change(path="3.2.3.targets.校正件數", label="校正件數", before=None, after=">= 120 具"),
        Change(path="3.2.3.targets.砝碼校正數", label="砝碼校正數", before=">= 120 具", after=None),
    )


def test_a_changed_action_shows_each_field(plan_114):
    later = with_action(
        plan_114,
        "4.1.1",
        summary="每月更新分局網頁",
        owner_units=("registration", "tech_a"),
        milestone_on=date(2025, 6, 30),
        creative=True,
    )
    assert diff_plans(plan_114, later) == (
        Change(
            path="4.1.1.summary",
            label="4.1.1 具體推動作法",
            before=plan_114.action("4.1.1").summary,
            after="每月更新分局網頁",
        ),
        Change(
            path="4.1.1.owner_units",
            label="4.1.1 權責單位",
            before="registration",
            after="registration、tech_a",
        ),
        Change(path="4.1.1.milestone_on", label="4.1.1 里程碑日期", before=None, after="2025-06-30"),
        Change(path="4.1.1.creative", label="4.1.1 創新作為", before="否", after="是"),
    )


def test_rows_can_come_and_go(plan_114):
    later = with_unit_actions(plan_114, "metrology", {"3.2": (Action(summary="新增的作法"),)})
    weights = plan_114.action("3.2.3").summary
    assert diff_plans(plan_114, later) == (
        Change(path="3.2.8", label="3.2.8", before=None, after="新增的作法"),
        Change(path="3.2.3", label="3.2.3", before=weights, after=None),
    )


def test_a_lost_strategy_takes_its_rows_along(plan_114):
    changes = diff_plans(plan_114, replace(plan_114, strategies=plan_114.strategies[:4]))
    assert [(c.path, c.after) for c in changes[:3]] == [("5", None), ("5.1", None), ("5.1.1", None)]
    assert (len(changes), changes[0].before) == (1 + 3 + 11, "前瞻服務措施、提升服務效能")


def test_sections_differ_by_field(plan_114):
    steps = Steps(text="另訂", reporting=True, publication=False)
    sections = replace(plan_114.sections, goal="新目標", scope_units=("metrology",), steps=steps)
    changes = diff_plans(plan_114, replace(plan_114, sections=sections))
    assert [(c.path, c.label, c.after) for c in changes] == [
        ("sections.goal", "目標", "新目標"),
        ("sections.scope.units", "實施對象 主辦單位", "metrology"),
        ("sections.steps.text", "實施步驟 內容", "另訂"),
        ("sections.steps.publication", "實施步驟 公開步驟", "否"),
    ]


def test_basis_letters_differ_by_number(plan_114):
    letter = replace(plan_114.basis[0], subject="另一主旨")
    unnumbered = replace(plan_114.basis[1], number=None)
    changes = diff_plans(plan_114, replace(plan_114, basis=(letter, unnumbered, plan_114.basis[2])))
    assert changes == (
        Change(
            path="basis.院授發社字第1061300008號函.subject",
            label="院授發社字第1061300008號函 主旨",
            before="政府服務躍升方案",
            after="另一主旨",
        ),
        Change(
            path="basis.2.經濟部", label="2.經濟部", before=None, after="經濟部提升服務效能實施計畫(修正)"
        ),
        Change(
            path="basis.經綜字第11301409590號函",
            label="經綜字第11301409590號函",
            before="經濟部提升服務效能實施計畫(修正)",
            after=None,
        ),
    )


def test_unnumbered_letters_show_a_number_that_is_filled_in(plan_114):
    first = replace(plan_114, basis=(replace(plan_114.basis[0], number=None),))
    assert [c.path for c in diff_plans(first, replace(plan_114, basis=plan_114.basis[:1]))] == [
        "basis.院授發社字第1061300008號函",
        "basis.1.行政院",
    ]


def test_head_of_the_plan_and_units_without_business(plan_114):
    later = replace(with_not_applicable(plan_114, "penghu", "本年度無相關業務可以提報"), title="新名稱")
    changes = diff_plans(plan_114, later)
    assert (changes[0], changes[-1]) == (
        Change(path="plan.title", label="計畫名稱", before="114年度提升服務效能執行計畫", after="新名稱"),
        Change(
            path="not_applicable.penghu",
            label="澎湖辦事處 不適用原因",
            before=None,
            after="本年度無相關業務可以提報",
        ),
    )


def test_d1_is_frozen_in_one_order_whatever_came_first():
    rows = [
        {"action": "1.3.2", "unit": "kinmen", "indicator": "", "actual": None, "status": "partly_done"},
        {"action": "1.10.1", "unit": "kinmen", "indicator": "", "actual": None, "status": "partly_done"},
        {
            "action": "3.2.3",
            "unit": "metrology",
            "indicator": "砝碼校正數",
            "actual": "118",
            "status": "partly_achieved",
        },
    ]
    assert freeze_d1([WEIGHTS, TENTH, GREETING]) == {"rows": rows}
    assert freeze_d1([GREETING, WEIGHTS, TENTH]) == {"rows": rows}


def test_d2_shows_every_number_that_changed():
    d1 = freeze_d1([WEIGHTS, METERS, GREETING])
    d2 = freeze_d1(
        [
            replace(WEIGHTS, actual=Decimal(121), status="achieved"),
            replace(GREETING, status="done"),
            replace(METERS, action_id="5.3.2", indicator="參與加油站數", actual=Decimal(9)),
        ]
    )
    assert differences(d1, d2) == [
        NumberChange(action="1.3.2", unit="kinmen", indicator="", before="partly_done", after="done"),
        NumberChange(action="3.2.3", unit="metrology", indicator="砝碼校正數", before="118", after="121"),
        NumberChange(action="3.3.3", unit="metrology", indicator="糾紛鑑定件數", before="104", after=None),
        NumberChange(action="5.3.2", unit="metrology", indicator="參與加油站數", before=None, after="9"),
    ]


def test_equal_numbers_do_not_differ():
    assert differences(freeze_d1([WEIGHTS]), freeze_d1([replace(WEIGHTS, actual=Decimal("118.00"))])) == []


def test_every_changed_number_needs_a_reason():
    changes = differences(
        freeze_d1([WEIGHTS, METERS]),
        freeze_d1([replace(WEIGHTS, actual=Decimal(121)), replace(METERS, actual=Decimal(105))]),
    )
    reasons = {"3.2.3|metrology|砝碼校正數": "12月補登3件", "3.3.3|metrology|糾紛鑑定件數": " "}
    assert missing_reasons(changes, reasons) == [changes[1]]


@pytest.mark.parametrize("broken", [{}, {"rows": None}, {"rows": [{"action": "1.1.1"}]}])
def test_what_is_no_delivery_is_refused(broken):
    with pytest.raises(PlanRuleError, match="These are not the numbers of a delivery"):
        differences(broken, freeze_d1([WEIGHTS]))
