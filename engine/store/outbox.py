"""The outbox: what must leave the house, written in the command's own transaction and sent later, once."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.canonical import canonical_json
from engine.store import tables
from engine.store.repository import Repository

_OUTBOX = tables.outbox.c
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """Something to send."""

    id: int
    dedup_key: str
    kind: str
    payload: dict[str, Any]
    made_at: datetime
    attempts: int
    sent_at: datetime | None
    failure: str | None


class Outbox(Repository):
    """Entries to send."""

    def add(self, dedup_key: str, kind: str, payload: dict[str, Any]) -> None:
        """Ask for something to be sent; the same key asks once, however often it is added."""
        uow = self.writer
        at = to_micros(uow.now)
        row = {
            "dedup_key": dedup_key, "kind": kind, "payload": canonical_json(payload), "made_at": at,
            "send_at": at,
            "attempts": 0,
        }  # fmt: skip
        self.write(self.insert(tables.outbox).values(row).on_conflict_do_nothing())

    def next_unsent(self) -> OutboxEntry | None:
        """Lock the next entry whose time has come; entries that another sender holds are passed over."""
        query = (
            sa.select(tables.outbox)
            .where(_OUTBOX.sent_at.is_(None), _OUTBOX.send_at <= to_micros(self.writer.now))
            .order_by(_OUTBOX.send_at, _OUTBOX.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self.core.execute(query).first()
        return _entry(row) if row else None

    def waiting_of(self, user_id: str, limit: int) -> list[OutboxEntry]:
        """Lock what waits for one person, the oldest first; what another sender holds is passed over."""
        query = (
            sa.select(tables.outbox)
            .where(_OUTBOX.sent_at.is_(None), _OUTBOX.send_at < tables.NEVER, self._user() == user_id)
            .order_by(_OUTBOX.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_entry(row) for row in self.core.execute(query)]

    def mark_sent(self, *entry_ids: int) -> None:
        """Say that entries have left."""
        at = to_micros(self.writer.now)
        self._change(*entry_ids, sent_at=at, failure=None, attempts=_OUTBOX.attempts + 1)

    def put_off(self, entry_id: int, until: datetime) -> None:
        """Let an entry wait for its time."""
        self._change(entry_id, send_at=to_micros(until))

    def set_aside(self, reason: str | None, *entry_ids: int) -> None:
        """Take entries out of the line: nobody wants them, or another entry holds them."""
        self._change(*entry_ids, send_at=tables.NEVER, failure=reason)

    def mark_failed(self, entry: OutboxEntry, failure: str) -> None:
        """Say why an entry did not leave; it is tried again after a delay that doubles."""
        delay = min(FIRST_DELAY * 2 ** min(entry.attempts, 20), LONGEST_DELAY)
        at = to_micros(self.writer.now + delay)
        self._change(entry.id, send_at=at, failure=failure, attempts=_OUTBOX.attempts + 1)

    def find(self, dedup_key: str) -> OutboxEntry | None:
        """The entry of a key, if there is one."""
        row = self.core.execute(sa.select(tables.outbox).where(_OUTBOX.dedup_key == dedup_key)).first()
        return _entry(row) if row else None

    def get_all(self, entry_ids: list[int]) -> tuple[OutboxEntry, ...]:
        """Several entries in the order in which they were made."""
        query = sa.select(tables.outbox).where(_OUTBOX.id.in_(entry_ids)).order_by(_OUTBOX.id)
        return tuple(_entry(row) for row in self.core.execute(query))

    def unsent(self) -> list[OutboxEntry]:
        """Everything that has not left."""
        query = sa.select(tables.outbox).where(_OUTBOX.sent_at.is_(None)).order_by(_OUTBOX.id)
        return [_entry(row) for row in self.core.execute(query)]

    def _change(self, *entry_ids: int, **values: Any) -> None:
        self.write(sa.update(tables.outbox).where(_OUTBOX.id.in_(entry_ids)).values(values))

    def _user(self) -> sa.ColumnElement[str]:
        as_json = sa.type_coerce if self.transaction.is_sqlite else sa.cast
        named: sa.ColumnElement[str] = as_json(_OUTBOX.payload, sa.JSON)["user"].as_string()
        return named


def _entry(row: Any) -> OutboxEntry:
    return OutboxEntry(
        id=row.id, dedup_key=row.dedup_key, kind=row.kind, payload=json.loads(row.payload),
        made_at=from_micros(row.made_at), attempts=row.attempts,
        sent_at=from_micros(row.sent_at) if row.sent_at is not None else None, failure=row.failure,
    )  # fmt: skip
