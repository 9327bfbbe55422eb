"""The lines of the inbox: how one open or closed task reads in a list, and how the list falls into groups."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.plan.calendar import WorkCalendar
from engine.plan.rule_error import PlanRuleError

SUNDAY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A status of a line; `word` only where it says more than the status itself."""

    name: str
    word: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One task in one line: the verb first, the due date last, and below it why I see it."""

    id: int
    href: str
    verb: str
    subject: str
    sub: str
    marks: tuple[Mark, ...]
    unit: str
    sender: str
    since: date
    due: date | None
    days: Mark | None
    why: str
    may_claim: bool
    may_unclaim: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines that are due in the same stretch of time."""

    name: str
    word: LazyString | None
    lines: tuple[Line, ...]


GROUP_WORDS = {
    "overdue": lazy_gettext("Overdue"),
    "today": lazy_gettext("Today"),
    "week": lazy_gettext("This week"),
    "later": lazy_gettext("Later"),
}


def group_of(due: date | None, today: date) -> str:
    """The stretch of time in which a due date lies; tasks without one come last."""
    if due is None:
        return "later"
    if due < today:
        return "overdue"
    if due == today:
        return "today"
    return "week" if due <= today + timedelta(days=SUNDAY - today.weekday()) else "later"


def grouped(lines: Iterable[Line], today: date) -> tuple[Group, ...]:
    """Lines in the order of their due dates, in groups; a group that is empty is left out."""
    return tuple(
        Group(name=name, word=GROUP_WORDS[name], lines=tuple(members))
        for name, members in groupby(lines, key=lambda line: group_of(line.due, today))
    )


def days_mark(due: date, today: date, calendar: WorkCalendar) -> Mark:
    """The working days left or gone; calendar days where the office calendar of that year is not there yet."""
    if due == today:
        return Mark(name="today")
    days = abs(_days_between(today, due, calendar))
    if due < today:
        # A due date of yesterday's weekend is late although no working day has passed since.
        return Mark(name="overdue", word=gettext("%(days)d days late", days=max(days, 1)))
    return Mark(name="later", word=gettext("%(days)d days left", days=days))


def _days_between(start: date, end: date, calendar: WorkCalendar) -> int:
    try:
        return calendar.working_days_between(start, end)
    except PlanRuleError:
        return (end - start).days
