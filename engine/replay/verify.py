"""The proof of one stream or of all: chains, anchors, content, re-execution, rows, separation of duties."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from engine.domain.history import FIRST_INSTANCE_ID, EventType, HistoryEvent
from engine.errors import NotFound
from engine.replay.anchors import anchor_faults
from engine.replay.chain import chain_fault
from engine.replay.definitions import PinnedDefinitions
from engine.replay.duties import Duties
from engine.replay.organisation import organisation_faults
from engine.replay.projection import differences, rows_of
from engine.replay.register import register_faults, register_faults_of
from engine.replay.report import Check, Fault, VerifyReport
from engine.replay.run import run_events
from engine.replay.snapshot import snapshot_fault
from engine.store.unit_of_work import Reader

HEX_DIGEST_LENGTH = 64


def verify(reader: Reader, instance_id: int) -> VerifyReport:
    """Prove one instance; NotFound when it has neither a row nor a history."""
    beside = [*anchor_faults(reader, instance_id), *register_faults_of(reader, instance_id)]
    report = verify_stream(
        reader,
        instance_id,
        [fault for stream, fault in beside if stream == instance_id],
        PinnedDefinitions(reader),
        Duties(reader),
        proven_content=set(),
    )
    if not report.events and reader.instances.find(instance_id) is None:
        raise NotFound(kind="process instance", id=instance_id)
    return report


def verify_all(reader: Reader) -> Iterator[VerifyReport]:
    """Prove every stream, one after the other, so that a door can show how far it is."""
    streams = {stream for stream, _, _ in reader.history.heads()} | set(reader.history.streams())
    pinned, duties = PinnedDefinitions(reader), Duties(reader)
    beside: dict[int, list[Fault]] = {}
    for stream, fault in (
        *anchor_faults(reader),
        *organisation_faults(reader),
        *pinned.faults,
        *register_faults(reader, sorted(streams)),
    ):
        beside.setdefault(stream, []).append(fault)
    proven: set[str] = set()
    for stream in sorted(streams | beside.keys()):
        yield verify_stream(reader, stream, beside.get(stream, []), pinned, duties, proven)


def verify_stream(
    reader: Reader,
    stream: int,
    beside: list[Fault],
    pinned: PinnedDefinitions,
    duties: Duties,
    proven_content: set[str],
) -> VerifyReport:
    """Prove one stream.

    `beside` are the faults that anchors and rows beside the instances show in it; `proven_content` spares
    reading content twice.
    """
    rows = reader.history.stored_rows(stream)
    fault = chain_fault(stream, rows, reader.history.head(stream))
    if fault is not None:  # what a broken chain says is not worth executing
        return VerifyReport(stream=stream, events=len(rows), faults=(fault, *beside))
    events = reader.history.events(stream)
    faults = [*beside, *_content_faults(reader, events, proven_content)]
    if stream >= FIRST_INSTANCE_ID and events:
        faults += _instance_faults(reader, events, pinned)
        faults += duties.faults(events)
    return VerifyReport(stream=stream, events=len(events), faults=tuple(faults))


def _instance_faults(
    reader: Reader, events: list[HistoryEvent], pinned: PinnedDefinitions
) -> Iterator[Fault]:
    instance_id = events[0].stream
    if events[0].type is EventType.INSTANCE_STARTED:
        unpinned = pinned.fault_of_start(events[0])
        if unpinned is not None:
            yield unpinned
    stored = reader.instances.snapshot(instance_id)
    run = run_events(reader, instance_id, events, picture_at=stored[0] if stored else None)
    if run.fault is not None:
        yield run.fault
        return
    yield from differences(rows_of(run, events), reader.projections.of_instance(instance_id))
    strange = snapshot_fault(run, stored)
    if strange is not None:
        yield strange


def _content_faults(reader: Reader, events: list[HistoryEvent], proven: set[str]) -> Iterator[Fault]:
    for event in events:
        for digest in sorted(_digests(json.loads(event.data), event.type)):
            if digest in proven:
                continue
            body = reader.content.find(digest)
            if body is None or sha256(body).hexdigest() != digest:
                what = "is gone" if body is None else "was changed"
                yield Fault(
                    check=Check.CONTENT,
                    seq=event.seq,
                    template="The content {digest} that event {seq} names " + what,
                    params={"digest": digest[:12], "seq": event.seq},
                )
            else:
                proven.add(digest)


def _digests(told: Any, event_type: EventType) -> set[str]:
    """The content that an event names: documents, entered files, deployed files, lists of anchors."""
    if event_type is EventType.DEPLOYED:
        return set(told["files"].values())
    if event_type is EventType.ANCHOR_MADE:
        return {told["heads"]}
    return set(_named(told))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        digest = value.get("digest")
        is_file = {"name", "size", "media_type"} <= value.keys()
        is_document = {"owner", "kind", "key", "no"} <= value.keys()
        if isinstance(digest, str) and len(digest) == HEX_DIGEST_LENGTH and (is_file or is_document):
            yield digest
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from _named(child)
