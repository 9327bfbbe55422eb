"""Question 8: D1 and D2: when due, sent and received, how late by which calendar, who was urged and when."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.activities.results import LABELS
from engine.clock import TAIPEI
from engine.domain.history import EventType
from engine.plan.calendar import WorkCalendar, work_calendar
from engine.plan.roc import roc_year
from engine.plan.rule_error import PlanRuleError
from engine.queries.questions.answer import (
    Answer,
    Cell,
    Column,
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
from engine.queries.questions.organisation import organisation_events
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Told, Trail
from engine.store.unit_of_work import Reader

DEADLINE_OF = {"d1": "K3", "d2": "K4"}
ELEMENTS = {
    "d1": ("compile_d1", "sign_d1", "send_d1"),
    "d2": ("compile_d2", "dispatch_d2"),
}
# The watch of each delivery in the diagram, in the order in which the dates are opened.
WATCHES = {"1": "d1", "2": "d2"}
WATCH = re.compile(r"watch_results\[(\d)\]/next_step$")
KINDS = ("deadlines", "d1", "delivery", "receipt", "intake", "supplement")
LATE = Words(template="Sent too late")
NOT_SENT = Words(template="Late and not sent yet")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """The dates of a delivery as they stood at a moment."""

    recorded: Recorded
    internal_on: date
    late_after_on: date
    basis: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    """Somebody was reminded or urged about a delivery."""

    owner: str
    delivery: str
    told: Told
    level: Words
    people: tuple[str, ...]


class _Calendars:
    """The tables of working days as they stood at any moment, with the source of each."""

    def __init__(self, reader: Reader) -> None:
        self._events = organisation_events(reader, EventType.CALENDAR_IMPORTED, EventType.WORK_STOPPED)

    def lateness(self, due_on: date, done_on: date, at: datetime) -> tuple[int | None, Cell]:
        """Working days after the last day, by the tables of that moment, and which tables those were."""
        tables: dict[int, dict[str, Any]] = {}
        imported: dict[int, datetime] = {}
        for _, _, when, told in self._events:
            if when <= at:
                tables[int(told["year"])], imported[int(told["year"])] = told["table"], when
        used = sorted({due_on.year, done_on.year} & tables.keys())
        versions = tuple(
            Part(
                Words(
                    template="Table of {year}, entered on {at}: {source}",
                    params={
                        "year": roc_year(date(year, 1, 1)),
                        "at": imported[year],
                        "source": tables[year]["source"],
                    },
                )
            )
            for year in used
        )
        return _days_late(work_calendar(tables), due_on, done_on), versions


def _days_late(calendar: WorkCalendar, due_on: date, done_on: date) -> int | None:
    try:
        return max(0, calendar.working_days_between(due_on, done_on)) if done_on > due_on else 0
    except PlanRuleError:
        return None


def deliveries(reader: Reader, scene: Scene) -> Answer:
    """What happened to each delivery of each plan, in the order of time."""
    trail = Trail(reader, scene)
    documents = trail.documents(*KINDS)
    notices = list(_notices(trail))
    calendars = _Calendars(reader)
    rows: list[Row] = []
    summary: list[Words] = []
    plans = {instance.plan_key for instance in scene.instances.values()}
    for owner in sorted({d.owner for d in documents if d.kind == "deadlines" and d.owner in plans}):
        for delivery in DEADLINE_OF:
            lines = list(_lines(trail, owner, delivery, documents, notices, calendars))
            asked = [row for row in lines if row.place is None or trail.is_asked(row.place.instance_id)]
            rows += asked
            summary += _summed(owner, delivery, documents, asked)
    return Answer(rows=tuple(rows), summary=tuple(summary))


def _summed(owner: str, delivery: str, documents: Sequence[Recorded], rows: Sequence[Row]) -> Iterator[Words]:
    if not rows:
        return
    params = {"year": owner.rpartition(":")[2], "delivery": Term(LABELS[delivery])}
    if any(LATE in row.why for row in rows):
        yield Words(template="Plan of {year}: {delivery} was sent too late.", params=params)
    elif any(NOT_SENT in row.why for row in rows):
        yield Words(template="Plan of {year}: {delivery} is late and not sent.", params=params)
    elif any(d.kind == "delivery" and (d.owner, d.key) == (owner, delivery) for d in documents):
        yield Words(template="Plan of {year}: {delivery} was sent in time.", params=params)
    else:
        yield Words(template="Plan of {year}: {delivery} is not due yet.", params=params)


def _lines(
    trail: Trail,
    owner: str,
    delivery: str,
    documents: Sequence[Recorded],
    notices: Sequence[_Notice],
    calendars: _Calendars,
) -> Iterator[Row]:
    own = [d for d in documents if d.owner == owner]
    dues = list(_dues(own, delivery))
    named = [notice for notice in notices if (notice.owner, notice.delivery) == (owner, delivery)]
    later = [d for d in own if d.kind not in ("deadlines", "d1") and d.key == delivery]
    waived = [d for d in own if d.kind == delivery and d.body.get("waived")][-1:]
    found = [
        *((due.recorded.at, _due_row(owner, delivery, due)) for due in dues),
        *((notice.told.at, _notice_row(trail, notice)) for notice in named),
        *((d.at, _document_row(trail, owner, delivery, d, dues, calendars)) for d in later),
    ]
    found += [(d.at, _waived_row(owner, delivery, d)) for d in waived]
    yield from (row for _, row in sorted(found, key=lambda each: each[0]))
    late = None if waived else _not_sent(trail, owner, delivery, own, dues, calendars)
    if late is not None:
        yield late


def _notice_row(trail: Trail, notice: _Notice) -> Row:
    told = tuple(Part(trail.person(user)) for user in notice.people)
    whom = told or cell(Words(template="Nobody because nothing was open"))
    return _plain(notice.owner, notice.delivery, notice.level, notice.told.at, notice.told.place, whom)


def _waived_row(owner: str, delivery: str, document: Recorded) -> Row:
    what = Words(template="Sent together with the report, as the bureau agreed")
    basis = cell(document.body.get("waiver_basis"))
    return _plain(owner, delivery, what, document.at, document.place, basis)


def _dues(own: Sequence[Recorded], delivery: str) -> Iterator[_Due]:
    """The date as it was set, and each time that a letter moved it."""
    before: tuple[Any, ...] | None = None
    for document in own:
        told = document.body.get(DEADLINE_OF[delivery]) if document.kind == "deadlines" else None
        if told is None:
            continue
        due = _Due(
            recorded=document,
            internal_on=date.fromisoformat(told["internal_due_on"]),
            late_after_on=date.fromisoformat(told["late_after_on"]),
            basis=told["basis"],
        )
        if (due.internal_on, due.late_after_on) != before:
            before = (due.internal_on, due.late_after_on)
            yield due


def _name(owner: str, delivery: str) -> Cell:
    year = Words(template="Plan of {year}", params={"year": owner.rpartition(":")[2]})
    return (Part(year), Part(Term(LABELS[delivery])))


def _due_row(owner: str, delivery: str, due: _Due) -> Row:
    place = due.recorded.place
    dates = (
        Part(Words(template="Due on {on}", params={"on": due.internal_on})),
        Part(Words(template="Late after {on}", params={"on": due.late_after_on})),
        *cell(due.basis),
    )
    what = Words(template="The date was set") if due.basis is None else Words(template="The date was moved")
    cells = (_name(owner, delivery), cell(what), cell(due.recorded.at, place), dates, (), ())
    return Row(cells=cells, place=place)


def _plain(
    owner: str, delivery: str, what: Value, at: datetime, place: EventPlace | None, about: Cell
) -> Row:
    cells = (_name(owner, delivery), cell(what), cell(at, place), about, (), ())
    return Row(cells=cells, place=place)


def _document_row(
    trail: Trail, owner: str, delivery: str, document: Recorded, dues: Sequence[_Due], calendars: _Calendars
) -> Row:
    if document.kind == "delivery":
        return _sent_row(trail, owner, delivery, document, dues, calendars)
    words, about = _told(document)
    who = (*about, *cell(trail.person(document.by)))
    return _plain(owner, delivery, words, document.at, document.place, who)


def _told(document: Recorded) -> tuple[Words, Cell]:
    body = document.body
    if document.kind == "receipt":
        received = Words(template="Received on {on}", params={"on": date.fromisoformat(body["received_on"])})
        return Words(template="Received by the bureau"), cell(received)
    if document.kind == "supplement":
        return Words(template="Supplement handed in"), cell(body.get("response"))
    if body["result"] == "supplement":
        return Words(template="The bureau asked for a supplement"), cell(body.get("request"))
    return Words(template="Accepted by the bureau"), ()


def _sent_row(
    trail: Trail, owner: str, delivery: str, document: Recorded, dues: Sequence[_Due], calendars: _Calendars
) -> Row:
    body = document.body
    sent = datetime.fromisoformat(body["sent_at"]) if body.get("sent_at") else document.at
    letter = body.get("letter") or {}
    about = (
        *(trail.letter(letter.get("id")) if letter else ()),
        *cell(body.get("receiver")),
        *cell(trail.person(document.by)),
    )
    in_force = [due for due in dues if due.recorded.at <= document.at]
    days: int | None = None
    versions: Cell = ()
    if in_force:
        sent_on = sent.astimezone(TAIPEI).date()
        days, versions = calendars.lateness(in_force[-1].late_after_on, sent_on, document.at)
    return Row(
        cells=(
            _name(owner, delivery),
            cell(Words(template="Sent to the bureau")),
            cell(sent, document.place),
            about,
            cell(None if days is None else Decimal(days)),
            versions,
        ),
        place=document.place,
        mark=Mark.BREACH if days else None,
        why=(LATE,) if days else (),
    )


def _not_sent(
    trail: Trail,
    owner: str,
    delivery: str,
    own: Sequence[Recorded],
    dues: Sequence[_Due],
    calendars: _Calendars,
) -> Row | None:
    """What is late now, and was never sent."""
    today, now = trail.reader.today, trail.reader.now
    sent = any(d.kind == "delivery" and d.key == delivery for d in own)
    if sent or not dues or today <= dues[-1].late_after_on:
        return None
    days, versions = calendars.lateness(dues[-1].late_after_on, today, now)
    cells = (
        _name(owner, delivery), cell(NOT_SENT), cell(now), (),
        cell(None if days is None else Decimal(days)), versions,
    )  # fmt: skip
    return Row(cells=cells, place=dues[-1].recorded.place, mark=Mark.BREACH, why=(NOT_SENT,))


def _notices(trail: Trail) -> Iterator[_Notice]:
    """Every reminder, escalation and urging about a delivery."""
    returned = trail.events(EventType.ACTIVITY_RETURNED, containing='"deadlines.notify_step"')
    passed = trail.events(EventType.ELEMENT_PASSED, containing="watch_results[")
    steps = {
        (told.event.stream, told.event.seq): WATCHES.get(found[1], "")
        for told in passed
        if (found := WATCH.search(told.data["path"]))
    }
    for told in returned:
        if delivery := steps.get((told.event.stream, told.event.seq + 1)):
            result = told.data["result"]
            yield _Notice(
                owner=_owner(trail, told), delivery=delivery, told=told, level=_level(result["level"]),
                people=tuple(result["told"]),
            )  # fmt: skip
    for told in trail.events(EventType.TASK_NOTICE_GIVEN, EventType.TASK_URGED):
        if delivery := _delivery_of(trail, told):
            yield _Notice(
                owner=_owner(trail, told), delivery=delivery, told=told, level=_urging(told),
                people=tuple(told.data["users"]),
            )  # fmt: skip


def _delivery_of(trail: Trail, told: Told) -> str:
    """The delivery that a task belongs to, by its element or by what it signs; empty for other tasks."""
    for delivery, elements in ELEMENTS.items():
        if told.event.element_id in elements:
            return delivery
    inputs = trail.opened.get(told.event.task_id or 0, {}).get("inputs", {})
    subject = (inputs.get("next_level") or {}).get("subject")
    return subject if subject in DEADLINE_OF else ""


def _urging(told: Told) -> Words:
    if told.event.type is EventType.TASK_URGED:
        return Words(template="Urged by hand")
    return Words(template="Notice of level {level}", params={"level": told.data["level"]})


def _owner(trail: Trail, told: Told) -> str:
    return str(trail.scene.around[told.event.stream].plan_key)


def _level(level: str) -> Words:
    if level == "reminder":
        return Words(template="Reminder by the calendar")
    names = {"chief": "單位主管", "sec_chief": "秘書室主任", "director": "分局長", "bureau": "總局"}
    return Words(template="Escalation up to {level}", params={"level": Term(names.get(level, level))})


QUESTION = Question(
    number=8,
    slug="deliveries",
    title="Deliveries of results",
    sentence="When were D1 and D2 due, sent and received; how many working days late by which version of the "
    "calendar; which reminders and escalations went out, and to whom?",
    columns=(
        Column(key="delivery", title="Which delivery"),
        Column(key="what", title="What happened"),
        Column(key="at", title="When it happened"),
        Column(key="about", title="Dates and people"),
        Column(key="late", title="Working days late"),
        Column(key="calendar", title="By which calendar"),
    ),
    ask=deliveries,
)
