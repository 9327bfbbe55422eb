"""The first due dates of tasks that were extended (展期), as part of a statement that reads tasks.

An extension is an instance of its own, named after its task, and its first event tells what was applied for.
"""

import json
from datetime import datetime

import sqlalchemy as sa

from engine.store import tables

PROCESS = "extension"


def told_of_extension() -> sa.ScalarSelect[str]:
    """For the task of the statement around it: what was told when its first extension was applied for."""
    extension = tables.process_instance.alias("extension")
    event = tables.history_event
    key = sa.literal(f"{PROCESS}:") + sa.cast(tables.task.c.id, sa.Text)
    return (
        sa.select(event.c.data)
        .join(extension, sa.and_(event.c.stream == extension.c.id, event.c.seq == 1))
        .where(extension.c.business_key == key, extension.c.definition_key == PROCESS)
        .order_by(extension.c.id)
        .limit(1)
        .correlate(tables.task)
        .scalar_subquery()
    )


def original_due_at(told: str | None, due_at: datetime | None) -> datetime | None:
    """The first due date, where it is not the present one: an application alone moves nothing."""
    if told is None or due_at is None:
        return None
    first = datetime.fromisoformat(json.loads(told)["variables"][PROCESS]["original_due_at"])
    return first if first < due_at else None
