"""History events: read streams, and append to the streams that are not process instances."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros
from engine.domain.canonical import GENESIS
from engine.domain.history import (
    FIRST_INSTANCE_ID,
    ORGANISATION_STREAM,
    EventDraft,
    EventType,
    HistoryEvent,
    Origin,
    Signature,
    seal,
)
from engine.domain.task import instance_of
from engine.store import tables
from engine.store.instance_handle import AUTOMATIC
from engine.store.repository import Repository, in_parts, stored_bytes
from engine.store.step_rows import event_columns

_EVENT = tables.history_event.c
_HEAD = tables.stream_head.c
_NAMES = [column.name for column in _EVENT]
_CAUSES = (
    f"select {', '.join(_NAMES)} from history_event"
    f" where stream = ? and seq > ? and origin = '{Origin.CAUSE}' order by seq"
)
_EVENT_AND_CAUSES = (
    f"select {', '.join(_NAMES)} from history_event"
    f" where stream = ? and seq >= ? and (seq = ? or origin = '{Origin.CAUSE}') order by seq"
)


class History(Repository):
    """Events of every stream."""

    def events(
        self, stream: int, *, after: int = 0, to_seq: int | None = None, limit: int | None = None
    ) -> list[HistoryEvent]:
        """Events of a stream in order, from number `after` + 1 on."""
        query = sa.select(tables.history_event).where(_EVENT.stream == stream, _EVENT.seq > after)
        if to_seq is not None:
            query = query.where(_EVENT.seq <= to_seq)
        return [event_from_row(row) for row in self.settled.execute(query.order_by(_EVENT.seq).limit(limit))]

    def causes(self, stream: int, *, after: int = 0) -> list[HistoryEvent]:
        """The causes of an instance from number `after` + 1 on, of which a run is made again."""
        return self._on_the_hot_path(_CAUSES, stream, after)

    def causes_behind(self, stream: int, seq: int) -> tuple[bytes, list[HistoryEvent]]:
        """The digest of an event, empty if there is none, and the causes after it."""
        found = self._on_the_hot_path(_EVENT_AND_CAUSES, stream, seq, seq)
        if not found or found[0].seq != seq:
            return b"", found
        return found[0].digest, found[1:]

    def _on_the_hot_path(self, sql: str, *values: int) -> list[HistoryEvent]:
        self.reader.settle()
        marked = sql if self.transaction.is_sqlite else sql.replace("?", "%s")
        return [event_from_row(row) for row in self.transaction.run(marked, values).fetchall()]

    def of_streams(
        self, streams: Collection[int], types: Collection[EventType] | None = None
    ) -> Iterator[HistoryEvent]:
        """All events of several streams, or those of some types, in the order of streams and in their own."""
        for some in in_parts(streams):
            query = sa.select(tables.history_event).where(_EVENT.stream.in_(some))
            if types is not None:
                query = query.where(_EVENT.type.in_(sorted(types)))
            for row in self.settled.execute(query.order_by(_EVENT.stream, _EVENT.seq)):
                yield event_from_row(row)

    def causes_since_snapshots(self, instance_ids: Collection[int]) -> Iterator[HistoryEvent]:
        """What has moved each of these instances since its snapshot, or ever; in order."""
        snapshot = tables.snapshot
        query = (
            sa.select(tables.history_event)
            .outerjoin(snapshot, snapshot.c.instance_id == _EVENT.stream)
            .where(
                _EVENT.stream.in_(instance_ids),
                _EVENT.seq > sa.func.coalesce(snapshot.c.seq, 0),
                _EVENT.origin == Origin.CAUSE,
            )
            .order_by(_EVENT.stream, _EVENT.seq)
        )
        return map(event_from_row, self.settled.execute(query))

    def find(self, stream: int, seq: int) -> HistoryEvent | None:
        """One event, if there is one."""
        query = sa.select(tables.history_event).where(_EVENT.stream == stream, _EVENT.seq == seq)
        row = self.settled.execute(query).first()
        return event_from_row(row) if row else None

    def of_command(self, stream: int, command_id: str | None) -> tuple[HistoryEvent, ...]:
        """What one command wrote to a stream: the event with its id and what followed; empty if never run.

        A door answers a repeated command from this.
        """
        if command_id is None:
            return ()
        query = sa.select(_EVENT.seq).where(_EVENT.stream == stream, _EVENT.command_id == command_id)
        seq = self.settled.execute(query).scalar()
        if seq is None:
            return ()
        first, *rest = self.events(stream, after=seq - 1)
        return (first, *_following(first, rest))

    def last_of_type(
        self, stream: int, event_type: EventType, task_id: int | None = None
    ) -> HistoryEvent | None:
        """The latest event of one type, of one task if asked."""
        query = sa.select(tables.history_event).where(_EVENT.stream == stream, _EVENT.type == event_type)
        if task_id is not None:
            query = query.where(_EVENT.task_id == task_id)
        row = self.settled.execute(query.order_by(_EVENT.seq.desc()).limit(1)).first()
        return event_from_row(row) if row else None

    def latest_of_type(self, stream: int, event_type: EventType, limit: int) -> list[HistoryEvent]:
        """The latest events of one type, the newest first."""
        query = sa.select(tables.history_event).where(_EVENT.stream == stream, _EVENT.type == event_type)
        rows = self.settled.execute(query.order_by(_EVENT.seq.desc()).limit(limit))
        return [event_from_row(row) for row in rows]

    def of_task(self, task_id: int, *types: EventType) -> list[HistoryEvent]:
        """The events of some types that concern a task, the first one first."""
        query = sa.select(tables.history_event).where(
            _EVENT.stream == instance_of(task_id), _EVENT.task_id == task_id, _EVENT.type.in_(types)
        )
        return [event_from_row(row) for row in self.settled.execute(query.order_by(_EVENT.seq))]

    def of_types(self, stream: int, *types: EventType) -> list[HistoryEvent]:
        """The events of some types in a stream, the first one first."""
        query = sa.select(tables.history_event).where(_EVENT.stream == stream, _EVENT.type.in_(types))
        return [event_from_row(row) for row in self.settled.execute(query.order_by(_EVENT.seq))]

    def last_seq(self, stream: int) -> int:
        """The number of the last event that is there, whatever the row beside the history says."""
        found = self.settled.execute(sa.select(sa.func.max(_EVENT.seq)).where(_EVENT.stream == stream))
        return found.scalar() or 0

    def instants(self, stream: int) -> list[tuple[int, EventType, int]]:
        """(number, type, instant in microseconds) of every event of a stream, without what it tells."""
        query = sa.select(_EVENT.seq, _EVENT.type, _EVENT.occurred_at).where(_EVENT.stream == stream)
        rows = self.settled.execute(query.order_by(_EVENT.seq))
        return [(seq, EventType(type_), at) for seq, type_, at in rows]

    def is_decided(self, instance_id: int) -> bool:
        """True once somebody has signed as the deciding level (決行)."""
        decided = sa.exists().where(
            _EVENT.stream == instance_id, _EVENT.type == EventType.TASK_COMPLETED,
            _EVENT.data.contains('"decision":"decide"'),
        )  # fmt: skip
        return self.settled.execute(sa.select(decided)).scalar() is True

    def latest_at(self) -> datetime | None:
        """When the latest event of all occurred; reads every event, so only demonstrations ask."""
        found = self.settled.execute(sa.select(sa.func.max(_EVENT.occurred_at))).scalar()
        return None if found is None else from_micros(found)

    def streams(self) -> list[int]:
        """Every stream that has an event."""
        return list(
            self.settled.execute(sa.select(_EVENT.stream).distinct().order_by(_EVENT.stream)).scalars()
        )

    def heads(self) -> list[tuple[int, int, bytes]]:
        """(stream, seq, digest) of the last event of every stream, as the rows beside the history say."""
        instance = tables.process_instance.c
        own = self.settled.execute(sa.select(_HEAD.stream, _HEAD.seq, _HEAD.head)).all()
        moved = self.settled.execute(
            sa.select(instance.id, instance.seq, instance.head).where(instance.seq > 0)
        ).all()
        return sorted((row[0], row[1], stored_bytes(row[2])) for row in (*own, *moved))

    def stored_rows(self, stream: int) -> list[tuple[Any, ...]]:
        """The columns of every event of a stream as they are stored, whatever stands in them."""
        query = sa.select(tables.history_event).where(_EVENT.stream == stream).order_by(_EVENT.seq)
        return [tuple(row) for row in self.settled.execute(query)]

    def digests(self, stream: int, seqs: Collection[int]) -> dict[int, bytes]:
        """The digests of some events of a stream, as far as they exist."""
        query = sa.select(_EVENT.seq, _EVENT.digest).where(
            _EVENT.stream == stream, _EVENT.seq.between(min(seqs), max(seqs))
        )
        wanted = set(seqs)
        return {seq: stored_bytes(digest) for seq, digest in self.settled.execute(query) if seq in wanted}

    def head(self, stream: int) -> tuple[int, bytes]:
        """(seq, digest) of the last event of a stream, as the row beside the history says; (0, genesis) if
        empty."""
        if stream >= FIRST_INSTANCE_ID:
            instance = tables.process_instance.c
            query = sa.select(instance.seq, instance.head).where(instance.id == stream)
        else:
            query = sa.select(_HEAD.seq, _HEAD.head).where(_HEAD.stream == stream)
        row = self.settled.execute(query).first()
        return (row[0], stored_bytes(row[1])) if row else (0, GENESIS)

    def organisation_seq(self) -> int:
        """The number of the organisation's last event: cheap, as every call of the API asks."""
        row = self.transaction.one_alone(f"select seq from stream_head where stream = {ORGANISATION_STREAM}")
        return int(row[0]) if row else 0

    def append(self, stream: int, notes: list[tuple[EventDraft, Signature]]) -> None:
        """Seal and insert notes at the end of a stream that is no process instance."""
        first = self.insert(tables.stream_head).values(stream=stream, seq=0, head=GENESIS)
        self.write(first.on_conflict_do_nothing())
        locked = sa.select(_HEAD.seq, _HEAD.head).where(_HEAD.stream == stream).with_for_update()
        seq, head = self.core.execute(locked).one()
        events: list[HistoryEvent] = []
        for draft, signature in notes:
            events += seal(stream, seq, bytes(head), [draft], signature)
            seq, head = events[-1].seq, events[-1].digest
        rows = [dict(zip(_NAMES, event_columns(event), strict=True)) for event in events]
        self.write(sa.insert(tables.history_event), rows)
        self.write(sa.update(tables.stream_head).where(_HEAD.stream == stream).values(seq=seq, head=head))


def _following(first: HistoryEvent, rest: list[HistoryEvent]) -> Iterator[HistoryEvent]:
    """The events that the same command wrote after its first one: same instant, no other person's act."""
    for event in rest:
        if event.occurred_at != first.occurred_at or (
            event.origin is Origin.CAUSE and event.type not in AUTOMATIC
        ):
            return
        yield event


def event_from_row(row: Any) -> HistoryEvent:
    """An event from the columns of its table; types and origins that are unknown raise ValueError."""
    (
        stream, seq, type_, origin, actor, on_behalf_of, role, unit, occurred_at, command_id, element_id,
        task_id,
        data, digest,
    ) = row  # fmt: skip
    return HistoryEvent(
        stream=stream, seq=seq, type=EventType(type_), origin=Origin(origin), actor=actor,
        on_behalf_of=on_behalf_of, role=role, unit=unit, occurred_at=occurred_at, command_id=command_id,
        element_id=element_id, task_id=task_id, data=data, digest=bytes(digest),
    )  # fmt: skip
