"""A history as files: JSON for machines, CSV for spreadsheets, and a dossier of every format."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from engine.clock import TAIPEI
from engine.documents.cells import plain_text
from engine.documents.exported import InstanceHistory, local_time
from engine.documents.history_mining import as_ocel, as_xes
from engine.domain.history import HistoryEvent

VERIFIER = Path(__file__).with_name("verify_chain.py")
COLUMNS = (
    "stream", "seq", "type", "origin", "actor", "on_behalf_of", "role", "unit", "occurred_at", "command_id",
    "element_id", "task_id", "data",
)  # fmt: skip
README = """本檔為流程案件的完整歷程。

history.json   每一事件的原始內容與摘要（SHA-256）
history.csv    同一歷程，供試算表開啟
history.xes、history.ocel.json  同一歷程，供流程探勘工具使用
verify_chain.py 獨立驗證程式，僅需 Python 3.8 以上，不需安裝 planflow：

    python3 verify_chain.py history.json

驗證結果會指出第一個與紀錄不符的事件。封存根值（anchor）請與另行保存者比對。
"""


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
        row = _columns(event) | {"occurred_at": local_time(event)}
        writer.writerow([*(plain_text(row[name]) for name in COLUMNS), event.digest.hex()])
    return text.getvalue().encode("utf-8-sig")


def as_dossier(history: InstanceHistory) -> bytes:
    """A zip with the history in every format and the program that proves it without planflow."""
    body = io.BytesIO()
    stamp = history.exported_at.astimezone(TAIPEI).timetuple()[:6]
    files = {
        "README.txt": README.encode("utf-8-sig"),
        "history.json": as_json(history),
        "history.csv": as_csv(history),
        "history.xes": as_xes(history),
        "history.ocel.json": as_ocel(history),
        "verify_chain.py": VERIFIER.read_bytes(),
    }
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
    return body.getvalue()


FORMATS = {"json": as_json, "csv": as_csv, "xes": as_xes, "ocel": as_ocel, "dossier": as_dossier}


def _columns(event: HistoryEvent) -> dict[str, Any]:
    columns: dict[str, Any] = {name: getattr(event, name) for name in COLUMNS}
    return columns | {"type": str(event.type), "origin": str(event.origin)}
