"""Whether the log is untampered: every seal of the streams that a question rests on, in three statements."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa

from engine.domain.canonical import GENESIS
from engine.replay import Fault
from engine.replay.chain import chain_fault
from engine.store import tables
from engine.store.unit_of_work import Reader

_EVENT = tables.history_event.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainsRead:
    """How many streams and events were read, and the first fault of every stream that has one."""

    streams: int
    events: int
    faults: tuple[tuple[int, Fault], ...]


def chains_read(reader: Reader, streams: Collection[int] | None = None) -> ChainsRead:
    """Compute the seals of some streams, or of all, from the columns as they are stored.

    A missing event, one that was changed, added or moved, and an end that was cut off are faults.
    """
    heads = {
        stream: (seq, digest)
        for stream, seq, digest in reader.history.heads()
        if streams is None or stream in streams
    }
    counted, faults = 0, []
    seen: set[int] = set()
    for stream, rows in _stored(reader, streams):
        counted += len(rows)
        seen.add(stream)
        fault = chain_fault(stream, rows, heads.get(stream, (0, GENESIS)))
        faults += [(stream, fault)] if fault else []
    for stream in sorted(heads.keys() - seen):
        fault = chain_fault(stream, (), heads[stream])
        faults += [(stream, fault)] if fault else []
    return ChainsRead(
        streams=len(heads.keys() | seen), events=counted, faults=tuple(sorted(faults, key=_first))
    )


def _stored(
    reader: Reader, streams: Collection[int] | None
) -> Iterator[tuple[int, list[tuple[object, ...]]]]:
    """The rows of every stream, one stream in memory at a time."""
    query = sa.select(tables.history_event).order_by(_EVENT.stream, _EVENT.seq)
    if streams is not None:
        query = query.where(_EVENT.stream.in_(sorted(streams)))
    rows = reader.transaction.core.execute(query.execution_options(yield_per=1000))
    for stream, of_stream in groupby(rows, key=lambda row: int(row[0])):
        yield stream, [tuple(row) for row in of_stream]


def _first(found: tuple[int, Fault]) -> int:
    return found[0]
