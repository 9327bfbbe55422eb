"""What an answer to a standing question is made of: rows of cells, each leading to the event that proves it.

Texts are templates with fields, like those of errors: doors translate them. A heading is a whole sentence or
a word that pages use already, so that it stands in the catalogue.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.queries.questions.scope import Scene
    from engine.store.unit_of_work import Reader


class Mark(StrEnum):
    """Why a row stands out: a rule was broken, or somebody should look."""

    BREACH = "breach"
    REMARKABLE = "remarkable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text of planflow: the msgid and its fields."""

    template: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Term:
    """A text of a definition (the label of a task, a role, a form): Chinese, translated for English pages."""

    text: str


@dataclass(frozen=True, slots=True)
class DocumentName:
    """A document beside all processes, by its kind, owner and key: doors have the words."""

    kind: str
    owner: str
    key: str


@dataclass(frozen=True, slots=True)
class Digest:
    """The SHA-256 of a text or a file, in hex: whole in files, its beginning on the page."""

    hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlace:
    """An event in the history of an instance; without a number, the instance.

    Events of other streams are named the same way, by the number of their stream; they have no page.
    """

    instance_id: int
    seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPlace:
    """A version of the plan of a year."""

    roc_year: int
    no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentPlace:
    """Everything as it stood at a moment."""

    at: datetime


Place = EventPlace | PlanPlace | MomentPlace
Value = str | int | Decimal | date | datetime | Words | Term | DocumentName | Digest | None


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a cell, and where it leads."""

    value: Value
    place: Place | None = None


Cell = tuple[Part, ...]
EMPTY: Cell = ()


def cell(value: Value, place: Place | None = None) -> Cell:
    """A cell of one line; empty for nothing."""
    return () if value is None or value == "" else (Part(value, place),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its name in files for machines, and its heading."""

    key: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: a cell for each column, the event that it rests on, and why it stands out, if it does."""

    cells: tuple[Cell, ...]
    place: EventPlace | None
    mark: Mark | None = None
    why: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows in their order, and the sentences that sum them up."""

    rows: tuple[Row, ...]
    summary: tuple[Words, ...]

    @property
    def findings(self) -> tuple[Row, ...]:
        """The rows that stand out."""
        return tuple(row for row in self.rows if row.mark is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of an audit. `number` is that of domain 8; reports beside the fifteen have none."""

    number: int | None
    slug: str
    title: str
    sentence: str
    columns: tuple[Column, ...]
    ask: Callable[["Reader", "Scene"], Answer]


def strongest(why: Iterable[tuple[Mark, Words]]) -> tuple[Mark | None, tuple[Words, ...]]:
    """The mark and the reasons of a row: one broken rule makes it a breach."""
    found = tuple(why)
    marks = {mark for mark, _ in found}
    mark = Mark.BREACH if Mark.BREACH in marks else Mark.REMARKABLE if marks else None
    return mark, tuple(words for _, words in found)
