import csv
import io
import json
from datetime import UTC, datetime

import pytest
from lxml import etree

from engine.documents.exported import InstanceHistory
from engine.documents.history_files import FORMATS
from engine.domain.canonical import GENESIS
from engine.domain.history import EventDraft, EventType, Signature, seal
from engine.domain.instance import Instance, InstanceState

AT = datetime(2025, 1, 6, 1, 0, tzinfo=UTC)
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
        labels={"draft": "擬稿"},
        exported_at=AT,
    )


def test_json_holds_every_event_with_its_digest(history: InstanceHistory) -> None:
    events = json.loads(FORMATS["json"](history))["events"]
    assert [event["digest"] for event in events] == [event.digest.hex() for event in history.events]


def test_json_keeps_the_data_as_the_text_that_was_sealed(history: InstanceHistory) -> None:
    events = json.loads(FORMATS["json"](history))["events"]
    assert events[2]["data"] == '{"values":{"title":"計畫"}}'


def test_csv_has_one_line_per_event_below_its_head(history: InstanceHistory) -> None:
    rows = list(csv.reader(io.StringIO(FORMATS["csv"](history).decode("utf-8-sig"))))
    assert [row[2] for row in rows] == ["type", "instance_started", "task_opened", "task_completed"]


def test_csv_neutralises_what_a_spreadsheet_would_calculate(history: InstanceHistory) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](history).decode("utf-8-sig"))))
    assert {row["actor"] for row in rows} == {"'=wang"}


def test_csv_shows_instants_in_the_time_of_taiwan(history: InstanceHistory) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](history).decode("utf-8-sig"))))
    assert rows[0]["occurred_at"] == "2025-01-06T09:00:00+08:00"


def test_xes_names_activities_as_the_diagram_does(history: InstanceHistory) -> None:
    log = etree.fromstring(FORMATS["xes"](history))
    names = log.xpath("//x:event/x:string[@key='concept:name']/@value", namespaces=XES)
    steps = log.xpath("//x:event/x:string[@key='lifecycle:transition']/@value", namespaces=XES)
    assert (names, steps) == (["擬稿", "擬稿"], ["schedule", "complete"])


def test_ocel_relates_each_event_to_its_objects(history: InstanceHistory) -> None:
    log = json.loads(FORMATS["ocel"](history))
    related = [[relation["objectId"] for relation in event["relationships"]] for event in log["events"]]
    assert related == [["instance:1024", "person:=wang", "unit:secretariat", "task:7"]] * 2


def test_ocel_declares_every_object_and_type_that_it_uses(history: InstanceHistory) -> None:
    log = json.loads(FORMATS["ocel"](history))
    used = {relation["objectId"] for event in log["events"] for relation in event["relationships"]}
    assert {item["id"] for item in log["objects"]} == used
    assert {kind["name"] for kind in log["objectTypes"]} == {item["type"] for item in log["objects"]}
    assert {kind["name"] for kind in log["eventTypes"]} == {event["type"] for event in log["events"]}


def test_the_same_history_gives_the_same_dossier(history: InstanceHistory) -> None:
    assert FORMATS["dossier"](history) == FORMATS["dossier"](history)
