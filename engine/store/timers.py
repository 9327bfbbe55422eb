"""Waiting timers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.instance import InstanceState
from engine.store import tables
from engine.store.repository import Repository, of_instance

_TIMER = tables.timer.c
_INSTANCE = tables.process_instance.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTimer:
    """A timer of an instance."""

    task_id: int
    instance_id: int
    element_id: str
    due_at: datetime


class Timers(Repository):
    """Timers that have not fired."""

    def due(self, now: datetime, limit: int | None) -> list[StoredTimer]:
        """Timers of running instances that are due, earliest first; those of suspended instances wait."""
        query = (
            sa.select(tables.timer)
            .join(tables.process_instance, _INSTANCE.id == _TIMER.instance_id)
            .where(_TIMER.due_at <= to_micros(now), _INSTANCE.state == int(InstanceState.RUNNING))
            .order_by(_TIMER.due_at, _TIMER.task_id)
            .limit(limit)
        )
        return [_timer(row) for row in self.settled.execute(query)]

    def first_due_at(self, now: datetime, *, without: Collection[int] = ()) -> datetime | None:
        """The earliest moment that fell due in a running instance, leaving some instances out."""
        query = (
            sa.select(_TIMER.due_at)
            .join(tables.process_instance, _INSTANCE.id == _TIMER.instance_id)
            .where(
                _TIMER.due_at <= to_micros(now),
                _INSTANCE.state == int(InstanceState.RUNNING),
                _INSTANCE.id.not_in(without),
            )
            .order_by(_TIMER.due_at, _TIMER.task_id)
            .limit(1)
        )
        found = self.settled.execute(query).scalar()
        return None if found is None else from_micros(found)

    def find(self, task_id: int) -> StoredTimer | None:
        """The timer, if it has not fired and was not dropped."""
        row = self.settled.execute(sa.select(tables.timer).where(_TIMER.task_id == task_id)).first()
        return _timer(row) if row else None

    def of_instance(self, instance_id: int) -> list[StoredTimer]:
        """The timers of an instance, earliest first."""
        query = sa.select(tables.timer).where(of_instance(_TIMER.task_id, instance_id))
        return [_timer(row) for row in self.settled.execute(query.order_by(_TIMER.due_at, _TIMER.task_id))]

    def next_due_at(self) -> datetime | None:
        """When the earliest timer falls due."""
        found = self.settled.execute(sa.select(sa.func.min(_TIMER.due_at))).scalar()
        return None if found is None else from_micros(found)


def _timer(row: Any) -> StoredTimer:
    return StoredTimer(
        task_id=row.task_id,
        instance_id=row.instance_id,
        element_id=row.element_id,
        due_at=from_micros(row.due_at),
    )
