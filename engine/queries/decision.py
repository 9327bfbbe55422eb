"""What an approver needs beside the form: the plan in figures, and what changed since it was seen last."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.clock import from_micros
from engine.domain.document import Document
from engine.domain.form import FormContent, ShownDocument
from engine.domain.identity import User
from engine.plan.differences import Change, diff_plans
from engine.plan.document import Plan
from engine.plan.document_json import from_json
from engine.plan.quantification import action_kind, quantified_percent
from engine.store.unit_of_work import Reader

PLAN = "plan"
COUNTERSIGN = "countersign"
RETURN = "return"
_SENTENCES = re.compile(r"[^。；;\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigures:
    """The plan that is signed, in a line of figures."""

    roc_year: int
    no: int
    strategies: int
    methods: int
    actions: int
    quantified: int
    percent: str
    units: int
    not_applicable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceLastYear:
    """The plan beside the one of the year before: how many actions changed, and every field that differs."""

    roc_year: int
    changed: int
    added: int
    gone: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChange:
    """One field that changed since the plan was seen: who changed it last, and what had been asked for."""

    label: str
    before: str
    after: str
    remark: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceSeen:
    """The changes since the version that the person saw last, and what was said of it then.

    `returned_by` names who returned that version where the person has not seen the plan before.
    """

    no_then: int
    no_now: int
    seen_at: datetime
    was_returned: bool
    returned_by: str
    changes: tuple[SeenChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionNote:
    """Who gave the opinion of a unit, and when; `who` is empty where the unit stayed silent."""

    who: str
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The version from which changes are told."""

    no: int
    at: datetime
    values: dict[str, Any]
    returned_by: str = ""


def plan_figures(reader: Reader, content: FormContent) -> PlanFigures | None:
    """The figures of the plan that the form shows, if it shows one."""
    shown = _shown_plan(content)
    if shown is None:
        return None
    plan = _plan(reader, shown)
    kinds = [action_kind(action) for action in plan.actions()]
    return PlanFigures(
        roc_year=plan.roc_year, no=shown.no,
        strategies=len(plan.strategies), methods=len(list(plan.methods())), actions=len(kinds),
        quantified=kinds.count("quantified"), percent=f"{float(quantified_percent(plan)):.1f}",
        units=len({unit for action in plan.actions() for unit in action.owner_units}),
        not_applicable=tuple(plan.unit_label(unit) for unit in plan.not_applicable),
    )  # fmt: skip


def since_last_year(reader: Reader, content: FormContent) -> SinceLastYear | None:
    """How the plan that the form shows differs from that of the year before, if there is one."""
    shown = _shown_plan(content)
    agency, _, year = shown.owner.rpartition(":") if shown else ("", "", "")
    if shown is None or not year.isdigit():
        return None
    found = reader.documents.find(f"{agency}:{int(year) - 1}", PLAN, shown.key)
    if found is None:
        return None
    before, after = from_json(found.body), _plan(reader, shown)
    was, now = ({action.id: action for action in plan.actions()} for plan in (before, after))
    return SinceLastYear(
        roc_year=before.roc_year,
        changed=sum(was[id] != now[id] for id in was.keys() & now.keys()),
        added=len(now.keys() - was.keys()), gone=len(was.keys() - now.keys()),
        changes=tuple(
            replace(change, before=change.before or "", after=change.after or "")
            for change in diff_plans(before, after)
        ),
    )  # fmt: skip


def since_seen(reader: Reader, content: FormContent, completions: Sequence[Any]) -> SinceSeen | None:
    """What changed in the plan since this person saw an earlier version of it when completing a task.

    Whoever has not seen it before is told what changed since somebody returned it. What a person changed
    while signing was seen by that person.
    """
    shown = _shown_plan(content)
    if shown is None:
        return None
    people = {user.id: user for user in reader.organisation.users()}
    seen = _last_seen(reader, shown, completions) or _last_returned(shown, completions, people)
    return None if seen is None else _since(reader, shown, seen, people)


def opinion_notes(reader: Reader, content: FormContent) -> dict[str, OpinionNote]:
    """Who spoke for each countersigning unit that the form shows, by unit."""
    shown = {(document.owner, document.key) for document in content.shown if document.kind == COUNTERSIGN}
    if not shown:
        return {}
    people = {user.id: user for user in reader.organisation.users()}
    owners = sorted({owner for owner, _ in shown})
    found = [opinion for owner in owners for opinion in reader.documents.list(owner, COUNTERSIGN)]
    return {
        opinion.body["unit"]: OpinionNote(
            who=_named(people, opinion.body["by"]), at=opinion.made_at, kind=opinion.body["kind"]
        )
        for opinion in found
        if (opinion.owner, opinion.key) in shown
    }


def _last_seen(reader: Reader, shown: ShownDocument, completions: Sequence[Any]) -> _Seen | None:
    for row in reversed(completions):
        if row.actor != reader.actor.user_id:
            continue
        data = json.loads(row.data)
        no = _no_shown(shown, data)
        if no is not None:
            return _Seen(
                no=max(no, _no_written(shown, data)), at=from_micros(row.occurred_at), values=data["values"]
            )
    return None


def _last_returned(
    shown: ShownDocument, completions: Sequence[Any], people: Mapping[str, User]
) -> _Seen | None:
    for row in reversed(completions):
        data = json.loads(row.data)
        no = _no_shown(shown, data)
        if no is not None and data["values"].get("decision") == RETURN:
            at, who = from_micros(row.occurred_at), _named(people, row.actor)
            return _Seen(no=no, at=at, values=data["values"], returned_by=who)
    return None


def _no_shown(shown: ShownDocument, data: Mapping[str, Any]) -> int | None:
    """The version of the plan that a completion was shown."""
    identity = [shown.owner, shown.kind, shown.key]
    return next((int(ref[3]) for ref in data.get("shown_documents", ()) if ref[:3] == identity), None)


def _no_written(shown: ShownDocument, data: Mapping[str, Any]) -> int:
    """The version of the plan that a completion wrote, 0 if it wrote none."""
    written = (
        int(ref["no"])
        for ref in data.get("documents", ())
        if (ref["owner"], ref["kind"], ref["key"]) == (shown.owner, shown.kind, shown.key)
    )
    return max(written, default=0)


def _since(reader: Reader, shown: ShownDocument, seen: _Seen, people: Mapping[str, User]) -> SinceSeen:
    returned = seen.values.get("decision") == RETURN
    opinion = str(seen.values.get("opinion", "")) if returned else ""
    return SinceSeen(
        no_then=seen.no, no_now=shown.no, seen_at=seen.at, was_returned=returned,
        returned_by=seen.returned_by,
        changes=tuple(_changes(reader, shown, seen.no, opinion, people)) if seen.no < shown.no else (),
    )  # fmt: skip


def _changes(
    reader: Reader, shown: ShownDocument, since_no: int, opinion: str, people: Mapping[str, User]
) -> Iterator[SeenChange]:
    """What differs between two versions, each with the last version between them that touched it."""
    versions = [
        version
        for version in reader.documents.versions(shown.owner, PLAN, shown.key)
        if since_no <= version.no <= shown.no
    ]
    plans = [from_json(version.body) for version in versions]
    makers: dict[str, Document] = {}
    for version, before, after in zip(versions[1:], plans, plans[1:], strict=False):
        makers |= {change.path: version for change in diff_plans(before, after)}
    for change in diff_plans(plans[0], plans[-1]):
        made = makers.get(change.path, versions[-1])
        yield SeenChange(
            label=change.label, before=change.before or "", after=change.after or "",
            remark=remark_about(change.path, change.label, opinion),
            made_by=_named(people, made.made_by), made_at=made.made_at,
        )  # fmt: skip


def _named(people: Mapping[str, User], user_id: str | None) -> str:
    user = people.get(user_id or "")
    return f"{user.name} {user.title}".strip() if user else ""


def remark_about(path: str, label: str, opinion: str) -> str:
    """The sentences of an opinion that name the row of a change by its number (3.2.3) or its chapter."""
    numbers = re.findall(r"\d+(?:\.\d+)+", f"{path} {label}")
    names = set(numbers) | {word for word in label.split() if len(word) > 1 and not word[0].isdigit()}
    sentences = (sentence.strip() for sentence in _SENTENCES.findall(opinion))
    return "；".join(s for s in sentences if any(_names(s, name) for name in names))


def _names(sentence: str, name: str) -> bool:
    """True if the sentence names it; 3.2.1 is not named by 3.2.10."""
    return re.search(rf"(?<![\d.]){re.escape(name)}(?![\d]|\.\d)", sentence) is not None


def _shown_plan(content: FormContent) -> ShownDocument | None:
    return next((document for document in content.shown if document.kind == PLAN), None)


def _plan(reader: Reader, shown: ShownDocument) -> Plan:
    return from_json(reader.documents.get(shown.owner, PLAN, shown.key, shown.no).body)
