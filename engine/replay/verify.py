"""The proof of one stream or of all: chains, anchors, content, re-execution, rows, separation of duties."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from engine.domain.anchor import KeptAnchor
from engine.domain.history import FIRST_INSTANCE_ID, ORGANISATION_STREAM, EventType, HistoryEvent
from engine.errors import NotFound
from engine.replay.anchors import AnchorProof
from engine.replay.chain import chain_fault
from engine.replay.credentials import credential_faults
from engine.replay.definitions import PinnedDefinitions
from engine.replay.duties import Duties
from engine.replay.memory import ProofMemory
from engine.replay.organisation import organisation_faults
from engine.replay.projection import differences, rows_of
from engine.replay.register import register_faults, register_faults_of
from engine.replay.report import Check, Fault, VerifyReport
from engine.replay.run import run_events
from engine.replay.samples import sample_faults
from engine.replay.snapshot import snapshot_fault
from engine.replay.told_rows import readable
from engine.store.history import event_from_row
from engine.store.unit_of_work import Reader

HEX_DIGEST_LENGTH = 64


def verify(reader: Reader, instance_id: int, kept: Iterable[KeptAnchor] = ()) -> VerifyReport:
    """Prove one instance, against anchors kept elsewhere too; NotFound without a row and a history."""
    anchors = AnchorProof(reader, kept, only=instance_id)
    registered = readable(register_faults_of(reader, instance_id), instance_id)
    beside = [*anchors.faults, *registered]
    report = StreamProof(reader, anchors).of_stream(
        instance_id, [fault for stream, fault in beside if stream == instance_id]
    )
    if not report.events and reader.instances.find(instance_id) is None:
        raise NotFound(kind="process instance", id=instance_id)
    return report


def verify_all(
    reader: Reader, *, kept: Iterable[KeptAnchor] = (), memory: ProofMemory | None = None
) -> Iterator[VerifyReport]:
    """Prove every stream, one after the other, so that a door can show how far it is.

    `kept` are anchors that an office kept elsewhere. Of a stream that `memory` holds, only anchors and rows
    beside it are looked at again.
    """
    heads = {stream: (seq, digest) for stream, seq, digest in reader.history.heads()}
    streams = heads.keys() | set(reader.history.streams())
    anchors = AnchorProof(reader, kept)
    proof = StreamProof(reader, anchors)
    beside: dict[int, list[Fault]] = {}
    for part in (
        anchors.faults,
        organisation_faults(reader),
        credential_faults(reader),
        proof.pinned.faults,
        register_faults(reader, sorted(streams)),
        sample_faults(reader),
    ):
        for stream, fault in readable(part, ORGANISATION_STREAM):
            beside.setdefault(stream, []).append(fault)
    for stream in sorted(streams | beside.keys() | anchors.streams):
        found = beside.get(stream, [])
        head = heads.get(stream)
        if memory is None or head is None:
            yield proof.of_stream(stream, found)
        elif memory.holds(stream, *head):
            yield VerifyReport(stream=stream, events=head[0], faults=(*found, *anchors.of_stream(stream)))
        else:
            report = proof.of_stream(stream, found)
            if report.is_proven:
                memory.keep(stream, *head)
            yield report


class StreamProof:
    """Proves streams; what all of them share is read once."""

    def __init__(self, reader: Reader, anchors: AnchorProof) -> None:
        self._reader = reader
        self._anchors = anchors
        self._duties = Duties(reader)
        self._proven_content: set[str] = set()  # spares reading content twice
        self.pinned = PinnedDefinitions(reader)

    def of_stream(self, stream: int, beside: list[Fault]) -> VerifyReport:
        """Prove one stream; `beside` are the faults that rows beside the instances show in it."""
        reader = self._reader
        rows = reader.history.stored_rows(stream)
        beside = [*beside, *self._anchors.of_stream(stream)]
        fault = chain_fault(stream, rows, reader.history.head(stream))
        if fault is not None:  # what a broken chain says is not worth executing
            return VerifyReport(stream=stream, events=len(rows), faults=(fault, *beside))
        events = [event_from_row(row) for row in rows]
        faults = [*beside, *_content_faults(reader, events, self._proven_content)]
        if stream >= FIRST_INSTANCE_ID and events:
            executed = (_instance_faults(reader, events, self.pinned), self._duties.faults(events))
            placed = ((stream, fault) for part in executed for fault in part)
            faults += [fault for _, fault in readable(placed, stream)]
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
    run = run_events(reader, events, picture_at=stored[0] if stored else None)
    if run.fault is not None:
        yield run.fault
        return
    yield from differences(rows_of(run, events), reader.projections.of_instance(instance_id))
    strange = snapshot_fault(run, stored)
    if strange is not None:
        yield strange


def _content_faults(reader: Reader, events: list[HistoryEvent], proven: set[str]) -> Iterator[Fault]:
    for event in events:
        for digest in sorted(_digests(event.told, event.type)):
            if digest in proven:
                continue
            template = _content_fault(reader, digest)
            if template is None:
                proven.add(digest)
                continue
            params = {"digest": digest[:12], "seq": event.seq}
            yield Fault(check=Check.CONTENT, seq=event.seq, template=template, params=params)


def _content_fault(reader: Reader, digest: str) -> str | None:
    """What is wrong with a stored content, if anything is.

    Its media type is that of whoever brought these bytes first; what a file is called and is, the rows of
    files tell.
    """
    stored = reader.content.stored(digest)
    if stored is None:
        return "The content {digest} that event {seq} names is gone"
    body, size = stored
    if sha256(body).hexdigest() != digest:
        return "The content {digest} that event {seq} names was changed"
    if size != len(body):
        return "The content {digest} that event {seq} names is stored with a wrong size"
    return None


def _digests(told: Any, event_type: EventType) -> set[str]:
    """The content that an event names: documents, files, lists of anchors, results of proofs."""
    if event_type is EventType.DEPLOYED:
        return set(told["files"].values())
    if event_type is EventType.ANCHOR_MADE:
        return {told["heads"]}
    if event_type is EventType.PROOF_MADE:
        return {told["result"]}
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
