"""Calls about process instances: start, list, read, stop; history, proof, past states, diagram, exports."""

import csv
import io
import json
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
from lxml import etree

from engine.documents.odf import SHEET
from engine.domain.identity import SYSTEM
from engine.store import tables
from tests.engine.replay.test_verify import tamper
from tests.webapp.api.desk import BUREAU, INSTANCES, REASON, Desk, fields, problem

START = {"definition_key": "approval_15", "business_key": "a:1", "variables": {}}


def started(desk: Desk, key: str = "a:1", who: str = "clerk", **headers: str) -> int:
    answer = desk.post(who, INSTANCES, {**START, "business_key": key}, headers=headers)
    assert answer.status_code == 201
    number: int = answer.get_json()["id"]
    return number


def ids(answer: Any) -> list[int]:
    return [item["id"] for item in answer.get_json()["items"]]


def test_a_started_instance_is_there_with_its_task_and_variables(desk: Desk) -> None:
    instance_id = started(desk)
    whole = desk.get("clerk", f"{INSTANCES}/{instance_id}").get_json()
    (task,) = whole.pop("open_tasks")
    assert (task["element_id"], task["label"], task["candidates"]) == (
        "draft", "擬稿", [{"role": "sec_handler", "unit": ""}],
    )  # fmt: skip
    variables = whole.pop("variables")
    assert variables["business_key"] == "a:1"
    assert whole == {
        "id": instance_id, "definition_key": "approval_15", "business_key": "a:1", "title": "十五單位核定",
        "state": "running", "deployment_id": 1, "revision": 1, "started_at": "2025-01-06T01:00:00Z",
        "started_by": "clerk", "ended_at": None, "parent_id": None,
    }  # fmt: skip


def test_a_start_is_refused_to_those_who_may_not(desk: Desk) -> None:
    assert problem(desk.post("handler_01", INSTANCES, START)) == (403, "NotPermitted")
    assert ids(desk.get("clerk", INSTANCES)) == []


def test_a_start_of_something_unknown_is_not_found(shared_desk: Desk) -> None:
    answer = shared_desk.post("clerk", INSTANCES, {**START, "definition_key": "nothing"})
    assert (problem(answer), answer.get_json()["detail"]) == (
        (404, "NotFound"),
        "找不到流程定義「nothing」。",
    )


def test_two_running_instances_share_no_business_key(desk: Desk) -> None:
    started(desk)
    assert problem(desk.post("clerk", INSTANCES, START)) == (409, "AlreadyStarted")


def test_a_start_sent_twice_with_a_key_is_done_once(desk: Desk) -> None:
    key = {"Idempotency-Key": "k-1"}
    assert started(desk, **key) == started(desk, **key)
    assert len(ids(desk.get("clerk", INSTANCES))) == 1


def test_a_key_belongs_to_one_start_of_one_person(desk: Desk) -> None:
    key = {"Idempotency-Key": "k-1"}
    started(desk, **key)
    other_key = desk.post("clerk", INSTANCES, {**START, "business_key": "a:2"}, headers=key)
    other_person = desk.post("handler_01", INSTANCES, START, headers=key)
    assert [problem(other_key), problem(other_person)] == [(409, "KeyUsedBefore"), (409, "KeyUsedBefore")]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"started_by": "head"}, "started_by"),
        ({"id": 5}, "id"),
        ({"state": "completed"}, "state"),
        ({"agency": "bureau"}, "agency"),
        ({"business_key": ""}, "business_key"),
        ({"business_key": "  "}, "business_key"),
        ({"business_key": 7}, "business_key"),
        ({"business_key": "x" * 201}, "business_key"),
        ({"business_key": "a\x00"}, "business_key"),
        ({"business_key": "a\ud800"}, "business_key"),
        ({"variables": []}, "variables"),
        ({"variables": {"typename": "x"}}, "typename"),
        ({"variables": {"a": [{"typename": "x"}]}}, "a/0/typename"),
        ({"variables": {"a": "\x00"}}, "a"),
        ({"variables": {"a": {"b\ud800": 1}}}, "a"),
        ({"variables": {"a": [[[[[[[[[1]]]]]]]]]}}, "a/0/0/0/0/0/0/0/0"),
        ({"variables": {"a": "x" * 2_100_000}}, ""),
    ],
)
def test_a_start_takes_only_what_is_described(shared_desk: Desk, change: dict[str, Any], path: str) -> None:
    answer = shared_desk.post("clerk", INSTANCES, {**START, **change})
    assert fields(answer) == [path]
    assert ids(shared_desk.get("clerk", INSTANCES)) == []


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "7", "null", '"x"', '{"a": NaN}', '{"a": -Infinity}', '{"a": 1e999}', "[" * 100_000,
     '{"a": ' * 100_000, '{"a": ' + "9" * 5_000 + "}", b"\xff\xfe\x00"],
)  # fmt: skip
def test_what_is_no_json_object_is_refused_as_a_whole(shared_desk: Desk, body: str | bytes) -> None:
    answer = shared_desk.call("clerk", "POST", INSTANCES, data=body, content_type="application/json")
    assert fields(answer) == [""]


def test_json_must_say_that_it_is_json(shared_desk: Desk) -> None:
    answer = shared_desk.call("clerk", "POST", INSTANCES, data=json.dumps(START), content_type="text/plain")
    assert fields(answer) == [""]


def test_the_list_comes_in_pages_newest_first(desk: Desk) -> None:
    numbers = [started(desk, f"a:{number}") for number in range(5)]
    first = desk.get("clerk", INSTANCES, limit=2)
    second = desk.get("clerk", INSTANCES, limit=2, cursor=first.get_json()["next_cursor"])
    third = desk.get("clerk", INSTANCES, limit=2, cursor=second.get_json()["next_cursor"])
    assert [*ids(first), *ids(second), *ids(third)] == numbers[::-1]
    assert third.get_json()["next_cursor"] is None


def test_the_list_narrows_by_state_definition_and_key(desk: Desk) -> None:
    first, second = started(desk, "a:1"), started(desk, "a:2")
    desk.post("head", f"{INSTANCES}/{first}/suspend", {"reason": REASON})
    assert ids(desk.get("clerk", INSTANCES, state="suspended")) == [first]
    assert ids(desk.get("clerk", INSTANCES, state="running")) == [second]
    assert ids(desk.get("clerk", INSTANCES, business_key="a:2")) == [second]
    assert ids(desk.get("clerk", INSTANCES, definition_key="other")) == []


def test_suspend_resume_and_cancel_follow_each_other(desk: Desk) -> None:
    path = f"{INSTANCES}/{started(desk)}"
    states = [
        desk.post("head", f"{path}/{verb}", {"reason": REASON}).get_json()["state"]
        for verb in ("suspend", "resume", "cancel")
    ]
    assert states == ["suspended", "running", "cancelled"]


@pytest.mark.parametrize(
    ("before", "verb", "kind"),
    [
        (None, "resume", "Conflict"),
        ("suspend", "suspend", "InstanceSuspended"),
        ("cancel", "suspend", "InstanceEnded"),
        ("cancel", "cancel", "InstanceEnded"),
    ],
)
def test_what_does_not_follow_is_a_conflict(desk: Desk, before: str | None, verb: str, kind: str) -> None:
    path = f"{INSTANCES}/{started(desk)}"
    if before:
        desk.post("head", f"{path}/{before}", {"reason": REASON})
    assert problem(desk.post("head", f"{path}/{verb}", {"reason": REASON})) == (409, kind)


@pytest.mark.parametrize("verb", ["suspend", "resume", "cancel"])
def test_stopping_needs_the_role_and_a_reason(desk: Desk, verb: str) -> None:
    path = f"{INSTANCES}/{started(desk)}/{verb}"
    assert problem(desk.post("handler_01", path, {"reason": REASON})) == (403, "NotPermitted")
    assert fields(desk.post("head", path, {"reason": "x"})) == ["reason"]
    assert fields(desk.post("head", path, {"reason": "x" * 2_001})) == ["reason"]
    assert fields(desk.post("head", path, {"reason": f"{REASON}\x00"})) == ["reason"]
    assert fields(desk.post("head", path, {"reason": REASON, "actor": "clerk"})) == ["actor"]
    assert len(desk.history(int(path.split("/")[2]))) == 3


def test_the_history_comes_in_pages_and_seals_itself(desk: Desk) -> None:
    path = f"{INSTANCES}/{started(desk)}/history"
    first = desk.get("auditor", path, limit=2).get_json()
    second = desk.get("auditor", path, after=first["last_seq"], limit=2).get_json()
    assert [event["seq"] for event in (*first["events"], *second["events"])] == [1, 2, 3]
    assert (second["last_seq"], first["events"][0]["type"]) == (3, "instance_started")
    assert {len(event["digest"]) for event in first["events"]} == {64}
    assert desk.get("auditor", path, after=3).get_json()["events"] == []


def test_the_state_of_any_moment_is_told(desk: Desk) -> None:
    draft = desk.start()
    desk.office.complete(desk.office.clerk, draft)
    path = f"{INSTANCES}/{draft.instance_id}/state"
    then, now = (desk.get("auditor", path, at=3).get_json(), desk.get("auditor", path).get_json())
    assert ([task["element_id"] for task in then["open_tasks"]], then["seq"]) == (["draft"], 3)
    assert (len(now["open_tasks"]), now["completed_elements"]["approval_15"]) == (
        15,
        ["draft", "split", "start"],
    )
    assert then["active_elements"] == {"approval_15": ["draft"]}


@pytest.mark.parametrize("what", ["state", "diagram.svg"])
def test_a_moment_that_was_not_reached_is_not_found(desk: Desk, what: str) -> None:
    path = f"{INSTANCES}/{started(desk)}/{what}"
    answer = desk.get("auditor", path, at=4)
    assert (problem(answer), answer.get_json()["detail"]) == ((404, "NotFound"), "找不到事件「4」。")
    assert fields(desk.get("auditor", path, at=0)) == ["at"]
    assert fields(desk.get("auditor", path, at=2**31)) == ["at"]


def test_the_diagram_is_a_picture_of_its_moment(desk: Desk) -> None:
    draft = desk.start()
    desk.office.complete(desk.office.clerk, draft)
    path = f"{INSTANCES}/{draft.instance_id}/diagram.svg"
    now, then = desk.get("clerk", path), desk.get("clerk", path, at=3)
    assert (now.content_type, now.headers["X-Content-Type-Options"]) == (
        "image/svg+xml; charset=utf-8",
        "nosniff",
    )
    assert etree.fromstring(now.data).tag == "{http://www.w3.org/2000/svg}svg"
    assert now.data != then.data
    assert problem(desk.get("clerk", path, process="nothing")) == (404, "NotFound")


def test_an_export_in_json_and_csv_holds_every_event(desk: Desk) -> None:
    instance_id = started(desk)
    path = f"{INSTANCES}/{instance_id}/export"
    plain = desk.get("auditor", path)
    assert plain.headers["Content-Disposition"] == (
        f"attachment; filename=\"planflow-{instance_id}.json\"; filename*=UTF-8''planflow-{instance_id}.json"
    )
    assert [event["seq"] for event in json.loads(plain.data)["events"]] == [1, 2, 3]
    table = desk.get("auditor", path, format="csv")
    rows = list(csv.reader(io.StringIO(table.data.decode("utf-8-sig"))))
    assert (table.mimetype, len(rows)) == ("text/csv", 4)


@pytest.mark.parametrize(
    ("format_", "media_type"),
    [
        ("ods", SHEET),
        ("xes", "application/xml"),
        ("ocel", "application/json"),
        ("dossier", "application/zip"),
    ],
)
def test_other_exports_say_what_they_are(desk: Desk, format_: str, media_type: str) -> None:
    answer = desk.get("auditor", f"{INSTANCES}/{started(desk)}/export", format=format_)
    assert (answer.status_code, answer.mimetype) == (200, media_type)


def test_several_histories_leave_together(desk: Desk) -> None:
    ids = [started(desk, "a:1"), started(desk, "a:2")]
    path = f"{INSTANCES}/export"
    told = json.loads(desk.get("auditor", path, definition_key="approval_15").data)
    assert [history["instance"] for history in told["histories"]] == ids
    assert json.loads(desk.get("auditor", path, plan_key="a:2").data)["instance"] == ids[1]


@pytest.mark.parametrize("query", [{}, {"year": 90}, {"definition_key": "other"}])
def test_an_export_of_nothing_is_refused(shared_desk: Desk, query: dict[str, Any]) -> None:
    assert shared_desk.get("auditor", f"{INSTANCES}/export", **query).status_code == 422


def test_a_dossier_of_several_is_refused(shared_desk: Desk) -> None:
    answer = shared_desk.get("auditor", f"{INSTANCES}/export", year=114, format="dossier")
    assert fields(answer) == ["format"]


def test_an_unknown_format_is_refused(shared_desk: Desk) -> None:
    assert fields(shared_desk.get("auditor", f"{INSTANCES}/1024/export", format="exe")) == ["format"]


def test_an_export_is_recorded_in_the_stream_of_who_took_it(desk: Desk) -> None:
    instance_id = started(desk)
    body = desk.get("auditor", f"{INSTANCES}/{instance_id}/export").data
    (event,) = desk.history(-desk.engine.actor("auditor").number)
    assert (event.type, json.loads(event.data)) == (
        "exported",
        {
            "instance": instance_id, "format": "json", "seq": 3, "digest": sha256(body).hexdigest(),
            "together": 1,
        },
    )  # fmt: skip


def test_an_untouched_instance_is_proven(desk: Desk) -> None:
    answer = desk.get("auditor", f"{INSTANCES}/{started(desk)}/verify")
    assert answer.get_json() == {
        "chain": True, "replay": True, "first_bad_seq": None, "events": 3, "reason": None,
    }  # fmt: skip


def test_a_touched_instance_is_not_proven_and_the_event_is_named(desk: Desk) -> None:
    instance_id = started(desk)
    event = tables.history_event
    touched = (event.c.stream == instance_id) & (event.c.seq == 2)
    tamper(desk.engine, sa.update(event).where(touched).values(actor="thief"))
    report = desk.get("auditor", f"{INSTANCES}/{instance_id}/verify").get_json()
    assert (report["chain"], report["first_bad_seq"]) == (False, 2)
    assert report["reason"] == "The event 2 is not as it was sealed"


AUDITED = ("history", "state", "export")


@pytest.mark.parametrize("what", ["", "/diagram.svg", "/verify", *(f"/{what}" for what in AUDITED)])
def test_another_agency_learns_nothing_of_an_instance(desk: Desk, what: str) -> None:
    real, unreal = (desk.get(BUREAU, f"{INSTANCES}/{number}{what}") for number in (started(desk), 4_711))
    kinds = {problem(real), problem(unreal)}
    assert kinds == ({(403, "NotPermitted")} if what == "/export" else {(404, "NotFound")})


@pytest.mark.parametrize("verb", ["suspend", "resume", "cancel"])
def test_another_agency_cannot_stop_an_instance(desk: Desk, verb: str) -> None:
    path = f"{INSTANCES}/{started(desk)}/{verb}"
    assert problem(desk.post(BUREAU, path, {"reason": REASON})) == (404, "NotFound")


def test_lists_and_counts_do_not_tell_of_another_agency(desk: Desk) -> None:
    desk.office.complete(desk.office.clerk, desk.start())
    assert desk.get(BUREAU, INSTANCES).get_json() == {"items": [], "next_cursor": None}
    tasks = desk.get(BUREAU, "/tasks", q="擬").get_json()
    assert (tasks["items"], set(tasks["counts"].values())) == ([], {0})


@pytest.mark.parametrize("what", AUDITED)
def test_the_past_is_for_those_who_audit(desk: Desk, what: str) -> None:
    path = f"{INSTANCES}/{started(desk)}/{what}"
    assert problem(desk.get("handler_01", path)) == (403, "NotPermitted")
    assert desk.get("auditor", path).status_code == 200


def test_variables_are_for_those_who_may_read_the_history(desk: Desk) -> None:
    path = f"{INSTANCES}/{started(desk)}"
    assert desk.get("handler_01", path).get_json()["variables"] is None
    assert desk.get("auditor", path).get_json()["variables"]["business_key"] == "a:1"


def test_an_administrator_sees_no_business(desk: Desk) -> None:
    assert problem(desk.get("admin", f"{INSTANCES}/{started(desk)}")) == (404, "NotFound")
    assert ids(desk.get("admin", INSTANCES)) == []


def test_nothing_is_written_by_reading(desk: Desk) -> None:
    path = f"{INSTANCES}/{started(desk)}"
    heads = desk.engine.ask(SYSTEM, lambda reader: reader.history.heads())
    for what in ("", "/history", "/state", "/verify", "/diagram.svg"):
        desk.get("auditor", path + what)
    assert desk.engine.ask(SYSTEM, lambda reader: reader.history.heads()) == heads
