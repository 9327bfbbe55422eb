"""What the streams of people say: what they brought, what they read of what is kept among few, what they
took away."""

import sqlalchemy as sa

from engine.domain.history import EventType
from engine.queries.questions.trail import Told, readable
from engine.store import tables
from engine.store.unit_of_work import Reader

_EVENT = tables.history_event.c
# Number 0 is the command line. Said so that the database finds the index of these streams.
_PERSONAL = sa.literal_column("stream <= 0", sa.Boolean)


def personal_events(reader: Reader, *types: EventType) -> list[Told]:
    """The events of some types of all people and of the command line, in the order in which they happened."""
    query = (
        sa.select(tables.history_event)
        .where(_PERSONAL, _EVENT.type.in_([str(type_) for type_ in types]))
        .order_by(_EVENT.occurred_at, _EVENT.stream, _EVENT.seq)
    )
    return list(readable(reader.transaction.core.execute(query)))
