"""What people chose for their own pages and mails; each change is an event in the person's own stream."""

import json
from typing import Any

import sqlalchemy as sa

from engine.domain.history import EventDraft
from engine.store.personal_tables import preference
from engine.store.repository import Repository

_PREFERENCE = preference.c


class Preferences(Repository):
    """Choices of people about themselves; only the actor's own are written."""

    def of(self, user_id: str) -> dict[str, Any]:
        """Everything that a person chose."""
        query = sa.select(_PREFERENCE.key, _PREFERENCE.value).where(_PREFERENCE.user_id == user_id)
        return {row.key: json.loads(row.value) for row in self.core.execute(query)}

    def choose(self, key: str, value: Any, draft: EventDraft) -> None:
        """Keep a choice of the actor over the one before."""
        actor, text = self.writer.actor, json.dumps(value, ensure_ascii=False)
        insert = self.insert(preference).values(user_id=actor.user_id, key=key, value=text)
        self.write(insert.on_conflict_do_update(index_elements=["user_id", "key"], set_={"value": text}))
        self.writer.record_note(-actor.number, draft)
