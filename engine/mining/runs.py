"""What one history says of time: the runs of its processes, and in each the visits to its elements."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.mining.deviation import Conformance


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One time that people, a called process or an event outside was waited for; instants in microseconds.

    `taken_at`: since when whoever completed it held it; None where nobody took it before completing it.
    `is_redone`: a return (退件) opened it again; `gave_back`: it was completed by one. `seq` is the event
    that opened it.
    """

    element: str
    seq: int
    opened_at: int
    closed_at: int | None = None
    taken_at: int | None = None
    by: str | None = None
    role: str | None = None
    unit: str | None = None
    is_task: bool = True
    is_redone: bool = False
    gave_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A return: at which element of which process it was decided, what it opened again, and the reasons."""

    process: str
    sender: str
    target: str
    seq: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a process, by itself or called: what was passed and taken how often, and the visits.

    `ended_at` is None while it goes on; `is_whole` tells that it came to an end of its own.
    """

    process: str
    path: str
    began_at: int
    ended_at: int | None
    is_whole: bool
    passes: Mapping[str, int]
    flows: Mapping[str, int]
    visits: tuple[Visit, ...]
    loops: tuple[Loop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """All that the process view keeps of one history."""

    conformance: Conformance
    runs: tuple[Run, ...]


@dataclass(slots=True, eq=False)
class RunLog:
    """A run in the making."""

    process: str
    path: str
    began_at: int
    ended_at: int | None = None
    is_whole: bool = False
    passes: Counter[str] = field(default_factory=Counter)
    flows: Counter[str] = field(default_factory=Counter)
    visits: list[Visit] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)

    def run(self) -> Run:
        """The run as far as it has come; visits in the order in which they were opened."""
        return Run(
            process=self.process, path=self.path, began_at=self.began_at, ended_at=self.ended_at,
            is_whole=self.is_whole, passes=dict(self.passes), flows=dict(self.flows),
            visits=tuple(sorted(self.visits, key=lambda visit: visit.seq)), loops=tuple(self.loops),
        )  # fmt: skip
