"""Characters that no database can store (NUL, halves of a character) are refused at the door."""

from collections.abc import Iterable

from flask import Flask, request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter

from engine.domain.form import NOT_STORABLE, STRANGE_CHARACTER
from engine.errors import FieldError, Invalid

LONGEST_NUMBER = 18  # digits that fit into a column


class StoredNumber(IntegerConverter):
    """Numbers that fit into a column; a longer one names nothing, so its address does not exist."""

    regex = rf"\d{{1,{LONGEST_NUMBER}}}"


def whole_number(text: str) -> int:
    """A number among the parameters of an address; ValueError for one that fits into no column."""
    number = int(text)
    if abs(number) >= 10**LONGEST_NUMBER:
        raise ValueError("a number that fits into no column")
    return number


def install_characters(app: Flask) -> None:
    """Check addresses, parameters and form entries of every request; JSON is checked by whoever reads it."""
    app.url_map.converters["int"] = StoredNumber

    @app.before_request
    def refuse_strange_characters() -> None:
        entries = (*(request.view_args or {}).items(), *_entries(request.args), *_entries(request.form))
        strange = [NOT_STORABLE.sub("", str(name)) for name, text in entries if _is_strange(f"{name}{text}")]
        if strange:
            raise Invalid(tuple(FieldError(path=name, template=STRANGE_CHARACTER) for name in strange))


def _entries(sent: MultiDict[str, str]) -> Iterable[tuple[str | None, str]]:
    return sent.items(multi=True)  # a part of a multipart body may lack its name


def _is_strange(text: str) -> bool:
    return NOT_STORABLE.search(text) is not None
