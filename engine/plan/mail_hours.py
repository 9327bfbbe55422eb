"""When a notice may leave as a mail: not at night, on no day off, and together with others if wished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from engine.plan.calendar import WorkCalendar
from engine.plan.deadlines import TAIPEI
from engine.plan.rule_error import PlanRuleError

_DAY = timedelta(days=1)
_WEEKEND = 5


class MailMode(StrEnum):
    """How a person wants to be told: each notice at once, gathered for a while, once a day, or by no mail."""

    IMMEDIATE = "immediate"
    GATHERED = "gathered"
    DAILY = "daily"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChoice:
    """What a person chose; `hour` is the hour of the one mail of a day."""

    mode: MailMode = MailMode.GATHERED
    hour: int = 9


def choice_from_json(kept: Mapping[str, Any] | None) -> MailChoice:
    """The choice as it is kept; who chose nothing is told in gathered mails."""
    return MailChoice(mode=MailMode(kept["mode"]), hour=int(kept["hour"])) if kept else MailChoice()


def choice_json(choice: MailChoice) -> dict[str, Any]:
    """The form in which a choice is kept."""
    return {"mode": str(choice.mode), "hour": choice.hour}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHours:
    """Mails leave on working days from `first` up to `last` o'clock; gathered ones wait for `window`."""

    first: int = 8
    last: int = 18
    window: timedelta = timedelta(minutes=15)

    def leaves_at(
        self, made_at: datetime, choice: MailChoice, calendar: WorkCalendar, *, is_urgent: bool
    ) -> datetime | None:
        """When a notice leaves; None where the person wants no mails."""
        if choice.mode is MailMode.OFF:
            return None
        if is_urgent or choice.mode is MailMode.IMMEDIATE:
            return self.next_open(made_at, calendar)
        if choice.mode is MailMode.GATHERED:
            return self.next_open(made_at + self.window, calendar)
        made = made_at.astimezone(TAIPEI)
        on = made.date() if made <= _at(made.date(), choice.hour) else made.date() + _DAY
        return _at(_working_day(on, calendar), choice.hour)

    def next_open(self, at: datetime, calendar: WorkCalendar) -> datetime:
        """The instant itself, or the next morning of work if it lies in the quiet time."""
        local = at.astimezone(TAIPEI)
        on = _working_day(local.date(), calendar)
        if on == local.date() and local < _at(on, self.first):
            return _at(on, self.first)
        if on == local.date() and local < _at(on, self.last):
            return at
        later = on if on != local.date() else _working_day(on + _DAY, calendar)
        return _at(later, self.first)


def _at(on: date, hour: int) -> datetime:
    return datetime.combine(on, time(), TAIPEI) + timedelta(hours=hour)


def _working_day(on: date, calendar: WorkCalendar) -> date:
    """The day, or the next one on which offices are open; without a table of that year, no weekend."""
    while not _is_open(on, calendar):
        on += _DAY
    return on


def _is_open(on: date, calendar: WorkCalendar) -> bool:
    try:
        return calendar.is_working_day(on)
    except PlanRuleError:
        return on.weekday() < _WEEKEND
