"""A figure counts only when the history behind it is proven."""

from dataclasses import dataclass

from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import verify_all
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How many streams and events were proven, and how many streams were not as they were recorded."""

    streams: int
    events: int
    bad: int

    def __str__(self) -> str:
        return f"verified: {self.streams} streams, {self.events} events, {self.bad} bad"


def prove(engine: Engine) -> Proof:
    """Prove chains, anchors, content, replay and projections of everything, as a fresh process would."""
    engine.memory.forget()
    return engine.ask(SYSTEM, _prove)


def _prove(reader: Reader) -> Proof:
    reports = list(verify_all(reader))
    return Proof(
        streams=len(reports),
        events=sum(report.events for report in reports),
        bad=sum(not report.is_proven for report in reports),
    )
