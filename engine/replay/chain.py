"""Chains: every seal is computed again from the columns as they are stored."""

from collections.abc import Iterable
from typing import Any

from engine.domain.canonical import GENESIS, chain_digest
from engine.domain.history import EventType, origin_of, sealed_json
from engine.replay.report import Check, Fault
from engine.store.repository import stored_bytes

Row = tuple[Any, ...]


def chain_fault(stream: int, rows: Iterable[Row], head: tuple[int, bytes]) -> Fault | None:
    """The first event of a stream that is not as it was sealed, or the end that is not where it was."""
    seq, digest = 0, GENESIS
    for row in rows:
        seq += 1
        found_seq, stored = row[1], stored_bytes(row[-1])
        if found_seq != seq:
            return _fault(seq, "The event {seq} is missing; the next one is {next}", seq=seq, next=found_seq)
        try:
            event_type = EventType(row[2])
        except ValueError:
            return _fault(seq, "The event {seq} has an unknown type", seq=seq)
        if row[3] != str(origin_of(event_type)):
            return _fault(seq, "The event {seq} has another origin than its type", seq=seq)
        try:
            digest = chain_digest(digest, sealed_json(*row[:3], *row[4:13]))
        except TypeError:  # a column holds bytes, which no program wrote there
            digest = GENESIS
        if digest != stored:
            return _fault(seq, "The event {seq} is not as it was sealed", seq=seq)
    if (seq, digest) != head:
        return _fault(
            (min(seq, head[0]) if isinstance(head[0], int) else seq) + 1,
            "The chain ends at event {seq}, but its head says {head}",
            seq=seq,
            head=head[0],
        )
    return None


def _fault(at: int, template: str, **params: Any) -> Fault:
    return Fault(check=Check.CHAIN, seq=at, template=template, params=params)
