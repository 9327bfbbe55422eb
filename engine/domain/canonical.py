"""Canonical JSON and its digests: the one form in which anything is hashed."""

import json
from hashlib import sha256
from typing import Any

GENESIS = b"\x00" * 32
# Kept, because `json.dumps` with any option of its own builds an encoder at every call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces and no escapes beyond JSON's own; NaN and infinities are refused."""
    return _ENCODER.encode(value)


def digest_of(value: Any) -> bytes:
    """SHA-256 of a value's canonical JSON."""
    return sha256(canonical_json(value).encode()).digest()


def chain_digest(previous: bytes, canonical: str) -> bytes:
    """The seal of one history event: SHA-256 over the previous seal and the event's canonical JSON."""
    return sha256(previous + canonical.encode()).digest()


def merkle_root(leaves: list[bytes]) -> bytes:
    """Merkle root over leaves in their order; an odd leaf is carried up; no leaves give the genesis value."""
    if not leaves:
        return GENESIS
    level = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [sha256(b"\x01" + p[0] + p[1]).digest() if len(p) == 2 else p[0] for p in pairs]
    return level[0]
