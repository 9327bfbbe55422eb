"""How much a run does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Sizes of the benchmarks; the defaults are those of the README."""

    instances: int = 200
    rounds: int = 3
    clients: int = 8
    open_tasks: int = 1_000_000
    finished_tasks: int = 10_000_000
    units: int = 1_000
    events: int = 10_000
    timers: int = 10_000
    seconds: int = 600
