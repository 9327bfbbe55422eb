"""Incidents: what happened when a process could not go on. Nothing else of that command was written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.errors import FieldError, NotFound, Refusal
from engine.store import tables
from engine.store.repository import Repository

_INCIDENT = tables.incident.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A failed command: whose, on which instance and task, why, and the trace for the one who mends it."""

    id: int
    instance_id: int | None
    task_id: int | None
    actor: str
    command: str
    reason: str
    trace: str
    raised_at: datetime


class Incidents(Repository):
    """Incidents."""

    def add(
        self, *, instance_id: int | None, task_id: int | None, command: str, reason: str, trace: str,
        refusal: Refusal | None = None,
    ) -> int:  # fmt: skip
        """Record an incident with its note in the instance's stream; gives its number.

        The note keeps the element and the words of the rules that refused, for people to read.
        """
        uow = self.writer
        row = {
            "instance_id": instance_id, "task_id": task_id, "actor": uow.actor.user_id, "command": command,
            "reason": reason, "trace": trace, "raised_at": to_micros(uow.now),
        }  # fmt: skip
        number = self.write(sa.insert(tables.incident).values(row).returning(_INCIDENT.id)).scalar_one()
        told: dict[str, Any] = {"incident": number, "command": command, "reason": reason}
        if refusal is not None:
            told["rules"] = [_rule(rule) for rule in refusal.rules]
        draft = EventDraft(
            type=EventType.INCIDENT_RAISED,
            task_id=task_id,
            element_id=refusal.element if refusal else None,
            data=told,
        )
        known = instance_id is not None and uow.instances.find(instance_id) is not None
        uow.record_note(instance_id if instance_id is not None and known else ORGANISATION_STREAM, draft)
        return int(number)

    def get(self, number: int) -> Incident:
        """The incident; NotFound when there is none."""
        row = self.core.execute(sa.select(tables.incident).where(_INCIDENT.id == number)).first()
        if row is None:
            raise NotFound(kind="incident", id=number)
        return _incident(row)

    def of_instance(self, instance_id: int) -> list[Incident]:
        """The incidents of an instance, newest first."""
        query = sa.select(tables.incident).where(_INCIDENT.instance_id == instance_id)
        return [_incident(row) for row in self.core.execute(query.order_by(_INCIDENT.id.desc()))]

    def latest(self, limit: int = 50) -> list[Incident]:
        """The newest incidents."""
        query = sa.select(tables.incident).order_by(_INCIDENT.id.desc()).limit(limit)
        return [_incident(row) for row in self.core.execute(query)]


def _rule(rule: FieldError) -> dict[str, Any]:
    return {"template": rule.template, "params": {name: str(value) for name, value in rule.params.items()}}


def _incident(row: Any) -> Incident:
    return Incident(
        id=row.id, instance_id=row.instance_id, task_id=row.task_id, actor=row.actor, command=row.command,
        reason=row.reason, trace=row.trace, raised_at=from_micros(row.raised_at),
    )  # fmt: skip
