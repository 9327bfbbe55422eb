"""What replays and proofs found."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.domain.instance import InstanceView


class Check(StrEnum):
    """What a proof looks at."""

    CHAIN = "chain"
    ANCHOR = "anchor"
    CONTENT = "content"
    REPLAY = "replay"
    PROJECTION = "projection"
    DUTIES = "duties"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is not as it was recorded. `seq` is the event that is wrong, if it is one event."""

    check: Check
    seq: int | None
    template: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.params)

    def json(self) -> dict[str, Any]:
        return {"check": str(self.check), "seq": self.seq, "message": str(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """An instance as it was after event number `seq`; `fault` where re-execution and history part."""

    instance_id: int
    seq: int
    events: int
    state: InstanceView | None
    fault: Fault | None

    @property
    def first_bad_seq(self) -> int | None:
        return self.fault.seq if self.fault else None

    @property
    def is_proven(self) -> bool:
        return self.fault is None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """The proof of one stream; no faults, no doubt."""

    stream: int
    events: int
    faults: tuple[Fault, ...]

    @property
    def is_proven(self) -> bool:
        return not self.faults

    @property
    def first_bad_seq(self) -> int | None:
        return min((fault.seq for fault in self.faults if fault.seq is not None), default=None)

    def holds(self, check: Check) -> bool:
        """True if this check found nothing."""
        return all(fault.check is not check for fault in self.faults)

    def was_looked_at(self, check: Check) -> bool:
        """False for what is not worth a look behind a fault: a broken chain is not executed again, and rows
        are not compared with an execution that failed.
        """
        if not self.holds(check):
            return True
        if check in (Check.CONTENT, Check.REPLAY, Check.DUTIES):
            return self.holds(Check.CHAIN)
        return check is not Check.PROJECTION or (self.holds(Check.CHAIN) and self.holds(Check.REPLAY))

    def json(self) -> dict[str, Any]:
        """The report for a machine: a word per check, the first wrong event, and every fault."""
        return {
            "stream": self.stream,
            "proven": self.is_proven,
            **{str(check): "ok" if self.holds(check) else "failed" for check in Check},
            "first_bad_seq": self.first_bad_seq,
            "events": self.events,
            "faults": [fault.json() for fault in self.faults],
        }
