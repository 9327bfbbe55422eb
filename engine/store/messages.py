"""Message subscriptions: who waits for which message."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.domain.instance import Subscription
from engine.store import tables
from engine.store.repository import Repository, of_instance

_WAITING = tables.message_subscription.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSubscription:
    """A subscription and the instance that holds it."""

    instance_id: int
    subscription: Subscription


class Messages(Repository):
    """Catch events that wait."""

    def waiting(self, name: str, correlation: str) -> list[StoredSubscription]:
        """Who waits for a message with this correlation, suspended instances as well."""
        query = (
            sa.select(tables.message_subscription)
            .where(_WAITING.name == name, _WAITING.correlation == correlation)
            .order_by(_WAITING.task_id)
        )
        return [_stored(row) for row in self.settled.execute(query)]

    def find(self, task_id: int) -> StoredSubscription | None:
        """The subscription, if it still waits; ask again after the instance is locked."""
        query = sa.select(tables.message_subscription).where(_WAITING.task_id == task_id)
        row = self.settled.execute(query).first()
        return _stored(row) if row else None

    def of_instance(self, instance_id: int) -> list[StoredSubscription]:
        """What an instance waits for."""
        query = sa.select(tables.message_subscription).where(of_instance(_WAITING.task_id, instance_id))
        return [_stored(row) for row in self.settled.execute(query.order_by(_WAITING.task_id))]


def _stored(row: Any) -> StoredSubscription:
    return StoredSubscription(
        instance_id=row.instance_id,
        subscription=Subscription(
            task_id=row.task_id, process_key=row.process_key, element_id=row.element_id, name=row.name,
            correlation=row.correlation, role=row.role, form=row.form,
        ),
    )  # fmt: skip
