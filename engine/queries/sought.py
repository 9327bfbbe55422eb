"""Which texts of tasks a search means: the few texts lead to their tasks by an index (PostgreSQL).

The texts are those of all tasks there ever were, so they narrow what is read and never say who may see it.
A word of more texts is common: a walk along the lists of a person soon fills a page with it.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.store.search_tables import task_text
from engine.store.unit_of_work import Reader

MOST_TEXTS = 500
# A word that so many of the first texts have is common: the index is not asked, which would list them all.
SAMPLE = 300
MOST_OF_SAMPLE = 30
# As the indexes of the migration have it: a text is told by its hash, and its words are asked again.
_HASH = "hashtextextended({of}.label || chr(10) || {of}.subject, 0)"
# Literals, of which the planner knows how common they are.
_GRAMS = "search_grams(task_text.label || chr(10) || task_text.subject)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The hashes of the texts that a search means; None where the lists have to be walked."""

    texts: tuple[int, ...] | None


def has_words(q: str, *parts: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Every word of a search occurs in one of the parts, in whatever case.

    Making a text small costs ten times the comparison, so words that have no case are compared as they are.
    """
    words = (sa.or_(*(_occurs(word, part) for part in parts)) for word in q.split())
    return sa.and_(sa.true(), *words)


def _occurs(word: str, part: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    if all(map(_has_no_case, word)):
        return part.contains(word, autoescape=True)
    return part.icontains(word, autoescape=True)


def _has_no_case(letter: str) -> bool:
    """Signs, digits and the letters of East Asia, which are no small form of any other letter either."""
    return not letter.isalpha() if letter.isascii() else "\u2e80" <= letter <= "\ua4cf"


def sought_texts(reader: Reader, q: str) -> Sought:
    """The texts with every word, unless they are many or no index leads to them."""
    grams = sorted({gram for word in q.split() for gram in _grams(word)})
    if not grams or reader.transaction.is_sqlite:
        return Sought(texts=None)
    if _is_common(reader, q):
        return Sought(texts=None)
    known: sa.ColumnElement[Any] = sa.literal_column(_GRAMS, ARRAY(sa.Text))
    query: sa.Select[Any] = (
        sa.select(sa.literal_column(_HASH.format(of="task_text")))
        .select_from(task_text)
        .where(known.contains(sa.literal(grams, ARRAY(sa.Text))))
        .where(has_words(q, task_text.c.label, task_text.c.subject))
        .limit(MOST_TEXTS + 1)
    )
    hashes = tuple(reader.transaction.core.execute(query).scalars())
    return Sought(texts=None if len(hashes) > MOST_TEXTS else hashes)


def _is_common(reader: Reader, q: str) -> bool:
    sample = sa.select(task_text).limit(SAMPLE).subquery("sample")
    query = sa.select(sa.func.count()).where(has_words(q, sample.c.label, sample.c.subject))
    found: int = reader.transaction.core.execute(query).scalar_one()
    return found > MOST_OF_SAMPLE


def _grams(word: str) -> list[str]:
    """Neighbours of a word as the index has them, or its one letter.

    Letters whose small form databases may see differently are left out: the words are asked again.
    """
    length = min(2, len(word))
    parts = (word[i : i + length] for i in range(len(word) - length + 1))
    return [part.lower() for part in parts if all(c.isascii() or _has_no_case(c) for c in part)]


def is_of_texts(hashes: tuple[int, ...], words: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The task has one of the texts; of those alone the words are asked, as two texts may share a hash."""
    own: sa.ColumnElement[int] = sa.literal_column(_HASH.format(of="task"), sa.BigInteger)
    is_one = own == sa.any_(sa.literal(list(hashes), ARRAY(sa.BigInteger)))
    return sa.and_(is_one, sa.case((is_one, words), else_=sa.false()))


def unordered(key: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The same number, which no index has in its order: the texts alone lead to the tasks."""
    return key + sa.literal_column("0")
