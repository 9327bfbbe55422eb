"""Question 11: every deadline that was moved to a later day, by whom, how often, and on which basis.

Five ways lead to a later date: an extension (展期) of an internal task, a supplement (補正) that the bureau
asks for, a posting that is put off, a letter of the bureau that moves a date of the plan, and the schedule of
the year before its cycle begins.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from engine.clock import TAIPEI
from engine.domain.history import EventType
from engine.plan.deadlines import nominal_dates
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
    strongest,
)
from engine.queries.questions.reported import of_scope
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Told, Trail
from engine.store.unit_of_work import Reader

OF_THE_PLAN = ("K2", "K3", "K4", "K5")
DELIVERIES = {"d1": "D1", "d2": "D2"}
DUE_OF = {"d1": "K3", "d2": "K4"}
# From the third time on somebody should look why one deadline does not hold.
OFTEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """One deadline was moved; `key` tells what was moved, so that its times are counted."""

    key: tuple[Any, ...]
    what: Cell
    way: str
    was: Value
    due: Value
    by: Value
    at: datetime
    basis: Cell
    place: EventPlace | None
    applicant: Value = None
    days: int | None = None
    is_founded: bool = True
    is_own: bool = False


def extended_deadlines(reader: Reader, scene: Scene) -> Answer:
    """Every later date, the oldest change first."""
    trail = Trail(reader, scene)
    documents = of_scope(trail, "deadlines", "schedule", "reply", "intake", "publication")
    moved = sorted(
        (
            *_extensions(trail),
            *_supplements(trail, documents),
            *_postponed(trail, documents),
            *_dates_of_plans(trail, documents),
        ),
        key=lambda each: each.at,
    )
    times: dict[tuple[Any, ...], int] = defaultdict(int)
    rows = []
    for each in moved:
        times[each.key] += 1
        rows.append(_row(each, times[each.key]))
    summary = Words(
        template="{moves} later dates of {deadlines} deadlines; the most often moved one had {most}.",
        params={"moves": len(rows), "deadlines": len(times), "most": max(times.values(), default=0)},
    )
    return Answer(rows=tuple(rows), summary=(summary,))


def _row(moved: _Moved, no: int) -> Row:
    mark, why = strongest(_remarks(moved, no))
    return Row(
        cells=(
            moved.what,
            cell(Words(template=moved.way)),
            cell(moved.was),
            cell(moved.due),
            cell(no),
            cell(moved.days),
            cell(moved.applicant),
            cell(moved.by),
            cell(moved.at, moved.place),
            moved.basis,
        ),
        place=moved.place,
        mark=mark,
        why=why,
    )


def _remarks(moved: _Moved, no: int) -> Iterator[tuple[Mark, Words]]:
    if not moved.is_founded:
        yield Mark.BREACH, Words(template="No basis was written down")
    if moved.is_own:
        yield Mark.BREACH, Words(template="Granted by whoever had applied")
    if no >= OFTEN:
        yield Mark.REMARKABLE, Words(template="Moved for the time no. {no}", params={"no": no})


def _extensions(trail: Trail) -> Iterator[_Moved]:
    """展期: the note of the task tells everything but the words of the decision."""
    granted = {told.event.stream: told for told in _decisions(trail)}
    for told in trail.events(EventType.TASK_EXTENDED):
        if not (trail.is_asked(told.event.stream) or trail.is_asked(told.data["extension"])):
            continue
        decided = granted.get(told.data["extension"])
        opinion = decided.values.get("opinion", "") if decided else ""
        opened = trail.opened.get(told.event.task_id or 0, {})
        yield _Moved(
            key=("task", told.event.task_id),
            what=_of_task(trail, opened),
            way="Extension",
            was=_day(told.data["was_due_at"]),
            due=_day(told.data["due_at"]),
            by=trail.person(told.event.actor),
            at=told.at,
            basis=(*cell(told.data["reason"]), *(cell(opinion, decided.place) if decided else ())),
            place=told.place,
            applicant=trail.person(told.data["applicant"]),
            days=int(told.data["days"]),
            is_founded=bool(told.data["reason"].strip()),
            is_own=told.data["applicant"] in told.names,
        )


def _decisions(trail: Trail) -> list[Told]:
    """The decisions on applications, which are instances of their own."""
    return [
        told
        for told in trail.events(EventType.TASK_COMPLETED, containing='"decision":"agree"')
        if told.event.element_id == "decide"
    ]


def _supplements(trail: Trail, documents: Iterable[Recorded]) -> Iterator[_Moved]:
    """補正: the bureau sets a new date for a delivery, and the original one stays visible."""
    due: dict[tuple[str, str], date] = {}
    for document in documents:
        if document.kind == "deadlines":
            due |= {(document.owner, id): _nominal(document, id) for id in DUE_OF.values()}
        asked = document.body.get("outcome" if document.kind == "reply" else "result")
        if document.kind in ("reply", "intake") and asked == "supplement" and document.body.get("due_on"):
            yield _Moved(
                key=("delivery", document.owner, document.key),
                what=_of_plan(document, DELIVERIES.get(document.key, document.key)),
                way="Supplement",
                was=due.get((document.owner, DUE_OF.get(document.key, ""))),
                due=date.fromisoformat(document.body["due_on"]),
                by=trail.person(document.by),
                at=document.at,
                basis=(*cell(document.body.get("request")), *cell(document.body.get("doc_no"))),
                place=document.place,
                is_founded=bool(document.body.get("request")),
            )


def _postponed(trail: Trail, documents: Iterable[Recorded]) -> Iterator[_Moved]:
    """A place that is closed posts the plan later."""
    for document in documents:
        proof = document.body.get("proof") or {}
        if document.kind == "publication" and proof.get("outcome") == "postponed":
            opened = trail.opened.get(document.task_id or 0, {})
            yield _Moved(
                key=("place", document.owner, document.key),
                what=_of_plan(document, document.body["label"]),
                way="Posting put off",
                was=_day(opened["due_at"]) if opened.get("due_at") else None,
                due=date.fromisoformat(proof["new_due_on"]),
                by=trail.person(document.by),
                at=document.at,
                basis=cell(proof.get("postpone_reason")),
                place=document.place,
                is_founded=bool(proof.get("postpone_reason")),
            )


def _dates_of_plans(trail: Trail, documents: Iterable[Recorded]) -> Iterator[_Moved]:
    """Dates of the plan itself: moved by the schedule of the year, or by a letter afterwards."""
    standing: dict[str, Mapping[str, date]] = {}
    for document in documents:
        if document.kind not in ("schedule", "deadlines"):
            continue
        before = standing.get(document.owner) or nominal_dates(int(document.owner.rpartition(":")[2]))
        after = {id: _date_in(document, id) for id in OF_THE_PLAN}
        standing[document.owner] = after
        for id in OF_THE_PLAN:
            if after[id] > before[id]:
                yield replace(
                    _moved_in(trail, document, id), was=before[id], due=after[id],
                )  # fmt: skip


def _moved_in(trail: Trail, document: Recorded, id: str) -> _Moved:
    is_schedule = document.kind == "schedule"
    basis = document.note if is_schedule else document.body[id].get("basis")
    # Before the cycle begins the branch moves by itself what neither law nor bureau has set.
    is_founded = bool(basis) or (is_schedule and id not in DUE_OF.values() and id != "K2")
    return _Moved(
        key=("plan", document.owner, id),
        what=_of_plan(document, id),
        way="Schedule of the year" if is_schedule else "By letter of the head office",
        was=None,
        due=None,
        by=trail.person(document.by),
        at=document.at,
        basis=cell(basis),
        place=document.place,
        is_founded=is_founded,
    )


def _date_in(document: Recorded, id: str) -> date:
    if document.kind == "schedule":
        return date.fromisoformat(document.body["dates"][id])
    return _nominal(document, id)


def _nominal(document: Recorded, id: str) -> date:
    return date.fromisoformat(document.body[id]["nominal_on"])


def _of_task(trail: Trail, opened: Mapping[str, Any]) -> Cell:
    units = {unit: None for _, unit in opened.get("candidates", ()) if unit}
    return (
        Part(Term(opened.get("label", ""))),
        *(Part(trail.units.get(unit, unit)) for unit in units),
        *cell(opened.get("subject")),
    )


def _of_plan(document: Recorded, what: str) -> Cell:
    year = document.owner.rpartition(":")[2]
    return (Part(what), Part(Words(template="Plan of {year}", params={"year": year})))


def _day(instant: str) -> date:
    return datetime.fromisoformat(instant).astimezone(TAIPEI).date()


QUESTION = Question(
    number=11,
    slug="extended-deadlines",
    title="Extended deadlines",
    sentence="Which deadlines were extended, by whom, how often, with which basis?",
    columns=(
        Column(key="what", title="Which deadline"),
        Column(key="way", title="Moved by"),
        Column(key="was", title="Was due"),
        Column(key="due", title="Due now"),
        Column(key="no", title="Time no."),
        Column(key="days", title="Working days in all"),
        Column(key="applicant", title="Applied for by"),
        Column(key="by", title="Granted by"),
        Column(key="at", title="At what time"),
        Column(key="basis", title="Basis"),
    ),
    ask=extended_deadlines,
)
