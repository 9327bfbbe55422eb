"""A proof of everything: how far it is while it runs."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofRun:
    """A proof that somebody asked for; `began_at` is None until a worker takes it."""

    asked_by: str
    asked_at: datetime
    began_at: datetime | None
    streams: int
    proven: int

    @property
    def percent(self) -> int:
        """How much is done, in whole percent."""
        return min(100, 100 * self.proven // self.streams) if self.streams else 0
