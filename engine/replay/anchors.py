"""Anchors: what their heads saw must still be there, and their rows must be as the organisation tells."""

from collections.abc import Iterator
from typing import Any

from engine.clock import from_micros
from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.errors import NotFound
from engine.replay.report import Check, Fault
from engine.replay.told_rows import Rows, StreamFault, by_key, compared, expect, fold
from engine.store import tables
from engine.store.anchors import Anchor, root_of
from engine.store.proof_rows import ProofRows, Told
from engine.store.unit_of_work import Reader


def anchor_faults(reader: Reader, stream: int | None = None) -> Iterator[StreamFault]:
    """(stream, fault) for whatever the anchors know that the histories do not show any more; of one stream
    if asked.

    Anchors are taken from the events that told them, so that a deleted row hides nothing; a row that no event
    told is believed as well, because its event may have been cut off.
    """
    rows, told = ProofRows(reader), _Anchors()
    unread = list(fold(rows.told(ORGANISATION_STREAM, (EventType.ANCHOR_MADE,)), told.read))
    if stream is None:
        yield from unread
        stored = by_key(rows.rows(tables.anchor), "id")
        for place, _, fault in compared("anchor", told.rows, stored, lambda _: ORGANISATION_STREAM):
            yield (
                place,
                Fault(check=Check.ANCHOR, seq=fault.seq, template=fault.template, params=fault.params),
            )
    known = {anchor.id for anchor in told.anchors}
    for anchor in [*told.anchors, *(a for a in reader.anchors.all() if a.id not in known)]:
        yield from _head_faults(reader, anchor, stream)


class _Anchors:
    """The anchors as the organisation's stream tells them."""

    def __init__(self) -> None:
        self.anchors: list[Anchor] = []
        self.rows: Rows = {}

    def read(self, event: Told) -> None:
        """Take over one anchor."""
        told: dict[str, Any] = event.data
        root, heads = bytes.fromhex(told["root"]), bytes.fromhex(told["heads"])
        expect(
            self.rows, (told["anchor"],), event,
            made_at=event.occurred_at, root=root, streams=told["streams"], heads=heads,
        )  # fmt: skip
        self.anchors.append(
            Anchor(
                id=told["anchor"], made_at=from_micros(event.occurred_at), root=root.hex(),
                streams=told["streams"], heads=heads.hex(),
            )
        )  # fmt: skip


def _head_faults(reader: Reader, anchor: Anchor, stream: int | None) -> Iterator[StreamFault]:
    place = ORGANISATION_STREAM if stream is None else stream
    try:
        heads = reader.anchors.heads_of(anchor)
        is_whole = root_of(heads).hex() == anchor.root
    except (NotFound, ValueError, TypeError):
        yield place, _fault(anchor, None, "The list of the anchor {anchor} is gone")
        return
    if not is_whole:
        yield place, _fault(anchor, None, "The anchor {anchor} does not have its root")
        return
    for anchored, seq, digest in heads:
        if stream in (None, anchored):
            event = reader.history.digest(anchored, seq)
            if event is None:
                yield anchored, _fault(anchor, seq, "The anchor {anchor} saw event {seq}; it is gone")
            elif event != digest:
                yield anchored, _fault(anchor, seq, "The anchor {anchor} saw another event {seq}")


def _fault(anchor: Anchor, seq: int | None, template: str) -> Fault:
    return Fault(check=Check.ANCHOR, seq=seq, template=template, params={"anchor": anchor.id, "seq": seq})
