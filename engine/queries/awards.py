"""Award entries: the list by award year, the page of one, the edition, and the entries of a plan."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.activities.award_correction import STARTER, can_be_corrected
from engine.activities.award_records import (
    CASE,
    EDITION,
    ENTRY,
    MEMO,
    OUTCOME,
    SCHEDULE,
    SENT,
    STATE,
    award_year_of,
    categories,
    categories_are_example,
    edition_of,
)
from engine.activities.working_plan import AGENCY_ID
from engine.domain.document import Document, FileRef
from engine.domain.identity import Agency, Unit, User
from engine.domain.instance import Instance
from engine.domain.letter import Letter
from engine.domain.permission import Action, may, may_see_agency, may_see_instance, sight_of
from engine.errors import NotFound
from engine.forms import files_within
from engine.plan.award import edition_key, entry_key
from engine.queries.open_tasks import OpenTask
from engine.queries.plan_files import tell_letters_with
from engine.queries.plans import is_latest, open_counts, owed_tasks
from engine.store import tables
from engine.store.unit_of_work import Reader

Kinds = Mapping[str, Mapping[str, dict[str, Any]]]
LIST_KINDS = (CASE, STATE, ENTRY, MEMO, "invitation", OUTCOME, "award_due")
PAGE_KINDS = (
    *LIST_KINDS, SENT, "nil_report", "designation_answer", "reconsideration", "material", "lessons",
    "withdrawal",
)  # fmt: skip
# Where an entry stands, as the strip of its page shows it.
STAGES: tuple[tuple[str, frozenset[str]], ...] = (
    ("preparing", frozenset({"preparing", "no_entry", "released"})),
    ("screening", frozenset({"submitted", "withdrawn", "not_recommended"})),
    ("contest", frozenset({"recommended", "finalist"})),
    ("won", frozenset({"won"})),
)
ENDED = frozenset({"no_entry", "released", "withdrawn", "not_recommended", "won"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardOutcome:
    """One recorded outcome with its letter and certificate."""

    no: int
    outcome: str
    on: str
    certificate_no: str
    certificate: tuple[dict[str, Any], ...]
    letter: Letter | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardLine:
    """One entry in the list."""

    entry_key: str
    award_year: int
    no: int
    entrant: str
    theme: str
    category: str
    route: str
    state: str
    certificate_no: str
    reply_due_on: str
    open_tasks: int
    related_plans: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardPage:
    """Everything that the page of an entry shows."""

    line: AwardLine
    stage: int
    ended: bool
    entry: Mapping[str, Any]
    memo: Mapping[str, Any]
    due: Mapping[str, Any]
    designation: Mapping[str, Any]
    material: tuple[dict[str, Any], ...]
    lessons: Mapping[str, Any]
    outcomes: tuple[AwardOutcome, ...]
    may_correct: bool
    schedule: tuple[dict[str, Any], ...]
    owed: tuple[OpenTask, ...]
    letters: tuple[Letter, ...]
    instances: tuple[Instance, ...]
    process_names: Mapping[str, str]
    units: Mapping[str, Unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPage:
    """The edition of an award year: its categories with their history, and its schedule (K6)."""

    award_year: int
    categories: tuple[str, ...]
    are_example: bool
    schedule: tuple[dict[str, Any], ...]
    versions: tuple[Document, ...]
    people: Mapping[str, User]
    may_change: bool


def award_list(reader: Reader, *, with_counts: bool = True) -> tuple[AwardLine, ...]:
    """The entries of every award year, the newest year first; empty for those who may see none.

    Counting what is open reads every open task; whoever only names entries does without.
    """
    if not may_see_agency(reader.actor, Agency.BRANCH):
        return ()
    counts = open_counts(reader) if with_counts else {}
    lines = [_line(key, kinds, counts) for key, kinds in _entries(reader, LIST_KINDS).items()]
    return tuple(sorted(lines, key=lambda line: (-line.award_year, line.no)))


def entries_of_plan(reader: Reader, plan_key: str) -> tuple[AwardLine, ...]:
    """The entries that name a plan as related: a plan waits for none of them (A4)."""
    return tuple(line for line in award_list(reader, with_counts=False) if plan_key in line.related_plans)


def award_page(reader: Reader, award_year: int, no: int) -> AwardPage:
    """One entry; NotFound when there is none, or when the reader may not see it."""
    key = _seen_key(reader, award_year, no)
    kinds = _entries(reader, PAGE_KINDS, key).get(key)
    if kinds is None:
        raise NotFound(kind="award entry", id=f"{award_year}/{no}")
    line = _line(key, kinds, open_counts(reader))
    schedule = reader.documents.find(edition_of(key), SCHEDULE)
    people = {user.id: user for user in reader.organisation.users()}
    letters = {letter.id: letter for letter in reader.letters.for_plan(key, sight_of(reader.actor))}
    instances = tuple(reader.instances.of_plan(key))
    return AwardPage(
        line=line,
        stage=stage_of(line.state, was_sent=SENT in kinds),
        ended=line.state in ENDED,
        entry=_only(kinds, ENTRY),
        memo=_only(kinds, MEMO),
        due=_only(kinds, "award_due"),
        designation={**_only(kinds, "designation_answer"), **_only(kinds, "reconsideration")},
        material=tuple(body for _, body in _numbered(kinds, "material")),
        lessons=_only(kinds, "lessons"),
        outcomes=tuple(_outcome(int(name), body, letters) for name, body in _numbered(kinds, OUTCOME)),
        may_correct=STARTER in reader.actor.roles and can_be_corrected(line.state, instances),
        schedule=tuple(schedule.body["steps"]) if schedule else (),
        owed=owed_tasks(reader, key, people),
        letters=tuple(letters.values()),
        instances=tuple(i for i in instances if may_see_instance(reader.actor, i)),
        process_names={process.key: process.name for process in reader.definitions.all_latest()},
        units={unit.id: unit for unit in reader.organisation.units()},
    )


def award_file(reader: Reader, award_year: int, no: int, digest: str) -> tuple[FileRef, bytes]:
    """A file of an entry: of its data, its material, a certificate or a letter; else NotFound."""
    key = _seen_key(reader, award_year, no)
    kinds = _entries(reader, PAGE_KINDS, key).get(key, {})
    held = [list(letter.attachments) for letter in reader.letters.for_plan(key, sight_of(reader.actor))]
    bodies = [body for kind in (ENTRY, "material", OUTCOME) for body in kinds.get(kind, {}).values()]
    file = files_within([*held, bodies]).get(digest)
    if file is None:
        raise NotFound(kind="file", id=digest)
    tell_letters_with(reader, key, digest)
    return FileRef(**file), reader.content.get(digest)


def edition_page(reader: Reader, award_year: int) -> EditionPage:
    """The edition of an award year; NotFound outside the agency."""
    if not may_see_agency(reader.actor, Agency.BRANCH) or award_year not in range(100, 200):
        raise NotFound(kind="award edition", id=award_year)
    edition = edition_key(_agency_id(reader), award_year)
    schedule = reader.documents.find(edition, SCHEDULE)
    return EditionPage(
        award_year=award_year,
        categories=tuple(categories(reader, edition)),
        are_example=categories_are_example(reader, edition),
        schedule=tuple(schedule.body["steps"]) if schedule else (),
        versions=tuple(reversed(reader.documents.versions(edition, EDITION))),
        people={user.id: user for user in reader.organisation.users()},
        may_change=may(reader.actor, Action.CHANGE_EDITION),
    )


def stage_of(state: str, *, was_sent: bool) -> int:
    """The place of a state in the strip of stages; an entry may be cancelled before it was sent."""
    if state == "withdrawn" and not was_sent:
        return 0
    return next((place for place, (_, states) in enumerate(STAGES) if state in states), 0)


def _seen_key(reader: Reader, award_year: int, no: int) -> str:
    if not may_see_agency(reader.actor, Agency.BRANCH):
        raise NotFound(kind="award entry", id=f"{award_year}/{no}")
    return entry_key(edition_key(_agency_id(reader), award_year), no)


def _agency_id(reader: Reader) -> str:
    return str(reader.organisation.setting("agency_id", AGENCY_ID))


def _entries(reader: Reader, wanted: Sequence[str], owner: str | None = None) -> dict[str, Kinds]:
    """The latest documents of these kinds by entry, kind and key, in one statement."""
    version, content = tables.document_version.c, tables.content.c
    query = (
        sa.select(version.owner, version.kind, version.key, content.body)
        .join_from(tables.document_version, tables.content, content.digest == version.digest)
        .where(version.kind.in_(wanted), is_latest())
    )
    if owner is not None:
        query = query.where(version.owner == owner)
    found: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
    for entry, kind, name, body in reader.transaction.core.execute(query):
        found.setdefault(entry, {}).setdefault(kind, {})[name] = json.loads(bytes(body))
    return {entry: kinds for entry, kinds in found.items() if CASE in kinds}


def _line(key: str, kinds: Kinds, counts: Mapping[str, int]) -> AwardLine:
    told = {**_only(kinds, "invitation"), **_only(kinds, MEMO), **_only(kinds, ENTRY)}
    outcomes = _numbered(kinds, OUTCOME)
    return AwardLine(
        entry_key=key,
        award_year=award_year_of(key),
        no=int(key.rpartition(":")[2]),
        entrant=str(told.get("entrant_label") or ""),
        theme=str(told.get("theme") or ""),
        category=str(told.get("category") or ""),
        route=str(_only(kinds, CASE)["route"]),
        state=str(_only(kinds, STATE).get("state", "preparing")),
        certificate_no=str(outcomes[-1][1]["certificate_no"]) if outcomes else "",
        reply_due_on=str(_only(kinds, "award_due").get("internal_due_on", "")),
        open_tasks=counts.get(key, 0),
        related_plans=tuple(told.get("related_plans") or ()),
    )


def _only(kinds: Kinds, kind: str) -> dict[str, Any]:
    return next(iter(kinds.get(kind, {}).values()), {})


def _numbered(kinds: Kinds, kind: str) -> list[tuple[str, dict[str, Any]]]:
    return sorted(kinds.get(kind, {}).items(), key=lambda item: int(item[0]))


def _outcome(no: int, body: dict[str, Any], letters: Mapping[int, Letter]) -> AwardOutcome:
    return AwardOutcome(
        no=no,
        outcome=str(body["outcome"]),
        on=str(body["on"]),
        certificate_no=str(body["certificate_no"]),
        certificate=tuple(body.get("certificate", ())),
        letter=letters.get(int(body["letter_id"])) if body.get("letter_id") else None,
        reason=str(body.get("reason", "")),
    )
