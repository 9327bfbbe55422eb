"""Follow-ups (續辦): tasks that a person wants to see again on a day; nothing was done, so no history."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.store.personal_tables import follow_up
from engine.store.repository import Repository

if TYPE_CHECKING:
    from engine.store.unit_of_work import Reader

_FOLLOW_UP = follow_up.c


class FollowUps(Repository):
    """Follow-ups of the actor; nobody reads or writes another person's."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._of_actor: frozenset[int] | None = None  # a page and its counts ask for the same

    def find(self, task_id: int) -> date | None:
        """The day until which the actor does not want to see a task, if that is still to come."""
        query = sa.select(_FOLLOW_UP.until_on).where(self._own(task_id), self._is_ahead())
        return self.core.execute(query).scalar()

    def of_actor(self) -> frozenset[int]:
        """The tasks that the actor does not want to see today."""
        if self._of_actor is None:
            mine = _FOLLOW_UP.user_id == self.reader.actor.user_id
            query = sa.select(_FOLLOW_UP.task_id).where(mine, self._is_ahead())
            self._of_actor = frozenset(self.core.execute(query).scalars())
        return self._of_actor

    def put_off(self, task_id: int, until_on: date) -> None:
        """Let a task come again on a day, in the place of the day chosen before."""
        insert = self.insert(follow_up).values(
            user_id=self.reader.actor.user_id, task_id=task_id, until_on=until_on
        )
        key = ["user_id", "task_id"]
        self.write(insert.on_conflict_do_update(index_elements=key, set_={"until_on": until_on}))
        self._of_actor = None

    def take_up(self, task_id: int) -> None:
        """Show a task again from now on."""
        self.write(sa.delete(follow_up).where(self._own(task_id)))
        self._of_actor = None

    def _own(self, task_id: int) -> sa.ColumnElement[bool]:
        return sa.and_(_FOLLOW_UP.task_id == task_id, _FOLLOW_UP.user_id == self.reader.actor.user_id)

    def _is_ahead(self) -> sa.ColumnElement[bool]:
        return _FOLLOW_UP.until_on > self.reader.today
