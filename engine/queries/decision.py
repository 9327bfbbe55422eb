"""What an approver needs beside the form: the plan in figures, and who spoke for the units asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from engine.domain.form import FormContent, ShownDocument
from engine.domain.identity import User
from engine.plan.differences import Change, diff_plans
from engine.plan.document import Plan
from engine.plan.document_json import from_json
from engine.plan.quantification import action_kind, quantified_percent
from engine.store.unit_of_work import Reader

PLAN = "plan"
COUNTERSIGN = "countersign"


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
class OpinionNote:
    """Who gave the opinion of a unit, and when; `who` is empty where the unit stayed silent."""

    who: str
    at: datetime
    kind: str


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
            who=named(people, opinion.body["by"]), at=opinion.made_at, kind=opinion.body["kind"]
        )
        for opinion in found
        if (opinion.owner, opinion.key) in shown
    }


def _shown_plan(content: FormContent) -> ShownDocument | None:
    return next((document for document in content.shown if document.kind == PLAN), None)


def _plan(reader: Reader, shown: ShownDocument) -> Plan:
    return from_json(reader.documents.get(shown.owner, PLAN, shown.key, shown.no).body)


def named(people: Mapping[str, User], user_id: str | None) -> str:
    """Name and title of somebody; empty for nobody."""
    user = people.get(user_id or "")
    return f"{user.name} {user.title}".strip() if user else ""
