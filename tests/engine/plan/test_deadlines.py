from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.calendar import WorkCalendar, load_calendars, work_calendar
from engine.plan.deadlines import (
    deadline,
    end_of_day_utc,
    escalations,
    iso_taipei,
    plan_deadlines,
    reminders,
    start_of_day_utc,
    survey_reply_due,
)
from engine.plan.rule_error import PlanRuleError

CALENDAR = work_calendar(load_calendars())


@pytest.mark.parametrize(
    ("roc_year", "k0_on", "id", "nominal_on", "internal_due_on", "late_after_on"),
    [
        (114, date(2025, 1, 6), "K1", date(2025, 1, 24), date(2025, 1, 24), date(2025, 1, 24)),
        (114, date(2025, 1, 6), "K2", date(2025, 12, 31), date(2025, 12, 31), date(2025, 12, 31)),
        (114, date(2025, 1, 6), "K3", date(2026, 1, 5), date(2026, 1, 5), date(2026, 1, 5)),
        (114, date(2025, 1, 6), "K4", date(2026, 1, 20), date(2026, 1, 20), date(2026, 1, 20)),
        (114, date(2025, 1, 6), "K5", date(2026, 2, 28), date(2026, 2, 26), date(2026, 3, 2)),
        (115, date(2026, 1, 6), "K1", date(2026, 1, 26), date(2026, 1, 26), date(2026, 1, 26)),
        (115, date(2026, 1, 6), "K2", date(2026, 12, 31), date(2026, 12, 31), date(2026, 12, 31)),
        (115, date(2026, 1, 6), "K3", date(2027, 1, 5), date(2027, 1, 5), date(2027, 1, 5)),
        (115, date(2026, 1, 6), "K4", date(2027, 1, 20), date(2027, 1, 20), date(2027, 1, 20)),
        (115, date(2026, 1, 6), "K5", date(2027, 2, 28), date(2027, 2, 26), date(2027, 3, 2)),
        (116, date(2027, 1, 6), "K2", date(2027, 12, 31), date(2027, 12, 30), date(2028, 1, 3)),
        (116, date(2027, 1, 6), "K3", date(2028, 1, 5), date(2028, 1, 5), date(2028, 1, 5)),
        (116, date(2027, 1, 6), "K4", date(2028, 1, 20), date(2028, 1, 20), date(2028, 1, 20)),
        (116, date(2027, 1, 6), "K5", date(2028, 2, 29), date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_table_of_the_plan(roc_year, k0_on, id, nominal_on, internal_due_on, late_after_on):
    due = plan_deadlines(roc_year, k0_on, CALENDAR)[id]
    assert (due.id, due.nominal_on, due.internal_due_on, due.late_after_on, due.basis) == (
        id,
        nominal_on,
        internal_due_on,
        late_after_on,
        None,
    )


def test_stages_of_the_self_assessment_of_114():
    due = plan_deadlines(114, date(2025, 1, 6), CALENDAR)
    stages = ("assessment_open", "assessment_units", "assessment_chiefs", "assessment_branch")
    assert [due[id].internal_due_on for id in stages] == [
        date(2025, 11, 14),
        date(2025, 12, 10),
        date(2025, 12, 15),
        date(2025, 12, 24),
    ]


def test_each_deadline_names_its_clause():
    due = plan_deadlines(114, date(2025, 1, 6), CALENDAR)
    assert [due[id].clause for id in ("K2", "K3", "K4", "K5")] == [
        "陸.一(一)",
        "陸.一(二)",
        "陸.一(三)",
        "陸.二(一)1",
    ]


def test_a_letter_moves_a_deadline_and_stays_its_basis():
    letter = "經標秘字第11590000120號函"
    due = plan_deadlines(114, date(2025, 1, 6), CALENDAR, {"K3": (date(2026, 1, 10), letter)})["K3"]
    assert (due.nominal_on, due.internal_due_on, due.late_after_on, due.basis) == (
        date(2026, 1, 10),
        date(2026, 1, 9),
        date(2026, 1, 12),
        letter,
    )


def test_a_letter_can_set_the_date_of_enactment():
    due = plan_deadlines(115, date(2026, 1, 6), CALENDAR, {"K1": (date(2026, 2, 15), "11590000120")})["K1"]
    assert (due.internal_due_on, due.late_after_on) == (date(2026, 2, 13), date(2026, 2, 23))


def test_a_date_without_a_letter_number_is_refused():
    with pytest.raises(PlanRuleError, match="The date of K3 can be changed only with the number of a letter"):
        plan_deadlines(114, date(2025, 1, 6), CALENDAR, {"K3": (date(2026, 1, 10), " ")})


def test_an_unknown_deadline_is_refused():
    with pytest.raises(PlanRuleError, match="The plan has no deadline K9"):
        plan_deadlines(114, date(2025, 1, 6), CALENDAR, {"K9": (date(2026, 1, 10), "11590000120")})


def test_a_plan_beyond_the_imported_calendars_is_refused():
    known = WorkCalendar(tables={year: CALENDAR.tables[year] for year in (2025, 2026, 2027)})
    with pytest.raises(PlanRuleError, match="The office calendar of ROC year 117 has not been imported"):
        plan_deadlines(116, date(2027, 1, 6), known)


@pytest.mark.parametrize(
    ("on", "late"), [(date(2026, 2, 27), False), (date(2026, 3, 2), False), (date(2026, 3, 3), True)]
)
def test_late_only_after_the_next_working_day(on, late):
    assert deadline(date(2026, 2, 28), CALENDAR).is_late(on) is late


@given(st.dates(min_value=date(2024, 3, 1), max_value=date(2028, 10, 31)))
def test_people_act_before_they_are_late(nominal_on):
    due = deadline(nominal_on, CALENDAR)
    assert due.internal_due_on <= nominal_on <= due.late_after_on
    assert CALENDAR.is_working_day(due.internal_due_on)
    assert CALENDAR.is_working_day(due.late_after_on)


def test_reminders_of_d1_fall_before_new_year():
    assert reminders(date(2026, 1, 5), (15, 5, 2, 0), CALENDAR) == (
        date(2025, 12, 11),
        date(2025, 12, 26),
        date(2025, 12, 31),
        date(2026, 1, 5),
    )


def test_reminders_start_from_the_working_day_before_a_holiday():
    assert reminders(date(2026, 2, 28), (1, 0), CALENDAR) == (date(2026, 2, 25), date(2026, 2, 26))


def test_escalations_count_working_days_after():
    assert escalations(date(2026, 2, 26), (1, 3), CALENDAR) == (date(2026, 3, 2), date(2026, 3, 4))


@pytest.mark.parametrize(("roc_year", "due"), [(114, date(2026, 2, 12)), (115, date(2027, 2, 19))])
def test_survey_is_answered_five_working_days_before_the_end_of_february(roc_year, due):
    assert survey_reply_due(roc_year, CALENDAR) == due


def test_days_of_taipei_begin_and_end_in_utc():
    assert start_of_day_utc(date(2026, 1, 5)) == datetime(2026, 1, 4, 16, 0, tzinfo=UTC)
    assert end_of_day_utc(date(2026, 1, 5)) == datetime(2026, 1, 5, 15, 59, 59, tzinfo=UTC)
    assert end_of_day_utc(date(2026, 1, 5)).tzinfo is UTC


def test_instants_for_timers_carry_the_offset():
    assert iso_taipei(date(2026, 1, 5), 9, 30) == "2026-01-05T09:30:00+08:00"
    assert iso_taipei(date(2026, 1, 5)) == "2026-01-05T00:00:00+08:00"
