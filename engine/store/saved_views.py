"""Saved views of the inbox: what is chosen in an address, under a name, for oneself or for a unit."""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from engine.domain.history import EventDraft
from engine.domain.preference import SavedView
from engine.store import tables
from engine.store.personal_tables import saved_view
from engine.store.repository import Repository

_VIEW = saved_view.c


class SavedViews(Repository):
    """Views that the actor saved, and those that others share with the actor's units."""

    def of_actor(self, units: Collection[str]) -> list[SavedView]:
        """The actor's own views by name, then those shared with these units."""
        me = self.reader.actor.user_id
        wanted = sa.or_(_VIEW.owner == me, _VIEW.unit.in_(sorted(units)))
        query = sa.select(saved_view, tables.user.c.name.label("owner_name")).join(tables.user)
        ordered = query.where(wanted).order_by(_VIEW.owner != me, _VIEW.name, _VIEW.owner)
        return [_view(row) for row in self.core.execute(ordered)]

    def save(self, name: str, chosen: dict[str, str], unit: str | None, draft: EventDraft) -> None:
        """Save a view of the actor over the one of the same name."""
        fields = {"chosen": json.dumps(chosen, ensure_ascii=False, sort_keys=True), "unit": unit}
        actor = self.writer.actor
        insert = self.insert(saved_view).values(owner=actor.user_id, name=name, **fields)
        self.write(insert.on_conflict_do_update(index_elements=["owner", "name"], set_=fields))
        self.writer.record_note(-actor.number, draft)

    def remove(self, name: str, draft: EventDraft) -> None:
        """Take a view of the actor away; its history stays."""
        actor = self.writer.actor
        self.write(sa.delete(saved_view).where(_VIEW.owner == actor.user_id, _VIEW.name == name))
        self.writer.record_note(-actor.number, draft)


def _view(row: Any) -> SavedView:
    return SavedView(
        owner=row.owner, owner_name=row.owner_name, name=row.name, chosen=json.loads(row.chosen),
        unit=row.unit,
    )  # fmt: skip
