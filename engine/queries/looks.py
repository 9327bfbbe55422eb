"""Who looked at what is kept among few, who took histories away, and who was refused (domain 8.15)."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.clock import TAIPEI, from_micros, to_micros
from engine.domain.history import EventType
from engine.domain.identity import User
from engine.domain.permission import Action, require
from engine.store import tables
from engine.store.unit_of_work import Reader

PAGE = 50
A_DAY = 24 * 60 * 60 * 1_000_000  # in Taiwan every day has 24 hours
MOST_OF_A_FILE = 20_000
_EVENT = tables.history_event.c
# Said so that the database finds the index of these streams: a parameter would not tell it.
_PERSONAL = sa.literal_column("stream <= 0", sa.Boolean)


class LookKind(StrEnum):
    """What somebody did or tried beside the work."""

    READ = "read"
    TAKEN = "taken"
    REFUSED = "refused"


TYPES: dict[LookKind, EventType] = {
    LookKind.READ: EventType.SENSITIVE_READ,
    LookKind.TAKEN: EventType.EXPORTED,
    LookKind.REFUSED: EventType.ACCESS_DENIED,
}
_KINDS = {event_type: kind for kind, event_type in TYPES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFilter:
    """Whose looks, of which kind, on which days of Taiwan."""

    user_id: str = ""
    kind: LookKind | None = None
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look, export or refusal; `told` is what its event tells."""

    stream: int
    seq: int
    at: datetime
    actor: str
    person: User | None
    kind: LookKind
    told: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPage:
    """Looks, the newest first; `cursor` leads to older ones."""

    looks: tuple[Look, ...]
    people: tuple[User, ...]
    cursor: str


def look_page(reader: Reader, wanted: LookFilter, cursor: str = "") -> LookPage:
    """One page of looks; a cursor that is none begins at the newest."""
    people = {user.id: user for user in reader.organisation.users()}
    found = _looks(reader, wanted, people, _place(cursor), PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return LookPage(
        looks=tuple(found[:PAGE]),
        people=tuple(sorted(people.values(), key=lambda user: user.id)),
        cursor=f"{to_micros(last.at)}.{last.stream}.{last.seq}" if last else "",
    )


def looks_for_file(reader: Reader, wanted: LookFilter) -> list[Look]:
    """All looks of a filter, the newest first, as far as a file of them can be read."""
    people = {user.id: user for user in reader.organisation.users()}
    return _looks(reader, wanted, people, None, MOST_OF_A_FILE)


def _looks(
    reader: Reader,
    wanted: LookFilter,
    people: dict[str, User],
    place: tuple[int, int, int] | None,
    limit: int,
) -> list[Look]:
    require(reader.actor, Action.AUDIT)
    order = (_EVENT.occurred_at, _EVENT.stream, _EVENT.seq)
    query = (
        sa.select(_EVENT.stream, _EVENT.seq, _EVENT.occurred_at, _EVENT.actor, _EVENT.type, _EVENT.data)
        .where(_PERSONAL, *_conditions(wanted))
        .order_by(*(column.desc() for column in order))
        .limit(limit)
    )
    if place is not None:
        query = query.where(sa.tuple_(*order) < sa.tuple_(*map(sa.literal, place)))
    return [
        Look(
            stream=row.stream, seq=row.seq, at=from_micros(row.occurred_at), actor=row.actor,
            person=people.get(row.actor), kind=_KINDS[EventType(row.type)], told=json.loads(row.data),
        )
        for row in reader.transaction.core.execute(query)
    ]  # fmt: skip


def _conditions(wanted: LookFilter) -> list[sa.ColumnElement[bool]]:
    types = [TYPES[wanted.kind]] if wanted.kind else list(TYPES.values())
    conditions: list[sa.ColumnElement[bool]] = [_EVENT.type.in_([str(each) for each in types])]
    if wanted.user_id:
        conditions.append(_EVENT.actor == wanted.user_id)
    if wanted.first_on:
        conditions.append(_EVENT.occurred_at >= _midnight(wanted.first_on))
    if wanted.last_on:
        conditions.append(_EVENT.occurred_at < _midnight(wanted.last_on) + A_DAY)
    return conditions


def _midnight(day: date) -> int:
    return to_micros(datetime.combine(day, time.min, TAIPEI))


def _place(cursor: str) -> tuple[int, int, int] | None:
    try:
        at, stream, seq = (int(part) for part in cursor.split("."))
    except ValueError:
        return None
    return at, stream, seq
