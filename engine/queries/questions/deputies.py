"""Question 4: who acted as a deputy (代), on what authority, and whether the principal was really absent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import TAIPEI, from_micros
from engine.domain.deputy import CAUSE_LABELS, KIND_LABELS
from engine.domain.history import EventType
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
    Words,
    cell,
    strongest,
)
from engine.queries.questions.organisation import Authority, authorities_of
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Told, Trail
from engine.store import tables
from engine.store.unit_of_work import Reader

# What a person does with their own hands; an absent one does none of it.
OWN_ACTS = (
    EventType.SIGNED_IN, EventType.TASK_COMPLETED, EventType.TASK_CLAIMED, EventType.TASK_ASSIGNED,
    EventType.TASK_DELEGATED, EventType.TASK_RESOLVED, EventType.TASK_URGED, EventType.COMMENT_MADE,
    EventType.INSTANCE_STARTED, EventType.INSTANCE_CANCELLED, EventType.MESSAGE_RECEIVED,
)  # fmt: skip
NOT_DEPUTY = Words(template="Was no deputy at that moment")
NOT_ABSENT = Words(template="The principal acted in that time as well")
SIGNED_TOO = Words(template="The principal signed in the same round as well")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAct:
    """Something that a principal did, in person."""

    user_id: str
    at: datetime
    stream: int
    seq: int


def deputies(reader: Reader, scene: Scene) -> Answer:
    """Everything that was completed in somebody's place, the oldest first."""
    trail = Trail(reader, scene)
    completed = trail.events(EventType.TASK_COMPLETED)
    acts = [told for told in completed if told.event.on_behalf_of and trail.is_asked(told.event.stream)]
    authorities = authorities_of(reader) if acts else {}
    own = _own_acts(reader, {str(told.event.on_behalf_of) for told in acts})
    rows = [_row(trail, told, authorities, own, completed) for told in acts]
    return Answer(rows=tuple(rows), summary=_summary(rows))


def _summary(rows: Sequence[Row]) -> tuple[Words, ...]:
    counted = {
        name: sum(1 for row in rows if words in row.why)
        for name, words in (("invalid", NOT_DEPUTY), ("present", NOT_ABSENT), ("twice", SIGNED_TOO))
    }
    return (
        Words(
            template="Done as a deputy: {acts}. Without authority at that moment: {invalid}; while the "
            "principal acted too: {present}; signed by the principal too: {twice}.",
            params={"acts": len(rows), **counted},
        ),
    )


def _own_acts(reader: Reader, principals: Iterable[str]) -> list[OwnAct]:
    """What these people did in person, anywhere: also sign-ins, which lie in streams of their own."""
    wanted = sorted(principals)
    if not wanted:
        return []
    event = tables.history_event.c
    query = (
        sa.select(event.actor, event.occurred_at, event.stream, event.seq)
        .where(
            event.actor.in_(wanted),
            event.on_behalf_of.is_(None),
            event.type.in_([str(type_) for type_ in OWN_ACTS]),
        )
        .order_by(event.occurred_at, event.stream, event.seq)
    )
    return [
        OwnAct(user_id=actor, at=from_micros(at), stream=stream, seq=seq)
        for actor, at, stream, seq in reader.transaction.core.execute(query)
    ]


def _row(
    trail: Trail,
    told: Told,
    authorities: Mapping[int, Authority],
    own: Sequence[OwnAct],
    completed: Sequence[Told],
) -> Row:
    event = told.event
    authority = authorities.get((told.data.get("deputy") or {}).get("deputyship", 0))
    is_valid = authority is not None and _fits(authority, told)
    acted = list(_acted_meanwhile(own, authority, str(event.on_behalf_of)))
    too = list(_signed_too(trail, told, completed))
    mark, why = strongest(_why(is_valid=is_valid, acted=bool(acted), signed_too=bool(too)))
    return Row(
        cells=(
            cell(told.at, told.place),
            (*cell(trail.person(event.actor)), *cell(trail.capacity(event))),
            cell(trail.person(event.on_behalf_of)),
            cell(trail.task(event.task_id)),
            tuple(_authority(trail, authority)),
            cell(Words(template="Valid at that moment") if is_valid else Words(template="Not valid then")),
            _presence(trail, acted),
            tuple(Part(other.at, other.place) for other in too)
            or cell(Words(template="Did not sign as well")),
        ),
        place=told.place,
        mark=mark,
        why=why,
    )


def _fits(authority: Authority, told: Told) -> bool:
    deputyship = authority.deputyship
    names = (deputyship.deputy, deputyship.principal)
    is_theirs = names == (told.event.actor, told.event.on_behalf_of)
    may_do = deputyship.may_decide or told.values.get("decision") != "decide"
    return is_theirs and may_do and authority.holds_at(told.at, told.event.role)


def _why(*, is_valid: bool, acted: bool, signed_too: bool) -> Iterator[tuple[Mark, Words]]:
    if not is_valid:
        yield Mark.BREACH, NOT_DEPUTY
    if acted:
        yield Mark.REMARKABLE, NOT_ABSENT
    if signed_too:
        yield Mark.REMARKABLE, SIGNED_TOO


def _acted_meanwhile(own: Sequence[OwnAct], authority: Authority | None, principal: str) -> Iterator[OwnAct]:
    """What the principal did in the days of the deputyship, from its naming to its end."""
    if authority is None:
        return
    deputyship = authority.deputyship
    for act in own:
        day = act.at.astimezone(TAIPEI).date()
        if act.user_id == principal and deputyship.is_active_at(day, act.at) and act.at > authority.named_at:
            yield act


def _signed_too(trail: Trail, told: Told, completed: Sequence[Told]) -> Iterator[Told]:
    """What the principal completed in person in the same round, or the same part of the process."""
    scope = trail.scope_of(told.event.task_id)
    for other in completed:
        if (
            other.event.stream == told.event.stream
            and other.event.actor == told.event.on_behalf_of
            and other.event.on_behalf_of is None
            and trail.scope_of(other.event.task_id) == scope
            and _round(trail, other) == _round(trail, told)
        ):
            yield other


def _round(trail: Trail, told: Told) -> Any:
    """Which round of a sign-off a task belongs to, if to any."""
    inputs = trail.opened.get(told.event.task_id or 0, {}).get("inputs", {})
    return (inputs.get("next_level") or {}).get("round")


def _authority(trail: Trail, authority: Authority | None) -> Iterator[Part]:
    if authority is None:
        yield Part(Words(template="No deputyship is recorded"))
        return
    deputyship = authority.deputyship
    kind, cause = KIND_LABELS[deputyship.kind], CAUSE_LABELS[deputyship.cause]
    yield Part(Term(f"{kind}（{cause}）"))
    yield Part(
        Words(
            template="From {first} to {last}",
            params={"first": deputyship.valid_from, "last": deputyship.valid_to},
        )
    )
    yield Part(
        Words(
            template="Named by {who} on {at}",
            params={"who": trail.person(deputyship.named_by), "at": authority.named_at},
        )
    )
    if deputyship.ended_at is not None:
        yield Part(Words(template="Ended early on {at}", params={"at": deputyship.ended_at}))
    if not deputyship.may_decide:
        yield Part(Words(template="May prepare, but not decide"))


def _presence(trail: Trail, acted: Sequence[OwnAct]) -> Cell:
    """How often the principal acted, and the first time, as far as it was in an instance that one sees."""
    if not acted:
        return cell(Words(template="Did nothing in that time"))
    first = acted[0]
    place = (
        EventPlace(instance_id=first.stream, seq=first.seq) if first.stream in trail.scene.around else None
    )
    words = Words(template="Acted {times} times, first on {at}", params={"times": len(acted), "at": first.at})
    return cell(words, place)


QUESTION = Question(
    number=4,
    slug="deputies",
    title="Deputies and their authority",
    sentence="Who signed as a deputy, on what authority, was the deputyship valid at that minute, was the "
    "principal really absent, and did the principal also sign?",
    columns=(
        Column(key="at", title="When it happened"),
        Column(key="deputy", title="Deputy"),
        Column(key="principal", title="In whose place"),
        Column(key="task", title="Under the task"),
        Column(key="authority", title="On what authority"),
        Column(key="valid", title="Valid at that minute"),
        Column(key="present", title="What the principal did meanwhile"),
        Column(key="signed_too", title="Did the principal also sign"),
    ),
    ask=deputies,
)
