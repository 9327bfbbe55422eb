"""Dates as pages show them: ROC in Chinese, ISO in English, with weekday, in the time of Taipei."""

from datetime import date, datetime

from flask_babel import get_locale

from engine.clock import TAIPEI
from engine.plan.roc import format_roc, roc_year

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def in_english() -> bool:
    """True when the page is in English."""
    locale = get_locale()
    return locale is not None and locale.language == "en"


def local_day(at: datetime | date) -> date:
    """The day on which an instant lies in Taipei; a date stays as it is."""
    return at.astimezone(TAIPEI).date() if isinstance(at, datetime) else at


def day_words(at: datetime | date) -> str:
    """`115/01/21 (三)`, or `2026-01-21 (Wed)` in English."""
    day = local_day(at)
    return (
        f"{day.isoformat()} ({WEEKDAYS[day.weekday()]})" if in_english() else format_roc(day, "list_weekday")
    )


def plain_day(at: datetime | date) -> str:
    """`115/01/21` without the weekday."""
    day = local_day(at)
    return day.isoformat() if in_english() else format_roc(day, "list")


def short_day(at: datetime | date, today: date) -> str:
    """`01/21`; with the year when it is not the year shown on the page."""
    day = local_day(at)
    return f"{day.month:02d}/{day.day:02d}" if day.year == today.year else plain_day(day)


def short_day_words(at: datetime | date, today: date) -> str:
    """`01/21 (三)`; with the year when it is not the year shown on the page."""
    day = local_day(at)
    if day.year != today.year:
        return day_words(day)
    return (
        f"{day.month:02d}/{day.day:02d} ({WEEKDAYS[day.weekday()]})"
        if in_english()
        else format_roc(day, "short_weekday")
    )


def clock_time(at: datetime) -> str:
    """`10:32` in Taipei."""
    return at.astimezone(TAIPEI).strftime("%H:%M")


def moment_words(at: datetime) -> str:
    """`115/01/21 (三) 10:32`."""
    return f"{day_words(at)} {clock_time(at)}"


def year_words(day: date) -> str:
    """The ROC year, or the AD year in English."""
    return str(day.year if in_english() else roc_year(day))
