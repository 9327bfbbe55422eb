"""Anchors: what their heads saw must still be there, and their rows must be as the organisation tells.

Anchors are taken from the events that told them, so that a deleted row hides nothing; a row that no event
told is believed as well, because its event may have been cut off. Anchors that an office kept elsewhere are
believed before those of the database, whose every row a forger may have written anew.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from engine.clock import from_micros
from engine.domain.anchor import Head, KeptAnchor, root_of
from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.errors import NotFound
from engine.replay.report import Check, Fault
from engine.replay.told_rows import Rows, StreamFault, by_key, compared, expect, fold, readable
from engine.store import tables
from engine.store.anchors import Anchor
from engine.store.proof_rows import ProofRows, Told
from engine.store.unit_of_work import Reader

OWN = (
    "The anchor {anchor} saw event {seq}; it is gone",
    "The anchor {anchor} saw another event {seq}; it was altered after event {proven}",
)
KEPT = (
    "The anchor {anchor} kept elsewhere saw event {seq}; it is gone",
    "The anchor {anchor} kept elsewhere saw another event {seq}; it was altered after event {proven}",
)


class AnchorProof:
    """What all anchors saw, read once for all streams, and the faults of the anchors themselves."""

    def __init__(self, reader: Reader, kept: Iterable[KeptAnchor] = (), *, only: int | None = None) -> None:
        self._reader = reader
        self._only = only
        self._own, self._kept = _Seen(OWN), _Seen(KEPT)
        place = ORGANISATION_STREAM if only is None else only
        read = (self._read_own(), self._read_kept(tuple(kept)))
        self.faults: list[StreamFault] = [fault for part in read for fault in readable(part, place)]

    @property
    def streams(self) -> set[int]:
        """Every stream that an anchor saw."""
        return self._own.by_stream.keys() | self._kept.by_stream.keys()

    def of_stream(self, stream: int) -> Iterator[Fault]:
        """Whatever anchors know of a stream that its history does not show any more."""
        wanted = self._own.seqs(stream) | self._kept.seqs(stream)
        if wanted:
            digests = self._reader.history.digests(stream, wanted)
            yield from self._kept.faults(stream, digests)
            yield from self._own.faults(stream, digests)

    def _read_own(self) -> Iterator[StreamFault]:
        rows, told = ProofRows(self._reader), _Anchors()
        unread = list(fold(rows.told(ORGANISATION_STREAM, (EventType.ANCHOR_MADE,)), told.read))
        self._told = told.rows
        if self._only is None:
            yield from unread
            stored = by_key(rows.rows(tables.anchor), "id")
            for place, _, fault in compared("anchor", told.rows, stored, lambda _: ORGANISATION_STREAM):
                yield place, Fault(
                    check=Check.ANCHOR, seq=fault.seq, template=fault.template, params=fault.params
                )  # fmt: skip
        known = {anchor.id for anchor in told.anchors}
        rows_only = (anchor for anchor in self._reader.anchors.all() if anchor.id not in known)
        for anchor in (*told.anchors, *rows_only):
            yield from self._read_list(anchor)

    def _read_list(self, anchor: Anchor) -> Iterator[StreamFault]:
        try:
            heads = self._reader.anchors.heads_of(anchor)
            is_whole = root_of(heads).hex() == anchor.root
        except (NotFound, ValueError, TypeError):
            yield self._fault(anchor.id, "The list of the anchor {anchor} is gone")
            return
        if is_whole:
            self._own.add(anchor.id, heads, self._only)
        else:
            yield self._fault(anchor.id, "The anchor {anchor} does not have its root")

    def _read_kept(self, kept: tuple[KeptAnchor, ...]) -> Iterator[StreamFault]:
        roots = {anchor.id: anchor.root for anchor in self._reader.anchors.all()} if kept else {}
        for anchor in kept:
            if not anchor.is_whole:
                yield self._fault(anchor.id, "The anchor {anchor} kept elsewhere does not have its root")
                continue
            self._kept.add(anchor.id, anchor.heads, self._only)
            if self._only is None and anchor.id not in roots:
                yield self._fault(anchor.id, "The anchor {anchor} kept elsewhere is gone from here")
            elif self._only is None and roots[anchor.id] != anchor.root:
                yield self._fault(anchor.id, "The anchor {anchor} has not the root that was kept elsewhere")

    def _fault(self, anchor: int, template: str) -> StreamFault:
        told = self._told.get((anchor,))
        place = ORGANISATION_STREAM if self._only is None else self._only
        seq = told.seq if told is not None and self._only is None else None
        return place, Fault(check=Check.ANCHOR, seq=seq, template=template, params={"anchor": anchor})


class _Seen:
    """Events that anchors saw, by stream: number, digest, and the first anchor that saw it so."""

    def __init__(self, templates: tuple[str, str]) -> None:
        self._gone, self._other = templates
        self.by_stream: dict[int, list[tuple[int, bytes, int]]] = {}

    def add(self, anchor: int, heads: Iterable[Head], only: int | None) -> None:
        """Take over what one anchor saw; a stream that stood still since the last one adds nothing."""
        for stream, seq, digest in heads:
            if only in (None, stream):
                seen = self.by_stream.setdefault(stream, [])
                if not seen or seen[-1][:2] != (seq, digest):
                    seen.append((seq, digest, anchor))

    def seqs(self, stream: int) -> set[int]:
        return {seq for seq, _, _ in self.by_stream.get(stream, ())}

    def faults(self, stream: int, digests: dict[int, bytes]) -> Iterator[Fault]:
        """The first event that is not as an anchor saw it; what follows it rests on the same break."""
        proven = 0
        for seq, digest, anchor in sorted(self.by_stream.get(stream, ())):
            found = digests.get(seq)
            if found != digest:
                template = self._gone if found is None else self._other
                params = {"anchor": anchor, "seq": seq, "proven": proven}
                yield Fault(check=Check.ANCHOR, seq=seq, template=template, params=params)
                return
            proven = seq


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
