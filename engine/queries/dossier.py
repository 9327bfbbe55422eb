"""All that goes into a dossier: an instance and what it set going, with what their events name."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.documents.dossier import AnchorWay, Dossier, DossierDocument
from engine.documents.exported import InstanceHistory
from engine.domain.anchor import way_to_root
from engine.domain.document import FileRef
from engine.domain.identity import Unit, User
from engine.domain.instance import Instance
from engine.domain.permission import sight_of
from engine.domain.task import Task, instance_of
from engine.forms import files_within
from engine.queries.exports import exportable_instance, histories, refuse_too_many
from engine.queries.instance_state import present_view
from engine.queries.instances import DiagramSource, source_of
from engine.queries.timeline import TimelineRow, timeline
from engine.store.unit_of_work import Reader

# Uploads are read in parts of about so many bytes.
BYTES_AT_ONCE = 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceStory:
    """One instance as its page tells it: rows newest first as there, and the diagrams that it reached."""

    history: InstanceHistory
    rows: tuple[TimelineRow, ...]
    tasks: tuple[Task, ...]
    diagrams: tuple[tuple[str, DiagramSource], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierContent:
    """A dossier, and what its pages are drawn from."""

    dossier: Dossier
    stories: tuple[InstanceStory, ...]
    people: Mapping[str, User]
    units: Mapping[str, Unit]


def dossier_content(reader: Reader, instance_id: int) -> DossierContent:
    """Everything but the bodies of uploads; NotFound for what the reader may not see.

    What the instance set going is in it as far as the reader may see it. It tells no look: the export tells
    itself.
    """
    main = exportable_instance(reader, instance_id)
    instances = [main, *_set_going(reader, main)]
    refuse_too_many(instances)
    told = histories(reader, instances)
    documents, files = _named(told)
    bodies = reader.content.bodies({document.digest for document in documents})
    for body in bodies.values():
        files |= files_within(json.loads(body))
    kept = {*bodies, *reader.content.known(set(files))}
    wanted = {document.digest for document in documents} | set(files)
    dossier = Dossier(
        histories=told,
        documents=tuple(replace(d, body=bodies[d.digest]) for d in documents if d.digest in bodies),
        files=tuple(_file(ref) for digest, ref in files.items() if digest in kept),
        gone=tuple(sorted(wanted - kept)),
        deployments=tuple(
            reader.definitions.get(number) for number in sorted({i.deployment_id for i in instances})
        ),
        anchors=tuple(_anchors(reader, told)),
        made_at=reader.now,
        made_by=reader.actor.user_id,
    )
    return DossierContent(
        dossier=dossier,
        stories=tuple(_stories(reader, told)),
        people={user.id: user for user in reader.organisation.users()},
        units={unit.id: unit for unit in reader.organisation.units()},
    )


def upload_bodies(reader: Reader, instance_id: int, digests: Sequence[str]) -> list[tuple[str, bytes]]:
    """Some uploads of a dossier with their bytes; NotFound for those who may not see the instance."""
    exportable_instance(reader, instance_id)
    found = reader.content.bodies(digests)
    return [(digest, found[digest]) for digest in digests]


def in_batches(files: Iterable[FileRef]) -> Iterator[list[str]]:
    """The digests of uploads in parts that lie in memory together."""
    part: list[str] = []
    size = 0
    for file in files:
        if part and size + file.size > BYTES_AT_ONCE:
            yield part
            part, size = [], 0
        part.append(file.digest)
        size += file.size
    if part:
        yield part


def _set_going(reader: Reader, main: Instance) -> list[Instance]:
    """The instances that this one set going, and those that they did, as far as the reader may see them."""
    found: dict[int, Instance] = {}
    parents = [main.id]
    while parents:
        children = reader.instances.children_of(parents, sight_of(reader.actor))
        new = [child for child in children if child.id not in found and child.id != main.id]
        found |= {child.id: child for child in new}
        parents = [child.id for child in new]
    return [found[number] for number in sorted(found)]


def _named(told: Sequence[InstanceHistory]) -> tuple[list[DossierDocument], dict[str, dict[str, Any]]]:
    """Every version of a document that events recorded or show, once each, and every file that they name."""
    documents: dict[tuple[str, str, str, int], DossierDocument] = {}
    files: dict[str, dict[str, Any]] = {}
    for history in told:
        for event in history.events:
            data = event.told
            refs = [
                *((ref["owner"], ref["kind"], ref["key"], ref["no"], ref["digest"], False)
                  for ref in data.get("documents", ())),
                *((*ref, True) for ref in data.get("shown_documents", ())),
            ]  # fmt: skip
            for owner, kind, key, no, digest, is_shown in refs:
                known = documents.get((owner, kind, key, no))
                if known is None or (known.is_shown and not is_shown):
                    documents[owner, kind, key, no] = DossierDocument(
                        owner=owner, kind=kind, key=key, no=no, digest=digest, is_shown=is_shown,
                        instance=event.stream, seq=event.seq,
                    )  # fmt: skip
            files |= files_within(data)
    return list(documents.values()), files


def _file(ref: Mapping[str, Any]) -> FileRef:
    return FileRef(digest=ref["digest"], name=ref["name"], size=ref["size"], media_type=ref["media_type"])


def _anchors(reader: Reader, told: Sequence[InstanceHistory]) -> Iterator[AnchorWay]:
    """The newest anchor, and the first one after the last event of each history: what covers them."""
    made = reader.anchors.all()
    wanted = {made[-1].id: made[-1]} if made else {}
    for history in told:
        ended = history.instance.ended_at
        after = next((anchor for anchor in made if ended and anchor.made_at >= ended), None)
        if after is not None:
            wanted[after.id] = after
    for anchor in wanted.values():
        heads = reader.anchors.heads_of(anchor)
        seen = {stream: (seq, digest) for stream, seq, digest in heads}
        for history in told:
            stream = history.instance.id
            if stream in seen:
                seq, digest = seen[stream]
                yield AnchorWay(
                    anchor=anchor.id, made_at=anchor.made_at, root=anchor.root, stream=stream, seq=seq,
                    digest=digest.hex(), way=way_to_root(heads, stream),
                )  # fmt: skip


def _stories(reader: Reader, told: Sequence[InstanceHistory]) -> Iterator[InstanceStory]:
    tasks: dict[int, list[Task]] = {history.instance.id: [] for history in told}
    for task in reader.tasks.of_instances(list(tasks)):
        tasks[instance_of(task.id)].append(task)
    for history in told:
        instance = history.instance
        parsed = reader.definitions.parsed(instance.deployment_id)
        view = present_view(reader, instance, history.events)
        reached = [
            instance.definition_key,
            *sorted(key for key in view.marks if key != instance.definition_key and key in parsed.processes),
        ]
        yield InstanceStory(
            history=history,
            rows=timeline(parsed, tasks[instance.id], history.events, instance.own),
            tasks=tuple(tasks[instance.id]),
            diagrams=tuple(
                (parsed.processes[key].name, source_of(reader, instance, view, key)) for key in reached
            ),
        )
