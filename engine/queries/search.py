"""One search over what a reader may see: own tasks, yearly plans, the letters of plans, award entries."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from engine.domain.identity import Agency
from engine.domain.letter import Letter
from engine.domain.permission import may_see_agency, sight_of
from engine.errors import FieldError, Invalid
from engine.queries.awards import AwardLine, award_list
from engine.queries.plans import OWNER, PlanLine, plan_list
from engine.queries.sought import Sought, sought_texts
from engine.queries.tasks import COUNT_CAP, InboxRow, View, inbox, inbox_count
from engine.store.unit_of_work import Reader

SHOWN_OF_EACH = 5
PAGE_SIZE = 25

Row = TypeVar("Row")


class Kind(StrEnum):
    """What is searched, in the order of the page; tasks are those that the reader owes, or completed."""

    OPEN = "open"
    DONE = "done"
    PLANS = "plans"
    LETTERS = "letters"
    ENTRIES = "entries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits(Generic[Row]):
    """Some of what one kind has; `next_cursor` is None where nothing follows."""

    rows: tuple[Row, ...] = ()
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """What was found of each kind that was asked for; how many of every kind, counted up to `COUNT_CAP`."""

    open: Hits[InboxRow] = Hits()
    done: Hits[InboxRow] = Hits()
    plans: Hits[PlanLine] = Hits()
    letters: Hits[Letter] = Hits()
    entries: Hits[AwardLine] = Hits()
    counts: dict[Kind, int] = field(default_factory=dict)


def search(reader: Reader, q: str, *, kind: str | None = None, cursor: str | None = None) -> SearchPage:
    """The first hits of every kind, or one page of one kind; every word must occur, no word finds nothing.

    Invalid for a kind or cursor that does not exist.
    """
    asked = tuple(Kind) if kind is None else (_kind(kind),)
    words = q.split()
    if not words:
        return SearchPage()
    limit = SHOWN_OF_EACH if kind is None else PAGE_SIZE
    sought = sought_texts(reader, q)
    plans, entries = _plans(reader, words), _entries(reader, words)
    most = SHOWN_OF_EACH if kind is None else None
    return SearchPage(
        open=_tasks(reader, View.OPEN, q, sought, cursor, limit) if Kind.OPEN in asked else Hits(),
        done=_tasks(reader, View.DONE, q, sought, cursor, limit) if Kind.DONE in asked else Hits(),
        plans=Hits(rows=plans[:most]) if Kind.PLANS in asked else Hits(),
        letters=_letters(reader, words, cursor, limit) if Kind.LETTERS in asked else Hits(),
        entries=Hits(rows=entries[:most]) if Kind.ENTRIES in asked else Hits(),
        counts=_counts(reader, q, sought, len(plans), len(entries)),
    )


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError as error:
        raise Invalid((FieldError(path="kind", template="This value does not exist"),)) from error


def _counts(reader: Reader, q: str, sought: Sought, plans: int, entries: int) -> dict[Kind, int]:
    return {
        Kind.OPEN: inbox_count(reader, View.OPEN, q, sought),
        Kind.DONE: inbox_count(reader, View.DONE, q, sought),
        Kind.PLANS: min(plans, COUNT_CAP),
        Kind.LETTERS: len(_matching_letters(reader, q.split(), None, COUNT_CAP)),
        Kind.ENTRIES: min(entries, COUNT_CAP),
    }


def _tasks(
    reader: Reader, view: View, q: str, sought: Sought, cursor: str | None, limit: int
) -> Hits[InboxRow]:
    page = inbox(reader, view=view, cursor=cursor, limit=limit, q=q, sought=sought)
    return Hits(rows=page.rows, next_cursor=page.next_cursor)


def _plans(reader: Reader, words: list[str]) -> tuple[PlanLine, ...]:
    """Plans by their title; a year has one plan, so the list is short."""
    return tuple(line for line in plan_list(reader, with_counts=False) if _holds(words, line.title))


def _entries(reader: Reader, words: list[str]) -> tuple[AwardLine, ...]:
    """Award entries by theme, entrant, category or certificate; a year has few."""
    return tuple(
        line
        for line in award_list(reader, with_counts=False)
        if _holds(words, line.theme, line.entrant, line.category, line.certificate_no)
    )


def _holds(words: list[str], *parts: str) -> bool:
    """True if every word occurs in one of the parts."""
    return all(any(word.casefold() in part.casefold() for part in parts) for word in words)


def _letters(reader: Reader, words: list[str], cursor: str | None, limit: int) -> Hits[Letter]:
    found = _matching_letters(reader, words, _before(cursor), limit + 1)
    more = str(found[limit - 1].id) if len(found) > limit else None
    return Hits(rows=tuple(found[:limit]), next_cursor=more)


def _matching_letters(reader: Reader, words: list[str], before: int | None, limit: int) -> list[Letter]:
    if not may_see_agency(reader.actor, Agency.BRANCH):
        return []
    return reader.letters.matching(
        words, plans_of=OWNER, sight=sight_of(reader.actor), before=before, limit=limit
    )


def _before(cursor: str | None) -> int | None:
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < len(str(2**63))):
        raise Invalid((FieldError(path="cursor", template="This value does not exist"),))
    return int(cursor)
