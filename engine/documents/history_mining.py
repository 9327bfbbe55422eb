"""A history for process mining: XES (IEEE 1849), the instance as one trace, and OCEL 2.0 with its objects."""

import json
from typing import Any

from lxml import etree

from engine.documents.exported import InstanceHistory, local_time
from engine.domain.history import EventType, HistoryEvent

XES_NAMESPACE = "http://www.xes-standard.org/"
# What process mining looks at: how long a task was open, and who did it.
LIFECYCLE = {
    EventType.TASK_OPENED: "schedule",
    EventType.TASK_CLAIMED: "assign",
    EventType.TASK_ASSIGNED: "assign",
    EventType.TASK_COMPLETED: "complete",
    EventType.TASK_WITHDRAWN: "withdraw",
    EventType.TIMER_FIRED: "complete",
    EventType.MESSAGE_RECEIVED: "complete",
    EventType.ACTIVITY_RETURNED: "complete",
}


def as_xes(history: InstanceHistory) -> bytes:
    """The instance as one trace of IEEE 1849 XES; events are those that process mining understands."""
    log = etree.Element("log", {"xes.version": "1.0", "xes.features": ""}, nsmap={None: XES_NAMESPACE})
    for name, prefix in (
        ("Concept", "concept"),
        ("Time", "time"),
        ("Lifecycle", "lifecycle"),
        ("Organizational", "org"),
    ):
        uri = f"{XES_NAMESPACE}{prefix}.xesext"
        etree.SubElement(log, "extension", {"name": name, "prefix": prefix, "uri": uri})
    trace = etree.SubElement(log, "trace")
    _put(trace, "string", "concept:name", history.instance.business_key)
    _put(trace, "string", "planflow:definition", history.instance.definition_key)
    for event in history.events:
        if event.type in LIFECYCLE:
            element = etree.SubElement(trace, "event")
            _put(element, "string", "concept:name", _activity(event, history.labels))
            _put(element, "string", "concept:instance", str(event.task_id or event.seq))
            _put(element, "string", "lifecycle:transition", LIFECYCLE[event.type])
            _put(element, "date", "time:timestamp", local_time(event))
            _put(element, "string", "org:resource", event.actor)
            if event.role:
                _put(element, "string", "org:role", event.role)
            if event.unit:
                _put(element, "string", "org:group", event.unit)
            _put(element, "int", "planflow:seq", str(event.seq))
    body: bytes = etree.tostring(log, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return body


def as_ocel(history: InstanceHistory) -> bytes:
    """The same events in OCEL 2.0 JSON, related to the instance, the task, the person and the unit."""
    events = [event for event in history.events if event.type in LIFECYCLE]
    instance = history.instance
    objects: dict[str, dict[str, Any]] = {}
    names = {"actor": "person", "unit": "unit", "task_id": "task"}

    def relate(event: HistoryEvent) -> list[dict[str, str]]:
        found = [(f"instance:{instance.id}", "process_instance", "of")]
        for column, kind in names.items():
            value = getattr(event, column)
            if value:
                found.append((f"{kind}:{value}", kind, column))
        for object_id, kind, _ in found:
            objects.setdefault(object_id, {"id": object_id, "type": kind, "attributes": []})
        return [{"objectId": object_id, "qualifier": qualifier} for object_id, _, qualifier in found]

    written = [
        {
            "id": f"{event.stream}:{event.seq}",
            "type": _activity(event, history.labels),
            "time": local_time(event),
            "attributes": [{"name": "lifecycle", "value": LIFECYCLE[event.type]}],
            "relationships": relate(event),
        }
        for event in events
    ]
    attributes = [{"name": "lifecycle", "type": "string"}]
    document = {
        "objectTypes": [
            {"name": kind, "attributes": []} for kind in sorted({o["type"] for o in objects.values()})
        ],
        "eventTypes": [
            {"name": name, "attributes": attributes}
            for name in sorted({str(event["type"]) for event in written})
        ],
        "objects": list(objects.values()),
        "events": written,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _activity(event: HistoryEvent, labels: dict[str, str]) -> str:
    element_id = event.element_id or str(event.type)
    return labels.get(element_id, element_id)


def _put(parent: etree._Element, kind: str, key: str, value: str) -> None:
    etree.SubElement(parent, kind, {"key": key, "value": value})
