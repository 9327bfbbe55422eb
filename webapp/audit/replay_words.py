"""The sentences of a replay: the title, the list of events, the reasons, the rounds, the proof."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.activities.signoff import DECISIONS
from engine.domain.form_fields import FieldKind, fields_of
from engine.domain.history import EventType, Origin, origin_of
from engine.domain.identity import role_label
from engine.domain.reason import BranchReason, Seen, TableReason
from engine.queries.replay_outline import Place
from engine.queries.replay_page import ReasonThen, ReplayPage
from engine.queries.timeline import TimelineRow
from engine.replay import Check, Fault, VerifyReport
from webapp.dates import clock_time, day_words, local_day, short_day
from webapp.definition_words import in_language
from webapp.deputy_words import in_place_of
from webapp.timeline import sentence_of
from webapp.wording import translated

LONGEST_VALUE = 120
NOTHING: Mapping[str, Any] = {}

# What happened in two or three words; the timeline has the sentence.
HAPPENED: dict[EventType, LazyString] = {
    EventType.INSTANCE_STARTED: lazy_gettext("Started"),
    EventType.TASK_COMPLETED: lazy_gettext("Finished"),
    EventType.TIMER_FIRED: lazy_gettext("Time reached"),
    EventType.MESSAGE_RECEIVED: lazy_gettext("Message received"),
    EventType.ACTIVITY_RETURNED: lazy_gettext("Carried out"),
    EventType.INSTANCE_CANCELLED: lazy_gettext("Process cancelled"),
    EventType.TASK_OPENED: lazy_gettext("Task opened"),
    EventType.TASK_WITHDRAWN: lazy_gettext("Task withdrawn"),
    EventType.BRANCH_TAKEN: lazy_gettext("Branch taken"),
    EventType.TIMER_SET: lazy_gettext("Waits for a time"),
    EventType.TIMER_DROPPED: lazy_gettext("Time dropped"),
    EventType.MESSAGE_AWAITED: lazy_gettext("Waits for a message"),
    EventType.MESSAGE_UNAWAITED: lazy_gettext("Message no longer awaited"),
    EventType.MESSAGE_THROWN: lazy_gettext("Message sent"),
    EventType.ACTIVITY_REQUESTED: lazy_gettext("Begun"),
    EventType.ELEMENT_PASSED: lazy_gettext("Passed"),
    EventType.INSTANCE_ENDED: lazy_gettext("Process ended"),
    EventType.TASK_CLAIMED: lazy_gettext("Took the task"),
    EventType.TASK_UNCLAIMED: lazy_gettext("Put the task back"),
    EventType.TASK_ASSIGNED: lazy_gettext("Assigned"),
    EventType.TASK_DELEGATED: lazy_gettext("Asked to prepare"),
    EventType.TASK_RESOLVED: lazy_gettext("Given back prepared"),
    EventType.TASK_URGED: lazy_gettext("Urged"),
    EventType.TASK_NOTICE_GIVEN: lazy_gettext("Notice of the due date"),
    EventType.TASK_EXTENDED: lazy_gettext("Extension granted"),
    EventType.TASK_HANDED_BACK: lazy_gettext("Handed back"),
    EventType.TASK_REDIRECTED: lazy_gettext("Redirected"),
    EventType.TASK_PRIORITISED: lazy_gettext("Priority set"),
    EventType.COMMENT_MADE: lazy_gettext("Commented"),
    EventType.INSTANCE_SUSPENDED: lazy_gettext("Process suspended"),
    EventType.INSTANCE_TRIED_AGAIN: lazy_gettext("Made to go on after an incident"),
    EventType.INSTANCE_RESUMED: lazy_gettext("Process resumed"),
    EventType.INCIDENT_RAISED: lazy_gettext("Incident"),
    EventType.LETTER_CORRECTED: lazy_gettext("Letter corrected"),
    EventType.DOCUMENT_RECORDED: lazy_gettext("Document recorded"),
    EventType.OPINION_ASKED: lazy_gettext("Opinion asked"),
    EventType.CIRCULATED: lazy_gettext("Passed on for reading"),
    EventType.SIGNATURE_SUPPLEMENTED: lazy_gettext("Signed afterwards"),
}
GOT_BY: dict[EventType, LazyString] = {
    EventType.TASK_CLAIMED: lazy_gettext("taken"),
    EventType.TASK_ASSIGNED: lazy_gettext("assigned"),
    EventType.TASK_DELEGATED: lazy_gettext("to be prepared for the owner"),
    EventType.TASK_RESOLVED: lazy_gettext("prepared, back with the owner"),
    EventType.TASK_HANDED_BACK: lazy_gettext("handed back, waits to be redirected"),
    EventType.TASK_REDIRECTED: lazy_gettext("redirected"),
    EventType.TASK_UNCLAIMED: lazy_gettext("put back"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event in the list."""

    seq: int
    icon: str
    tone: str
    title: str
    beside: str
    day: str
    time: str
    is_now: bool
    is_later: bool
    is_effect: bool
    is_void: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """One part of the proof: what it says, and the event that is wrong, or the last one before it."""

    icon: str
    words: str
    is_good: bool
    seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenWords:
    """A value as the condition read it, and what people call it where the form has a word for it."""

    name: str
    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayLine:
    """One flow out of a gateway: its condition, what came of it (None: it was not asked), the values."""

    target: str
    expression: str
    holds: bool | None
    is_taken: bool
    is_default: bool
    seen: tuple[SeenWords, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonLine:
    """Why something went as it went."""

    seq: int
    name: str
    place: str
    taken: tuple[str, ...]
    deciding: str
    ways: tuple[WayLine, ...]
    table: TableReason | None
    inputs: tuple[tuple[str, str, str], ...]
    rows: tuple[tuple[int, tuple[str, ...], tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLine:
    """One round of a piece of work."""

    place: str
    no: int
    first_seq: int
    last_seq: int
    signatures: int
    returned: str
    is_now: bool


def title_words(page: ReplayPage) -> str:
    """What happened at the moment, as the timeline tells it."""
    return sentence_of(page.row, page.people, page.units).words.striptags()


def event_lines(page: ReplayPage) -> list[EventLine]:
    """The events around the moment, the present one marked; the day stands where it changes."""
    lines: list[EventLine] = []
    before = None
    for row in page.rows:
        on = local_day(row.at)
        lines.append(_line(page, row, short_day(on, local_day(page.row.at)) if on != before else ""))
        before = on
    return lines


def _line(page: ReplayPage, row: TimelineRow, day: str) -> EventLine:
    """What people did names its step first; what followed by itself says so first."""
    told = sentence_of(row, page.people, page.units)
    element = in_language(row.element) if row.element else ""
    happened = in_language(row.verdict) if row.verdict else str(HAPPENED.get(row.type, row.type))
    is_effect = origin_of(row.type) is Origin.EFFECT or row.type is EventType.ACTIVITY_RETURNED
    by_itself = is_effect or row.by_system
    return EventLine(
        seq=row.seq,
        icon=told.icon,
        tone=told.tone,
        title=happened if by_itself or not element else f"{element}　{happened}",
        beside=element if by_itself else _who(page, row),
        day=day,
        time=clock_time(row.at),
        is_now=row.seq == page.row.seq,
        is_later=row.seq > page.row.seq,
        is_effect=is_effect,
        is_void=row.is_void,
    )


def _who(page: ReplayPage, row: TimelineRow) -> str:
    """Name and title as they signed, with the deputy's principal."""
    signed = row.details if row.type is EventType.TASK_COMPLETED else NOTHING
    user = page.people.get(row.user_id)
    name = signed.get("name") or (user.name if user else row.user_id)
    title = signed.get("title") or (user.title if user else "")
    deputy = in_place_of(row.details.get("deputy"))
    return f"{name} {title}{f'，{deputy}' if deputy else ''}".strip()


def person_words(user_id: str | None, page: ReplayPage) -> str:
    """Name and title of somebody; the account where the organisation does not know it."""
    user = page.people.get(user_id or "")
    return f"{user.name} {user.title}".strip() if user else (user_id or "")


def role_words(role: str) -> str:
    """A role in the language of the page."""
    return in_language(role_label(role))


def got_by_words(how: EventType) -> str:
    """How a task came to lie where it lies."""
    return str(GOT_BY.get(how, ""))


def fault_words(fault: Fault) -> str:
    """What a re-execution found wrong."""
    return translated(fault.template).format(**fault.params)


def place_words(page: ReplayPage, place: Place) -> str:
    """The way to where something happens, with the unit or item of what runs side by side."""
    parts = []
    for name, item in place.names:
        unit = page.units.get(item)
        of_item = unit.label if unit else item
        parts.append(f"{in_language(name)}（{of_item}）" if of_item else in_language(name))
    return "・".join(parts)


def round_lines(page: ReplayPage) -> list[RoundLine]:
    """The rounds of every place at which something was returned."""
    seq = page.row.seq
    return [
        RoundLine(
            place=place_words(page, each.place), no=each.no, first_seq=each.first_seq,
            last_seq=each.last_seq, signatures=each.signatures,
            returned=_returned(page, each.returned) if each.returned else "",
            is_now=each.first_seq <= seq <= each.last_seq,
        )
        for each in page.outline.rounds
    ]  # fmt: skip


def _returned(page: ReplayPage, row: TimelineRow) -> str:
    return f"{day_words(row.at)} {clock_time(row.at)} {_who(page, row)}"


def reason_lines(page: ReplayPage) -> list[ReasonLine]:
    """The reasons of the moment."""
    return [
        _branch(page, then, then.reason)
        if isinstance(then.reason, BranchReason)
        else _ruling(page, then, then.reason)
        for then in page.reasons
    ]


def _branch(page: ReplayPage, then: ReasonThen, reason: BranchReason) -> ReasonLine:
    weighed = {each.flow: each for each in reason.weighed}
    ways = []
    for way in then.ways:
        one = weighed.get(way.flow)
        is_taken = way.flow in reason.taken
        target = in_language(way.target or way.name)
        ways.append(
            WayLine(
                target=f"{target}（{in_language(way.name)}）" if way.name and way.target else target,
                expression=one.expression if one else "", holds=one.result if one else None,
                is_taken=is_taken, is_default=one is None and is_taken,
                seen=tuple(_seen(page, value) for value in one.seen) if one else (),
            )
        )  # fmt: skip
    taken = tuple(in_language(w.target or w.name) for w in then.ways if w.flow in reason.taken)
    deciding = next((w.expression for w in reason.weighed if w.result and w.flow in reason.taken), "")
    return ReasonLine(
        seq=then.seq, name=in_language(then.name), place=place_words(page, then.place), taken=taken,
        deciding=deciding, ways=tuple(ways), table=None, inputs=(), rows=(),
    )  # fmt: skip


def _ruling(page: ReplayPage, then: ReasonThen, reason: TableReason) -> ReasonLine:
    return ReasonLine(
        seq=then.seq, name=in_language(then.name), place=place_words(page, then.place), taken=(), deciding="",
        ways=(), table=reason,
        inputs=tuple((in_language(i.label), i.expression, _json(i.value)) for i in reason.inputs),
        rows=tuple(
            (row.number, row.cells, tuple((name, _json(value)) for name, value in row.gave.items()))
            for row in reason.rows
        ),
    )  # fmt: skip


def _seen(page: ReplayPage, seen: Seen) -> SeenWords:
    return SeenWords(name=seen.name, value=_json(seen.value), words=_choice_words(page, seen))


def _choice_words(page: ReplayPage, seen: Seen) -> str:
    """What the form calls a value that it offers, where the name begins with the element of a form."""
    element, _, field_name = seen.name.partition(".")
    form = page.forms.get(element)
    for field in fields_of(form) if form else ():
        if field.name == field_name and field.kind is FieldKind.CHOICE:
            return in_language({**DECISIONS, **dict(field.choices)}.get(seen.value, ""))
    return ""


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def badges(page: ReplayPage) -> list[Badge]:
    """The proof in three words; whatever else was found beside them in a word of its own."""
    proof = page.proof
    if proof is None:
        return []
    replayed = (Check.REPLAY, Check.PROJECTION)
    found = [
        _badge(proof, (Check.CHAIN,), "link-45deg", (gettext("Chain whole"), gettext("Chain broken"))),
        _badge(
            proof, (Check.ANCHOR,), "pin-angle-fill", (gettext("Anchors agree"), gettext("Anchors disagree"))
        ),
        _badge(proof, replayed, "arrow-repeat", (gettext("Replay agrees"), gettext("Replay disagrees"))),
        _badge(proof, (Check.CONTENT,), "file-earmark-text", ("", gettext("Content altered"))),
        _badge(proof, (Check.DUTIES,), "people", ("", gettext("Duties not separated"))),
    ]
    if page.anchored_at is None and proof.holds(Check.ANCHOR):
        found[1] = Badge(icon="pin-angle-fill", words=gettext("Not anchored yet"), is_good=True, seq=None)
    return [replace(badge, seq=nearest(page, badge.seq)) for badge in found if badge.words]


def nearest(page: ReplayPage, seq: int | None) -> int | None:
    """An event that is there: this one, or the last one before it where it is gone."""
    if seq is None:
        return None
    return max((tick.seq for tick in page.outline.ticks if tick.seq <= seq), default=None)


def _badge(proof: VerifyReport, checks: tuple[Check, ...], icon: str, words: tuple[str, str]) -> Badge:
    """What is said when the checks hold, and when they do not."""
    good, bad = words
    faults = [fault for fault in proof.faults if fault.check in checks]
    if not faults:
        was_looked_at = all(map(proof.was_looked_at, checks))
        return Badge(icon=icon, words=good if was_looked_at else "", is_good=True, seq=None)
    seq = min((fault.seq for fault in faults if fault.seq is not None), default=None)
    told = bad if seq is None else gettext("%(what)s at event %(seq)d", what=bad, seq=seq)
    return Badge(icon=icon, words=told, is_good=False, seq=seq)
