"""What changed in what an approver decides on, since that person saw it last or somebody returned it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from engine.activities.content import content_of, form_of
from engine.clock import from_micros
from engine.domain.definition import FormDefinition
from engine.domain.document import Document
from engine.domain.form import FormContent, ShownDocument
from engine.domain.form_fields import Field, fields_of
from engine.domain.history import EventType
from engine.domain.identity import User
from engine.domain.shown_difference import ShownChange, diff_shown
from engine.domain.task import Task
from engine.domain.telling import told_by
from engine.plan.differences import diff_plans
from engine.plan.document_json import from_json
from engine.queries.decision import COUNTERSIGN, PLAN, named
from engine.store.unit_of_work import Reader

RETURN = "return"
REASONS = "return_reason"
# Panels that tell of the signing, or of what a person decided elsewhere: none of them is what is signed.
BESIDE = frozenset(
    {
        "signatures", "fallen_signatures", "edits", "skipped", "level", "opinions", "remarks", "version",
        "made_file", "plan_document",
    }
)  # fmt: skip
_SENTENCES = re.compile(r"[^。；;\n]+")
Identity = tuple[str, str, str]  # owner, kind, key


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChange:
    """One field that changed: who changed it last, and what had been asked for.

    `names` are the words of the plan, else keys of panels and names of rows, from the outside in.
    """

    names: tuple[str, ...]
    before: Any
    after: Any
    remark: str
    made_by: str
    made_at: datetime

    @property
    def label(self) -> str:
        return " ".join(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceSeen:
    """The changes since the version that the person saw last, and what was said of it then.

    `returned_by` names who returned that version where the person has not seen it before; `opinion` and
    `reasons` are what was said in a return.
    """

    no_then: int
    no_now: int
    seen_at: datetime
    was_returned: bool
    returned_by: str
    opinion: str
    reasons: tuple[str, ...]
    changes: tuple[SeenChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The version from which changes are told."""

    no: int
    at: datetime
    values: dict[str, Any]
    returned_by: str = ""

    @property
    def was_returned(self) -> bool:
        return self.values.get("decision") == RETURN

    @property
    def opinion(self) -> str:
        return str(self.values.get("opinion", "")) if self.was_returned else ""


def since_seen(
    reader: Reader, task: Task, form: FormDefinition, content: FormContent, completions: Sequence[Any]
) -> SinceSeen | None:
    """What changed in what the form shows since this person saw an earlier version when completing a task.

    Whoever has not seen it before is told what changed since somebody returned it. What a person changed
    while signing was seen by that person. A report of another period is another item.
    """
    shown = next((document for document in content.shown if document.kind != COUNTERSIGN), None)
    if shown is None:
        return None
    people = {user.id: user for user in reader.organisation.users()}
    seen = _last_seen(reader, shown, completions) or _last_returned(shown, completions, people)
    versions = _versions(reader, shown, seen.no) if seen else ()
    if seen is None or not versions or versions[0].body.get("period") != versions[-1].body.get("period"):
        return None
    if shown.kind == PLAN:
        readings, words = _plan_readings(versions), {}
    else:
        readings, words = _readings(reader, task, form, content, versions), _words(reader, versions[-1])
    return SinceSeen(
        no_then=seen.no, no_now=shown.no, seen_at=seen.at, was_returned=seen.was_returned,
        returned_by=seen.returned_by, opinion=seen.opinion, reasons=return_reasons(form, seen.values),
        changes=tuple(_changes(versions, readings, seen.opinion, words, people)),
    )  # fmt: skip


def changes_from(
    reader: Reader, task: Task, form: FormDefinition, content: FormContent, seen: Mapping[Identity, int]
) -> tuple[ShownChange, ...]:
    """Field by field, from the versions that were seen to those that the form shows now."""
    found: list[ShownChange] = []
    older: dict[Identity, int] = {}
    for shown in content.shown:
        identity = (shown.owner, shown.kind, shown.key)
        if not 0 < seen.get(identity, 0) < shown.no:
            continue
        older[identity] = seen[identity]
        if shown.kind == PLAN:
            versions = _versions(reader, shown, seen[identity])
            found += [change for _, change in _diff_plans(versions[0].body, versions[-1].body)]
    if not older:
        return ()
    before = content_of(reader.reading_versions(older), task, form)
    return (*found, *diff_shown(_signed(before), _signed(content)))


def return_reasons(form: FormDefinition, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The reasons of a return as the list of its form words them."""
    field = next((field for field in fields_of(form) if field.name == REASONS), None)
    given = values.get(REASONS) or ()
    return tuple(label for value, label in field.choices if value in given) if field else ()


def remark_about(path: str, label: str, opinion: str) -> str:
    """The sentences of an opinion that name the row of a change by its number (3.2.3) or its words."""
    numbers = re.findall(r"\d+(?:\.\d+)+", f"{path} {label}")
    names = set(numbers) | {word for word in label.split() if len(word) > 1 and not word[0].isdigit()}
    sentences = (sentence.strip() for sentence in _SENTENCES.findall(opinion))
    return "；".join(s for s in sentences if any(_names(s, name) for name in names))


def _names(sentence: str, name: str) -> bool:
    """True if the sentence names it; 3.2.1 is not named by 3.2.10."""
    return re.search(rf"(?<![\d.]){re.escape(name)}(?![\d]|\.\d)", sentence) is not None


def _last_seen(reader: Reader, shown: ShownDocument, completions: Sequence[Any]) -> _Seen | None:
    for row in reversed(completions):
        if row.actor != reader.actor.user_id:
            continue
        data = told_by(EventType.TASK_COMPLETED, row.element_id, row.data)
        no = _no_shown(shown, data)
        if no is not None:
            no = max(no, _no_written(shown, data))
            return _Seen(no=no, at=from_micros(row.occurred_at), values=data["values"])
    return None


def _last_returned(
    shown: ShownDocument, completions: Sequence[Any], people: Mapping[str, User]
) -> _Seen | None:
    for row in reversed(completions):
        data = told_by(EventType.TASK_COMPLETED, row.element_id, row.data)
        no = _no_shown(shown, data)
        if no is not None and data["values"].get("decision") == RETURN:
            at, who = from_micros(row.occurred_at), named(people, row.actor)
            return _Seen(no=no, at=at, values=data["values"], returned_by=who)
    return None


def _no_shown(shown: ShownDocument, data: Mapping[str, Any]) -> int | None:
    """The version of the document that a completion was shown."""
    identity = [shown.owner, shown.kind, shown.key]
    return next((int(ref[3]) for ref in data.get("shown_documents", ()) if ref[:3] == identity), None)


def _no_written(shown: ShownDocument, data: Mapping[str, Any]) -> int:
    """The version of the document that a completion wrote, 0 if it wrote none."""
    written = (
        int(ref["no"])
        for ref in data.get("documents", ())
        if (ref["owner"], ref["kind"], ref["key"]) == (shown.owner, shown.kind, shown.key)
    )
    return max(written, default=0)


def _versions(reader: Reader, shown: ShownDocument, since_no: int) -> tuple[Document, ...]:
    """The versions from the one that was seen to the one that is shown."""
    found = reader.documents.versions(shown.owner, shown.kind, shown.key)
    return tuple(version for version in found if since_no <= version.no <= shown.no)


Change = tuple[str, ShownChange]  # what tells a field apart from the others, and how it changed
Readings = Callable[[int, int], Iterator[Change]]  # the changes between two of the versions, by their place


def _plan_readings(versions: Sequence[Document]) -> Readings:
    return lambda old, new: iter(_diff_plans(versions[old].body, versions[new].body))


def _diff_plans(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    found = diff_plans(from_json(before), from_json(after))
    return [(c.path, ShownChange(names=(c.label,), before=c.before, after=c.after)) for c in found]


def _readings(
    reader: Reader, task: Task, form: FormDefinition, content: FormContent, versions: Sequence[Document]
) -> Readings:
    """The form as it would show each version now: who reads a change reads it in the words of the page."""
    earlier = (content_of(_reading(reader, version), task, form) for version in versions[:-1])
    shown = [*map(_signed, earlier), _signed(content)]
    return lambda old, new: (
        ("/".join(change.names), change) for change in diff_shown(shown[old], shown[new])
    )


def _reading(reader: Reader, version: Document) -> Reader:
    return reader.reading_versions({(version.owner, version.kind, version.key): version.no})


def _signed(content: FormContent) -> dict[str, Any]:
    """The parts that a signature is about."""
    return {name: panel for name, panel in content.panels.items() if name not in BESIDE}


def _changes(
    versions: Sequence[Document],
    readings: Readings,
    opinion: str,
    words: Mapping[str, str],
    people: Mapping[str, User],
) -> Iterator[SeenChange]:
    """What differs between the first and the last version, each with the last of them that touched it."""
    makers: dict[str, Document] = {}
    for old, new in pairwise(range(len(versions))):
        makers |= {path: versions[new] for path, _ in readings(old, new)}
    for path, change in readings(0, len(versions) - 1):
        made = makers.get(path, versions[-1])
        label = " ".join((*change.names, *(words[name] for name in change.names if name in words)))
        yield SeenChange(
            names=change.names, before=change.before or "", after=change.after or "",
            remark=remark_about(path, label, opinion),
            made_by=named(people, made.made_by), made_at=made.made_at,
        )  # fmt: skip


def _words(reader: Reader, version: Document) -> dict[str, str]:
    """What the fields are called in the form in which a version was written: remarks use these words."""
    if version.task_id is None:
        return {}
    form = form_of(reader, reader.tasks.get(version.task_id))
    return {field.name: field.title for field in _all(fields_of(form))}


def _all(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _all(field.children)
