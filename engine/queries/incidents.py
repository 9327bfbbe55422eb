"""Incidents: what could not go on, and which instances rest because of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.domain.history import EventType
from engine.domain.instance import Instance
from engine.domain.permission import Action, is_hidden_from, require
from engine.errors import FieldError
from engine.store import tables
from engine.store.incidents import Incident
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """One incident: the instance and the element that it is about, and the rules that refused to go on.

    `rests`: something of the instance is due and has not happened since.
    """

    incident: Incident
    instance: Instance | None
    element: str
    rules: tuple[FieldError, ...]
    rests: bool


def incident_list(reader: Reader) -> tuple[IncidentLine, ...]:
    """The newest incidents, for those who look after the program; none of an instance hidden from them."""
    require(reader.actor, Action.READ_INCIDENTS)
    found = [incident for incident in reader.incidents.latest() if not _is_hidden(reader, incident)]
    notes = _notes(reader, {i.instance_id for i in found if i.instance_id is not None})
    late = {timer.instance_id for timer in reader.timers.due(reader.now, limit=None)}
    return tuple(_line(reader, incident, notes.get(incident.id, {}), late) for incident in found)


def rules_told(data: Mapping[str, Any]) -> tuple[FieldError, ...]:
    """The rules that the note of an incident names."""
    return tuple(
        FieldError(path="", template=rule["template"], params=rule["params"])
        for rule in data.get("rules", ())
    )


def _is_hidden(reader: Reader, incident: Incident) -> bool:
    instance = reader.instances.find(incident.instance_id) if incident.instance_id else None
    return instance is not None and is_hidden_from(reader.actor, instance)


def _line(reader: Reader, incident: Incident, note: Mapping[str, Any], late: set[int]) -> IncidentLine:
    instance = reader.instances.find(incident.instance_id) if incident.instance_id else None
    return IncidentLine(
        incident=incident,
        instance=instance,
        element=_element_name(reader, instance, str(note.get("element_id") or "")),
        rules=rules_told(note),
        rests=instance is not None and instance.id in late,
    )


def _element_name(reader: Reader, instance: Instance | None, element_id: str) -> str:
    if instance is None or not element_id:
        return ""
    processes = reader.definitions.parsed(instance.deployment_id).processes.values()
    return next((p.elements[element_id].name for p in processes if element_id in p.elements), element_id)


def _notes(reader: Reader, instance_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Number of an incident -> what its note in the history says, with the element."""
    event = tables.history_event.c
    query = sa.select(event.element_id, event.data).where(
        event.stream.in_(sorted(instance_ids)), event.type == EventType.INCIDENT_RAISED
    )
    told = [
        {**json.loads(row.data), "element_id": row.element_id}
        for row in reader.transaction.core.execute(query)
    ]
    return {int(note["incident"]): note for note in told}
