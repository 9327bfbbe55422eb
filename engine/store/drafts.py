"""Drafts: what a person has entered and not sent. Nothing was done yet, so there is no history of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.canonical import canonical_json
from engine.domain.form import DRAFT_COPY
from engine.store import tables
from engine.store.repository import Repository

_DRAFT = tables.draft.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Values that were not sent."""

    values: dict[str, Any]
    saved_at: datetime

    @property
    def copy(self) -> str:
        """The name that a script gave to what it sent; empty without a script."""
        return str(self.values.get(DRAFT_COPY, ""))

    @property
    def stamp(self) -> str:
        """Tells one saving from every other: the name of its copy, or its instant."""
        return self.copy or self.saved_at.isoformat()


class Drafts(Repository):
    """Drafts of the actor; nobody reads or writes another person's."""

    def find(self, task_id: int, *, locked: bool = False) -> Draft | None:
        """The actor's draft of a task, if there is one; `locked` until the end of the unit of work."""
        query = sa.select(tables.draft).where(self._own(task_id))
        row = self.core.execute(query.with_for_update() if locked else query).mappings().first()
        return Draft(values=json.loads(row["values"]), saved_at=from_micros(row["saved_at"])) if row else None

    def save(self, task_id: int, values: dict[str, Any]) -> None:
        """Save the actor's draft of a task over the one before."""
        fields = {"values": canonical_json(values), "saved_at": to_micros(self.writer.now)}
        insert = self.insert(tables.draft).values(
            {"task_id": task_id, "user_id": self.reader.actor.user_id, **fields}
        )
        self.write(insert.on_conflict_do_update(index_elements=["task_id", "user_id"], set_=fields))

    def discard(self, task_id: int) -> None:
        """Throw the actor's draft of a task away."""
        self.write(sa.delete(tables.draft).where(self._own(task_id)))

    def of_actor(self) -> dict[int, datetime]:
        """When the actor saved which drafts."""
        query = sa.select(_DRAFT.task_id, _DRAFT.saved_at).where(_DRAFT.user_id == self.reader.actor.user_id)
        return {row.task_id: from_micros(row.saved_at) for row in self.core.execute(query)}

    def _own(self, task_id: int) -> sa.ColumnElement[bool]:
        return sa.and_(_DRAFT.task_id == task_id, _DRAFT.user_id == self.reader.actor.user_id)
