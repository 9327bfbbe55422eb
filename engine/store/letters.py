"""The register of letters: every entry and every correction is told by an event."""

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

import sqlalchemy as sa

from engine.domain.canonical import canonical_json
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.letter import Letter, corrected, letter_from_json
from engine.domain.permission import Sight
from engine.errors import FieldError, Invalid, NotFound
from engine.store import tables
from engine.store.repository import Repository
from engine.store.sight import is_told_by_covered

_LETTER = tables.letter.c
_GRAMS = sa.text(
    "search_grams(letter_words(letter.issuer, letter.prefix, letter.number, letter.body))"
    " @> search_grams(:word)"
)
_TAKEN = "This number of this sender is in the register already"


class Letters(Repository):
    """Letters that came in or went out."""

    def register(self, letter: Letter) -> Letter:
        """Enter a letter; Invalid when the sender's number is taken.

        The next event of the unit of work tells it.
        """
        uow = self.writer
        if self.find_numbered(letter.issuer, letter.prefix, letter.number) is not None:
            raise Invalid((FieldError(path="number", template=_TAKEN),))
        next_id = (self.core.execute(sa.select(sa.func.max(_LETTER.id))).scalar() or 0) + 1
        numbered = replace(letter, id=next_id)
        stream = uow.current.id if uow.current else ORGANISATION_STREAM
        self.write(sa.insert(tables.letter), {"id": next_id, "stream": stream, **_columns(numbered)})
        uow.collect("letters", numbered.json())
        return numbered

    def correct(self, letter_id: int, changes: dict[str, Any], reason: str) -> Letter:
        """Change fields by a correction entry that keeps the values before; told in the letter's stream."""
        uow = self.writer
        before = self.get(letter_id)
        at = uow.now.isoformat()
        after = corrected(before, changes, reason=reason, at=at, by=uow.actor.user_id)
        other = self.find_numbered(after.issuer, after.prefix, after.number)
        if other is not None and other.id != letter_id:
            raise Invalid((FieldError(path="number", template=_TAKEN),))
        self.write(sa.update(tables.letter).where(_LETTER.id == letter_id).values(_columns(after)))
        stream = self.core.execute(sa.select(_LETTER.stream).where(_LETTER.id == letter_id)).scalar_one()
        told = {"letter": letter_id, "reason": reason, "changes": changes, "after": after.json()}
        uow.record_note(stream, EventDraft(type=EventType.LETTER_CORRECTED, data=told))
        return after

    def get(self, letter_id: int, sight: Sight | None = None) -> Letter:
        """The letter; NotFound when there is none, or none that the sight covers."""
        wanted = sa.and_(_LETTER.id == letter_id, _is_seen(sight))
        row = self.core.execute(sa.select(_LETTER.body).where(wanted)).scalar()
        if row is None:
            raise NotFound(kind="letter", id=letter_id)
        return letter_from_json(json.loads(row))

    def find_numbered(self, issuer: str, prefix: str, number: str) -> Letter | None:
        """The letter of a sender's number, if it was entered."""
        wanted = sa.and_(_LETTER.issuer == issuer, _LETTER.prefix == prefix, _LETTER.number == number)
        row = self.core.execute(sa.select(_LETTER.body).where(wanted)).scalar()
        return None if row is None else letter_from_json(json.loads(row))

    def for_plan(self, plan_key: str, sight: Sight | None = None) -> list[Letter]:
        """Every letter of a plan (that the sight covers), in the order of entry."""
        wanted = sa.and_(_LETTER.plan_key == plan_key, _is_seen(sight))
        rows = self.core.execute(sa.select(_LETTER.body).where(wanted).order_by(_LETTER.id))
        return [letter_from_json(json.loads(body)) for body in rows.scalars()]

    def streams_holding(self, plan_key: str, digest: str) -> list[int]:
        """The streams in which the letters of a plan were entered that carry a file."""
        wanted = (_LETTER.plan_key == plan_key, _LETTER.body.contains(digest, autoescape=True))
        return list(self.core.execute(sa.select(_LETTER.stream).where(*wanted).distinct()).scalars())

    def matching(
        self, words: Collection[str], *, plans_of: str, sight: Sight, before: int | None, limit: int
    ) -> list[Letter]:
        """Letters of an agency's plans in which every word occurs, the newest entry first.

        Sender, number as people write it, and subject are searched; `before` is the id that a page ended on.
        """
        written = _LETTER.prefix + "第" + _LETTER.number + "號"
        searched = (_LETTER.issuer, written, self._subject())
        wanted = [
            _LETTER.plan_key.startswith(f"{plans_of}:", autoescape=True),
            _is_seen(sight),
            *(sa.or_(*(part.icontains(word, autoescape=True) for part in searched)) for word in words),
            *([] if before is None else [_LETTER.id < before]),
            *([] if self.transaction.is_sqlite else map(_has_grams, words)),
        ]
        query = sa.select(_LETTER.body).where(*wanted).order_by(_LETTER.id.desc()).limit(limit)
        return [letter_from_json(json.loads(body)) for body in self.core.execute(query).scalars()]

    def _subject(self) -> sa.ColumnElement[str]:
        body = _LETTER.body if self.transaction.is_sqlite else sa.cast(_LETTER.body, sa.JSON)
        subject: sa.ColumnElement[str] = sa.type_coerce(body, sa.JSON)["subject"].as_string()
        return subject


def _has_grams(word: str) -> sa.ColumnElement[bool]:
    """What an index of PostgreSQL knows of a letter with the word; of a longer one it is asked again."""
    asked: Any = _GRAMS.bindparams(sa.bindparam("word", word, sa.Text, unique=True))
    return cast("sa.ColumnElement[bool]", asked)


def _is_seen(sight: Sight | None) -> sa.ColumnElement[bool]:
    return sa.true() if sight is None else is_told_by_covered(_LETTER.stream, sight)


def _columns(letter: Letter) -> dict[str, Any]:
    return {
        "plan_key": letter.plan_key, "issuer": letter.issuer, "prefix": letter.prefix,
        "number": letter.number,
        "body": canonical_json(letter.json()),
    }  # fmt: skip
