"""Priority of a task (優先順序): what its people take up first. It changes no date and nobody's duty."""

from enum import StrEnum


class Priority(StrEnum):
    """The priorities, the lowest first."""

    NORMAL = "normal"
    HIGH = "high"
    HIGHEST = "highest"

    @property
    def rank(self) -> int:
        """0 for the normal one, higher for what comes first."""
        return list(Priority).index(self)

    @classmethod
    def of_rank(cls, rank: int) -> "Priority":
        return list(cls)[rank]
