"""Calls about tasks: the inbox, one task with its form, who holds it, and its completion."""

from typing import Any

import pytest

from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from tests.engine import guarded
from tests.webapp.api.desk import BUREAU, Desk, fields, problem


def entered(desk: Desk, who: str, task: Task, **changes: Any) -> dict[str, Any]:
    """What a person sends who looked at the task just now."""
    shown = desk.get(who, f"/tasks/{task.id}").get_json()
    values = {"draft": {"subject": "第 1 案"}, "report": {"progress": 40}}[task.element_id.partition("_")[0]]
    return {
        "values": values, "revision": shown["revision"], "shown_digest": shown["shown_digest"], **changes,
    }  # fmt: skip


def complete(desk: Desk, who: str, task: Task, body: Any = None, **headers: str) -> Any:
    sent = entered(desk, who, task) if body is None else body
    return desk.post(who, f"/tasks/{task.id}/complete", sent, headers=headers)


def report_of(desk: Desk, unit: str, number: int = 1) -> Task:
    """The open task of one unit."""
    return next(t for t in desk.office.reports(number) if t.candidates[0].unit == unit)


def seq(desk: Desk, task: Task) -> int:
    return len(desk.history(task.instance_id))


def test_the_inbox_holds_what_the_person_owes(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    answer = desk.get("handler_01", "/tasks").get_json()
    (item,) = answer["items"]
    assert item == {
        "id": task.id, "process_instance_id": task.instance_id, "definition_key": "approval_15",
        "label": task.label, "subject": task.subject, "unit": "unit_01", "sent_by": "clerk",
        "assignee": None, "opened_at": "2025-01-06T01:00:00Z", "due_at": None,
        "original_due_at": None, "late_after": None, "priority": "normal",
        "role": "unit_handler", "speed": "normal", "on_behalf_of": None,
    }  # fmt: skip
    assert (answer["next_cursor"], answer["counts"]["open"]) == (None, 1)


def test_the_inbox_comes_in_pages(desk: Desk) -> None:
    tasks = desk.office.reports()
    seen: list[int] = []
    cursor = None
    for _ in range(4):
        page = desk.get("clerk", "/tasks", limit=4, **({"cursor": cursor} if cursor else {})).get_json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert (sorted(seen), cursor) == (sorted(task.id for task in tasks), None)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"view": "all"}, "view"), ({"sort": "subject; drop table task"}, "sort"), ({"limit": 0}, "limit"),
        ({"limit": 10**9}, "limit"), ({"limit": "x"}, "limit"), ({"cursor": "x"}, "cursor"),
        ({"cursor": "1"}, "cursor"), ({"cursor": f"{10**30}.1"}, "cursor"),
        ({"cursor": f"1.{-10**30}"}, "cursor"),
        ({"cursor": "9" * 5_000}, "cursor"), ({"q": "x" * 2_001}, "q"), ({"q": "\x00"}, "q"),
        ({"user": "clerk"}, "user"), ({"assignee": "clerk"}, "assignee"), ({"limit": ["1", "2"]}, "limit"),
    ],
)  # fmt: skip
def test_the_inbox_takes_only_what_is_described(shared_desk: Desk, query: dict[str, Any], path: str) -> None:
    assert fields(shared_desk.get("clerk", "/tasks", **query)) == [path]


@pytest.mark.parametrize("q", ["%", "_", "'", "\\", "' or 1=1 --", "%25", "擬%稿"])
def test_signs_of_sql_are_text(desk: Desk, q: str) -> None:
    desk.start()
    assert desk.get("clerk", "/tasks", q=q).get_json()["items"] == []


def test_calls_without_parameters_refuse_them(shared_desk: Desk) -> None:
    assert fields(shared_desk.get("clerk", "/me", as_user="head")) == ["as_user"]


def test_a_task_comes_with_its_form_and_what_a_completion_needs(desk: Desk) -> None:
    task = desk.start()
    whole = desk.get("clerk", f"/tasks/{task.id}").get_json()
    assert (whole["form_key"], whole["form_title"], whole["form_schema"]["required"]) == (
        "approval_15.draft", "擬稿", ["subject"],
    )  # fmt: skip
    assert (whole["revision"], len(whole["shown_digest"]), whole["values"]) == (task.revision, 64, {})
    assert whole["allowed_actions"] == ["claim", "hand-back", "complete"]


def test_a_completion_answers_with_the_next_tasks(desk: Desk) -> None:
    task = desk.start()
    answer = complete(desk, "clerk", task)
    body = answer.get_json()
    assert (answer.status_code, body["task_id"], body["process_instance_id"]) == (
        200,
        task.id,
        task.instance_id,
    )
    assert [t["element_id"] for t in body["next_tasks"]] == [f"report_{n:02}" for n in range(1, 16)]


def test_the_next_tasks_are_only_those_that_the_actor_may_take(desk: Desk) -> None:
    assert complete(desk, "handler_01", report_of(desk, "unit_01")).get_json()["next_tasks"] == []


def test_a_completion_sent_twice_with_a_key_is_done_once(desk: Desk) -> None:
    task = desk.start()
    body, key = entered(desk, "clerk", task), {"Idempotency-Key": "k-1"}
    first = complete(desk, "clerk", task, body, **key)
    before = seq(desk, task)
    second = complete(desk, "clerk", task, body, **key)
    assert (second.status_code, second.get_json(), seq(desk, task)) == (200, first.get_json(), before)


def test_a_completion_sent_twice_without_a_key_is_a_conflict(desk: Desk) -> None:
    task = desk.start()
    body = entered(desk, "clerk", task)
    complete(desk, "clerk", task, body)
    assert problem(complete(desk, "clerk", task, body)) == (409, "TaskAlreadyCompleted")


def test_a_key_does_not_answer_another_person(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    body = entered(desk, "handler_01", task)
    complete(desk, "handler_01", task, body, **{"Idempotency-Key": "k-1"})
    other = complete(desk, "colleague_01", task, body, **{"Idempotency-Key": "k-1"})
    assert problem(other) == (409, "TaskAlreadyCompleted")


def test_a_key_that_completed_another_task_is_a_conflict(desk: Desk) -> None:
    first, second, *_ = desk.office.reports()
    key = {"Idempotency-Key": "k-1"}
    complete(desk, "clerk", first, **key)
    before = seq(desk, second)
    assert problem(complete(desk, "clerk", second, **key)) == (409, "KeyUsedBefore")
    assert seq(desk, second) == before


def test_a_key_that_started_the_instance_is_a_conflict(desk: Desk) -> None:
    key = {"Idempotency-Key": "start:1"}
    assert problem(complete(desk, "clerk", desk.start(), **key)) == (409, "KeyUsedBefore")


def test_a_key_has_an_end(desk: Desk) -> None:
    answer = complete(desk, "clerk", desk.start(), **{"Idempotency-Key": "k" * 201})
    assert fields(answer) == ["Idempotency-Key"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"revision": 99}, "StaleTask"), ({"revision": 10**30}, "StaleTask"),
     ({"shown_digest": "0" * 64}, "ShownContentChanged")],
)  # fmt: skip
def test_an_old_page_is_a_conflict(desk: Desk, change: dict[str, Any], kind: str) -> None:
    task = desk.start()
    assert problem(complete(desk, "clerk", task, entered(desk, "clerk", task, **change))) == (409, kind)


@pytest.mark.parametrize(
    ("values", "paths"),
    [
        ({}, ["subject"]),
        ({"subject": ""}, ["subject"]),
        ({"subject": 7}, ["subject"]),
        ({"subject": None}, ["subject"]),
        ({"subject": ["第 1 案"]}, ["subject"]),
        ({"subject": "x" * 201}, ["subject"]),
        ({"subject": "a\x00"}, ["subject"]),
        ({"subject": "a\ud800"}, ["subject"]),
        ({"subject": "第 1 案", "typename": "x"}, ["typename"]),
        ({"subject": "第 1 案", "a": {"typename": "x"}}, ["a/typename"]),
        ({"subject": "第 1 案", "approved_by": "head"}, ["approved_by"]),
        ({"subject": "第 1 案", "due": "2030-01-01", "assignee": "head"}, ["assignee", "due"]),
        ({"subject": "第 1 案", "decision": "approve"}, ["decision"]),
    ],
)
def test_bad_entries_are_named_and_nothing_changes(
    desk: Desk, values: dict[str, Any], paths: list[str]
) -> None:
    task = desk.start()
    answer = complete(desk, "clerk", task, entered(desk, "clerk", task, values=values))
    assert sorted(fields(answer)) == paths
    assert desk.engine.ask(SYSTEM, lambda reader: reader.tasks.get(task.id)) == task
    assert seq(desk, task) == 3


@pytest.mark.parametrize(
    "change",
    [{"assignee": "head"}, {"actor": "head"}, {"due_at": None}, {"on_behalf_of": "head"}, {"values": []},
     {"revision": "x"}, {"revision": None}, {"shown_digest": 7}],
)  # fmt: skip
def test_a_completion_takes_nothing_beside_its_shape(desk: Desk, change: dict[str, Any]) -> None:
    task = desk.start()
    assert fields(complete(desk, "clerk", task, entered(desk, "clerk", task, **change))) == [*change]


def test_claim_and_unclaim(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    held = desk.post("handler_01", f"/tasks/{task.id}/claim")
    again = desk.post("colleague_01", f"/tasks/{task.id}/claim")
    freed = desk.post("handler_01", f"/tasks/{task.id}/unclaim")
    assert (held.get_json()["assignee"], problem(again), freed.get_json()["assignee"]) == (
        "handler_01", (409, "TaskHeldByOther"), None,
    )  # fmt: skip


def test_a_held_task_is_completed_by_its_holder_only(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    desk.post("handler_01", f"/tasks/{task.id}/claim")
    assert problem(complete(desk, "colleague_01", task)) == (409, "TaskHeldByOther")
    assert complete(desk, "handler_01", task).status_code == 200


def test_assign_delegate_and_resolve(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    path = f"/tasks/{task.id}"
    assigned = desk.post("chief_01", f"{path}/assign", {"user": "handler_01"}).get_json()
    delegated = desk.post("handler_01", f"{path}/delegate", {"user": "colleague_01"}).get_json()
    resolved = desk.post("colleague_01", f"{path}/resolve").get_json()
    assert [(t["assignee"], t["owner"]) for t in (assigned, delegated, resolved)] == [
        ("handler_01", None), ("colleague_01", "handler_01"), ("handler_01", None),
    ]  # fmt: skip


def test_a_task_is_handed_back_and_redirected(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    path = f"/tasks/{task.id}"
    reason = {"reason": "本案非本單位權責"}
    handed = desk.post("handler_01", f"{path}/hand-back", reason).get_json()
    assert (handed["candidates"], handed["owner"]) == (
        [{"role": "unit_chief", "unit": "unit_01"}], "handler_01",
    )  # fmt: skip
    allowed = desk.get("chief_01", path).get_json()["allowed_actions"]
    assert allowed == ["hand-back", "redirect", "priority"]
    given = desk.post("chief_01", f"{path}/redirect", {**reason, "user": "colleague_01"}).get_json()
    assert (given["assignee"], given["owner"], given["revision"]) == ("colleague_01", None, 3)


def test_handing_back_needs_a_reason(desk: Desk) -> None:
    path = f"/tasks/{report_of(desk, 'unit_01').id}"
    assert fields(desk.post("handler_01", f"{path}/hand-back", {"reason": ""})) == ["reason"]


def test_a_priority_is_set_shown_and_asked_for(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    path, body = f"/tasks/{task.id}", {"priority": "highest", "reason": "議員質詢在即，請先辦理"}
    assert "priority" not in desk.get("handler_01", path).get_json()["allowed_actions"]
    given = desk.post("chief_01", f"{path}/priority", body).get_json()
    assert (given["id"], given["priority"], given["revision"]) == (task.id, "highest", task.revision)
    assert desk.get("handler_01", path).get_json()["priority"] == "highest"
    for asked in ({}, {"priority": "high"}, {"sort": "priority"}):
        (item,) = desk.get("handler_01", "/tasks", **asked).get_json()["items"]
        assert (item["id"], item["priority"]) == (task.id, "highest")


def test_a_priority_is_refused_in_words(desk: Desk) -> None:
    path = f"/tasks/{report_of(desk, 'unit_01').id}/priority"
    reason = "議員質詢在即，請先辦理"
    assert fields(desk.post("chief_01", path, {"priority": "urgent", "reason": reason})) == ["priority"]
    assert fields(desk.post("chief_01", path, {"priority": "normal", "reason": reason})) == ["priority"]
    assert fields(desk.post("chief_01", path, {"priority": "high", "reason": ""})) == ["reason"]
    assert desk.post("handler_01", path, {"priority": "high", "reason": reason}).status_code == 403


def test_a_task_without_an_internal_date_is_not_extended(desk: Desk) -> None:
    path = f"/tasks/{report_of(desk, 'unit_01').id}"
    body = {"new_on": "2025-01-15", "reason": "砝碼送校，須延後填報"}
    assert fields(desk.post("handler_01", f"{path}/extend", body)) == [""]


def test_what_nobody_applied_for_is_not_withdrawn(desk: Desk) -> None:
    path = f"/tasks/{report_of(desk, 'unit_01').id}/withdraw-extension"
    answer = desk.post("handler_01", path, {"reason": "砝碼已校正，無須延後"})
    assert (answer.status_code, answer.get_json()["type"].rpartition(":")[2]) == (409, "NoExtensionPending")


def test_a_comment_answers_with_whom_it_mentions(desk: Desk) -> None:
    path = f"/tasks/{report_of(desk, 'unit_01').id}/comments"
    answer = desk.post("handler_01", path, {"text": "請@colleague_01 核對"})
    assert answer.get_json() == {"mentioned": ["colleague_01"]}


def test_a_task_is_put_off_and_taken_up_again(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    counts = []
    for until_on in ("2025-01-08", None):
        desk.post("handler_01", f"/tasks/{task.id}/follow-up", {"until_on": until_on})
        counts.append(len(desk.get("handler_01", "/tasks").get_json()["items"]))
    assert counts == [0, 1]


@pytest.mark.parametrize("user", ["handler_02", "nobody", "", "a\x00", "' or 1=1"])
def test_a_task_goes_to_nobody_outside_its_pool(desk: Desk, user: str) -> None:
    task = report_of(desk, "unit_01")
    assert fields(desk.post("chief_01", f"/tasks/{task.id}/assign", {"user": user})) == ["user"]


OTHERS = ("handler_02", "auditor", "admin", "head", BUREAU)


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("verb", ["", "claim", "unclaim", "assign", "delegate", "resolve", "complete"])
def test_a_task_of_others_is_out_of_reach(desk: Desk, who: str, verb: str) -> None:
    task = report_of(desk, "unit_01")
    bodies = {
        "assign": {"user": who},
        "delegate": {"user": who},
        "complete": entered(desk, "handler_01", task),
    }
    path = f"/tasks/{task.id}"
    answer = desk.post(who, f"{path}/{verb}", bodies.get(verb)) if verb else desk.get(who, path)
    assert problem(answer) == (403, "NotPermitted")
    assert desk.engine.ask(SYSTEM, lambda reader: reader.tasks.get(task.id)) == task


def test_the_right_in_one_instance_gives_none_in_another(desk: Desk) -> None:
    """T07: two instances at different steps; what was shown for one task completes no other."""
    mine, other = report_of(desk, "unit_01", 1), report_of(desk, "unit_02", 2)
    body = entered(desk, "handler_01", mine)
    assert problem(desk.post("handler_01", f"/tasks/{other.id}/complete", body)) == (403, "NotPermitted")
    twin = report_of(desk, "unit_01", 3)
    assert problem(desk.post("handler_01", f"/tasks/{twin.id}/complete", body)) == (
        409,
        "ShownContentChanged",
    )


@pytest.mark.parametrize("verb", ["claim", "unclaim", "resolve", "complete", "assign", "delegate"])
def test_a_task_that_does_not_exist_is_not_found(shared_desk: Desk, verb: str) -> None:
    bodies = {"complete": {"values": {}, "revision": 1, "shown_digest": ""}}
    answer = shared_desk.post("clerk", f"/tasks/4711/{verb}", bodies.get(verb, {"user": "clerk"}))
    assert (problem(answer), answer.get_json()["detail"]) == ((404, "NotFound"), "找不到工作「4711」。")


def test_tasks_of_a_suspended_instance_wait(desk: Desk) -> None:
    task = desk.start()
    body = entered(desk, "clerk", task)
    reason = {"reason": "等候總局來文再行辦理"}
    desk.post("head", f"/process-instances/{task.instance_id}/suspend", reason)
    assert problem(complete(desk, "clerk", task, body)) == (409, "InstanceSuspended")
    assert problem(desk.post("clerk", f"/tasks/{task.id}/claim")) == (409, "InstanceSuspended")


@pytest.mark.parametrize(("view", "found"), [("done", 1), ("sent", 1), ("closed", 0)])
def test_completed_tasks_narrow_by_definition(desk: Desk, view: str, found: int) -> None:
    complete(desk, "clerk", desk.start())
    page = desk.get("clerk", "/tasks", view=view, definition_key="approval_15").get_json()
    assert len(page["items"]) == found


def test_a_task_is_closed_to_whom_it_excludes(desk: Desk) -> None:
    task = guarded.begin(desk.engine, desk.office.clerk, "handler_01")
    assert problem(desk.get("handler_01", f"/tasks/{task.id}"))[0] == 403
    assert problem(desk.post("handler_01", f"/tasks/{task.id}/claim"))[0] == 403
    inbox = desk.get("handler_01", "/tasks").get_json()
    assert (inbox["items"], inbox["counts"]["open"]) == ([], 0)
    assert desk.get("colleague_01", f"/tasks/{task.id}").status_code == 200


@pytest.mark.parametrize(("due", "found"), [("week", 1), ("undated", 0), (None, 1)])
def test_a_chief_lists_what_waits_to_be_assigned(desk: Desk, due: str | None, found: int) -> None:
    guarded.begin(desk.engine, desk.office.clerk, sources=guarded.files("", 'planflow:due="due"'))
    asked = {"view": "assignable"} | ({"due": due} if due else {})
    page = desk.get("chief_01", "/tasks", **asked).get_json()
    assert (len(page["items"]), page["counts"]["assignable"]) == (found, 1)
    assert desk.get("handler_01", "/tasks", **asked).get_json()["items"] == []


def test_a_due_date_that_no_filter_has_is_refused(desk: Desk) -> None:
    assert desk.get("clerk", "/tasks", due="never").status_code == 422


def test_the_secretariat_urges_and_hears_whom(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    answer = desk.post("clerk", f"/tasks/{task.id}/urge", {"note": "請儘速提報"})
    assert answer.get_json() == {"users": ["clerk", "colleague_01", "handler_01"]}


def test_who_is_not_the_secretariat_urges_nobody(desk: Desk) -> None:
    task = report_of(desk, "unit_01")
    before = seq(desk, task)
    answer = desk.post("handler_02", f"/tasks/{task.id}/urge", {"note": ""})
    assert (answer.status_code, seq(desk, task)) == (403, before)
