"""Engine messages in the language of the page: the msgid is the template, fields are put in afterwards."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from engine.errors import EngineError, FieldError, LintFinding, NotFound
from webapp.dates import day_words, moment_words
from webapp.definition_words import in_language

# Fields that hold a word of planflow rather than a name or a number of somebody's.
WORDS = frozenset({"kind"})
# Fields that hold words of a form.
DEFINED = frozenset({"form"})
LONGEST_SOUGHT = (
    40  # of what was looked for in vain, a page says no more: an address may be as long as it likes
)


def say(msgid: str, **fields: Any) -> str:
    """A text of the web's own in the language of the page, with its fields."""
    return str(gettext(msgid, **fields))


def translated(msgid: str) -> str:
    """The msgid in the page's language; an empty one stays empty (catalogues answer with their header)."""
    return say(msgid) if msgid else ""


def in_words(said: EngineError | FieldError | LintFinding) -> str:
    """What an error, a fault of a field or a finding says, translated, with dates as people write them."""
    fields = said.fields if isinstance(said, EngineError) else said.params
    words = {name: _field(name, value) for name, value in fields.items()}
    if isinstance(said, NotFound):
        words = {name: _shortened(str(word)) for name, word in words.items()}
    return translated(said.template).format(**words)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SOUGHT else f"{text[: LONGEST_SOUGHT - 1]}…"


def _field(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_words(value)
    if isinstance(value, date):
        return day_words(value)
    if name in WORDS and isinstance(value, str):
        return translated(value)
    return in_language(value) if name in DEFINED and isinstance(value, str) else value
