"""Anchors as values: what one saw of every history, and the root over it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.domain.canonical import canonical_json, merkle_root

Head = tuple[int, int, bytes]  # stream, number and digest of its last event


def root_of(heads: Iterable[Head]) -> bytes:
    """The Merkle root over (stream, number, digest) of the last events, in the order of streams."""
    return merkle_root(
        [canonical_json([stream, seq, head.hex()]).encode() for stream, seq, head in sorted(heads)]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnchor:
    """One anchor with all that it saw, as an office keeps it away from the database; `root` is hex."""

    id: int
    made_at: datetime
    root: str
    heads: tuple[Head, ...]

    @property
    def is_whole(self) -> bool:
        """True if the root is that of the heads."""
        return root_of(self.heads).hex() == self.root
