"""The proof: chains, anchors, content, re-execution and projections of one stream or of all."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from engine.domain.history import FIRST_INSTANCE_ID, EventType, HistoryEvent
from engine.errors import NotFound
from engine.replay.chain import anchor_faults, chain_fault
from engine.replay.projection import differences, rows_of
from engine.replay.report import Check, Fault, VerifyReport
from engine.replay.run import run_events
from engine.store.unit_of_work import Reader

HEX_DIGEST_LENGTH = 64


def verify(reader: Reader, instance_id: int) -> VerifyReport:
    """Prove one instance; NotFound when it has neither a row nor a history."""
    report = verify_stream(reader, instance_id, [fault for _, fault in anchor_faults(reader, instance_id)])
    if not report.events and reader.instances.find(instance_id) is None:
        raise NotFound(kind="process instance", id=instance_id)
    return report


def verify_all(reader: Reader) -> Iterator[VerifyReport]:
    """Prove every stream, one after the other, so that a door can show how far it is."""
    anchored: dict[int, list[Fault]] = {}
    for stream, fault in anchor_faults(reader):
        anchored.setdefault(stream, []).append(fault)
    heads = {stream for stream, _, _ in reader.history.heads()}
    proven: set[str] = set()
    for stream in sorted(heads | set(reader.history.streams()) | anchored.keys()):
        yield verify_stream(reader, stream, anchored.get(stream, []), proven)


def verify_stream(
    reader: Reader, stream: int, anchored: list[Fault], proven_content: set[str] | None = None
) -> VerifyReport:
    """Prove one stream.

    `anchored` are the faults that the anchors found in it; `proven_content` spares reading content twice.
    """
    rows = reader.history.stored_rows(stream)
    fault = chain_fault(stream, rows, reader.history.head(stream))
    if fault is not None:  # what a broken chain says is not worth executing
        return VerifyReport(stream=stream, events=len(rows), faults=(fault, *anchored))
    events = reader.history.events(stream)
    faults = [
        *anchored,
        *_content_faults(reader, events, set() if proven_content is None else proven_content),
    ]
    if stream >= FIRST_INSTANCE_ID and events:
        run = run_events(reader, stream, events)
        if run.fault is not None:
            faults.append(run.fault)
        else:
            faults += differences(rows_of(run, events), reader.projections.of_instance(stream))
    return VerifyReport(stream=stream, events=len(events), faults=tuple(faults))


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
    if events and events[0].type is EventType.INSTANCE_STARTED:
        yield from _deployment_faults(reader, events[0], proven)


def _deployment_faults(reader: Reader, start: HistoryEvent, proven: set[str]) -> Iterator[Fault]:
    number = json.loads(start.data)["deployment"]
    if f"deployment {number}" in proven:
        return
    if reader.definitions.is_intact(number):
        proven.add(f"deployment {number}")
        return
    yield Fault(
        check=Check.CONTENT,
        seq=start.seq,
        template="A file of the pinned deployment {deployment} was changed",
        params={"deployment": number},
    )


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
