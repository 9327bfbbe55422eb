"""Proofs of everything: somebody asks, a worker makes them, an event tells what they found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from string import Formatter

from engine.clock import to_micros
from engine.domain.canonical import canonical_json
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.permission import Action, require
from engine.replay import Check, Fault, VerifyReport, program_digest
from engine.store.documents import JSON_TYPE
from engine.store.unit_of_work import UnitOfWork

RESULT_FORMAT = "planflow-proof-result/1"
MOST_FAULTS = 1000  # kept with their words; all are counted


@dataclass(slots=True)
class Tally:
    """What a proof has found so far."""

    streams: int = 0
    events: int = 0
    counts: dict[Check, int] = field(default_factory=lambda: dict.fromkeys(Check, 0))
    faults: list[tuple[int, Fault]] = field(default_factory=list)

    def add(self, report: VerifyReport) -> None:
        """Take over the proof of one stream."""
        self.streams += 1
        self.events += report.events
        for fault in report.faults:
            self.counts[fault.check] += 1
            if len(self.faults) < MOST_FAULTS:
                self.faults.append((report.stream, fault))


def ask_for_proof(uow: UnitOfWork) -> bool:
    """Let a worker prove everything; False if a proof is under way already."""
    require(uow.actor, Action.AUDIT)
    return uow.proof_runs.ask()


def take_proof(uow: UnitOfWork) -> bool:
    """Take the proof that waits, as a worker; False if there is none."""
    require(uow.actor, Action.VERIFY)
    return uow.proof_runs.take()


def move_on(uow: UnitOfWork, *, proven: int, streams: int) -> None:
    """Tell how far the proof is."""
    require(uow.actor, Action.VERIFY)
    uow.proof_runs.move_on(proven=proven, streams=streams)


def put_back(uow: UnitOfWork) -> None:
    """Let another worker make the proof."""
    require(uow.actor, Action.VERIFY)
    uow.proof_runs.put_back()


def end_proof(uow: UnitOfWork, tally: Tally) -> None:
    """Tell in the organisation's stream what a proof found; nothing if another worker ended it."""
    require(uow.actor, Action.VERIFY)
    run = uow.proof_runs.find()
    if run is None:
        return
    result = {"format": RESULT_FORMAT, "faults": _faults(tally.faults)}
    told = {
        "asked_by": run.asked_by,
        "asked_at": to_micros(run.asked_at),
        "began_at": to_micros(run.began_at or run.asked_at),
        "streams": tally.streams,
        "events": tally.events,
        "checks": {str(check): count for check, count in tally.counts.items()},
        "anchors": uow.anchors.count(),
        "program": program_digest(),
        "result": uow.content.put(canonical_json(result).encode(), JSON_TYPE),
    }
    uow.proof_runs.end(EventDraft(type=EventType.PROOF_MADE, data=told), ORGANISATION_STREAM)


def _faults(found: Sequence[tuple[int, Fault]]) -> list[dict[str, object]]:
    """Faults with the fields that their words name; what else was compared stays where it is."""
    return [
        {
            "stream": stream,
            "seq": fault.seq,
            "check": str(fault.check),
            "template": fault.template,
            "params": {name: str(fault.params[name]) for name in _fields(fault.template)},
        }
        for stream, fault in found
    ]


def _fields(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]
