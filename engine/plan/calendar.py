"""Working days by the official office calendars (政府行政機關辦公日曆表); holidays are never computed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from engine.plan.rule_error import PlanRuleError

_DAY = timedelta(days=1)
# How `with_day_off` writes a day into the source of a table.
_CLOSURE = re.compile(r"(\d{4}-\d{2}-\d{2}) (.+)")
_ROC_OFFSET = 1911


@dataclass(frozen=True, slots=True, kw_only=True)
class YearTable:
    """One yearly table: weekdays off, weekend days worked, its source, whether it is official yet."""

    year: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    source: str
    confirmed: bool

    def __post_init__(self) -> None:
        for on in sorted(self.holidays | self.workdays):
            if on.year != self.year:
                raise PlanRuleError(
                    "{on} does not belong to the office calendar of {year}", on=on, year=self.year
                )
        for on in sorted(self.holidays):
            if on.weekday() >= 5:
                raise PlanRuleError("{on} is a weekend day and is off anyway", on=on)
        for on in sorted(self.workdays):
            if on.weekday() < 5:
                raise PlanRuleError("{on} is a weekday and cannot be a make-up working day", on=on)

    def is_working_day(self, on: date) -> bool:
        """Whether offices are open on that day of this year."""
        return on in self.workdays or (on.weekday() < 5 and on not in self.holidays)

    def working_days_within(self, since: date, until: date) -> int:
        """How many days of this year, both included, offices are open: counted without a look at each."""
        weeks, rest = divmod((until - since).days + 1, 7)
        weekdays = weeks * 5 + sum((since.weekday() + n) % 7 < 5 for n in range(rest))
        off, made_up = (sum(since <= on <= until for on in days) for days in (self.holidays, self.workdays))
        return weekdays - off + made_up

    @property
    def closures(self) -> dict[date, str]:
        """The days on which work was stopped after the table came out, with their basis."""
        added = (_CLOSURE.fullmatch(part.strip()) for part in self.source.split(";"))
        return {date.fromisoformat(found[1]): found[2] for found in added if found}

    @property
    def published(self) -> str:
        """The source of the table as it came out."""
        return ";".join(p for p in self.source.split(";") if not _CLOSURE.fullmatch(p.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """The imported tables. Every question that touches a year without a table is refused."""

    tables: Mapping[int, YearTable]

    def is_working_day(self, on: date) -> bool:
        """Whether offices are open; PlanRuleError when the table of that year is missing."""
        return self._table(on).is_working_day(on)

    def is_confirmed(self, on: date) -> bool:
        """Whether the table of that year is the published one; PlanRuleError when it is missing."""
        return self._table(on).confirmed

    def add_working_days(self, on: date, days: int) -> date:
        """The `days`-th working day after (or, when negative, before) `on`; `on` itself is never counted."""
        step = _DAY if days > 0 else -_DAY
        left = abs(days)
        while left:
            on += step
            left -= self.is_working_day(on)
        return on

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`; negative when end is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        first, total = start + _DAY, 0
        for year in range(first.year, end.year + 1):
            since, until = max(first, date(year, 1, 1)), min(end, date(year, 12, 31))
            if since <= until:
                total += self._table(since).working_days_within(since, until)
        return total

    def previous_working_day_on_or_before(self, on: date) -> date:
        """`on`, or the last working day before it."""
        while not self.is_working_day(on):
            on -= _DAY
        return on

    def next_working_day_on_or_after(self, on: date) -> date:
        """`on`, or the first working day after it."""
        while not self.is_working_day(on):
            on += _DAY
        return on

    def with_table(self, table: YearTable) -> WorkCalendar:
        """The same calendar with one year added or replaced."""
        return WorkCalendar(tables={**self.tables, table.year: table})

    def with_day_off(self, on: date, basis: str) -> WorkCalendar:
        """The same calendar with one more day off (停止上班), its basis added to the source of the table."""
        table = self._table(on)
        if not basis.strip():
            raise PlanRuleError("A day off needs the announcement that it is based on")
        return self.with_table(
            YearTable(
                year=table.year,
                holidays=table.holidays | ({on} if on.weekday() < 5 else set()),
                workdays=table.workdays - {on},
                source=f"{table.source};{on.isoformat()} {basis}",
                confirmed=table.confirmed,
            )
        )

    def with_closures_kept(self, table: YearTable) -> YearTable:
        """A table that comes in the place of the year's, with the days on which work was stopped since."""
        calendar = self.with_table(table)
        for on, basis in self.closures(table.year).items():
            if on not in table.closures:
                calendar = calendar.with_day_off(on, basis)
        return calendar.tables[table.year]

    def closures(self, year: int) -> dict[date, str]:
        """The days of an AD year on which work was stopped after its table came out, with their basis."""
        return self.tables[year].closures if year in self.tables else {}

    def _table(self, on: date) -> YearTable:
        table = self.tables.get(on.year)
        if table is None:
            raise PlanRuleError(
                "The office calendar of ROC year {year} has not been imported", year=on.year - _ROC_OFFSET
            )
        return table


def year_table(year: int, table: Mapping[str, Any]) -> YearTable:
    """Read one table of JSON; PlanRuleError when a date is wrong or a part is missing."""
    try:
        return YearTable(
            year=year,
            holidays=frozenset(date.fromisoformat(on) for on in table["holidays"]),
            workdays=frozenset(date.fromisoformat(on) for on in table["workdays"]),
            source=str(table["source"]),
            confirmed=bool(table["confirmed"]),
        )
    except PlanRuleError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise PlanRuleError(
            "The office calendar of {year} cannot be read: {reason}", year=year, reason=error
        ) from error


def year_table_json(table: YearTable) -> dict[str, Any]:
    """The JSON form that `year_table` reads."""
    return {
        "holidays": [on.isoformat() for on in sorted(table.holidays)],
        "workdays": [on.isoformat() for on in sorted(table.workdays)],
        "source": table.source,
        "confirmed": table.confirmed,
    }


def work_calendar(tables: Mapping[int, Mapping[str, Any]]) -> WorkCalendar:
    """A calendar of yearly JSON tables, keyed by AD year."""
    return WorkCalendar(tables={year: year_table(year, table) for year, table in tables.items()})


def load_calendars() -> dict[int, dict[str, Any]]:
    """The tables that are shipped with planflow, keyed by AD year."""
    shipped = files("engine.plan").joinpath("calendars").iterdir()
    tables = {
        int(entry.name.removesuffix(".json")): json.loads(entry.read_text(encoding="utf-8"))
        for entry in shipped
        if entry.name.endswith(".json")
    }
    return dict(sorted(tables.items()))
