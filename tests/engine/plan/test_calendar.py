from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.calendar import (
    WorkCalendar,
    YearTable,
    load_calendars,
    work_calendar,
    year_table,
    year_table_json,
)
from engine.plan.rule_error import PlanRuleError

CALENDAR = work_calendar(load_calendars())
SHIPPED_DAYS = st.dates(min_value=date(2024, 3, 1), max_value=date(2028, 10, 31))


def table(**changes: object) -> YearTable:
    plain: dict[str, object] = {
        "year": 2030,
        "holidays": frozenset({date(2030, 1, 1)}),
        "workdays": frozenset(),
        "source": "試行",
        "confirmed": True,
    }
    return YearTable(**(plain | changes))  # type: ignore[arg-type]


def test_shipped_years():
    shipped = load_calendars()
    assert {year: shipped[year]["confirmed"] for year in shipped} == {
        2024: True,
        2025: True,
        2026: True,
        2027: True,
        2028: False,
    }


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2028])
def test_every_shipped_table_names_its_source(year):
    assert f"{year - 1911}年" in load_calendars()[year]["source"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2024, 2, 8), date(2024, 2, 14)),
        (date(2025, 1, 25), date(2025, 2, 2)),
        (date(2025, 9, 27), date(2025, 9, 29)),
        (date(2025, 10, 24), date(2025, 10, 26)),
        (date(2025, 12, 25), date(2025, 12, 25)),
        (date(2026, 2, 14), date(2026, 2, 22)),
        (date(2026, 2, 27), date(2026, 3, 1)),
        (date(2026, 5, 1), date(2026, 5, 3)),
        (date(2027, 2, 4), date(2027, 2, 10)),
        (date(2027, 2, 27), date(2027, 3, 1)),
        (date(2027, 12, 31), date(2028, 1, 2)),
        (date(2028, 1, 22), date(2028, 1, 30)),
    ],
)
def test_official_holidays_with_a_working_day_on_either_side(first, last):
    days = [first + timedelta(days=n) for n in range(-1, (last - first).days + 2)]
    open_days = [on for on in days if CALENDAR.is_working_day(on)]
    assert open_days == [days[0], days[-1]]


@pytest.mark.parametrize("on", [date(2024, 2, 17), date(2025, 2, 8)])
def test_make_up_saturdays_are_worked(on):
    assert (on.weekday(), CALENDAR.is_working_day(on)) == (5, True)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2025, 12, 31), date(2026, 1, 5), 2),
        (date(2026, 12, 31), date(2027, 1, 5), 2),
        (date(2025, 1, 6), date(2025, 1, 24), 14),
        (date(2025, 1, 24), date(2025, 1, 6), -14),
        (date(2026, 2, 14), date(2026, 2, 22), 0),
    ],
)
def test_working_days_between(start, end, count):
    assert CALENDAR.working_days_between(start, end) == count


@given(SHIPPED_DAYS, SHIPPED_DAYS)
def test_working_days_between_are_those_of_which_each_is_one(start, end):
    first, last = min(start, end), max(start, end)
    count = sum(CALENDAR.is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert CALENDAR.working_days_between(first, last) == count
    assert CALENDAR.working_days_between(last, first) == -count


def test_counting_passes_a_make_up_saturday():
    assert CALENDAR.add_working_days(date(2025, 2, 7), 1) == date(2025, 2, 8)


@given(SHIPPED_DAYS, st.integers(1, 30))
def test_adding_days_lands_on_the_working_day_of_that_count(on, days):
    later = CALENDAR.add_working_days(on, days)
    assert (CALENDAR.is_working_day(later), CALENDAR.working_days_between(on, later)) == (True, days)


@given(SHIPPED_DAYS, st.integers(0, 30))
def test_going_forth_and_back_returns_to_a_working_day(on, days):
    start = CALENDAR.next_working_day_on_or_after(on)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, days), -days) == start


@given(SHIPPED_DAYS, st.integers(0, 15), st.integers(0, 15))
def test_days_can_be_added_in_two_parts(on, first, second):
    assert CALENDAR.add_working_days(
        CALENDAR.add_working_days(on, first), second
    ) == CALENDAR.add_working_days(on, first + second)


@given(SHIPPED_DAYS)
def test_nearest_working_days_enclose_a_day_and_are_it_when_it_is_worked(on):
    before, after = CALENDAR.previous_working_day_on_or_before(on), CALENDAR.next_working_day_on_or_after(on)
    closed = (after - before).days - 1
    assert (before <= on <= after, before == after) == (True, CALENDAR.is_working_day(on))
    assert CALENDAR.working_days_between(before, after) == (0 if closed < 0 else 1)


def test_adding_nothing_gives_the_day_itself():
    assert CALENDAR.add_working_days(date(2026, 2, 15), 0) == date(2026, 2, 15)


@pytest.mark.parametrize(
    "ask",
    [
        lambda calendar: calendar.is_working_day(date(2029, 1, 2)),
        lambda calendar: calendar.add_working_days(date(2028, 12, 29), 1),
        lambda calendar: calendar.working_days_between(date(2028, 12, 29), date(2029, 1, 5)),
        lambda calendar: calendar.is_confirmed(date(2029, 1, 2)),
        lambda calendar: calendar.with_day_off(date(2029, 1, 2), "高雄市政府公告"),
    ],
)
def test_a_year_without_a_table_is_refused(ask):
    with pytest.raises(PlanRuleError) as refusal:
        ask(CALENDAR)
    assert str(refusal.value) == "The office calendar of ROC year 118 has not been imported"


def test_the_unpublished_year_is_marked():
    assert (CALENDAR.is_confirmed(date(2027, 1, 5)), CALENDAR.is_confirmed(date(2028, 1, 5))) == (True, False)


def test_a_typhoon_day_is_off_and_keeps_its_basis():
    storm = CALENDAR.with_day_off(date(2026, 7, 10), "高雄市政府115年7月9日公告停止上班")
    assert not storm.is_working_day(date(2026, 7, 10))
    assert storm.tables[2026].source.endswith(";2026-07-10 高雄市政府115年7月9日公告停止上班")
    assert CALENDAR.is_working_day(date(2026, 7, 10))


def test_a_typhoon_takes_away_a_make_up_saturday():
    assert not CALENDAR.with_day_off(date(2025, 2, 8), "公告").is_working_day(date(2025, 2, 8))


def test_a_day_off_without_basis_is_refused():
    with pytest.raises(PlanRuleError, match="A day off needs the announcement that it is based on"):
        CALENDAR.with_day_off(date(2026, 7, 10), " ")


def test_an_imported_table_opens_its_year():
    calendar = WorkCalendar(tables={}).with_table(table())
    assert (calendar.is_working_day(date(2030, 1, 1)), calendar.is_working_day(date(2030, 1, 2))) == (
        False,
        True,
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"holidays": frozenset({date(2031, 1, 1)})},
            "2031-01-01 does not belong to the office calendar of 2030",
        ),
        ({"holidays": frozenset({date(2030, 1, 5)})}, "2030-01-05 is a weekend day and is off anyway"),
        (
            {"workdays": frozenset({date(2030, 1, 2)})},
            "2030-01-02 is a weekday and cannot be a make-up working day",
        ),
    ],
)
def test_a_table_with_a_wrong_day_is_refused(changes, reason):
    with pytest.raises(PlanRuleError, match=reason):
        table(**changes)


def test_tables_go_to_json_and_back():
    original = table(workdays=frozenset({date(2030, 1, 5)}))
    assert year_table(2030, year_table_json(original)) == original


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"holidays": ["1月1日"], "workdays": [], "source": "", "confirmed": True},
        {"holidays": 3, "workdays": []},
    ],
)
def test_a_broken_table_is_refused(broken):
    with pytest.raises(PlanRuleError, match="The office calendar of 2030 cannot be read"):
        year_table(2030, broken)


def test_a_wrong_day_in_json_keeps_its_own_reason():
    with pytest.raises(PlanRuleError, match="is a weekend day and is off anyway"):
        year_table(2030, year_table_json(table()) | {"holidays": ["2030-01-05"]})
