"""Anchors as values: what one saw of every history, and the root over it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

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


def way_to_root(heads: Iterable[Head], stream: int) -> tuple[tuple[str, str], ...]:
    """What stands beside the way from the head of a stream to the root: (side, digest in hex), leaf first.

    With it the root follows from this one head, and nothing else of other streams is told.
    """
    ordered = sorted(heads)
    place = next(at for at, head in enumerate(ordered) if head[0] == stream)
    level = [
        sha256(b"\x00" + canonical_json([number, seq, digest.hex()]).encode()).digest()
        for number, seq, digest in ordered
    ]
    way: list[tuple[str, str]] = []
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            way.append(("left" if beside < place else "right", level[beside].hex()))
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [sha256(b"\x01" + b"".join(pair)).digest() if len(pair) > 1 else pair[0] for pair in pairs]
        place //= 2
    return tuple(way)
