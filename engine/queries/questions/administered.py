"""Question 14: what administrators did, and whether the log that says so is untampered.

Accounts, roles, units, calendar, settings and models are told by the streams of the organisation and of
definitions; what was taken in hand in a process, by notes of its history. A process cannot be moved past its
diagram by hand: nothing does it, and a re-execution would not follow.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.domain.history import (
    AUDITS_STREAM,
    DEFINITIONS_STREAM,
    FIRST_INSTANCE_ID,
    ORGANISATION_STREAM,
    EventType,
)
from engine.domain.identity import SYSTEM_ACTOR, role_label
from engine.queries.questions.answer import (
    EMPTY,
    Answer,
    Cell,
    Column,
    DocumentName,
    EventPlace,
    Mark,
    Part,
    Question,
    Row,
    Term,
    Value,
    Words,
    cell,
)
from engine.queries.questions.chains_read import ChainsRead, chains_read
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Told, Trail, readable
from engine.store import tables
from engine.store.unit_of_work import Reader

_EVENT = tables.history_event.c
ADMINISTRATOR = "sysadmin"
CORRECTING = frozenset({"result_correction", "outcome_correction"})
MOST_FILES = 5

ACCOUNTS, ROLES, UNITS, CALENDAR = "Accounts", "Roles", "Units", "Office calendar"
SETTINGS, MODELS, RULES = "Settings of the agency", "Models of processes", "Tables and schedules"
HANDS, PROCESSES = "Tasks given to somebody else", "Interventions in processes"
CORRECTIONS, LOG = "Corrections of data", "Integrity of the log"
KINDS: Mapping[EventType, tuple[str, str]] = {
    EventType.USER_ADDED: (ACCOUNTS, "Account added"),
    EventType.USER_CHANGED: (ACCOUNTS, "Account changed"),
    EventType.USER_DISABLED: (ACCOUNTS, "Account closed"),
    EventType.USER_ENABLED: (ACCOUNTS, "Account opened again"),
    EventType.PASSWORD_CHANGED: (ACCOUNTS, "Password set for somebody else"),
    EventType.TOKEN_ISSUED: (ACCOUNTS, "Token issued for somebody else"),
    EventType.TOKEN_REVOKED: (ACCOUNTS, "Token of somebody else revoked"),
    EventType.MEMBERSHIP_GRANTED: (ROLES, "Role granted"),
    EventType.MEMBERSHIP_ENDED: (ROLES, "Role ended"),
    EventType.DEPUTY_NAMED: (ROLES, "Deputy recorded for somebody else"),
    EventType.DEPUTYSHIP_ENDED: (ROLES, "Deputyship of somebody else ended"),
    EventType.UNIT_ADDED: (UNITS, "Unit added"),
    EventType.UNIT_CHANGED: (UNITS, "Unit changed"),
    EventType.CALENDAR_IMPORTED: (CALENDAR, "Office calendar imported"),
    EventType.WORK_STOPPED: (CALENDAR, "Work stopped on a day"),
    EventType.SETTING_CHANGED: (SETTINGS, "Setting changed"),
    EventType.CLOCK_MOVED: (SETTINGS, "Clock of the demonstration moved"),
    EventType.DOCUMENT_RECORDED: (RULES, "Document entered beside all processes"),
    EventType.DEPLOYED: (MODELS, "Set of models deployed"),
    EventType.TASK_ASSIGNED: (HANDS, "Taken from its holder and given to somebody else"),
    EventType.TASK_UNCLAIMED: (HANDS, "Put back because its holder lost the role"),
    EventType.TASK_REDIRECTED: (HANDS, "Task redirected"),
    EventType.INSTANCE_SUSPENDED: (PROCESSES, "Process suspended"),
    EventType.INSTANCE_RESUMED: (PROCESSES, "Process resumed"),
    EventType.INSTANCE_TRIED_AGAIN: (PROCESSES, "Made to go on after an incident"),
    EventType.INSTANCE_CANCELLED: (PROCESSES, "Process cancelled"),
    EventType.LETTER_CORRECTED: (CORRECTIONS, "Entry of a letter corrected"),
    EventType.INSTANCE_STARTED: (CORRECTIONS, "Correction of results or outcome begun"),
}
# What people may do for themselves is told here only where somebody else did it.
FOR_OTHERS = frozenset(
    {EventType.PASSWORD_CHANGED, EventType.TOKEN_ISSUED, EventType.TOKEN_REVOKED}
)  # fmt: skip
OF_DEPUTIES = frozenset({EventType.DEPUTY_NAMED, EventType.DEPUTYSHIP_ENDED})
SETTING_NAMES: Mapping[str, str] = {
    "agency_id": "Agency",
    "bureau_mode": "How the bureau takes part",
    "ack_mode": "How a plan is acknowledged",
    "ministry_mode": "How the ministry takes part",
    "quantified_share": "Share of quantified targets",
    "reward_rules": "Rules of rewards",
    "progress_frequency": "How often progress is reported",
    "service_places": "Service places",
    "errata_characters": "Most characters of a typing error",
    "demo_clock": "Clock of the demonstration",
}
# What kind of unit it is, and of which agency.
OF_UNITS: Mapping[Any, str] = {
    "line": "Line unit",
    "staff": "Staff unit",
    "head": "Head of the agency",
    "place": "Service place",
    "outside": "Outside unit",
    "branch": "Branch",
    "bureau": "Head office",
    "ministry": "Ministry",
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "user": {"name": "Name", "title": "Job title", "email": "E-mail"},
    "unit": {
        "label": "Title",
        "kind": "Kind",
        "agency": "Agency",
        "position": "Order in lists",
        "active": "Still used",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """One act: whom or what it concerns, what it changed, and why."""

    about: Cell
    details: Cell = EMPTY
    reason: Cell = EMPTY


def administered(reader: Reader, scene: Scene) -> Answer:
    """Every act of administration, the latest first, after the faults of the log, if it has any.

    Over one process or some, only what was taken in hand in them, and their own part of the log.
    """
    trail = Trail(reader, scene)
    acts = _Acts(trail)
    told = sorted(
        (*(_organisation(reader) if not scene.scope.told else ()), *_taken_in_hand(trail)),
        key=lambda each: (each.event.occurred_at, each.event.stream, each.event.seq),
    )
    rows = [row for each in told if (row := acts.row(each)) is not None]
    streams = {ORGANISATION_STREAM, DEFINITIONS_STREAM, *scene.instances} if scene.scope.told else None
    chains = chains_read(reader, streams)
    faults = tuple(_fault_rows(trail, chains))
    return Answer(rows=(*faults, *reversed(rows)), summary=tuple(_summary(chains, len(rows))))


def _summary(chains: ChainsRead, acts: int) -> Iterator[Words]:
    yield Words(template="{acts} acts of administration.", params={"acts": acts})
    told = {"streams": chains.streams, "events": chains.events}
    if not chains.faults:
        template = (
            "The log is whole: {streams} chains with {events} entries were computed again, none has a gap."
        )
        yield Words(template=template, params=told)
    else:
        template = "The log is broken in {faults} of {streams} chains ({events} entries)."
        yield Words(template=template, params={**told, "faults": len(chains.faults)})
    if chains.left_out:
        template = "{events} entries of processes are too many for a page: the page of integrity proves them."
        yield Words(template=template, params={"events": chains.left_out})
    if chains.anchored_at:
        yield Words(
            template="Compared with the last anchor, made at {at}.", params={"at": chains.anchored_at}
        )
    else:
        yield Words(template="No anchor has been made yet, so that a log cut off at its end would not show.")
    yield Words(template="No process was moved past its diagram by hand: planflow has no way to do so.")


def _fault_rows(trail: Trail, chains: ChainsRead) -> Iterator[Row]:
    for stream, fault in chains.faults:
        words = Words(template=fault.template, params=fault.params)
        yield Row(
            cells=(
                EMPTY,
                cell(Words(template=LOG)),
                cell(words),
                cell(_stream_name(trail, stream)),
                EMPTY,
                EMPTY,
                EMPTY,
            ),
            place=EventPlace(instance_id=stream, seq=fault.seq),
            mark=Mark.BREACH,
            why=(words,),
        )


def _stream_name(trail: Trail, stream: int) -> Value:
    if stream == ORGANISATION_STREAM:
        return Words(template="Log of the organisation")
    if stream == DEFINITIONS_STREAM:
        return Words(template="Log of the models")
    if stream == AUDITS_STREAM:
        return Words(template="Log of the audits")
    if stream >= FIRST_INSTANCE_ID:
        return trail.instance_name(stream) or stream
    person = next((user for user in trail.people.values() if user.number == -stream), None)
    return Words(
        template="Log of {person}", params={"person": trail.person(person.id) if person else -stream}
    )


class _Acts:
    """Acts read one after the other, because each tells only what it left behind."""

    def __init__(self, trail: Trail) -> None:
        self.trail = trail
        self.before: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.administrators: set[str] = {SYSTEM_ACTOR}
        self.files: Mapping[str, str] = {}

    def row(self, told: Told) -> Row | None:
        """The act as a row; None for what somebody did for themselves, or for what is no act at all."""
        type_ = told.event.type
        if type_ is EventType.MEMBERSHIP_GRANTED and told.data["role"] == ADMINISTRATOR:
            self.administrators.add(told.data["user"])
        if not self._is_act(told):
            return None
        act = self._read(told)
        kind, what = KINDS[type_]
        is_instance = told.event.stream >= FIRST_INSTANCE_ID
        about = (*act.about, *(cell(self.trail.instance_name(told.event.stream)) if is_instance else ()))
        return Row(
            cells=(
                cell(told.at),
                cell(Words(template=kind)),
                cell(Words(template=what)),
                about,
                act.details,
                act.reason,
                (Part(self.trail.person(told.event.actor)), *cell(self.trail.capacity(told.event))),
            ),
            place=told.place,
        )

    def _is_act(self, told: Told) -> bool:
        data = told.data
        match told.event.type:
            case type_ if type_ in FOR_OTHERS:
                return bool(told.event.actor != data["user"])
            case type_ if type_ in OF_DEPUTIES:
                return told.event.actor in self.administrators
            case EventType.TASK_ASSIGNED:
                return "held_by" in data
            case EventType.TASK_UNCLAIMED:
                return "held_by" in data and told.event.actor != data["held_by"]
            case EventType.INSTANCE_STARTED:
                return data["process"] in CORRECTING
            case EventType.DOCUMENT_RECORDED:
                return bool(data.get("documents")) and "users" not in data
            case _:
                return True

    def _read(self, told: Told) -> _Act:
        readers: tuple[tuple[str, Callable[[Mapping[str, Any]], _Act]], ...] = (
            ("role", self._membership), ("principal", self._deputyship), ("table", self._calendar),
            ("key", self._setting), ("files", self._deployment), ("documents", self._documents),
            ("letter", self._letter),
        )  # fmt: skip
        if told.event.stream >= FIRST_INSTANCE_ID and told.event.type is not EventType.LETTER_CORRECTED:
            return self._in_process(told)
        for name, read in readers:
            if name in told.data:
                return read(told.data)
        return self._person_or_unit(told.data)

    def _person_or_unit(self, data: Mapping[str, Any]) -> _Act:
        kind = "unit" if "unit" in data else "user"
        if kind not in data:  # the clock
            return _Act(about=cell(str(data.get("at", ""))))
        about = data.get("label") if kind == "unit" else self.trail.person(data["user"])
        before = self.before.get((kind, data[kind]), {})
        self.before[kind, data[kind]] = {**before, **data}
        fields = {name: field for name, field in FIELDS[kind].items() if before and name in data}
        changed = [name for name in fields if before.get(name) != data[name]]
        return _Act(
            about=(*cell(about), *cell(data[kind])),
            details=tuple(
                Part(_became(Words(template=fields[name]), _shown(before.get(name)), _shown(data[name])))
                for name in changed
            ),
        )

    def _membership(self, data: Mapping[str, Any]) -> _Act:
        last = date.fromisoformat(data["to"]) if data["to"] else None
        since = Words(template="From {first}", params={"first": date.fromisoformat(data["from"])})
        until = Words(template="Until {last}", params={"last": last}) if last else None
        unit = self.trail.units.get(data["unit"], data["unit"])
        return _Act(
            about=cell(self.trail.person(data["user"])),
            details=(Part(Term(role_label(data["role"]))), *cell(unit), Part(since), *cell(until)),
        )

    def _deputyship(self, data: Mapping[str, Any]) -> _Act:
        params = {
            "deputy": self.trail.person(data["deputy"]),
            "principal": self.trail.person(data["principal"]),
        }
        words = Words(template="{deputy} for {principal}", params=params)
        return _Act(about=cell(words), reason=cell(data.get("reason")))

    def _calendar(self, data: Mapping[str, Any]) -> _Act:
        on = date.fromisoformat(data["day"]) if "day" in data else None
        return _Act(about=cell(data["year"]), details=cell(on), reason=cell(data.get("basis")))

    def _setting(self, data: Mapping[str, Any]) -> _Act:
        key, value = str(data["key"]), json.dumps(data["value"], ensure_ascii=False)
        before = self.before.get(("setting", key), {}).get("value", "")
        self.before["setting", key] = {"value": value}
        name = Words(template=SETTING_NAMES[key]) if key in SETTING_NAMES else key
        return _Act(about=cell(name), details=cell(_became(None, before or "—", value)))

    def _deployment(self, data: Mapping[str, Any]) -> _Act:
        before, self.files = self.files, data["files"]
        changed = sorted(name for name, digest in self.files.items() if before.get(name) != digest)
        gone = len(before.keys() - self.files.keys())
        words = Words(
            template="{changed} files new or changed, {gone} gone",
            params={"changed": len(changed), "gone": gone},
        )
        shown = changed[:MOST_FILES] if before else []
        return _Act(about=cell(data["deployment"]), details=(Part(words), *(Part(name) for name in shown)))

    def _documents(self, data: Mapping[str, Any]) -> _Act:
        refs = data["documents"]
        named = (DocumentName(ref["kind"], ref["owner"], ref["key"]) for ref in refs)
        notes = dict.fromkeys(ref["note"] for ref in refs if ref["note"])
        return _Act(about=tuple(Part(name) for name in named), reason=tuple(Part(note) for note in notes))

    def _letter(self, data: Mapping[str, Any]) -> _Act:
        before = data["after"]["corrections"][-1]["before"]
        return _Act(
            about=cell(f"{data['after']['prefix']}第{data['after']['number']}號"),
            details=tuple(
                Part(_became(None, _shown(before[name]), _shown(data["after"][name]))) for name in before
            ),
            reason=cell(data["reason"]),
        )

    def _in_process(self, told: Told) -> _Act:
        held, given = told.data.get("held_by"), told.data.get("user")
        moved = _became(
            None, self.trail.person(held) if held else "—", self.trail.person(given) if given else "—"
        )
        reason = told.data.get("reason") or told.data.get("variables", {}).get("reason")
        return _Act(
            about=cell(self.trail.task(told.event.task_id)),
            details=cell(moved if held or given else None),
            reason=cell(reason),
        )


def _became(field: Words | None, before: Value, after: Value) -> Words:
    if field is None:
        return Words(template="{before} became {after}", params={"before": before, "after": after})
    return Words(
        template="{field} from {before} to {after}", params={"field": field, "before": before, "after": after}
    )


def _shown(value: Any) -> Value:
    if isinstance(value, bool):
        return Words(template="Yes") if value else Words(template="No")
    if isinstance(value, str) and value in OF_UNITS:
        return Words(template=OF_UNITS[value])
    return "—" if value in (None, "") else str(value)


def _organisation(reader: Reader) -> list[Told]:
    """What the streams of the organisation and of definitions tell, in one statement."""
    query = sa.select(tables.history_event).where(
        _EVENT.stream.in_((ORGANISATION_STREAM, DEFINITIONS_STREAM)),
        _EVENT.type.in_([str(type_) for type_ in KINDS]),
    )
    return list(readable(reader.transaction.core.execute(query)))


def _taken_in_hand(trail: Trail) -> list[Told]:
    """What was taken in hand in the processes asked about."""
    types = (
        EventType.TASK_ASSIGNED, EventType.TASK_UNCLAIMED, EventType.TASK_REDIRECTED,
        EventType.INSTANCE_SUSPENDED, EventType.INSTANCE_RESUMED,
        EventType.INSTANCE_TRIED_AGAIN, EventType.INSTANCE_CANCELLED, EventType.LETTER_CORRECTED,
        EventType.INSTANCE_STARTED,
    )  # fmt: skip
    return [told for told in trail.events(*types) if trail.is_asked(told.event.stream)]


QUESTION = Question(
    number=14,
    slug="administration",
    title="Acts of administration",
    sentence="What did administrators do (accounts, role grants, calendar, re-assignments, manual jumps, "
    "data corrections), and can the log be shown untampered with gaps detected?",
    columns=(
        Column(key="at", title="At what time"),
        Column(key="kind", title="Kind"),
        Column(key="what", title="What was done"),
        Column(key="about", title="Whom or what it concerns"),
        Column(key="details", title="What changed"),
        Column(key="reason", title="Reason"),
        Column(key="by", title="Done by"),
    ),
    ask=administered,
)
