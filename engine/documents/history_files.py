"""A history as files: JSON for machines, CSV for spreadsheets, XES for process mining, a dossier of all."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree

from engine.clock import TAIPEI, from_micros
from engine.domain.history import EventType, HistoryEvent
from engine.domain.instance import Instance

VERIFIER = Path(__file__).with_name("verify_chain.py")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "stream", "seq", "type", "origin", "actor", "on_behalf_of", "role", "unit", "occurred_at", "command_id",
    "element_id", "task_id", "data",
)  # fmt: skip
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
README = """本檔為流程案件的完整歷程。

history.json   每一事件的原始內容與摘要（SHA-256）
history.csv    同一歷程，供試算表開啟
history.xes    同一歷程，供流程探勘工具使用
verify_chain.py 獨立驗證程式，僅需 Python 3.8 以上，不需安裝 planflow：

    python3 verify_chain.py history.json

驗證結果會指出第一個與紀錄不符的事件。封存根值（anchor）請與另行保存者比對。
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceHistory:
    """What is exported: an instance and all of its events."""

    instance: Instance
    events: tuple[HistoryEvent, ...]
    labels: dict[str, str]
    exported_at: datetime


def as_json(history: InstanceHistory) -> bytes:
    """Every event with every column that its digest covers; `data` stays the text that was sealed."""
    instance = history.instance
    document = {
        "format": "planflow-history/1",
        "instance": instance.id,
        "definition_key": instance.definition_key,
        "business_key": instance.business_key,
        "title": instance.title,
        "exported_at": history.exported_at.isoformat(),
        "events": [_columns(event) | {"digest": event.digest.hex()} for event in history.events],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def as_csv(history: InstanceHistory) -> bytes:
    """One line per event; cells that a spreadsheet would take for a formula are neutralised."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*COLUMNS, "digest"])
    for event in history.events:
        row = _columns(event) | {"occurred_at": _local(event)}
        writer.writerow([*(_cell(row[name]) for name in COLUMNS), event.digest.hex()])
    return text.getvalue().encode("utf-8-sig")


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
            element_id = event.element_id or str(event.type)
            _put(element, "string", "concept:name", history.labels.get(element_id, element_id))
            _put(element, "string", "concept:instance", str(event.task_id or event.seq))
            _put(element, "string", "lifecycle:transition", LIFECYCLE[event.type])
            _put(element, "date", "time:timestamp", _local(event))
            _put(element, "string", "org:resource", event.actor)
            if event.role:
                _put(element, "string", "org:role", event.role)
            if event.unit:
                _put(element, "string", "org:group", event.unit)
            _put(element, "int", "planflow:seq", str(event.seq))
    body: bytes = etree.tostring(log, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return body


def as_dossier(history: InstanceHistory) -> bytes:
    """A zip with the history in every format and the program that proves it without planflow."""
    body = io.BytesIO()
    stamp = history.exported_at.astimezone(TAIPEI).timetuple()[:6]
    files = {
        "README.txt": README.encode("utf-8-sig"),
        "history.json": as_json(history),
        "history.csv": as_csv(history),
        "history.xes": as_xes(history),
        "verify_chain.py": VERIFIER.read_bytes(),
    }
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
    return body.getvalue()


FORMATS = {"json": as_json, "csv": as_csv, "xes": as_xes, "dossier": as_dossier}


def _columns(event: HistoryEvent) -> dict[str, Any]:
    columns: dict[str, Any] = {name: getattr(event, name) for name in COLUMNS}
    return columns | {"type": str(event.type), "origin": str(event.origin)}


def _local(event: HistoryEvent) -> str:
    return from_micros(event.occurred_at).astimezone(TAIPEI).isoformat()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _put(parent: etree._Element, kind: str, key: str, value: str) -> None:
    etree.SubElement(parent, kind, {"key": key, "value": value})
