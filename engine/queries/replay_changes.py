"""What one event changed: variables, and the documents that it wrote, each against what was there before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.domain.definition import FormDefinition
from engine.domain.document import Document
from engine.domain.history import EventType, HistoryEvent
from engine.domain.instance import InstanceView
from engine.plan.differences import Change, diff_plans
from engine.plan.document import from_json
from engine.plan.rule_error import PlanRuleError
from engine.plan.tree import Plan
from engine.store.unit_of_work import Reader

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment

PLAN = "plan"
MOST_DOCUMENTS = 40  # of one event; a step that opens every unit's part writes about as many
ABSENT: Any = None

Name = tuple[str, str, str, int]  # owner, kind, key, number of a version


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What a form gave: the values with the form that names them, where there is one."""

    label: str
    form: FormDefinition | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableChange:
    """One variable that is not what it was; None for what was not there.

    `label` and `form` are those of the element that wrote it, if its name is that of one.
    """

    name: str
    label: str
    form: FormDefinition | None
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChange:
    """One part of a document that differs, by the keys that lead to it; None for what is not there."""

    keys: tuple[str, ...]
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentChange:
    """A version that the event wrote. Plans are compared field by field, other documents part by part."""

    kind: str
    key: str
    no: int
    digest: str
    note: str
    is_new: bool
    plan: tuple[Change, ...]
    parts: tuple[PartChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVersion:
    """A version that somebody had before them when they acted; `is_same`: it is kept with this digest."""

    kind: str
    key: str
    no: int
    digest: str
    is_same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that one event changed, and what its person had before them."""

    variables: tuple[VariableChange, ...]
    entered: Entries | None
    documents: tuple[DocumentChange, ...]
    more_documents: int
    shown: tuple[ShownVersion, ...]
    shown_digest: str | None


def changes_of(
    reader: Reader,
    parsed: "ParsedDeployment",
    process_key: str,
    event: HistoryEvent,
    views: tuple[InstanceView | None, InstanceView | None],
) -> Changes:
    """What changed with an event; `views` are those before and after it. One statement at most."""
    told: dict[str, Any] = event.told
    written, seen = told.get("documents", ()), told.get("shown_documents", ())
    looked_at = written[:MOST_DOCUMENTS]
    wanted: list[Name] = [(owner, kind, key, no) for owner, kind, key, no, _ in seen]
    for ref in looked_at:
        place = (ref["owner"], ref["kind"], ref["key"])
        wanted += [(*place, ref["no"]), (*place, ref["no"] - 1)]
    kept = reader.documents.exactly(wanted)
    before, after = views
    return Changes(
        variables=tuple(_variables(parsed, before, after)),
        entered=_entered(parsed, process_key, event, told),
        documents=tuple(_document(ref, kept) for ref in looked_at),
        more_documents=len(written) - len(looked_at),
        shown=tuple(_shown(entry, kept) for entry in seen),
        shown_digest=told.get("shown") if event.type is EventType.TASK_COMPLETED else None,
    )


def _variables(
    parsed: "ParsedDeployment", before: InstanceView | None, after: InstanceView | None
) -> Iterator[VariableChange]:
    """In the order of the later state; what is gone comes last."""
    if after is None:
        return
    old, new = before.variables if before else {}, after.variables
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) != new.get(name) or (name in old) != (name in new):
            label, form = writer_of(parsed, name)
            yield VariableChange(name=name, label=label, form=form, before=old.get(name), after=new.get(name))


def writer_of(parsed: "ParsedDeployment", name: str) -> tuple[str, FormDefinition | None]:
    """The name and the form of the element that writes a variable, which bears its id; nothing for others."""
    element = next((p.elements[name] for p in parsed.processes.values() if name in p.elements), None)
    if element is None:
        return "", None
    return element.name, parsed.forms.get(element.form or "")


def _entered(
    parsed: "ParsedDeployment", process_key: str, event: HistoryEvent, told: Mapping[str, Any]
) -> Entries | None:
    """What a person put into the form, whether or not the process keeps it."""
    values = told.get("values") if event.type is EventType.TASK_COMPLETED else None
    process = parsed.processes.get(process_key)
    element = process.elements.get(event.element_id or "") if process else None
    if not values or element is None:
        return None
    form = parsed.forms.get(element.form or "")
    return Entries(label=element.name, form=form, before={}, after=values)


def _document(ref: Mapping[str, Any], kept: Mapping[Name, Document]) -> DocumentChange:
    place = (ref["owner"], ref["kind"], ref["key"])
    before, after = kept.get((*place, ref["no"] - 1)), kept.get((*place, ref["no"]))
    both = (before.body, after.body) if before and after else None
    plans = _plans(both) if both and ref["kind"] == PLAN else None
    return DocumentChange(
        kind=ref["kind"],
        key=ref["key"],
        no=ref["no"],
        digest=ref["digest"],
        note=ref["note"],
        is_new=ref["no"] == 1,
        plan=diff_plans(*plans) if plans else (),
        parts=tuple(parts_changed(*both)) if both and not plans else (),
    )


def _plans(bodies: tuple[dict[str, Any], dict[str, Any]]) -> tuple[Plan, Plan] | None:
    """Both as plans; nothing for what was kept in another form."""
    try:
        return from_json(bodies[0]), from_json(bodies[1])
    except PlanRuleError:
        return None


def _shown(entry: Sequence[Any], kept: Mapping[Name, Document]) -> ShownVersion:
    owner, kind, key, no, digest = entry
    found = kept.get((owner, kind, key, no))
    is_same = found is not None and found.digest == digest
    return ShownVersion(kind=kind, key=key, no=no, digest=digest, is_same=is_same)


def parts_changed(before: Any, after: Any, keys: tuple[str, ...] = ()) -> Iterator[PartChange]:
    """The smallest parts of two JSON values that differ; rows of a list by their place from 1 on."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*after, *before)):
            yield from parts_changed(before.get(key, ABSENT), after.get(key, ABSENT), (*keys, key))
    elif _are_rows(before) and _are_rows(after):
        for place in range(max(len(before), len(after))):
            old = before[place] if place < len(before) else ABSENT
            new = after[place] if place < len(after) else ABSENT
            yield from parts_changed(old, new, (*keys, str(place + 1)))
    else:
        yield PartChange(keys=keys, before=before, after=after)


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)
