"""What the streams of people say: what they brought, what they read of what is kept among few, what they
took away."""

import sqlalchemy as sa

from engine.domain.history import EventType
from engine.queries.questions.trail import Told, readable
from engine.store import tables
from engine.store.unit_of_work import Reader

_EVENT = tables.history_event.c


def personal_events(reader: Reader, *types: EventType) -> list[Told]:
    """The events of some types in the streams of all people, in the order in which they happened."""
    query = (
        sa.select(tables.history_event)
        .where(_EVENT.stream < 0, _EVENT.type.in_([str(type_) for type_ in types]))
        .order_by(_EVENT.occurred_at, _EVENT.stream, _EVENT.seq)
    )
    return list(readable(reader.transaction.core.execute(query)))
