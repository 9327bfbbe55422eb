"""Reads the yearly office calendar as the government publishes it: a line a day, 0 for work, 2 for off."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

from engine.plan.rule_error import PlanRuleError

DATE_COLUMN = "西元日期"
OFF_COLUMN = "是否放假"
IS_OFF = {"0": False, "2": True}
ENCODINGS = ("utf-8-sig", "big5")
SATURDAY = 5


def year_and_table(body: bytes) -> tuple[int, dict[str, Any]]:
    """The AD year of a published table and the JSON form without its source.

    PlanRuleError when a column is missing, a day is wrong or missing, or the days are not those of one year.
    """
    days = dict(_days(_text(body)))
    years = {on.year for on in days}
    if len(years) != 1:
        raise PlanRuleError("The table must hold the days of one year")
    year = years.pop()
    if len(days) != (date(year + 1, 1, 1) - date(year, 1, 1)).days:
        raise PlanRuleError("The table of {year} holds {count} days", year=year, count=len(days))
    return year, {
        "holidays": [on.isoformat() for on in sorted(days) if days[on] and on.weekday() < SATURDAY],
        "workdays": [on.isoformat() for on in sorted(days) if not days[on] and on.weekday() >= SATURDAY],
    }


def _text(body: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PlanRuleError("The table is neither UTF-8 nor Big5 text")


def _days(text: str) -> Iterator[tuple[date, bool]]:
    for number, row in enumerate(csv.DictReader(StringIO(text)), start=2):
        try:
            day = (row[DATE_COLUMN] or "").strip()
            yield date(int(day[:4]), int(day[4:6]), int(day[6:8])), IS_OFF[(row[OFF_COLUMN] or "").strip()]
        except (KeyError, ValueError) as error:
            raise PlanRuleError("Line {line} of the table cannot be read", line=number) from error
