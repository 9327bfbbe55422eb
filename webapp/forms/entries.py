"""One entry: from the text that was typed to the value in JSON, and from the value to the text that is shown.

What cannot be read stays the text it was: the check of the form then says what to enter, and nothing is lost.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.clock import TAIPEI
from engine.domain.form_fields import Field, FieldKind
from engine.plan.roc import format_roc, normalise_spaces, parse_roc
from engine.plan.rule_error import PlanRuleError

MAX_DIGITS = 18
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_WHOLE = re.compile(r"-?\d+")
_MOMENT = re.compile(r"(.+?)[ T日](\d{1,2}):(\d{2})(?::(\d{2}))?")
# Marks that turn the direction of text could make a name read as another; nobody types them in a form.
_DIRECTION_MARKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def clean_text(typed: str) -> str:
    """Text as it is kept: one kind of line end, no control or direction marks, no blanks left by a PDF.

    It is not put into a Unicode normal form: that would change rare characters of names.
    """
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return normalise_spaces("".join(c for c in lines if c == "\n" or _is_kept(c))).strip()


def _is_kept(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _DIRECTION_MARKS


def read_entry(field: Field, typed: str) -> Any:
    """The value of a typed text for a field with one entry; the cleaned text when it cannot be read."""
    text = clean_text(typed)
    reader = _READERS.get(field.kind)
    if field.kind is FieldKind.CHOICE:
        return next((value for value, _ in field.choices if str(value) == text), text)
    return reader(text) if reader else text


def show_entry(field: Field, value: Any) -> str:
    """The text of a value in its input: what `read_entry` reads back as the same value."""
    if value is None:
        return ""
    if field.kind is FieldKind.DATE and isinstance(value, str):
        return _shown_date(value)
    if field.kind is FieldKind.DATETIME and isinstance(value, str):
        return _shown_moment(value)
    if field.kind is FieldKind.LINES and isinstance(value, list):
        return "\n".join(str(line) for line in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _plain_number(text: str) -> str:
    compact = "".join(unicodedata.normalize("NFKC", text).split())
    return compact.replace(",", "") if _THOUSANDS.fullmatch(compact) else compact


def _read_integer(text: str) -> Any:
    plain = _plain_number(text)
    return int(plain) if _WHOLE.fullmatch(plain) and len(plain) <= MAX_DIGITS else text


def _read_number(text: str) -> Any:
    try:
        number = Decimal(_plain_number(text))
    except InvalidOperation:
        return text
    if not number.is_finite() or len(text) > MAX_DIGITS:
        return text
    return int(number) if number == number.to_integral_value() else float(number)


def _read_date(text: str) -> Any:
    try:
        return parse_roc(text).isoformat()
    except PlanRuleError:
        return text


def read_moment(text: str) -> Any:
    """The ISO text of a moment such as `115/1/16 11:20` in Taipei; what cannot be read stays as it is."""
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return text
    day_text = found[1] + ("日" if "年" in found[1] else "")
    try:
        day = parse_roc(day_text)
        at = time(int(found[2]), int(found[3]), int(found[4] or 0))
    except (PlanRuleError, ValueError):
        return text
    return datetime.combine(day, at, TAIPEI).isoformat()


def _read_boolean(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)


_READERS: dict[FieldKind, Callable[[str], Any]] = {
    FieldKind.INTEGER: _read_integer,
    FieldKind.NUMBER: _read_number,
    FieldKind.DECIMAL: _plain_number,
    FieldKind.DATE: _read_date,
    FieldKind.DATETIME: read_moment,
    FieldKind.BOOLEAN: _read_boolean,
}


def _shown_date(value: str) -> str:
    try:
        return format_roc(date.fromisoformat(value), "list")
    except (ValueError, PlanRuleError):
        return value


def _shown_moment(value: str) -> str:
    try:
        at = datetime.fromisoformat(value).astimezone(TAIPEI)
        return f"{format_roc(at.date(), 'list')} {at:{'%H:%M:%S' if at.second else '%H:%M'}}"
    except (ValueError, PlanRuleError):
        return value
