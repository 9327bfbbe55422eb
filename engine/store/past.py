"""Reads for views of a past moment: which instances lived then, and what their histories had told by then.

Instants are microseconds; what happened in that very moment has happened. Which instances lived is read from
their rows, everything about them from events.
"""

from collections.abc import Collection

import sqlalchemy as sa

from engine.domain.history import EventType, HistoryEvent
from engine.store import tables
from engine.store.history import event_from_row
from engine.store.repository import Repository

_EVENT = tables.history_event.c
_INSTANCE = tables.process_instance.c
_OF_TASKS = (EventType.TASK_OPENED, EventType.TASK_COMPLETED, EventType.TASK_WITHDRAWN)


class Past(Repository):
    """Instances and events as of a moment."""

    def living(self, at: int, *, before: int | None, limit: int) -> list[int]:
        """Instances that had begun and had not ended, newest first, with ids below `before`."""
        wanted = [*_lived(at), *([] if before is None else [_INSTANCE.id < before])]
        query = sa.select(_INSTANCE.id).where(*wanted).order_by(_INSTANCE.id.desc()).limit(limit)
        return list(self.settled.execute(query).scalars())

    def of_open_tasks(self, at: int, types: Collection[EventType]) -> list[HistoryEvent]:
        """The starts of living instances, and the events of some types of the tasks that were open: one
        statement."""
        living = sa.select(_INSTANCE.id).where(*_lived(at))
        # A task has one opening and one end, so what was told of once only is open.
        opened = (
            sa.select(_EVENT.stream, _EVENT.task_id)
            .where(_EVENT.stream.in_(living), _EVENT.type.in_(_names(_OF_TASKS)), _EVENT.occurred_at <= at)
            .group_by(_EVENT.stream, _EVENT.task_id)
            .having(sa.func.count() == 1)
            .subquery()
        )
        same = sa.and_(opened.c.stream == _EVENT.stream, opened.c.task_id == _EVENT.task_id)
        told = sa.or_(_EVENT.seq == 1, sa.and_(opened.c.task_id.is_not(None), _EVENT.type.in_(_names(types))))
        query = (
            sa.select(tables.history_event)
            .join_from(tables.history_event, opened, same, isouter=True)
            .where(_EVENT.stream.in_(living), _EVENT.occurred_at <= at, told)
            .order_by(_EVENT.stream, _EVENT.seq)
        )
        return [event_from_row(row) for row in self.settled.execute(query)]

    def events(self, streams: Collection[int], at: int, types: Collection[EventType]) -> list[HistoryEvent]:
        """The events of some types in some streams, stream by stream and in order."""
        query = (
            sa.select(tables.history_event)
            .where(_EVENT.stream.in_(streams), _EVENT.type.in_(_names(types)), _EVENT.occurred_at <= at)
            .order_by(_EVENT.stream, _EVENT.seq)
        )
        return [event_from_row(row) for row in self.settled.execute(query)]

    def heads(self, streams: Collection[int], at: int) -> dict[int, tuple[int, bytes]]:
        """Number and digest of the last event of each stream."""
        last = (
            sa.select(_EVENT.stream, sa.func.max(_EVENT.seq).label("seq"))
            .where(_EVENT.stream.in_(streams), _EVENT.occurred_at <= at)
            .group_by(_EVENT.stream)
            .subquery()
        )
        same = sa.and_(last.c.stream == _EVENT.stream, last.c.seq == _EVENT.seq)
        query = sa.select(_EVENT.stream, _EVENT.seq, _EVENT.digest).join(last, same)
        return {stream: (seq, bytes(digest)) for stream, seq, digest in self.settled.execute(query)}

    def streams_of_plans(self, plan_key: str | None = None) -> list[int]:
        """The instances that belong to yearly plans, or to one of them."""
        wanted = _INSTANCE.plan_key.is_not(None) if plan_key is None else _INSTANCE.plan_key == plan_key
        return list(self.settled.execute(sa.select(_INSTANCE.id).where(wanted)).scalars())


def _lived(at: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _INSTANCE.started_at <= at,
        sa.or_(_INSTANCE.ended_at.is_(None), _INSTANCE.ended_at > at),
        _INSTANCE.seq > 0,
    )


def _names(types: Collection[EventType]) -> list[str]:
    return [str(event_type) for event_type in types]
