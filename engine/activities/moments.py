"""Instants as process data: ISO texts with +08:00, the only form that timers of the diagrams accept."""

from datetime import date, datetime, time

from engine.plan.calendar import WorkCalendar
from engine.plan.deadlines import TAIPEI, deadline, escalations, iso_taipei, reminders

MORNING = 9


def end_of_day(on: date) -> str:
    """The last second of a day: what is due that day is late only afterwards."""
    return datetime.combine(on, time(23, 59, 59), TAIPEI).isoformat()


def morning(on: date) -> str:
    """Nine o'clock of a day, when notices leave."""
    return iso_taipei(on, MORNING)


def future_morning(on: date, now: datetime) -> str | None:
    """Nine o'clock of a day, or None when it has passed: a late reminder is not sent at all."""
    text = morning(on)
    return text if datetime.fromisoformat(text) > now else None


def watch_dates(due_on: date, calendar: WorkCalendar, now: datetime) -> dict[str, str | None]:
    """The timers of a dated step: reminders 5 and 2 working days before, notices 1 and 3 after (P1)."""
    whole = deadline(due_on, calendar)
    first, second = reminders(due_on, (5, 2), calendar)
    late, very_late = escalations(whole.late_after_on, (1, 3), calendar)
    return {
        "due": end_of_day(whole.internal_due_on),
        "late_after": end_of_day(whole.late_after_on),
        "r1": future_morning(first, now),
        "r2": future_morning(second, now),
        "e1": morning(late),
        "e2": morning(very_late),
    }
