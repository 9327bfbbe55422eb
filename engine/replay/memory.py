"""What an interrupted proof remembers: which streams it has proven, at which last event, by which program."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

ENGINE = Path(__file__).parent.parent


class ProofMemory(Protocol):
    """Streams that were proven with the last event that they have now; only a resumed proof trusts it."""

    def holds(self, stream: int, seq: int, digest: bytes) -> bool:
        """True if the stream was proven up to this event."""

    def keep(self, stream: int, seq: int, digest: bytes) -> None:
        """Remember that the stream is proven up to this event."""


@cache
def program_digest() -> str:
    """SHA-256 over the engine's code: what another program proved is not proven."""
    digest = sha256()
    for path in sorted(ENGINE.rglob("*.py")):
        digest.update(f"{path.relative_to(ENGINE).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()
