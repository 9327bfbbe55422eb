"""Who has read the reward lists of an edition (屆), or taken them away (domain 8.15)."""

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.activities.reward_lists import PROCESS
from engine.clock import from_micros
from engine.domain.history import EventType
from engine.domain.instance import Instance
from engine.domain.permission import sight_of
from engine.store import tables
from engine.store.unit_of_work import Reader

MOST_LISTS = 500
MOST_READINGS = 200
# Said so that the database finds the index of these streams.
_PERSONAL = sa.literal_column("stream <= 0", sa.Boolean)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Somebody read the lists (or one list with its history), or took one away in the format `exported`.

    `who` is empty for the command line.
    """

    who: str
    title: str
    at: datetime
    list_no: int | None
    exported: str


def reward_lists(reader: Reader) -> list[Instance]:
    """The commendations that the reader may know of, newest first."""
    sight = sight_of(reader.actor)
    return reader.instances.page(definition_key=PROCESS, sight=sight, limit=MOST_LISTS)


def readings_of(reader: Reader, edition: str, instances: list[Instance]) -> tuple[Reading, ...]:
    """Who read or took away the lists of one edition, at the pages or the command line."""
    event, user = tables.history_event.c, tables.user.c
    wanted = [f'"edition":"{edition}"', *(f'"instance":{instance.id},' for instance in instances)]
    query = (
        sa.select(user.name, user.title, event.occurred_at, event.data)
        .join_from(tables.history_event, tables.user, user.id == event.actor, isouter=True)
        .where(
            _PERSONAL,
            event.type.in_((EventType.SENSITIVE_READ, EventType.EXPORTED)),
            sa.or_(*(event.data.contains(text, autoescape=True) for text in wanted)),
        )
        .order_by(event.occurred_at.desc(), event.stream, event.seq.desc())
        .limit(MOST_READINGS)
    )
    places = {instance.id: no for no, instance in enumerate(reversed(instances), 1)}
    return tuple(
        Reading(
            who=name or "", title=title or "", at=from_micros(at),
            list_no=places.get(told.get("instance", 0)), exported=str(told.get("format", "")),
        )
        for name, title, at, body in reader.transaction.core.execute(query)
        for told in [json.loads(body)]
    )  # fmt: skip
