"""Anchors: the Merkle root over the heads of all streams, so that cutting off a tail shows."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.anchor import Head, KeptAnchor, root_of
from engine.domain.canonical import canonical_json
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.errors import NotFound
from engine.store import tables
from engine.store.documents import JSON_TYPE
from engine.store.repository import Repository, stored_bytes

_ANCHOR = tables.anchor.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One anchor: its root (hex), over how many streams, and the digest of the list of heads."""

    id: int
    made_at: datetime
    root: str
    streams: int
    heads: str


class Anchors(Repository):
    """Anchors, oldest first."""

    def make(self) -> Anchor:
        """Make an anchor over every stream as it stands, told in the stream of the organisation."""
        uow = self.writer
        heads = self.reader.history.heads()
        root = root_of(heads)
        listed = canonical_json([[stream, seq, digest.hex()] for stream, seq, digest in heads]).encode()
        stored = uow.content.put(listed, JSON_TYPE)
        row = {
            "made_at": to_micros(uow.now), "root": root, "streams": len(heads),
            "heads": bytes.fromhex(stored),
        }  # fmt: skip
        number = self.write(sa.insert(tables.anchor).values(row).returning(_ANCHOR.id)).scalar_one()
        told = {"anchor": number, "root": root.hex(), "streams": len(heads), "heads": stored}
        uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.ANCHOR_MADE, data=told))
        return self.get(number)

    def get(self, number: int) -> Anchor:
        """The anchor; NotFound when there is none."""
        row = self.core.execute(sa.select(tables.anchor).where(_ANCHOR.id == number)).first()
        if row is None:
            raise NotFound(kind="anchor", id=number)
        return _anchor(row)

    def all(self) -> list[Anchor]:
        """Every anchor."""
        return [_anchor(row) for row in self.core.execute(sa.select(tables.anchor).order_by(_ANCHOR.id))]

    def first_since(self, at: int) -> Anchor | None:
        """The first anchor that was made at an instant (in microseconds) or later, if there is one."""
        query = sa.select(tables.anchor).where(_ANCHOR.made_at >= at).order_by(_ANCHOR.made_at, _ANCHOR.id)
        row = self.core.execute(query.limit(1)).first()
        return None if row is None else _anchor(row)

    def newest(self, *, limit: int, before: int | None = None) -> list[Anchor]:
        """The newest anchors first, those before a number if asked."""
        query = sa.select(tables.anchor).order_by(_ANCHOR.id.desc()).limit(limit)
        rows = self.core.execute(query if before is None else query.where(_ANCHOR.id < before))
        return [_anchor(row) for row in rows]

    def count(self) -> int:
        """How many anchors there are."""
        return self.core.execute(sa.select(sa.func.count()).select_from(tables.anchor)).scalar_one()

    def heads_of(self, anchor: Anchor) -> list[Head]:
        """The heads that an anchor covers; NotFound when the list is gone."""
        listed = json.loads(self.reader.content.get(anchor.heads))
        return [(stream, seq, bytes.fromhex(digest)) for stream, seq, digest in listed]

    def kept(self, anchor: Anchor) -> KeptAnchor:
        """An anchor with all that it saw, to be kept elsewhere; NotFound when its list is gone."""
        heads = tuple(self.heads_of(anchor))
        return KeptAnchor(id=anchor.id, made_at=anchor.made_at, root=anchor.root, heads=heads)


def _anchor(row: Any) -> Anchor:
    return Anchor(
        id=row.id, made_at=from_micros(row.made_at), root=stored_bytes(row.root).hex(), streams=row.streams,
        heads=stored_bytes(row.heads).hex(),
    )  # fmt: skip
