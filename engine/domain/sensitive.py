"""What is kept among few (個資): looks at it are told in the stream of the reader (domain 8.15)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kept(StrEnum):
    """What is kept among few."""

    REWARD_LIST = "reward_list"
    RESTRICTED_INSTANCE = "restricted_instance"


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitiveLook:
    """A look at the reward lists of an edition (by its key), or at a restricted instance (by its number)."""

    kept: Kept
    key: int | str

    @property
    def told(self) -> dict[str, Any]:
        """What the event says."""
        return {"kind": self.kept, "edition" if self.kept is Kept.REWARD_LIST else "instance": self.key}
