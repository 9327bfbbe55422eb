"""How much working time passed: days on which offices are closed do not count."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from engine.clock import TAIPEI
from engine.plan.calendar import WorkCalendar
from engine.plan.rule_error import PlanRuleError

Span = tuple[datetime, datetime]
_DAY = timedelta(days=1)


def working_days_in(spans: Iterable[Span], calendar: WorkCalendar) -> float:
    """The length of all spans together in working days, overlaps counted once, to one decimal."""
    return round(sum((_length(start, end, calendar) for start, end in _merged(spans)), timedelta()) / _DAY, 1)


class WorkingDays:
    """Many lengths of one calendar: each day is looked up once, however many spans it lies in."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._origin: date | None = None
        self._before: list[int] = [0]  # working days from the origin up to a day

    def between(self, start: datetime, end: datetime) -> float:
        """The length of one span in working days, to one decimal; as `working_days_in` counts it."""
        if self._origin is None or start.astimezone(TAIPEI).date() < self._origin:
            self._origin, self._before = start.astimezone(TAIPEI).date(), [0]
        return round(self._reading(end) - self._reading(start), 1)

    def _reading(self, at: datetime) -> float:
        local = at.astimezone(TAIPEI)
        place = (local.date() - (self._origin or local.date())).days
        while len(self._before) < place + 2:
            day = (self._origin or local.date()) + _DAY * (len(self._before) - 1)
            self._before.append(self._before[-1] + _is_working_day(day, self._calendar))
        whole, is_open = self._before[place], self._before[place + 1] - self._before[place]
        midnight = datetime.combine(local.date(), datetime.min.time(), TAIPEI)
        return whole + is_open * ((local - midnight) / _DAY)


def working_days_until(today: date, due: date, calendar: WorkCalendar) -> int:
    """Working days from today until a due date, negative after it; calendar days where no table is."""
    try:
        return calendar.working_days_between(today, due)
    except PlanRuleError:
        return (due - today).days


def days_left(
    today: date, due_on: date | None, late_after_on: date | None, calendar: WorkCalendar
) -> int | None:
    """Working days until a due date, 0 between it and the end of the grace, negative after that."""
    if due_on is None or late_after_on is None:
        return None
    if today > late_after_on:
        return working_days_until(today, late_after_on, calendar)
    return max(0, working_days_until(today, due_on, calendar))


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _length(start: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """The part of a span that lies on working days; a day counts whole, as offices count it."""
    total, at = timedelta(), start.astimezone(TAIPEI)
    while at < end:
        midnight = datetime.combine(at.date() + _DAY, datetime.min.time(), TAIPEI)
        until = min(midnight, end.astimezone(TAIPEI))
        if _is_working_day(at.date(), calendar):
            total += until - at
        at = until
    return total


def _is_working_day(day: date, calendar: WorkCalendar) -> bool:
    try:
        return calendar.is_working_day(day)
    except PlanRuleError:
        return True
