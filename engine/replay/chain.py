"""Chains and anchors: every seal is computed again from the columns as they are stored."""

from collections.abc import Iterable, Iterator
from typing import Any

from engine.domain.canonical import GENESIS, chain_digest
from engine.domain.history import EventType, origin_of, sealed_json
from engine.errors import NotFound
from engine.replay.report import Check, Fault
from engine.store.anchors import Anchor, root_of
from engine.store.unit_of_work import Reader

Row = tuple[Any, ...]


def chain_fault(stream: int, rows: Iterable[Row], head: tuple[int, bytes]) -> Fault | None:
    """The first event of a stream that is not as it was sealed, or the end that is not where it was."""
    seq, digest = 0, GENESIS
    for row in rows:
        seq += 1
        found_seq, stored = row[1], bytes(row[-1])
        if found_seq != seq:
            return _fault(seq, "The event {seq} is missing; the next one is {next}", seq=seq, next=found_seq)
        try:
            event_type = EventType(row[2])
        except ValueError:
            return _fault(seq, "The event {seq} has an unknown type", seq=seq)
        if row[3] != str(origin_of(event_type)):
            return _fault(seq, "The event {seq} has another origin than its type", seq=seq)
        digest = chain_digest(digest, sealed_json(*row[:3], *row[4:13]))
        if digest != stored:
            return _fault(seq, "The event {seq} is not as it was sealed", seq=seq)
    if (seq, digest) != head:
        return _fault(
            min(seq, head[0]) + 1,
            "The chain ends at event {seq}, but its head says {head}",
            seq=seq,
            head=head[0],
        )
    return None


def anchor_faults(reader: Reader, stream: int | None = None) -> Iterator[tuple[int, Fault]]:
    """(stream, fault) for whatever the anchors know that the histories do not show any more; of one stream
    if asked."""
    for anchor in reader.anchors.all():
        try:
            heads = reader.anchors.heads_of(anchor)
        except (NotFound, ValueError):
            yield stream or 0, _anchor_fault(anchor, None, "The list of the anchor {anchor} is gone")
            continue
        if root_of(heads).hex() != anchor.root:
            yield stream or 0, _anchor_fault(anchor, None, "The anchor {anchor} does not have its root")
            continue
        for anchored, seq, digest in heads:
            if stream in (None, anchored):
                event = reader.history.digest(anchored, seq)
                if event is None:
                    yield (
                        anchored,
                        _anchor_fault(anchor, seq, "The anchor {anchor} saw event {seq}; it is gone"),
                    )
                elif event != digest:
                    yield anchored, _anchor_fault(anchor, seq, "The anchor {anchor} saw another event {seq}")


def _anchor_fault(anchor: Anchor, seq: int | None, template: str) -> Fault:
    return Fault(check=Check.ANCHOR, seq=seq, template=template, params={"anchor": anchor.id, "seq": seq})


def _fault(at: int, template: str, **params: Any) -> Fault:
    return Fault(check=Check.CHAIN, seq=at, template=template, params=params)
