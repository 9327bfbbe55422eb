"""What a proof reads: events by what they tell, and whole rows, both as they are stored."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.domain.history import EventType
from engine.store import tables
from engine.store.repository import Repository, of_instance

Columns = Mapping[str, Any]
_EVENT = tables.history_event.c
_VERSION = tables.document_version.c
_LETTER = tables.letter.c
_REF_LISTS = ('"documents":[', '"letters":[', '"files":[')
_REF_TYPES = (EventType.DOCUMENT_RECORDED, EventType.LETTER_CORRECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one event tells; `type` is the stored text, because a forged one may be no type at all."""

    stream: int
    seq: int
    type: str
    actor: str
    occurred_at: int
    data: dict[str, Any]


class ProofRows(Repository):
    """Reads for proofs; an event whose data cannot be read tells nothing: the proof of its chain names it."""

    def told(self, stream: int, types: Iterable[EventType], *, until: int | None = None) -> list[Told]:
        """The events of some types in a stream, in order; only up to an instant (microseconds), if asked."""
        wanted = _EVENT.type.in_([str(event_type) for event_type in types])
        return self._told(_EVENT.stream == stream, wanted, _up_to(until))

    def told_refs(self, stream: int) -> list[Told]:
        """The events of a stream that tell documents, letters or files, in order."""
        holds_list = (_EVENT.data.contains(name) for name in _REF_LISTS)
        wanted = sa.or_(_EVENT.type.in_([str(t) for t in _REF_TYPES]), *holds_list)
        return self._told(_EVENT.stream == stream, wanted)

    def told_documents(self, streams: Collection[int], owners: str, *, until: int) -> list[Told]:
        """The events of some streams that tell documents of owners whose keys begin so, up to an instant."""
        names_owner = _EVENT.data.contains(f'"owner":"{owners}', autoescape=True)
        return self._told(_EVENT.stream.in_(streams), names_owner, _up_to(until))

    def rows(self, table: sa.Table) -> list[Columns]:
        """Every row of a table."""
        return self._rows(table)

    def documents_near(self, instance_id: int, owners: Iterable[str]) -> list[Columns]:
        """The versions that some owners have, and those made in tasks of an instance."""
        made_there = of_instance(_VERSION.task_id, instance_id)
        return self._rows(tables.document_version, sa.or_(_VERSION.owner.in_(sorted(owners)), made_there))

    def letters_near(self, instance_id: int, ids: Iterable[int]) -> list[Columns]:
        """The letters of some ids, and those that claim to be told by an instance."""
        return self._rows(tables.letter, sa.or_(_LETTER.id.in_(sorted(ids)), _LETTER.stream == instance_id))

    def files_of(self, digests: Iterable[bytes]) -> list[Columns]:
        """The files of some contents."""
        return self._rows(tables.file, tables.file.c.digest.in_(sorted(digests)))

    def _rows(self, table: sa.Table, wanted: sa.ColumnElement[bool] | None = None) -> list[Columns]:
        query = sa.select(table) if wanted is None else sa.select(table).where(wanted)
        return [
            {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
            for row in self.settled.execute(query).mappings()
        ]

    def _told(self, *wanted: sa.ColumnElement[bool]) -> list[Told]:
        columns = (_EVENT.stream, _EVENT.seq, _EVENT.type, _EVENT.actor, _EVENT.occurred_at, _EVENT.data)
        query = sa.select(*columns).where(*wanted).order_by(_EVENT.stream, _EVENT.seq)
        return [
            Told(stream=stream, seq=seq, type=type_, actor=actor, occurred_at=at, data=data)
            for stream, seq, type_, actor, at, text in self.settled.execute(query)
            if isinstance(data := _read(text), dict)
        ]


def _up_to(until: int | None) -> sa.ColumnElement[bool]:
    return sa.true() if until is None else _EVENT.occurred_at <= until


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
