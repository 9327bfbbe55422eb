"""The figures of a year, computed from plain values."""

from datetime import date
from decimal import Decimal

import pytest

from engine.plan.document import Action, Method, Plan, PlanUnit, Strategy, Target
from engine.plan.statistics import (
    Duration,
    MonthOfDeadlines,
    Owed,
    Progress,
    duration_of,
    overdue_by_month,
    progress_by_unit,
    progress_of,
)

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("statuses", "progress"),
    [
        ((), Progress.OPEN),
        ((None,), Progress.OPEN),
        (("achieved",), Progress.REACHED),
        (("done", "achieved"), Progress.REACHED),
        (("achieved", "not_applicable"), Progress.REACHED),
        (("achieved", None), Progress.PARTLY),
        (("achieved", "not_achieved"), Progress.PARTLY),
        (("partly_done",), Progress.PARTLY),
        (("not_achieved", None), Progress.MISSED),
        (("not_done",), Progress.MISSED),
        (("not_applicable",), Progress.RESTS),
        (("not_applicable", None), Progress.RESTS),
    ],
)
def test_the_progress_of_an_action(statuses: tuple[str | None, ...], progress: Progress) -> None:
    assert progress_of(statuses) is progress


def plan() -> Plan:
    weights = Target(indicator="砝碼校正數", value=Decimal(120), unit="具")
    actions = (
        Action(id="1.1.1", summary="校正", owner_units=("metrology", "kinmen"), targets=(weights,)),
        Action(id="1.1.2", summary="說明", owner_units=("kinmen",), narrative_reason="視需求"),
    )
    units = (
        PlanUnit(id="kinmen", label="金門辦事處", kind="line"),
        PlanUnit(id="metrology", label="度量衡科", kind="line"),
    )
    method = Method(id="1.1", title="校正", actions=actions)
    strategy = Strategy(id="1", title="服務", methods=(method,))
    return Plan(
        agency="高雄分局", agency_id="bsmi_khh", roc_year=115, title="計畫", units=units,
        strategies=(strategy,),
    )  # fmt: skip


def test_an_action_of_two_units_counts_for_both() -> None:
    found = progress_by_unit(plan(), {"1.1.1": ("achieved",)})
    assert [(unit.label, unit.actions, unit.percent) for unit in found] == [
        ("度量衡科", 1, 100.0),
        ("金門辦事處", 2, 50.0),
    ]


def test_what_rests_is_left_out_of_the_share() -> None:
    found = progress_by_unit(plan(), {"1.1.1": ("not_applicable",), "1.1.2": ("done",)})
    assert [unit.percent for unit in found] == [None, 100.0]


@pytest.mark.parametrize(
    ("lengths", "duration"),
    [
        ([2.0], Duration(times=1, middle=2.0, ninetieth=2.0)),
        ([4.0, 1.0], Duration(times=2, middle=2.5, ninetieth=4.0)),
        ([float(n) for n in range(1, 11)], Duration(times=10, middle=5.5, ninetieth=9.0)),
        ([float(n) for n in range(1, 12)], Duration(times=11, middle=6.0, ninetieth=10.0)),
    ],
)
def test_half_and_nine_of_ten_were_done_by_then(lengths: list[float], duration: Duration) -> None:
    assert duration_of(lengths) == duration


def months(*owed: Owed) -> dict[int, MonthOfDeadlines]:
    return {month.month: month for month in overdue_by_month(owed, 2026, TODAY) if month.due}


def test_a_task_counts_in_the_month_of_its_last_day() -> None:
    in_time = Owed(last_on=date(2026, 1, 30), done_on=date(2026, 1, 30))
    late = Owed(last_on=date(2026, 1, 30), done_on=date(2026, 2, 2))
    still_open = Owed(last_on=date(2026, 3, 9), done_on=None)
    found = months(in_time, late, still_open)
    assert [(m.month, m.due, m.done_late, m.still_open, m.percent) for m in found.values()] == [
        (1, 2, 1, 0, 50.0),
        (3, 1, 0, 1, 100.0),
    ]


@pytest.mark.parametrize("last_on", [TODAY, date(2026, 4, 1)])
def test_an_open_task_whose_last_day_has_not_passed_counts_nowhere(last_on: date) -> None:
    assert months(Owed(last_on=last_on, done_on=None)) == {}


def test_other_years_are_left_out() -> None:
    assert months(Owed(last_on=date(2025, 12, 31), done_on=date(2026, 1, 2))) == {}


def test_every_year_has_twelve_months() -> None:
    found = overdue_by_month((), 2026, TODAY)
    assert [(m.month, m.due, m.percent) for m in found] == [(n, 0, None) for n in range(1, 13)]
