"""Urging (稽催): on which working day who hears of a dated task (L0 to L3 of domain 3, deadline_watch)."""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum

from engine.plan.calendar import WorkCalendar

REMINDED_BEFORE = 2
_DAY = timedelta(days=1)


class Level(IntEnum):
    """How far a task has been urged; each level tells those of the levels below it as well."""

    REMINDER = 0  # those who owe it, before it is due
    CHIEF = 1  # and their chief
    DOCUMENT_CONTROL = 2  # and the secretariat's chief
    DIRECTOR = 3


# Working days after the day on which a task becomes late.
DAYS_AFTER = {Level.CHIEF: 1, Level.DOCUMENT_CONTROL: 3, Level.DIRECTOR: 5}


def reached_until(level: Level, today: date, calendar: WorkCalendar) -> date:
    """The last day that a task may be due on (L0), or late after (L1 to L3), to be told on this working day.

    A due date on a day off is reminded of as if it were on the working day before; PlanRuleError when a year
    has no office calendar.
    """
    if level is Level.REMINDER:
        return calendar.add_working_days(today, REMINDED_BEFORE + 1) - _DAY
    return calendar.add_working_days(today, 1 - DAYS_AFTER[level]) - _DAY


def is_reached(level: Level, due_on: date, late_after_on: date, today: date, calendar: WorkCalendar) -> bool:
    """Whether a task is to be told at a level today; nobody is reminded of what is due already."""
    if level is Level.REMINDER:
        return today <= due_on <= reached_until(level, today, calendar)
    return late_after_on <= reached_until(level, today, calendar)
