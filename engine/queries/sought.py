"""Which texts of tasks a search means: the few texts lead to their tasks by an index (PostgreSQL).

The texts are those of all tasks there ever were, so they narrow what is read and never say who may see it.
A word of more texts is common: a walk along the lists of a person soon fills a page with it.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.store.search_tables import task_text
from engine.store.unit_of_work import Reader

MOST_TEXTS = 500
# As the indexes of the migration have it: a text is told by its hash, and its words are asked again.
_HASH = "hashtextextended({of}.label || chr(10) || {of}.subject, 0)"
_GRAMS = sa.text("search_grams(task_text.label || chr(10) || task_text.subject) @> search_grams(:word)")


def has_words(q: str, label: sa.ColumnElement[str], subject: sa.ColumnElement[str]) -> Any:
    """Every word of a search occurs in the label or in the subject."""
    words = (sa.or_(*(part.icontains(w, autoescape=True) for part in (label, subject))) for w in q.split())
    return sa.and_(sa.true(), *words)


def few_texts(reader: Reader, q: str) -> tuple[int, ...] | None:
    """The hashes of the texts with every word; None where they are many, or where no index leads on."""
    words = q.split()
    if not words or reader.transaction.is_sqlite:
        return None
    grams = (_GRAMS.bindparams(sa.bindparam("word", word, sa.Text, unique=True)) for word in words)
    query: sa.Select[Any] = (
        sa.select(sa.literal_column(_HASH.format(of="task_text")))
        .select_from(task_text)
        .where(*grams, has_words(q, task_text.c.label, task_text.c.subject))
        .limit(MOST_TEXTS + 1)
    )
    hashes = tuple(reader.transaction.core.execute(query).scalars())
    return None if len(hashes) > MOST_TEXTS else hashes


def is_of_texts(hashes: tuple[int, ...]) -> sa.ColumnElement[bool]:
    """The task has one of the texts: true for more than those only where two texts share a hash."""
    own: sa.ColumnElement[int] = sa.literal_column(_HASH.format(of="task"), sa.BigInteger)
    return own == sa.any_(sa.literal(list(hashes), ARRAY(sa.BigInteger)))


def unordered(key: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The same number, which no index has in its order: the texts alone lead to the tasks."""
    return key + sa.literal_column("0")
