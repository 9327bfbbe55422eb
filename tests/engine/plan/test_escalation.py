"""On which working day which level of urging is reached."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.calendar import load_calendars, work_calendar
from engine.plan.deadlines import deadline, escalations, reminders
from engine.plan.escalation import DAYS_AFTER, Level, is_reached
from engine.plan.rule_error import PlanRuleError

CALENDAR = work_calendar(load_calendars())
DAYS = st.dates(date(2026, 1, 20), date(2027, 11, 30))


def first_reached(level: Level, due: date, late: date) -> date:
    """The first working day on which a level is reached."""
    day = due - timedelta(days=20)
    while not (CALENDAR.is_working_day(day) and is_reached(level, due, late, day, CALENDAR)):
        day += timedelta(days=1)
    return day


@given(DAYS)
def test_levels_are_reached_on_the_days_of_the_plans_own_rule(on: date) -> None:
    whole = deadline(on, CALENDAR)
    late = whole.late_after_on
    assert first_reached(Level.REMINDER, whole.internal_due_on, late) == (
        reminders(on, (2,), CALENDAR)[0]
    )  # fmt: skip
    for level, days in DAYS_AFTER.items():
        assert first_reached(level, whole.internal_due_on, late) == escalations(late, (days,), CALENDAR)[0]


@pytest.mark.parametrize(
    ("level", "day"),
    [
        (Level.REMINDER, "2026-02-11"),
        (Level.CHIEF, "2026-02-23"),
        (Level.DOCUMENT_CONTROL, "2026-02-25"),
        (Level.DIRECTOR, "2026-03-02"),  # 02-27 is a holiday
    ],
)
def test_the_lunar_new_year_stops_the_clock(level: Level, day: str) -> None:
    due = date(2026, 2, 13)  # the Friday before it
    assert first_reached(level, due, due) == date.fromisoformat(day)


def test_nobody_is_reminded_of_what_is_due_already() -> None:
    due = date(2026, 3, 3)
    days = (date(2026, 3, 3), date(2026, 3, 4))
    found = [is_reached(Level.REMINDER, due, due, day, CALENDAR) for day in days]
    assert found == [True, False]


def test_a_year_without_an_office_calendar_is_refused() -> None:
    day = date(2099, 1, 5)
    with pytest.raises(PlanRuleError):
        is_reached(Level.DIRECTOR, day, day, day, CALENDAR)
