"""Plans: the list of all years; the page of one with its versions, numbers, debts, letters and proofs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.activities.amendment import running_amendment
from engine.activities.letter_entries import corrections_of_basis
from engine.activities.plan_documents import released_version
from engine.clock import from_micros
from engine.domain.document import Document
from engine.domain.identity import Agency, Unit, User
from engine.domain.instance import Instance
from engine.domain.letter import Letter
from engine.domain.permission import Action, may, may_see_agency, sight_of
from engine.domain.task import TaskState
from engine.errors import NotFound
from engine.plan.differences import Change, diff_plans
from engine.plan.document import BasisLetter, Plan, from_json
from engine.queries.open_tasks import OpenTask, owed_by_due_date
from engine.queries.plan_numbers import ActionStanding, standings
from engine.store import tables
from engine.store.sight import is_covered
from engine.store.tasks import task_from_row
from engine.store.unit_of_work import Reader

OWNER = "bsmi_khh"
# The stages of domain 2 as the strip shows them, and the states of a plan that lie in each.
STAGES: tuple[tuple[str, frozenset[str]], ...] = (
    ("drafting", frozenset({"draft", "returned"})),
    ("signing", frozenset({"in_signoff", "signed"})),
    ("reporting", frozenset({"reported", "acknowledged", "acknowledged_with_comments", "notified"})),
    ("publishing", frozenset({"published"})),
    ("executing", frozenset({"executing"})),
    ("assessing", frozenset({"assessing"})),
    ("d1", frozenset({"d1_sent"})),
    ("d2", frozenset({"d2_sent", "accepted"})),
    ("closed", frozenset({"closed"})),
)
# A plan that was brought in as the model of a later year: its text is here, its year was not run here.
TEXT_ONLY = "text_only"
KINDS = ("plan_state", "acknowledgement", "publication", "progress", "self_report", "d1", "d2")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One plan in the list."""

    plan_key: str
    roc_year: int
    title: str
    state: str
    stage: int
    changed_at: datetime
    open_tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    """One version of the plan document, without its text."""

    no: int
    digest: str
    note: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where the plan was published, and whether that was the acknowledged version."""

    label: str
    plan_no: int
    digest: str
    verified: str
    is_acknowledged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """Everything that the page of a plan shows. `compared` is the version that `changes` start from."""

    plan_key: str
    plan: Plan
    version: PlanVersion
    versions: tuple[PlanVersion, ...]
    compared: PlanVersion | None
    before: Plan | None
    changes: tuple[Change, ...]
    state: str
    stage: int
    standings: Mapping[str, ActionStanding]
    owed: tuple[OpenTask, ...]
    letters: tuple[Letter, ...]
    basis_corrections: Mapping[int, BasisLetter]
    proofs: tuple[Proof, ...]
    acknowledged_digest: str
    instances: tuple[Instance, ...]
    process_names: Mapping[str, str]
    people: Mapping[str, User]
    units: Mapping[str, Unit]
    may_urge: bool
    may_correct: bool


def plan_list(reader: Reader, *, with_counts: bool = True) -> tuple[PlanLine, ...]:
    """The plans of every year, the newest first; empty for those who may see none.

    Counting what is open reads every open task; whoever only names plans does without.
    """
    if not may_see_agency(reader.actor, Agency.BRANCH):
        return ()
    version, content = tables.document_version.c, tables.content.c
    query = (
        sa.select(version.owner, version.kind, version.made_at, content.body)
        .join_from(tables.document_version, tables.content, content.digest == version.digest)
        .where(version.kind.in_(("plan", "plan_state")), version.key == "", is_latest())
    )
    found: dict[str, dict[str, tuple[int, dict[str, Any]]]] = {}
    for owner, kind, made_at, body in reader.transaction.core.execute(query):
        found.setdefault(owner, {})[kind] = (made_at, _json(body))
    counts = open_counts(reader) if with_counts else {}
    lines = [_line(owner, kinds, counts) for owner, kinds in found.items() if "plan" in kinds]
    return tuple(sorted(lines, key=lambda line: -line.roc_year))


def plan_page(
    reader: Reader, roc_year: int, *, no: int | None = None, compared_with: int | None = None
) -> PlanPage:
    """The plan of one year, in its latest version or in version `no`, beside another one if asked.

    While it is being amended, the version in effect stands for it, and not the draft of the amendment.

    NotFound when there is no such plan or version, or when the reader may not see it.
    """
    plan_key = f"{OWNER}:{roc_year}"
    versions = (
        reader.documents.versions(plan_key, "plan") if may_see_agency(reader.actor, Agency.BRANCH) else []
    )
    if not versions:
        raise NotFound(kind="plan", id=roc_year)
    if no is None and running_amendment(reader, plan_key) is not None:
        no = released_version(reader, plan_key).no
    shown, other = _version(versions, no, roc_year), None
    if compared_with is not None:
        other = _version(versions, compared_with, roc_year)
    kinds = documents_of(reader, plan_key)
    state = _latest_state(kinds)
    plan = from_json(shown.body)
    before = from_json(other.body) if other else None
    people = {user.id: user for user in reader.organisation.users()}
    acknowledged = _acknowledged_digest(kinds)
    sight = sight_of(reader.actor)
    letters = tuple(reader.letters.for_plan(plan_key, sight))
    return PlanPage(
        plan_key=plan_key,
        plan=plan,
        version=_without_text(shown),
        versions=tuple(_without_text(version) for version in reversed(versions)),
        compared=_without_text(other) if other else None,
        before=before,
        changes=diff_plans(before, plan) if before else (),
        state=state,
        stage=stage_of(state),
        standings=standings(plan, kinds),
        owed=owed_tasks(reader, plan_key, people),
        letters=letters,
        basis_corrections=corrections_of_basis(plan, letters),
        proofs=tuple(_proof(document, acknowledged) for document in kinds.get("publication", ())),
        acknowledged_digest=acknowledged,
        instances=tuple(i for i in reader.instances.of_plan(plan_key) if sight.covers(i)),
        process_names={process.key: process.name for process in reader.definitions.all_latest()},
        people=people,
        units={unit.id: unit for unit in reader.organisation.units()},
        may_urge=may(reader.actor, Action.URGE),
        may_correct=may(reader.actor, Action.CORRECT_LETTER),
    )


def plan_letter(reader: Reader, roc_year: int, letter_id: int) -> Letter:
    """A letter of a plan; NotFound when it is not of this plan or the reader may not see it."""
    letter = reader.letters.get(letter_id, sight_of(reader.actor))
    if letter.plan_key != f"{OWNER}:{roc_year}" or not may_see_agency(reader.actor, Agency.BRANCH):
        raise NotFound(kind="letter", id=letter_id)
    return letter


def stage_of(state: str) -> int:
    """The place of a state in the strip of stages; states beside it count as the first."""
    return next((place for place, (_, states) in enumerate(STAGES) if state in states), 0)


def is_latest() -> sa.ColumnElement[bool]:
    """No later version of the same document exists."""
    version, newer = tables.document_version.c, tables.document_version.alias().c
    same = sa.and_(newer.owner == version.owner, newer.kind == version.kind, newer.key == version.key)
    return ~sa.exists().where(same, newer.no > version.no)


def _line(
    owner: str, kinds: Mapping[str, tuple[int, dict[str, Any]]], open_counts: Mapping[str, int]
) -> PlanLine:
    body = kinds["plan"][1]
    state = str(kinds["plan_state"][1]["state"]) if "plan_state" in kinds else TEXT_ONLY
    return PlanLine(
        plan_key=owner,
        roc_year=int(body["roc_year"]),
        title=str(body["title"]),
        state=state,
        stage=stage_of(state),
        changed_at=from_micros(max(made_at for made_at, _ in kinds.values())),
        open_tasks=open_counts.get(owner, 0),
    )


def open_counts(reader: Reader) -> dict[str, int]:
    """How many tasks are open for each plan."""
    instance, task = tables.process_instance.c, tables.task.c
    query = (
        sa.select(instance.plan_key, sa.func.count())
        .join_from(tables.task, tables.process_instance, instance.id == task.instance_id)
        .where(
            task.state == int(TaskState.OPEN),
            instance.plan_key.is_not(None),
            instance.ended_at.is_(None),
            is_covered(sight_of(reader.actor)),
        )
        .group_by(instance.plan_key)
    )
    return {row[0]: row[1] for row in reader.transaction.core.execute(query)}


def _version(versions: Sequence[Document], no: int | None, roc_year: int) -> Document:
    found = versions[-1] if no is None else next((v for v in versions if v.no == no), None)
    if found is None:
        raise NotFound(kind="plan", id=f"{roc_year}/{no}")
    return found


def _without_text(document: Document) -> PlanVersion:
    return PlanVersion(
        no=document.no,
        digest=document.digest,
        note=document.note,
        made_at=document.made_at,
        made_by=document.made_by,
    )


def documents_of(reader: Reader, plan_key: str) -> dict[str, list[Document]]:
    """The latest documents of all kinds that the page reads, in one statement."""
    version, content = tables.document_version.c, tables.content.c
    query = (
        sa.select(tables.document_version, content.body)
        .join_from(tables.document_version, tables.content, content.digest == version.digest)
        .where(version.owner == plan_key, version.kind.in_(KINDS), is_latest())
        .order_by(version.kind, version.key)
    )
    found: dict[str, list[Document]] = {}
    for row in reader.transaction.core.execute(query):
        document = Document(
            owner=row.owner,
            kind=row.kind,
            key=row.key,
            no=row.no,
            digest=bytes(row.digest).hex(),
            note=row.note,
            made_at=from_micros(row.made_at),
            made_by=row.made_by,
            task_id=row.task_id,
            body=_json(row.body),
        )
        found.setdefault(document.kind, []).append(document)
    return found


def _latest_state(kinds: Mapping[str, Sequence[Document]]) -> str:
    states = kinds.get("plan_state", ())
    return str(states[0].body["state"]) if states else TEXT_ONLY


def _acknowledged_digest(kinds: Mapping[str, Sequence[Document]]) -> str:
    """The digest of the version that the bureau acknowledged last; empty before its first reply."""
    released = kinds.get("acknowledgement", ())
    return str(released[0].body["plan_digest"]) if released else ""


def _proof(document: Document, acknowledged: str) -> Proof:
    verified = document.body.get("verified") or {}
    return Proof(
        label=str(document.body["label"]),
        plan_no=int(document.body["plan_no"]),
        digest=str(document.body["plan_digest"]),
        verified=str(verified.get("result", "")),
        is_acknowledged=document.body["plan_digest"] == acknowledged,
    )


def owed_tasks(reader: Reader, plan_key: str, people: Mapping[str, User]) -> tuple[OpenTask, ...]:
    """The open tasks of all instances of the plan, the most urgent first."""
    instance, task = tables.process_instance.c, tables.task.c
    query = (
        sa.select(tables.task)
        .join_from(tables.task, tables.process_instance, instance.id == task.instance_id)
        .where(
            instance.plan_key == plan_key,
            task.state == int(TaskState.OPEN),
            instance.ended_at.is_(None),
            is_covered(sight_of(reader.actor)),
        )
    )
    found = [task_from_row(row) for row in reader.transaction.core.execute(query)]
    return owed_by_due_date(reader, found, people)


def _json(body: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(bytes(body))
    return parsed
