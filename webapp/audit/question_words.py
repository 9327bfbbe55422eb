"""Answers to standing questions as people read them: cells, marks and links in the language of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.history import FIRST_INSTANCE_ID
from engine.queries.questions.answer import (
    Cell,
    Digest,
    DocumentName,
    EventPlace,
    Mark,
    MomentPlace,
    Part,
    Place,
    PlanPlace,
    Row,
    Term,
    Value,
    Words,
)
from engine.queries.questions.registry import Asked
from webapp.audit.moment_entry import told_moment
from webapp.dates import day_words, moment_words
from webapp.definition_words import in_language
from webapp.document_keys import key_words, owner_words
from webapp.document_names import kind_words
from webapp.wording import translated

REPLAY, MOMENTS = "audit_replay.page", "audit_moments.page"
SHORT = 9
SHOWN_DIGEST = 12
MARK_WORDS: dict[Mark, LazyString] = {
    Mark.BREACH: lazy_gettext("Breach"),
    Mark.REMARKABLE: lazy_gettext("To look at"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a cell with its link, if it has one; of a digest `text` is the beginning of `whole`."""

    text: str
    whole: str
    href: str

    @property
    def is_short(self) -> bool:
        """True for a name, a number, a date: what reads badly in two lines."""
        return len(self.text) <= SHORT


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A row of the table: its cells, its mark and why, and the event that it rests on."""

    cells: tuple[tuple[Line, ...], ...]
    mark: Mark | None
    why: str
    href: str
    seq: int | None
    instance_id: int | None

    @property
    def text(self) -> str:
        """Everything that stands in the row, to be searched."""
        return " ".join([self.why, *(line.whole for cell in self.cells for line in cell)])


def in_words(words: Words) -> str:
    """A text of an answer in the language of the page."""
    return translated(words.template).format(**{name: text_of(value) for name, value in words.params.items()})


def text_of(value: Value) -> str:
    """A value as people read it."""
    match value:
        case None:
            return ""
        case Words():
            return in_words(value)
        case Term(text=text):
            return in_language(text)
        case Digest(hex=text):
            return text
        case DocumentName(kind=kind, owner=owner, key=key):
            return " ".join(filter(None, (kind_words(kind), owner_words(owner), key_words(key, {}))))
        case datetime():
            return moment_words(value)
        case date():
            return day_words(value)
        case _:
            return str(value)


def href_of(place: Place | None) -> str:
    """Where a place is shown: an event in the replay, else on its instance's page; a plan in its version."""
    match place:
        case EventPlace(instance_id=stream) if stream < FIRST_INSTANCE_ID:
            return ""
        case EventPlace(instance_id=instance_id, seq=seq) if seq and REPLAY in current_app.view_functions:
            return url_for(REPLAY, instance_id=instance_id, at=seq)
        case EventPlace(instance_id=instance_id):
            return url_for("instances.page", instance_id=instance_id)
        case PlanPlace(roc_year=year, no=no):
            return url_for("plans.page", roc_year=year, no=no)
        case MomentPlace(at=at) if MOMENTS in current_app.view_functions:
            return url_for(MOMENTS, what="open", at=told_moment(at))
        case _:
            return ""


def shown_rows(asked: Asked) -> list[ShownRow]:
    """Every row of an answer."""
    return [_shown(row) for row in asked.answer.rows]


def _shown(row: Row) -> ShownRow:
    return ShownRow(
        cells=tuple(tuple(map(_line, cell)) for cell in row.cells),
        mark=row.mark,
        why=_joined(row.why),
        href=href_of(row.place),
        seq=row.place.seq if row.place else None,
        instance_id=row.place.instance_id if row.place else None,
    )


def _line(part: Part) -> Line:
    text = text_of(part.value)
    is_digest = isinstance(part.value, Digest)
    return Line(text=text[:SHOWN_DIGEST] if is_digest else text, whole=text, href=href_of(part.place))


def _joined(words: Sequence[Words]) -> str:
    return str(gettext(", ")).join(in_words(each) for each in words)


def sheet_rows(asked: Asked) -> list[list[Any]]:
    """The answer as rows for spreadsheets, with its headings; single numbers stay numbers."""
    head = [translated(column.title) for column in asked.question.columns]
    mark, why = str(gettext("Finding")), str(gettext("Why it stands out"))
    process, entry = str(gettext("Process number")), str(gettext("Entry number"))
    return [
        [*head, mark, why, process, entry],
        *(
            [
                *(_sheet_cell(cell) for cell in row.cells),
                str(MARK_WORDS[row.mark]) if row.mark else "",
                _joined(row.why),
                *_numbers(row.place),
            ]
            for row in asked.answer.rows
        ),
    ]


def _numbers(place: EventPlace | None) -> list[Any]:
    return [place.instance_id, place.seq or ""] if place else ["", ""]


def _sheet_cell(cell: Cell) -> Any:
    if len(cell) == 1 and isinstance(cell[0].value, int | Decimal):
        return Decimal(cell[0].value)
    return "\n".join(text_of(part.value) for part in cell)


def json_of(asked: Asked) -> dict[str, Any]:
    """The answer for machines: ISO moments, the names of columns, and the places as numbers."""
    return {
        "question": {"number": asked.question.number, "slug": asked.question.slug},
        "scope": asked.scope.told,
        "looked_at": {"instances": asked.instances, "events": asked.events},
        "summary": [in_words(words) for words in asked.answer.summary],
        "rows": [
            {
                **{
                    column.key: [_json_value(part.value) for part in cell]
                    for column, cell in zip(asked.question.columns, row.cells, strict=True)
                },
                "finding": str(row.mark) if row.mark else None,
                "why": [in_words(words) for words in row.why],
                "event": [row.place.instance_id, row.place.seq] if row.place else None,
            }
            for row in asked.answer.rows
        ],
    }


def _json_value(value: Value) -> Any:
    match value:
        case int():
            return value
        case datetime() | date():
            return value.isoformat()
        case _:
            return text_of(value)
