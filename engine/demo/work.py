"""What the units of the demo did, by action, indicator and year: texts and numbers of `work.yaml`."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from zlib import crc32

import yaml

YEAR_END = 3


def facts(year: int) -> Mapping[str, Any]:
    """What is particular about a year; a year that is not told is like the last one before it."""
    years: dict[int, Mapping[str, Any]] = _work()["years"]
    return years[max((known for known in years if known <= year), default=min(years))]


def new_target(action_id: str, year: int) -> Mapping[str, Any]:
    """What a unit writes into the target of an action when the plan of a year is drafted."""
    target: Mapping[str, Any] = facts(year)["targets"].get(action_id, {})
    return target


def doing(action_id: str, unit: str, year: int, quarter: int, reached: str = "") -> str:
    """What a unit says of an action at the end of a quarter (0 to 3); `reached` is the number of its row."""
    return _told("doing", action_id, unit, year, quarter, reached)


def done(action_id: str, unit: str, year: int, reached: str = "") -> str:
    """What a unit says of an action at the end of the year."""
    return _told("done", action_id, unit, year, YEAR_END, reached)


def evidence_of(action_id: str) -> str:
    """What proves an action."""
    return str(_work()["actions"].get(action_id, {}).get("evidence", "佐證資料"))


def number(indicator: str, year: int, quarter: int) -> str:
    """The running total of an indicator at the end of a quarter."""
    numbers: list[int] = facts(year)["numbers"].get(indicator, [1, 2, 3, 4])
    return str(numbers[quarter])


def shortfall(indicator: str) -> Mapping[str, str]:
    """Why an indicator stays behind, in the words of the forms."""
    words: Mapping[str, str] = _work()["shortfalls"].get(indicator, _work()["shortfalls"]["說明會場次"])
    return words


def next_day(month_and_day: str, after: date) -> str:
    """The first such day (`03-31`) after another one."""
    month, day = map(int, month_and_day.split("-"))
    this_year = date(after.year, month, day)
    return (this_year if this_year > after else date(after.year + 1, month, day)).isoformat()


def in_words(count: int) -> str:
    """A small number as it stands in a sentence."""
    return "零一二三四五六七八九"[count] if count < 10 else str(count)


def varied(among: int, *words: object) -> int:
    """A number below `among` that is the same for the same words, so that people differ from one another."""
    return crc32("|".join(map(str, words)).encode()) % among


def _told(kind: str, action_id: str, unit: str, year: int, quarter: int, reached: str) -> str:
    action = _work()["actions"].get(action_id)
    if action is None:
        return "依計畫內容辦理，相關紀錄均留存備查，服務對象反映良好。"
    text: str = action[kind]
    if "{n}" not in text:
        return text
    return text.format(n=reached or _count(action["counts"][quarter], action_id, unit, year))


def _count(count: int, action_id: str, unit: str, year: int) -> int:
    """Bigger numbers vary by unit and year; never down from one quarter to the next."""
    return count * (96 + varied(5, action_id, unit) + 2 * (year - 114)) // 100 if count > 10 else count


@cache
def _work() -> dict[str, Any]:
    body: dict[str, Any] = yaml.safe_load((files("engine.demo") / "work.yaml").read_text(encoding="utf-8"))
    return body
