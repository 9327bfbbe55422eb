"""What may be wrong with a recorded event when it is held against its diagram."""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """What is wrong with an event."""

    UNKNOWN = "unknown"  # no such element in the diagram
    NOT_REACHED = "not_reached"  # nothing had led there
    NO_CAUSE = "no_cause"  # a waiting event was passed without timer or message
    NOT_WAITING = "not_waiting"  # a timer or message came though nothing waited for it
    OTHER_BRANCH = "other_branch"  # the branch does not follow from its conditions
    NOT_OPEN = "not_open"  # completed though it was not open
    WITHDRAWN = "withdrawn"  # withdrawn though nothing ended it
    LEFT_OVER = "left_over"  # ended while something was still to be done
    STOPPED = "stopped"  # rests where it could have gone on
    UNREADABLE = "unreadable"  # it does not say what such an event says
    AFTER_END = "after_end"  # something happened after the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One event that the diagram does not allow. `waiting`: the elements that waited instead."""

    seq: int
    process: str
    element: str
    why: Why
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """How well a history fits its diagram: 1.0 when every token is accounted for."""

    fitness: float
    events: int
    deviations: tuple[Deviation, ...] = ()

    @property
    def is_complete(self) -> bool:
        return not self.deviations
