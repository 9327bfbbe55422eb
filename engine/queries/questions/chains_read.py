"""Whether the log is untampered: every seal of the streams that a question rests on, and the last anchor.

Seven statements, whatever there is to read.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa

from engine.domain.canonical import GENESIS
from engine.domain.history import FIRST_INSTANCE_ID, ORGANISATION_STREAM
from engine.errors import NotFound
from engine.replay import Check, Fault
from engine.replay.anchors import OWN
from engine.replay.chain import chain_fault
from engine.store import tables
from engine.store.unit_of_work import Reader

_EVENT = tables.history_event.c
# A page computes so many seals at once; beyond that the page of integrity proves them with its progress.
MOST_EVENTS = 300_000
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainsRead:
    """How many streams and events were read, with the first fault of every stream that has one.

    `anchored_at` is when the last anchor was made; `left_out` how many events were too many for a page.
    """

    streams: int
    events: int
    left_out: int
    anchored_at: datetime | None
    faults: tuple[tuple[int, Fault], ...]


def chains_read(reader: Reader, streams: Collection[int] | None = None) -> ChainsRead:
    """Compute the seals of some streams, or of all, from the columns as they are stored.

    A missing event, one that was changed, added or moved, and an end that was cut off are faults; so is a
    stream that does not hold what the last anchor saw of it.
    """
    heads = {stream: (seq, digest) for stream, seq, digest in reader.history.heads()}
    in_all = sum(seq for seq, _ in heads.values())
    if streams is None and in_all > MOST_EVENTS:
        streams = [stream for stream in heads if stream < FIRST_INSTANCE_ID]
    anchor = _LastAnchor(reader)
    counted, faults = 0, list(anchor.faults)
    wanted = {stream for stream in heads.keys() | anchor.heads.keys() if streams is None or stream in streams}
    seen: set[int] = set()
    for stream, rows in _stored(reader, streams):
        counted += len(rows)
        seen.add(stream)
        fault = chain_fault(stream, rows, heads.get(stream, (0, GENESIS))) or anchor.fault(stream, rows)
        faults += [(stream, fault)] if fault else []
    for stream in sorted(wanted - seen):
        fault = chain_fault(stream, (), heads.get(stream, (0, GENESIS))) or anchor.fault(stream, ())
        faults += [(stream, fault)] if fault else []
    return ChainsRead(
        streams=len(wanted | seen),
        events=counted,
        left_out=in_all - counted if streams is not None and in_all > MOST_EVENTS else 0,
        anchored_at=anchor.made_at,
        faults=tuple(sorted(faults, key=lambda found: found[0])),
    )


class _LastAnchor:
    """What the last anchor saw; nothing where none was made."""

    def __init__(self, reader: Reader) -> None:
        self.heads: dict[int, tuple[int, bytes]] = {}
        self.faults: list[tuple[int, Fault]] = []
        self.made_at: datetime | None = None
        made = reader.anchors.all()
        if not made:
            return
        self.id, self.made_at = made[-1].id, made[-1].made_at
        try:
            self.heads = {stream: (seq, digest) for stream, seq, digest in reader.anchors.heads_of(made[-1])}
        except (NotFound, ValueError, TypeError):
            template, params = "The list of the anchor {anchor} is gone", {"anchor": self.id}
            fault = Fault(check=Check.ANCHOR, seq=None, template=template, params=params)
            self.faults.append((ORGANISATION_STREAM, fault))

    def fault(self, stream: int, rows: Collection[Row]) -> Fault | None:
        """What the anchor saw of a stream and its whole chain does not show any more."""
        if stream not in self.heads:
            return None
        seq, digest = self.heads[stream]
        found = next((row[-1] for row in rows if row[1] == seq), None)
        if found == digest:
            return None
        template = OWN[0] if found is None else OWN[1]
        params = {"anchor": self.id, "seq": seq, "proven": 0}
        return Fault(check=Check.ANCHOR, seq=seq, template=template, params=params)


def _stored(reader: Reader, streams: Collection[int] | None) -> Iterator[tuple[int, list[Row]]]:
    """The rows of every stream, one stream in memory at a time."""
    query = sa.select(tables.history_event).order_by(_EVENT.stream, _EVENT.seq)
    if streams is not None:
        query = query.where(_EVENT.stream.in_(sorted(streams)))
    rows = reader.transaction.core.execute(query.execution_options(yield_per=1000))
    for stream, of_stream in groupby(rows, key=lambda row: int(row[0])):
        yield stream, [(*row[:-1], bytes(row[-1])) for row in of_stream]
