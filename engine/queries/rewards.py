"""The reward lists of an edition (屆), with the reason of every grade and the story of every person."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from engine.activities.award_records import ENTRY, OUTCOME, award_year_of, edition_of
from engine.activities.reward_lists import (
    LIST,
    MODES,
    REWARD,
    STATES,
    bounds_words,
    grade_words,
    line_words,
    person_words,
)
from engine.domain.history import EventType
from engine.domain.instance import Instance
from engine.domain.permission import Action, may, require
from engine.domain.sensitive import Kept, SensitiveLook
from engine.domain.telling import told_by
from engine.errors import NotFound
from engine.plan.reward_list import OUTCOMES, RELATIONS, LineState, RewardLine, Way, line_from_json
from engine.plan.rewards import RuledFact
from engine.queries.plans import is_latest
from engine.queries.reward_readings import Reading, readings_of, reward_lists
from engine.store import tables
from engine.store.unit_of_work import Reader

STEPS: Mapping[str, str] = {
    "committee": "考績委員會",
    "reported": "函報上級機關",
    "superior": "上級機關核復",
    "blocked": "同屆比對",
    "order": "獎懲令",
    "letter": "函請服務機關敘獎",
}
ORDERED = frozenset({"issued", "revoked"})
ISSUED: Mapping[str, str] = {"issued": "發布", "revoked": "撤銷", "recommended": "建議敘獎"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionLine:
    """An edition with the number of its lists."""

    key: str
    award_year: int
    lists: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """One fact of a person, and the row of the decision table that fits it; one of them counts."""

    fact: str
    clause: str
    ruling: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of a line: by whom, how, with which grade, and when."""

    step: str
    words: str
    grade: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """One person of a list, from the facts to the order."""

    person: str
    relations: str
    merits: str
    facts: tuple[FactLine, ...]
    bounds: str
    grade: str
    state: str
    is_settled: bool
    is_waiting: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPart:
    """One reward list: of which entry and outcome, where its process stands, and its persons."""

    entry: str
    theme: str
    outcome: str
    instance: Instance
    lines: tuple[PersonLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One act in a person's story: an order, its revocation, the order that replaced it."""

    act: str
    grade: str
    number: str
    on: date
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What was issued to a person in the edition, oldest first."""

    person: str
    acts: tuple[Issue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOrder:
    """What was issued last to a person in an edition: an order, or its revocation."""

    award_year: int
    act: Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPage:
    """All lists of an edition that the reader may know of; auditors see who read them, the latest first."""

    key: str
    award_year: int
    lists: tuple[ListPart, ...]
    stories: tuple[Story, ...]
    readings: tuple[Reading, ...] | None = None


def reward_editions(reader: Reader) -> tuple[EditionLine, ...]:
    """The editions with reward lists, newest first."""
    require(reader.actor, Action.READ_REWARDS)
    counts: dict[str, int] = {}
    for instance in reward_lists(reader):
        edition = edition_of(str(instance.plan_key))
        counts[edition] = counts.get(edition, 0) + 1
    return tuple(
        EditionLine(key=key, award_year=award_year_of(f"{key}:0"), lists=count)
        for key, count in sorted(counts.items(), reverse=True)
    )


def reward_edition(reader: Reader, edition: str) -> EditionPage:
    """The lists of one edition and what was issued in it; NotFound where the reader may know of none."""
    require(reader.actor, Action.READ_REWARDS)
    instances = [i for i in reward_lists(reader) if edition_of(str(i.plan_key)) == edition]
    if not instances:
        raise NotFound(kind="reward list", id=edition)
    reader.looks.add(SensitiveLook(kept=Kept.REWARD_LIST, key=edition))
    told = _documents(reader, {str(instance.plan_key) for instance in instances})
    numbers = _outcome_numbers(reader, instances)
    return EditionPage(
        key=edition,
        award_year=award_year_of(f"{edition}:0"),
        lists=tuple(_part(instance, told, numbers[instance.id]) for instance in reversed(instances)),
        stories=tuple(_stories(reader, edition)),
        readings=readings_of(reader, edition, instances) if may(reader.actor, Action.VERIFY) else None,
    )


def own_orders(reader: Reader) -> tuple[OwnOrder, ...]:
    """The orders of reward that name the reader, the newest edition first; nobody else's, and no list."""
    version, content = tables.document_version.c, tables.content.c
    query = (
        sa.select(version.owner, content.body)
        .join_from(tables.document_version, tables.content, content.digest == version.digest)
        .where(version.kind == REWARD, version.key == f"account:{reader.actor.user_id}", is_latest())
    )
    found = [(edition, json.loads(bytes(body))) for edition, body in reader.transaction.core.execute(query)]
    orders = [
        OwnOrder(award_year=award_year_of(f"{edition}:0"), act=_act(body))
        for edition, body in found
        if body["state"] in ORDERED
    ]
    return tuple(sorted(orders, key=lambda order: -order.award_year))


def _documents(reader: Reader, entries: Collection[str]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The lists, data and outcomes of entries by entry, kind and key, in one statement."""
    version, content = tables.document_version.c, tables.content.c
    query = (
        sa.select(version.owner, version.kind, version.key, content.body)
        .join_from(tables.document_version, tables.content, content.digest == version.digest)
        .where(version.owner.in_(entries), version.kind.in_((LIST, ENTRY, OUTCOME)), is_latest())
    )
    rows = reader.transaction.core.execute(query)
    return {(owner, kind, key): json.loads(bytes(body)) for owner, kind, key, body in rows}


def _outcome_numbers(reader: Reader, instances: Iterable[Instance]) -> dict[int, str]:
    """For which outcome each commendation was started: its first event tells."""
    event = tables.history_event.c
    query = sa.select(event.stream, event.data).where(
        event.stream.in_([instance.id for instance in instances]), event.seq == 1
    )
    rows = reader.transaction.core.execute(query)
    starts = ((stream, told_by(EventType.INSTANCE_STARTED, None, data)) for stream, data in rows)
    return {stream: str(told["variables"]["outcome_no"]) for stream, told in starts}


def _part(instance: Instance, told: Mapping[tuple[str, str, str], dict[str, Any]], no: str) -> ListPart:
    """The list of a commendation; empty until persons were proposed."""
    entry_key = str(instance.plan_key)
    found = told.get((entry_key, LIST, no), {"lines": ()})
    entry = told.get((entry_key, ENTRY, ""), {})
    outcome = told.get((entry_key, OUTCOME, no))
    return ListPart(
        entry=str(entry.get("entrant_label", "")),
        theme=str(entry.get("theme", "")),
        outcome=OUTCOMES[outcome["outcome"]] if outcome else "",
        instance=instance,
        lines=tuple(_person(line_from_json(line)) for line in found["lines"]),
    )


def _person(line: RewardLine) -> PersonLine:
    apart = line.way is Way.APART
    return PersonLine(
        person=person_words(line),
        relations=line_words(line)["relations"],
        merits=line.merits,
        facts=tuple(_fact(fact, counts=no == 0) for no, fact in enumerate(line.bounds.facts)),
        bounds="另案辦理" if apart else bounds_words(line.bounds),
        grade="—" if apart else grade_words(line.grade),
        state=STATES[str(line.state)],
        is_settled=line.state in (LineState.ORDERED, LineState.LETTERED),
        is_waiting=line.state in (LineState.PROPOSED, LineState.DEFERRED, LineState.PASSED),
        steps=tuple(
            Step(
                step=STEPS[entry["step"]],
                words=entry["words"],
                grade=entry["grade"],
                on=date.fromisoformat(entry["on"]),
            )
            for entry in line.trail
        ),
    )


def _fact(fact: RuledFact, *, counts: bool) -> FactLine:
    mode = MODES[fact.mode]
    ruling = f"{mode}{grade_words(fact.grade)}" if fact.clause else grade_words(fact.grade)
    return FactLine(
        fact=f"{OUTCOMES[fact.outcome]}・{RELATIONS[fact.relation]}",
        clause=fact.clause or "—",
        ruling=ruling,
        counts=counts,
    )


def _stories(reader: Reader, edition: str) -> Iterator[Story]:
    """What was issued to each person, in one statement."""
    version, content = tables.document_version.c, tables.content.c
    query = (
        sa.select(version.key, content.body)
        .join_from(tables.document_version, tables.content, content.digest == version.digest)
        .where(version.owner == edition, version.kind == REWARD)
        .order_by(version.key, version.no)
    )
    rows = reader.transaction.core.execute(query)
    for _, found in groupby(rows, key=lambda row: row[0]):
        versions = [json.loads(bytes(body)) for _, body in found]
        yield Story(
            person=str(versions[0]["person"]["name"]), acts=tuple(_act(version) for version in versions)
        )


def _act(body: Mapping[str, Any]) -> Issue:
    """A revocation happens by the order that replaces the first one, on its day."""
    revoked = body["state"] == "revoked"
    by = body["revoked_by"] if revoked else body["order"]
    replaced = body["revokes"]["full"] if body["revokes"] and not revoked else ""
    because = f"由{by['full']}撤銷" if revoked else (f"取代{replaced}" if replaced else "")
    return Issue(
        act="另發新令" if replaced else ISSUED[body["state"]],
        grade=body["grade"],
        number=body["order"]["full"],
        on=date.fromisoformat(by["on"]),
        because=because,
    )
