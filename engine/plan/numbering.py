"""The generated outline numbers of official texts: 壹、 一、 (一) 1. (1). Nobody types them."""

from __future__ import annotations

from typing import Literal

from engine.plan.rule_error import PlanRuleError

Level = Literal[1, 2, 3, 4, 5]

_PLAIN = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九")
_FORMAL = ("", "壹", "貳", "參", "肆", "伍", "陸", "柒", "捌", "玖")


def chinese_numeral(number: int) -> str:
    """1..99 in plain characters: 十二, 二十."""
    tens, ones = _split(number)
    leading = "" if tens == 0 else "十" if tens == 1 else _PLAIN[tens] + "十"
    return leading + _PLAIN[ones]


def formal_numeral(number: int) -> str:
    """1..99 in the characters of chapters: 捌, 拾貳, 貳拾."""
    tens, ones = _split(number)
    leading = "" if tens == 0 else "拾" if tens == 1 else _FORMAL[tens] + "拾"
    return leading + _FORMAL[ones]


def heading(level: Level, number: int) -> str:
    """The mark before a heading of that level, e.g. 壹、 or (三); PlanRuleError outside 1..99."""
    match level:
        case 1:
            return f"{formal_numeral(number)}、"
        case 2:
            return f"{chinese_numeral(number)}、"
        case 3:
            return f"({chinese_numeral(number)})"
        case 4:
            _split(number)
            return f"{number}."
        case 5:
            _split(number)
            return f"({number})"


def clause(
    chapter: int, item: int | None = None, sub_item: int | None = None, number: int | None = None
) -> str:
    """A clause reference such as 柒.二(五) or 陸.二(一)1."""
    text = formal_numeral(chapter)
    if item is not None:
        text += f".{chinese_numeral(item)}"
    if sub_item is not None:
        text += f"({chinese_numeral(sub_item)})"
    if number is not None:
        text += str(number)
    return text


def _split(number: int) -> tuple[int, int]:
    if not 1 <= number <= 99:
        raise PlanRuleError("{number} cannot be an outline number", number=number)
    return divmod(number, 10)
