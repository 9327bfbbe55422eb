from datetime import date, datetime

from engine.clock import TAIPEI
from engine.plan.calendar import WorkCalendar, load_calendars, work_calendar
from engine.queries.working_time import WorkingDays, working_days_in, working_days_until


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=TAIPEI)


def calendar() -> WorkCalendar:
    return work_calendar(load_calendars())


def test_a_weekend_does_not_count() -> None:
    assert working_days_in([(at("2025-02-14T12:00"), at("2025-02-17T12:00"))], calendar()) == 1.0


def test_spans_side_by_side_count_once() -> None:
    spans = [
        (at("2025-02-10T00:00"), at("2025-02-12T00:00")),
        (at("2025-02-11T00:00"), at("2025-02-13T00:00")),
    ]
    assert working_days_in(spans, calendar()) == 3.0


def test_spans_apart_are_added() -> None:
    spans = [
        (at("2025-02-10T00:00"), at("2025-02-10T12:00")),
        (at("2025-02-11T00:00"), at("2025-02-11T12:00")),
    ]
    assert working_days_in(spans, calendar()) == 1.0


def test_a_year_without_a_table_counts_every_day() -> None:
    assert working_days_in([(at("2099-01-03T00:00"), at("2099-01-05T00:00"))], calendar()) == 2.0


def test_days_left_are_working_days() -> None:
    assert working_days_until(date(2025, 2, 14), date(2025, 2, 18), calendar()) == 2


def test_days_left_without_a_table_are_calendar_days() -> None:
    assert working_days_until(date(2099, 1, 3), date(2099, 1, 5), calendar()) == 2


def test_many_spans_count_as_each_of_them_alone() -> None:
    days = (
        "2025-02-14T12:00",
        "2025-02-15T08:30",
        "2025-02-17T12:00",
        "2025-03-03T17:45",
        "2025-01-02T00:00",
    )
    spans = [(at(start), at(end)) for start in days for end in days if start <= end]
    clock = WorkingDays(calendar())
    assert [clock.between(*span) for span in spans] == [working_days_in([span], calendar()) for span in spans]
