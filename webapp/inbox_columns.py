"""The columns of the inbox: which ones a person wants between what to do and the due date."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import g
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.preference import INBOX_COLUMNS


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name in the address, its word, and the class that places it on a phone."""

    name: str
    word: LazyString
    look: str


ALL_COLUMNS = tuple(
    Column(name=name, word=word, look=look)
    for name, word, look in (
        ("note", lazy_gettext("Note"), "stc"),
        ("work", lazy_gettext("Work"), "nw unit"),
        ("unit", lazy_gettext("Unit"), "nw unit"),
        ("from", lazy_gettext("Sent by"), "nw from"),
        ("since", lazy_gettext("Arrived"), "nw since"),
        ("late", lazy_gettext("Late from"), "nw since"),
    )
)
AT_FIRST = ("note", "unit", "from", "since")


def columns_shown(asked: str | None) -> tuple[Column, ...]:
    """The columns that an address asks for, else those of the person's account, else those of everybody."""
    names: Iterable[str] = (
        asked.split(",") if asked else g.get("preferences", {}).get(INBOX_COLUMNS, AT_FIRST)
    )
    return tuple(column for column in ALL_COLUMNS if column.name in names)
