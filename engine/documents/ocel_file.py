"""Histories as an object-centric event log (OCEL 2.0, JSON).

Objects are instances, tasks, plans, people, units and roles. Values are texts, as the schema of the standard
wants them; a declared type says what to read a text as.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.clock import TAIPEI
from engine.documents.exported import InstanceHistory, local_time
from engine.documents.mined_steps import MinedStep, OpenedActivity, mined_steps
from engine.domain.history import EventType

# By object type, the attributes that its objects may have.
OBJECT_ATTRIBUTES: dict[str, dict[str, str]] = {
    "process_instance": {
        "definition": "string", "business_key": "string", "title": "string", "agency": "string",
        "state": "string",
    },
    "task": {
        "label": "string", "element": "string", "process": "string", "subject": "string", "due_at": "time",
        "holder": "string",
    },
    "plan": {},
    "person": {},
    "role": {},
    "unit": {},
}  # fmt: skip
EVENT_ATTRIBUTES = {"lifecycle": "string", "seq": "string"}
# By a column of an event: the type of the object that it names, and how the event relates to it.
NAMED_BY_EVENT = {"actor": ("person", "by"), "on_behalf_of": ("person", "on behalf of"),
                  "role": ("role", "with role"), "unit": ("unit", "for unit")}  # fmt: skip
NOBODY = ""


@dataclass(slots=True)
class _Log:
    """The log in the making; `objects` by id."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def object_id(self, kind: str, value: object) -> str:
        """The id of an object, which is there from now on."""
        object_id = f"{kind}:{value}"
        if object_id not in self.objects:
            self.objects[object_id] = {"id": object_id, "type": kind, "attributes": [], "relationships": []}
        return object_id

    def set(self, object_id: str, at: str, **values: str | None) -> None:
        """An object has these values from a moment on."""
        self.objects[object_id]["attributes"] += [
            {"name": name, "value": value, "time": at} for name, value in values.items() if value is not None
        ]

    def link(self, source: str, target: str, qualifier: str) -> None:
        """One object relates to another."""
        self.objects[source]["relationships"].append({"objectId": target, "qualifier": qualifier})


def ocel_file(histories: Sequence[InstanceHistory]) -> bytes:
    """The log of several instances: their tasks, who acted for which unit, who set which instance going."""
    log = _Log()
    for history in histories:
        _add_instance(log, history)
        for step in mined_steps(history):
            _add_step(log, step, history.instance.plan_key)
        _add_extensions(log, history)
    used = {item["type"] for item in log.objects.values()}
    document = {
        "objectTypes": [_type(kind, OBJECT_ATTRIBUTES[kind]) for kind in OBJECT_ATTRIBUTES if kind in used],
        "eventTypes": [_type(name, EVENT_ATTRIBUTES) for name in sorted({e["type"] for e in log.events})],
        "objects": list(log.objects.values()),
        "events": log.events,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _type(name: str, attributes: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "attributes": [{"name": key, "type": kind} for key, kind in attributes.items()]}


def _add_instance(log: _Log, history: InstanceHistory) -> None:
    instance = history.instance
    began = instance.started_at.astimezone(TAIPEI).isoformat()
    own = log.object_id("process_instance", instance.id)
    log.set(
        own, began, definition=instance.definition_key, business_key=instance.business_key,
        title=instance.title, agency=instance.agency, state="running",
    )  # fmt: skip
    if instance.ended_at is not None:
        log.set(own, instance.ended_at.astimezone(TAIPEI).isoformat(), state=instance.state.name.lower())
    if instance.plan_key:
        log.link(own, log.object_id("plan", instance.plan_key), "of plan")
    if instance.parent_id is not None:
        log.link(own, log.object_id("process_instance", instance.parent_id), "set going by")


def _add_step(log: _Log, step: MinedStep, plan_key: str | None) -> None:
    event = step.event
    instance = log.object_id("process_instance", event.stream)
    relations = [(instance, "of")]
    if plan_key:
        relations.append((log.object_id("plan", plan_key), "in plan"))
    if step.task is not None:
        task = log.object_id("task", step.task.task_id)
        _tell_task(log, step, step.task, task, instance)
        relations.append((task, "on"))
    relations += _named(log, step)
    log.events.append(
        {
            "id": _event_id(log, step),
            "type": step.activity,
            "time": step.at,
            "attributes": [
                {"name": "lifecycle", "value": step.transition},
                {"name": "seq", "value": str(event.seq)},
            ],
            "relationships": [{"objectId": target, "qualifier": how} for target, how in relations],
        }
    )


def _event_id(log: _Log, step: MinedStep) -> str:
    """The number of the event; where one event moves every open task, that of the task as well."""
    own = f"{step.event.stream}:{step.event.seq}"
    return f"{own}:{step.item}" if step.transition in ("suspend", "resume") else own


def _tell_task(log: _Log, step: MinedStep, task: OpenedActivity, object_id: str, instance: str) -> None:
    """What a step changes in its task."""
    told = step.event.told
    match step.event.type:
        case EventType.TASK_OPENED:
            log.set(
                object_id, step.at, label=task.label, element=task.element_id, process=task.process,
                subject=task.subject, due_at=task.due_at,
            )  # fmt: skip
            log.link(object_id, instance, "part of")
        case EventType.TASK_CLAIMED:
            log.set(object_id, step.at, holder=step.event.on_behalf_of or step.event.actor)
        case EventType.TASK_ASSIGNED | EventType.TASK_DELEGATED | EventType.TASK_RESOLVED:
            log.set(object_id, step.at, holder=told.get("user"))
        case EventType.TASK_UNCLAIMED | EventType.TASK_HANDED_BACK | EventType.TASK_REDIRECTED:
            log.set(object_id, step.at, holder=told.get("user") or NOBODY)


def _add_extensions(log: _Log, history: InstanceHistory) -> None:
    """Due dates that were moved: they change a task and are no step of it."""
    for event in history.events:
        if event.type is EventType.TASK_EXTENDED:
            told = event.told
            log.set(log.object_id("task", event.task_id), local_time(event), due_at=told["due_at"])


def _named(log: _Log, step: MinedStep) -> Iterator[tuple[str, str]]:
    """The people, roles and units that an event names."""
    for column, (kind, qualifier) in NAMED_BY_EVENT.items():
        value = getattr(step.event, column)
        if value:
            yield log.object_id(kind, value), qualifier
