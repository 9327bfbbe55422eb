import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree
from odfdo import Document

from engine.documents.exported import InstanceHistory
from engine.documents.history_files import FORMATS
from engine.domain.canonical import GENESIS
from engine.domain.history import EventDraft, EventType, Signature, seal
from engine.domain.instance import Instance, InstanceState

AT = datetime(2025, 1, 6, 1, 0, tzinfo=UTC)
TOUCHED = [
    "process_instance:1024", "plan:bsmi_khh:114", "task:7", "person:=wang", "role:sec_handler",
    "unit:secretariat",
]  # fmt: skip
XES = {"x": "http://www.xes-standard.org/"}


@pytest.fixture
def history() -> InstanceHistory:
    """A start, and a task that the account `=wang` completed."""
    drafts = [
        EventDraft(type=EventType.INSTANCE_STARTED, data={"process": "plan"}),
        EventDraft(type=EventType.TASK_OPENED, data={}, element_id="draft", task_id=7),
        EventDraft(
            type=EventType.TASK_COMPLETED, data={"values": {"title": "計畫"}}, element_id="draft", task_id=7
        ),
    ]
    signature = Signature(
        actor="=wang", occurred_at=1_736_125_200_000_000, role="sec_handler", unit="secretariat"
    )
    return InstanceHistory(
        instance=Instance(
            id=1024,
            definition_key="plan",
            business_key="bsmi_khh:114",
            title="114年度計畫",
            deployment_id=1,
            agency="branch",
            plan_key="bsmi_khh:114",
            state=InstanceState.RUNNING,
            revision=1,
            seq=3,
            head=b"",
            causes=2,
            started_at=AT,
            started_by="=wang",
        ),
        events=tuple(seal(1024, 0, GENESIS, drafts, signature)),
        labels={"plan": {"draft": "擬稿"}, "other": {"draft": "另案"}},
        name="年度計畫",
        exported_at=AT,
    )


def test_json_holds_every_event_with_its_digest(history: InstanceHistory) -> None:
    events = json.loads(FORMATS["json"]([history]))["events"]
    assert [event["digest"] for event in events] == [event.digest.hex() for event in history.events]


def test_json_keeps_the_data_as_the_text_that_was_sealed(history: InstanceHistory) -> None:
    events = json.loads(FORMATS["json"]([history]))["events"]
    assert events[2]["data"] == '{"values":{"title":"計畫"}}'


def test_csv_has_one_line_per_event_below_its_head(history: InstanceHistory) -> None:
    rows = list(csv.reader(io.StringIO(FORMATS["csv"]([history]).decode("utf-8-sig"))))
    assert [row[2] for row in rows] == ["type", "instance_started", "task_opened", "task_completed"]


def test_csv_neutralises_what_a_spreadsheet_would_calculate(history: InstanceHistory) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"]([history]).decode("utf-8-sig"))))
    assert {row["actor"] for row in rows} == {"'=wang"}


def test_csv_shows_instants_in_the_time_of_taiwan(history: InstanceHistory) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"]([history]).decode("utf-8-sig"))))
    assert rows[0]["occurred_at"] == "2025-01-06T09:00:00+08:00"


def test_xes_names_activities_as_the_diagram_does(history: InstanceHistory) -> None:
    log = etree.fromstring(FORMATS["xes"]([history]))
    names = log.xpath("//x:event/x:string[@key='concept:name']/@value", namespaces=XES)
    steps = log.xpath("//x:event/x:string[@key='lifecycle:transition']/@value", namespaces=XES)
    assert (names, steps) == (["擬稿", "擬稿"], ["schedule", "complete"])


def test_ocel_relates_each_event_to_its_objects(history: InstanceHistory) -> None:
    log = json.loads(FORMATS["ocel"]([history]))
    related = [[relation["objectId"] for relation in event["relationships"]] for event in log["events"]]
    assert related == [TOUCHED] * 2


def sealed(history: InstanceHistory, *drafts: EventDraft) -> InstanceHistory:
    """The history with other events."""
    signature = Signature(actor="=wang", occurred_at=1_736_125_200_000_000)
    return replace(history, events=tuple(seal(1024, 0, GENESIS, list(drafts), signature)))


def task(type_: EventType, task_id: int = 7, **data: object) -> EventDraft:
    return EventDraft(type=type_, data=data, element_id="draft", task_id=task_id)


def transitions(history: InstanceHistory) -> list[tuple[str, str]]:
    """The item and the transition of every event of the log."""
    log = etree.fromstring(FORMATS["xes"]([history]))
    return [
        (event.find("x:string[@key='concept:instance']", XES).get("value"),
         event.find("x:string[@key='lifecycle:transition']", XES).get("value"))
        for event in log.iterfind("x:trace/x:event", XES)
    ]  # fmt: skip


def test_what_somebody_had_held_is_reassigned_to_the_next_one(history: InstanceHistory) -> None:
    told = sealed(
        history, task(EventType.TASK_OPENED), task(EventType.TASK_CLAIMED), task(EventType.TASK_UNCLAIMED),
        task(EventType.TASK_ASSIGNED, user="li"), task(EventType.TASK_WITHDRAWN),
    )  # fmt: skip
    steps = ["schedule", "assign", "unknown", "reassign", "withdraw"]
    assert transitions(told) == [("7", step) for step in steps]


def test_an_instance_suspends_each_task_that_is_open(history: InstanceHistory) -> None:
    told = sealed(
        history, task(EventType.TASK_OPENED, 7), task(EventType.TASK_OPENED, 8),
        task(EventType.TASK_OPENED, 9), task(EventType.TASK_COMPLETED, 8),
        EventDraft(type=EventType.INSTANCE_SUSPENDED, data={}),
        EventDraft(type=EventType.INSTANCE_RESUMED, data={}),
    )  # fmt: skip
    assert transitions(told)[4:] == [("7", "suspend"), ("9", "suspend"), ("7", "resume"), ("9", "resume")]
    ids = [event["id"] for event in json.loads(FORMATS["ocel"]([told]))["events"]]
    assert len(set(ids)) == len(ids)


def test_ocel_tells_a_moved_due_date_and_who_holds_a_task(history: InstanceHistory) -> None:
    told = sealed(
        history, task(EventType.TASK_OPENED, due_at="2025-01-10T09:00:00+08:00"),
        task(EventType.TASK_CLAIMED), task(EventType.TASK_EXTENDED, due_at="2025-01-20T09:00:00+08:00"),
        task(EventType.TASK_DELEGATED, user="li"), task(EventType.TASK_UNCLAIMED),
    )  # fmt: skip
    (found,) = [o for o in json.loads(FORMATS["ocel"]([told]))["objects"] if o["type"] == "task"]
    values = [(a["name"], a["value"]) for a in found["attributes"] if a["name"] in ("due_at", "holder")]
    assert sorted(values) == [
        ("due_at", "2025-01-10T09:00:00+08:00"), ("due_at", "2025-01-20T09:00:00+08:00"),
        ("holder", ""), ("holder", "=wang"), ("holder", "li"),
    ]  # fmt: skip


def test_characters_that_xml_cannot_hold_do_not_break_a_log(history: InstanceHistory) -> None:
    named = replace(history, instance=replace(history.instance, title="計畫\x00\x1b"))
    log = etree.fromstring(FORMATS["xes"]([named]))
    assert log.xpath("//x:trace/x:string[@key='title']/@value", namespaces=XES) == ["計畫"]


def test_a_sheet_keeps_texts_as_they_are_and_takes_none_for_a_formula(history: InstanceHistory) -> None:
    told = sealed(history, task(EventType.COMMENT_MADE, text="一  二\n\x07三"))
    events = Document(io.BytesIO(FORMATS["ods"]([told]))).body.tables[1]
    assert events.get_values()[1][5] == "'=wang"
    assert events.get_values()[1][10] == json.dumps(
        {"text": "一  二\n\x07三"}, ensure_ascii=False, separators=(",", ":")
    )
