"""Histories as an event log of IEEE 1849-2016 (XES): one trace for each instance."""

from collections.abc import Sequence

from lxml import etree

from engine.clock import TAIPEI
from engine.documents.exported import InstanceHistory
from engine.documents.label_text import clean
from engine.documents.mined_steps import MinedStep, mined_steps

NAMESPACE = "http://www.xes-standard.org/"
VERSION = "1849.2016"
EXTENSIONS = (
    ("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Time", "time"),
)  # fmt: skip
# What every trace and every event has, with the value that stands for "not known".
TRACE_GLOBALS = (("string", "concept:name", "UNKNOWN"),)
EVENT_GLOBALS = (
    ("string", "concept:name", "UNKNOWN"), ("string", "concept:instance", "UNKNOWN"),
    ("string", "lifecycle:transition", "unknown"), ("string", "org:resource", "UNKNOWN"),
    ("date", "time:timestamp", "1970-01-01T00:00:00+00:00"),
)  # fmt: skip
CLASSIFIERS = (
    ("Activity", "concept:name"), ("ActivityTransition", "concept:name lifecycle:transition"),
    ("Resource", "org:resource"),
)  # fmt: skip


def xes_file(histories: Sequence[InstanceHistory]) -> bytes:
    """The log; activities have the names of the diagram, traces a name that no other trace has."""
    log = etree.Element("log", {"xes.version": VERSION, "xes.features": ""}, nsmap={None: NAMESPACE})
    for name, prefix in EXTENSIONS:
        uri = f"{NAMESPACE}{prefix}.xesext"
        etree.SubElement(log, "extension", {"name": name, "prefix": prefix, "uri": uri})
    for scope, attributes in (("trace", TRACE_GLOBALS), ("event", EVENT_GLOBALS)):
        every = etree.SubElement(log, "global", {"scope": scope})
        for kind, key, value in attributes:
            _put(every, kind, key, value)
    for name, keys in CLASSIFIERS:
        etree.SubElement(log, "classifier", {"name": name, "scope": "event", "keys": keys})
    _put(log, "string", "concept:name", "planflow")
    _put(log, "string", "lifecycle:model", "standard")
    for history in histories:
        _add_trace(log, history)
    body: bytes = etree.tostring(log, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return body


def _add_trace(log: etree._Element, history: InstanceHistory) -> None:
    instance = history.instance
    trace = etree.SubElement(log, "trace")
    _put(trace, "string", "concept:name", f"{instance.business_key}#{instance.id}")
    _put(trace, "string", "title", instance.title)
    _put(trace, "string", "definition", instance.definition_key)
    _put(trace, "string", "definition_name", history.name)
    _put(trace, "string", "state", instance.state.name.lower())
    _put(trace, "date", "started_at", instance.started_at.astimezone(TAIPEI).isoformat())
    if instance.ended_at:
        _put(trace, "date", "ended_at", instance.ended_at.astimezone(TAIPEI).isoformat())
    for step in mined_steps(history):
        _add_event(trace, step)


def _add_event(trace: etree._Element, step: MinedStep) -> None:
    event = step.event
    element = etree.SubElement(trace, "event")
    _put(element, "string", "concept:name", step.activity)
    _put(element, "string", "concept:instance", step.item)
    _put(element, "string", "lifecycle:transition", step.transition)
    _put(element, "date", "time:timestamp", step.at)
    _put(element, "string", "org:resource", event.actor)
    if event.role:
        _put(element, "string", "org:role", event.role)
    if event.unit:
        _put(element, "string", "org:group", event.unit)
    if step.task:
        _put(element, "string", "process", step.task.process)
    _put(element, "int", "seq", str(event.seq))


def _put(parent: etree._Element, kind: str, key: str, value: str) -> None:
    etree.SubElement(parent, kind, {"key": key, "value": clean(value)})
