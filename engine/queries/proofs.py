"""Proofs as auditors read them: the last one of everything, and that of one instance."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros
from engine.domain.history import FIRST_INSTANCE_ID, ORGANISATION_STREAM, EventType
from engine.domain.identity import User
from engine.domain.instance import Instance
from engine.domain.permission import Action, require
from engine.domain.proof import ProofRun
from engine.errors import FieldError, NotFound
from engine.queries.audit import audited_instance
from engine.replay import Check, Fault, VerifyReport, verify
from engine.store import tables
from engine.store.unit_of_work import Reader

MOST_PROOFS = 10
MOST_FAULTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultLine:
    """One thing that is not as it was recorded: where, and in which words."""

    stream: int
    seq: int | None
    check: Check
    said: FieldError
    person: User | None = None
    instance: Instance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofMade:
    """A proof of everything as its event tells it."""

    seq: int
    at: datetime
    lasted: timedelta
    asked_by: User | None
    streams: int
    events: int
    anchors: int
    program: str
    counts: Mapping[Check, int]

    @property
    def faults(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofPage:
    """The last proof with its faults, those before it, and the one under way."""

    last: ProofMade | None
    lines: tuple[FaultLine, ...]
    earlier: tuple[ProofMade, ...]
    under_way: ProofRun | None
    asked_by: User | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceProof:
    """The proof of one instance, made now; `anchored` is its last event that the newest anchor saw."""

    instance: Instance
    name: str
    report: VerifyReport
    lines: tuple[FaultLine, ...]
    at: datetime
    anchored: int
    anchored_at: datetime | None


def proof_page(reader: Reader) -> ProofPage:
    """What was proven, by whom and when, and how far a proof under way is."""
    require(reader.actor, Action.AUDIT)
    people = {user.id: user for user in reader.organisation.users()}
    proofs = _proofs(reader, people)
    under_way = reader.proof_runs.find()
    last = proofs[0][0] if proofs else None
    return ProofPage(
        last=last,
        lines=_lines(reader, proofs[0][1], people) if proofs else (),
        earlier=tuple(made for made, _ in proofs[1:]),
        under_way=under_way,
        asked_by=people.get(under_way.asked_by) if under_way else None,
    )


def instance_proof(reader: Reader, instance_id: int) -> InstanceProof:
    """Prove one instance now, for people who may read its whole history."""
    instance = audited_instance(reader, instance_id)
    report = verify(reader, instance_id)
    made_at, anchored = _anchored(reader, instance_id)
    return InstanceProof(
        instance=instance,
        name=reader.definitions.parsed(instance.deployment_id).processes[instance.definition_key].name,
        report=report,
        lines=tuple(_line(instance_id, fault, instance) for fault in report.faults),
        at=reader.now,
        anchored=anchored,
        anchored_at=made_at,
    )


def _anchored(reader: Reader, instance_id: int) -> tuple[datetime | None, int]:
    """When the newest anchor was made and which event of the instance was the last one then."""
    newest = reader.anchors.newest(limit=1)
    if not newest:
        return None, 0
    try:
        heads = reader.anchors.heads_of(newest[0])
    except (NotFound, ValueError, TypeError):
        return None, 0  # the proof names what is wrong with it
    return newest[0].made_at, next((seq for stream, seq, _ in heads if stream == instance_id), 0)


def _proofs(reader: Reader, people: Mapping[str, User]) -> list[tuple[ProofMade, str]]:
    """The newest proofs, each with the digest of its result."""
    event = tables.history_event.c
    query = (
        sa.select(event.seq, event.occurred_at, event.data)
        .where(event.stream == ORGANISATION_STREAM, event.type == EventType.PROOF_MADE)
        .order_by(event.seq.desc())
        .limit(MOST_PROOFS)
    )
    return [
        (_made(seq, at, told, people), str(told["result"]))
        for seq, at, body in reader.transaction.core.execute(query)
        for told in [json.loads(body)]
    ]


def _made(seq: int, at: int, told: Mapping[str, Any], people: Mapping[str, User]) -> ProofMade:
    ended, began = from_micros(at), from_micros(told["began_at"])
    return ProofMade(
        seq=seq,
        at=ended,
        lasted=ended - began,
        asked_by=people.get(told["asked_by"]),
        streams=told["streams"],
        events=told["events"],
        anchors=told["anchors"],
        program=told["program"],
        counts={check: int(told["checks"].get(str(check), 0)) for check in Check},
    )


def _lines(reader: Reader, result: str, people: Mapping[str, User]) -> tuple[FaultLine, ...]:
    """The faults of a result, with the person or the instance whose history each is in."""
    body = reader.content.find(result)
    faults = json.loads(body)["faults"][:MOST_FAULTS] if body else []
    wanted = sorted({fault["stream"] for fault in faults if fault["stream"] >= FIRST_INSTANCE_ID})
    instances = {found.id: found for found in reader.instances.of_ids(wanted)}
    for instance in instances.values():
        reader.looks_at(instance)
    numbered = {user.number: user for user in people.values()}
    return tuple(
        FaultLine(
            stream=fault["stream"],
            seq=fault["seq"],
            check=Check(fault["check"]),
            said=FieldError(path="", template=fault["template"], params=fault["params"]),
            person=numbered.get(-fault["stream"]),
            instance=instances.get(fault["stream"]),
        )
        for fault in faults
    )


def _line(stream: int, fault: Fault, instance: Instance) -> FaultLine:
    said = FieldError(path="", template=fault.template, params=fault.params)
    return FaultLine(stream=stream, seq=fault.seq, check=fault.check, said=said, instance=instance)
