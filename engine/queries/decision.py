"""What an approver needs beside the form: the plan in figures, and what changed since it was seen last."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.clock import from_micros
from engine.domain.form import FormContent, ShownDocument
from engine.plan.differences import Change, diff_plans
from engine.plan.document import Plan
from engine.plan.document_json import from_json
from engine.plan.quantification import action_kind, quantified_percent
from engine.store.unit_of_work import Reader

PLAN = "plan"
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
class SeenChange:
    """One field that changed since the person saw the plan; `remark` is what the person had asked for."""

    label: str
    before: str
    after: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceSeen:
    """The changes since the version that the person saw last, and what the person said then."""

    no_then: int
    no_now: int
    seen_at: datetime
    was_returned: bool
    changes: tuple[SeenChange, ...]


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


def since_seen(reader: Reader, content: FormContent, completions: Sequence[Any]) -> SinceSeen | None:
    """What changed in the plan since this person completed a task and was shown an earlier version."""
    shown = _shown_plan(content)
    if shown is None:
        return None
    for row in reversed(completions):
        if row.actor != reader.actor.user_id:
            continue
        data = json.loads(row.data)
        no = next((ref[3] for ref in data.get("shown_documents", ()) if ref[:3] == _identity(shown)), None)
        if no is not None:
            return _since(reader, shown, no, data["values"], from_micros(row.occurred_at))
    return None


def _since(reader: Reader, shown: ShownDocument, no: int, values: dict[str, Any], at: datetime) -> SinceSeen:
    before = from_json(reader.documents.get(shown.owner, PLAN, shown.key, no).body)
    opinion = str(values.get("opinion", ""))
    returned = values.get("decision") == "return"
    changes = diff_plans(before, _plan(reader, shown)) if no != shown.no else ()
    return SinceSeen(
        no_then=no, no_now=shown.no, seen_at=at, was_returned=returned,
        changes=tuple(_seen(change, opinion if returned else "") for change in changes),
    )  # fmt: skip


def _seen(change: Change, opinion: str) -> SeenChange:
    return SeenChange(
        label=change.label, before=change.before or "", after=change.after or "",
        remark=remark_about(change.path, change.label, opinion),
    )  # fmt: skip


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


def _identity(shown: ShownDocument) -> list[str]:
    return [shown.owner, shown.kind, shown.key]


def _plan(reader: Reader, shown: ShownDocument) -> Plan:
    return from_json(reader.documents.get(shown.owner, PLAN, shown.key, shown.no).body)
