"""Histories as files: JSON for machines, CSV and ODS for spreadsheets, XES and OCEL for process mining."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from engine.clock import TAIPEI
from engine.documents.cells import csv_file
from engine.documents.exported import EVENT_COLUMNS, InstanceHistory, event_columns, local_time
from engine.documents.ocel_file import ocel_file
from engine.documents.odf import sheet_file
from engine.documents.xes_file import xes_file

HISTORY, HISTORIES = "planflow-history/1", "planflow-histories/1"
SHEET_TITLE = "案件歷程"
INSTANCE_HEADINGS = (
    "案件", "流程", "名稱", "業務鍵", "計畫", "狀態", "開始時間", "開始者", "結束時間", "上層案件", "事件數",
    "末筆摘要",
)  # fmt: skip
STATE_WORDS = {"running": "進行中", "suspended": "暫停", "completed": "已結束", "cancelled": "已撤案"}
EVENT_HEADINGS = (
    "案件", "序號", "時間", "種類", "步驟", "辦理人", "被代理人", "角色", "單位", "工作編號", "內容", "摘要",
)  # fmt: skip


def json_file(histories: Sequence[InstanceHistory]) -> bytes:
    """Every event with every column that its digest covers; `data` stays the text that was sealed.

    One history is a document of its own (planflow-history/1), several are a list of them.
    """
    documents = [history_document(history) for history in histories]
    if len(documents) == 1:
        return json_text(documents[0])
    return json_text({"format": HISTORIES, "histories": documents})


def history_document(history: InstanceHistory) -> dict[str, Any]:
    """One history as the stand-alone verifier reads it."""
    instance = history.instance
    return {
        "format": HISTORY,
        "instance": instance.id,
        "definition_key": instance.definition_key,
        "business_key": instance.business_key,
        "title": instance.title,
        "exported_at": history.exported_at.isoformat(),
        "events": [event_columns(event) | {"digest": event.digest.hex()} for event in history.events],
    }


def json_text(document: object) -> bytes:
    """A document as a text that people can read as well."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def csv_of(histories: Sequence[InstanceHistory]) -> bytes:
    """One line per event; cells that a spreadsheet would take for a formula are neutralised."""
    return csv_file(_csv_rows(histories))


def _csv_rows(histories: Iterable[InstanceHistory]) -> Iterator[Sequence[Any]]:
    yield (*EVENT_COLUMNS, "digest")
    for history in histories:
        for event in history.events:
            row = event_columns(event) | {"occurred_at": local_time(event)}
            yield (*(row[name] for name in EVENT_COLUMNS), event.digest.hex())


def ods_of(histories: Sequence[InstanceHistory]) -> bytes:
    """Two sheets for people: the instances, and all of their events."""
    made_on = histories[0].exported_at.astimezone(TAIPEI).date()
    return sheet_file(
        SHEET_TITLE,
        made_on,
        [
            ("案件", [INSTANCE_HEADINGS, *(_instance_row(history) for history in histories)]),
            ("歷程", [EVENT_HEADINGS, *(row for history in histories for row in _event_rows(history))]),
        ],
    )


def _instance_row(history: InstanceHistory) -> tuple[Any, ...]:
    one = history.instance
    began, ended = (
        at and f"{at.astimezone(TAIPEI):%Y-%m-%d %H:%M:%S}" for at in (one.started_at, one.ended_at)
    )
    return (
        Decimal(one.id), history.name or one.definition_key, one.title, one.business_key, one.plan_key,
        STATE_WORDS[one.state.name.lower()], began, one.started_by, ended, one.parent_id,
        Decimal(len(history.events)), history.events[-1].digest.hex() if history.events else "",
    )  # fmt: skip


def _event_rows(history: InstanceHistory) -> Iterator[tuple[Any, ...]]:
    for event in history.events:
        yield (
            Decimal(event.stream), Decimal(event.seq), local_time(event), str(event.type),
            history.label(event.element_id) if event.element_id else "", event.actor, event.on_behalf_of,
            event.role, event.unit, event.task_id, event.data, event.digest.hex(),
        )  # fmt: skip


Writer = Callable[[Sequence[InstanceHistory]], bytes]
# Formats of one or several histories by their name.
FORMATS: dict[str, Writer] = {
    "json": json_file, "csv": csv_of, "ods": ods_of, "xes": xes_file, "ocel": ocel_file,
}  # fmt: skip
