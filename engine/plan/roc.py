"""Dates of the ROC calendar, as civil servants write and type them (year 1 = AD 1912)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Literal

from engine.plan.rule_error import PlanRuleError

RocStyle = Literal["list", "list_weekday", "short_weekday", "document"]

_OFFSET = 1911
_WEEKDAYS = "一二三四五六日"
_HAN = r"\u3400-\u9fff\uf900-\ufaff，。、；：（）「」"
_STRAY_SPACE = re.compile(
    rf"(?<=[0-9０-９])[ \t\u00a0\u3000]+(?=[{_HAN}])|(?<=[{_HAN}])[ \t\u00a0\u3000]+(?=[0-9０-９])"
)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_ROC_FORMS = (
    re.compile(r"(\d{3})(\d{2})(\d{2})"),
    re.compile(r"(\d{1,3})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{1,3})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{1,3})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{1,3})年(\d{1,2})月(\d{1,2})日"),
)


def roc_year(on: date) -> int:
    """The ROC year of a date; PlanRuleError before 1912, when the calendar did not exist."""
    if on.year <= _OFFSET:
        raise PlanRuleError("{on} is before the first year of the ROC calendar", on=on.isoformat())
    return on.year - _OFFSET


def roc_to_ad_year(year: int) -> int:
    """The AD year of an ROC year; PlanRuleError for year 0 and below."""
    if year < 1:
        raise PlanRuleError("{year} is not a year of the ROC calendar", year=year)
    return year + _OFFSET


def format_roc(on: date, style: RocStyle = "list") -> str:
    """A date as lists (114/01/24), inboxes (01/24 (五)) or documents (114年1月24日) show it."""
    year = roc_year(on)
    weekday = _WEEKDAYS[on.weekday()]
    match style:
        case "list":
            return f"{year}/{on.month:02d}/{on.day:02d}"
        case "list_weekday":
            return f"{year}/{on.month:02d}/{on.day:02d} ({weekday})"
        case "short_weekday":
            return f"{on.month:02d}/{on.day:02d} ({weekday})"
        case "document":
            return f"{year}年{on.month}月{on.day}日"


def parse_roc(text: str) -> date:
    """Read a date typed as 1140124, 114/1/24, 114.1.24, 114-01-24, 114年1月24日 or ISO 2025-01-24.

    Spaces and full-width digits are forgiven. PlanRuleError when the text is no date.
    """
    compact = "".join(unicodedata.normalize("NFKC", text).split())
    if not compact:
        raise PlanRuleError("Enter a date, such as 114/1/24")
    iso = _ISO.fullmatch(compact)
    if iso:
        return _date(text, int(iso[1]), int(iso[2]), int(iso[3]))
    for form in _ROC_FORMS:
        found = form.fullmatch(compact)
        if found and int(found[1]) > 0:
            return _date(text, int(found[1]) + _OFFSET, int(found[2]), int(found[3]))
    raise PlanRuleError("{text} is not a date of the ROC calendar", text=text)


def normalise_spaces(text: str) -> str:
    """Remove the blanks that copying from a PDF leaves between digits and Chinese text (114 年 1 月)."""
    return _STRAY_SPACE.sub("", text)


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise PlanRuleError("{text} is not a date of the ROC calendar", text=text) from None
