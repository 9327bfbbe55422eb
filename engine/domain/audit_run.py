"""Audit runs: a random sample that anybody can draw again from its seed, findings, and their answers.

A run is nothing but its events: what stands here is folded from them. Runs and findings are called by the
number of the event that told them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from engine.clock import from_micros
from engine.domain.history import EventType, HistoryEvent


class Spread(StrEnum):
    """Over what a sample is spread, so that no part of the population is left out by chance."""

    NOTHING = "nothing"
    UNIT = "unit"
    STAGE = "stage"
    RETURNS = "returns"


class Severity(StrEnum):
    """How much a finding weighs."""

    NOTE = "note"
    SHOULD = "should"
    MUST = "must"


class Outcome(StrEnum):
    """What the auditor made of a finding in the end."""

    REMEDIED = "remedied"
    EXPLAINED = "explained"
    STANDS = "stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One process of a population, as its history told it when the sample was drawn."""

    instance: int
    stage: str
    units: tuple[str, ...]
    returns: int
    seq: int

    def json(self) -> dict[str, Any]:
        """JSON; `member_from_json` reads it."""
        return {
            "instance": self.instance, "stage": self.stage, "units": list(self.units),
            "returns": self.returns, "seq": self.seq,
        }  # fmt: skip


def member_from_json(body: Mapping[str, Any]) -> Member:
    """The member that `Member.json` wrote."""
    return Member(
        instance=body["instance"], stage=body["stage"], units=tuple(body["units"]), returns=body["returns"],
        seq=body["seq"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a sample is drawn from, and how: of which stages and units, with how many returns at least."""

    size: int
    stages: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    least_returns: int = 0
    spread: Spread = Spread.NOTHING

    def fits(self, member: Member) -> bool:
        """True for a process that may be drawn; without any stage or unit named, all of them fit."""
        return (
            (not self.stages or member.stage in self.stages)
            and (not self.units or not set(self.units).isdisjoint(member.units))
            and member.returns >= self.least_returns
        )

    def json(self) -> dict[str, Any]:
        """JSON; `criteria_from_json` reads it."""
        return {
            "size": self.size, "stages": list(self.stages), "units": list(self.units),
            "least_returns": self.least_returns, "spread": str(self.spread),
        }  # fmt: skip


def criteria_from_json(body: Mapping[str, Any]) -> Criteria:
    """The criteria that `Criteria.json` wrote."""
    return Criteria(
        size=body["size"], stages=tuple(body["stages"]), units=tuple(body["units"]),
        least_returns=body["least_returns"], spread=Spread(body["spread"]),
    )  # fmt: skip


def draw(seed: str, population: Iterable[Member], criteria: Criteria) -> tuple[int, ...]:
    """The processes that a seed draws, in the order of the draw; the same for everybody at any time.

    Everybody's rank is the SHA-256 of seed and number, written `seed:number`. A sample that is spread takes
    the first of each part in turn; whoever belongs to several parts is drawn once.
    """
    ranked = sorted((m for m in population if criteria.fits(m)), key=lambda m: rank(seed, m.instance))
    parts: dict[str, list[int]] = {}
    for member in ranked:
        for part in _parts(member, criteria):
            parts.setdefault(part, []).append(member.instance)
    drawn: dict[int, None] = {}
    queues = [parts[name] for name in sorted(parts)]
    while queues and len(drawn) < criteria.size:
        for queue in queues:
            while queue and queue[0] in drawn:
                queue.pop(0)
            if queue and len(drawn) < criteria.size:
                drawn[queue.pop(0)] = None
        queues = [queue for queue in queues if queue]
    return tuple(drawn)


def rank(seed: str, instance: int) -> bytes:
    """By what a process stands before or after another one in the draw of a seed."""
    return sha256(f"{seed}:{instance}".encode()).digest()


def _parts(member: Member, criteria: Criteria) -> Sequence[str]:
    """The parts of the population to which a member belongs; of the units only those asked for."""
    match criteria.spread:
        case Spread.UNIT:
            asked = [unit for unit in member.units if not criteria.units or unit in criteria.units]
            return asked or [""]
        case Spread.STAGE:
            return [member.stage]
        case Spread.RETURNS:
            return [str(min(member.returns, MANY_RETURNS))]
        case Spread.NOTHING:
            return [""]


# From so many returns on, how many there were makes no difference to a sample.
MANY_RETURNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What somebody said, and when."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """A finding at an event of a process, who was asked about it, and what came of it."""

    no: int
    run: int
    instance: int
    seq: int
    severity: Severity
    found: Words
    asked: tuple[str, ...]
    answers: tuple[Words, ...] = ()
    outcome: Outcome | None = None
    settled: Words | None = None

    @property
    def is_open(self) -> bool:
        return self.settled is None

    def waits_for(self, user_id: str) -> bool:
        """True for whoever was asked and has not answered yet, as long as the finding is open."""
        return self.is_open and user_id in self.asked and all(answer.by != user_id for answer in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRun:
    """A run: what was drawn with which seed from which population, its findings, and its conclusion."""

    no: int
    title: str
    seed: str
    criteria: Criteria
    population: str
    population_size: int
    drawn: tuple[int, ...]
    begun: Words
    findings: tuple[AuditFinding, ...] = ()
    closed: Words | None = None

    @property
    def is_open(self) -> bool:
        return self.closed is None

    def finding(self, no: int) -> AuditFinding | None:
        """The finding of that number, if it belongs to the run."""
        return next((finding for finding in self.findings if finding.no == no), None)


def runs_told(events: Iterable[tuple[HistoryEvent, Mapping[str, Any]]]) -> dict[int, AuditRun]:
    """Every run by its number, as the events tell."""
    runs: dict[int, AuditRun] = {}
    for event, told in events:
        words = Words(by=event.actor, at=from_micros(event.occurred_at), text=str(told.get("text", "")))
        if event.type is EventType.AUDIT_RUN_BEGUN:
            runs[event.seq] = _begun(event.seq, told, words)
        elif event.type is EventType.AUDIT_RUN_CLOSED:
            runs[told["run"]] = replace(runs[told["run"]], closed=words)
        elif event.type is EventType.AUDIT_FINDING_MADE:
            run = runs[told["run"]]
            runs[run.no] = replace(run, findings=(*run.findings, _made(event.seq, told, words)))
        else:
            run = runs[told["run"]]
            findings = tuple(
                _moved(finding, event.type, told, words) if finding.no == told["finding"] else finding
                for finding in run.findings
            )
            runs[run.no] = replace(run, findings=findings)
    return runs


def _begun(no: int, told: Mapping[str, Any], words: Words) -> AuditRun:
    return AuditRun(
        no=no, title=told["title"], seed=told["seed"], criteria=criteria_from_json(told["criteria"]),
        population=told["population"]["digest"], population_size=told["members"], drawn=tuple(told["drawn"]),
        begun=words,
    )  # fmt: skip


def _made(no: int, told: Mapping[str, Any], words: Words) -> AuditFinding:
    return AuditFinding(
        no=no, run=told["run"], instance=told["instance"], seq=told["seq"],
        severity=Severity(told["severity"]), found=words, asked=tuple(told["asked"]),
    )  # fmt: skip


def _moved(
    finding: AuditFinding, event_type: EventType, told: Mapping[str, Any], words: Words
) -> AuditFinding:
    if event_type is EventType.AUDIT_FINDING_ANSWERED:
        return replace(finding, answers=(*finding.answers, words))
    return replace(finding, outcome=Outcome(told["outcome"]), settled=words)
