"""When a notice leaves as a mail: working hours of working days, and the way that the person chose."""

from datetime import datetime

import pytest

from engine.clock import TAIPEI
from engine.plan.calendar import load_calendars, work_calendar
from engine.plan.mail_hours import MailChoice, MailHours, MailMode

CALENDAR = work_calendar(load_calendars())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TAIPEI)


def leaves(made: str, mode: MailMode, hour: int = 9, *, is_urgent: bool = False) -> datetime | None:
    choice = MailChoice(mode=mode, hour=hour)
    return MailHours().leaves_at(at(made), choice, CALENDAR, is_urgent=is_urgent)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("2026-11-30T10:00", "2026-11-30T10:00"),  # a Monday
        ("2026-11-30T07:59", "2026-11-30T08:00"),
        ("2026-11-30T18:00", "2026-12-01T08:00"),
        ("2026-12-04T23:00", "2026-12-07T08:00"),  # Friday night
        ("2026-12-25T10:00", "2026-12-28T08:00"),  # a holiday before a weekend
        ("2099-11-28T10:00", "2099-11-30T08:00"),  # no office calendar: no weekend
    ],
)
def test_no_mail_leaves_at_night_or_on_a_day_off(made: str, expected: str) -> None:
    assert leaves(made, MailMode.IMMEDIATE) == at(expected)


def test_gathered_notices_wait_for_their_window() -> None:
    assert leaves("2026-11-30T10:00", MailMode.GATHERED) == at("2026-11-30T10:15")
    assert leaves("2026-11-30T17:50", MailMode.GATHERED) == at("2026-12-01T08:00")


def test_an_urgent_notice_waits_for_no_window_but_for_the_morning() -> None:
    found = [
        leaves(made, MailMode.DAILY, is_urgent=True) for made in ("2026-11-30T10:00", "2026-11-30T22:00")
    ]
    assert found == [at("2026-11-30T10:00"), at("2026-12-01T08:00")]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("2026-11-30T10:00", "2026-11-30T14:00"),
        ("2026-11-30T14:01", "2026-12-01T14:00"),
        ("2026-12-04T15:00", "2026-12-07T14:00"),
    ],
)
def test_the_mail_of_a_day_leaves_at_its_hour_of_a_working_day(made: str, expected: str) -> None:
    assert leaves(made, MailMode.DAILY, 14) == at(expected)


def test_whoever_wants_no_mails_gets_none() -> None:
    assert leaves("2026-11-30T10:00", MailMode.OFF, is_urgent=True) is None
