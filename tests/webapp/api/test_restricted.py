"""A restricted instance: whoever may not know of it is answered as if the number did not exist."""

from typing import Any

import pytest

from engine.domain.task import TASK_BITS, Task
from tests.engine import guarded
from tests.webapp.api.desk import BUREAU, INSTANCES, REASON, Desk, problem

HIDDEN_FROM = ("head", "chief_01", "handler_02", "admin", BUREAU)
UNKNOWN = 4_711
READS = ("", "/history", "/state", "/verify", "/diagram.svg", "/export")


@pytest.fixture
def task(desk: Desk) -> Task:
    return guarded.begin_restricted(desk.engine, desk.office.clerk)


def answered(answer: Any, *numbers: int) -> tuple[int, str]:
    """Status and words of a refusal, without the numbers that were asked for."""
    words = answer.get_json()["detail"]
    for number in sorted(numbers, reverse=True):
        words = words.replace(str(number), "?")
    return problem(answer)[0], words


@pytest.mark.parametrize("who", HIDDEN_FROM)
@pytest.mark.parametrize("what", READS)
def test_reading_it_is_answered_as_an_unknown_number(desk: Desk, task: Task, who: str, what: str) -> None:
    real = desk.get(who, f"{INSTANCES}/{task.instance_id}{what}")
    unreal = desk.get(who, f"{INSTANCES}/{UNKNOWN}{what}")
    assert answered(real, task.instance_id) == answered(unreal, UNKNOWN)


@pytest.mark.parametrize("verb", ["suspend", "resume", "cancel"])
def test_stopping_it_is_answered_as_an_unknown_number(desk: Desk, task: Task, verb: str) -> None:
    real = desk.post("head", f"{INSTANCES}/{task.instance_id}/{verb}", {"reason": REASON})
    unreal = desk.post("head", f"{INSTANCES}/{UNKNOWN}/{verb}", {"reason": REASON})
    assert answered(real, task.instance_id) == answered(unreal, UNKNOWN)


@pytest.mark.parametrize("verb", ["", "/claim", "/unclaim", "/resolve"])
def test_its_task_is_answered_as_an_unknown_number(desk: Desk, task: Task, verb: str) -> None:
    method = "POST" if verb else "GET"
    unknown = UNKNOWN << TASK_BITS
    real = desk.call("head", method, f"/tasks/{task.id}{verb}")
    unreal = desk.call("head", method, f"/tasks/{unknown}{verb}")
    assert answered(real, task.id) == answered(unreal, unknown) == (404, answered(real, task.id)[1])


@pytest.mark.parametrize("who", HIDDEN_FROM)
def test_no_list_holds_it(desk: Desk, task: Task, who: str) -> None:
    assert desk.get(who, INSTANCES).get_json() == {"items": [], "next_cursor": None}
    assert desk.get(who, INSTANCES, business_key=f"{guarded.SECRET}:1").get_json()["items"] == []
    assert set(desk.get(who, "/tasks").get_json()["counts"].values()) == {0}


@pytest.mark.parametrize("who", ["clerk", "auditor"])
def test_its_roles_and_auditors_see_it(desk: Desk, task: Task, who: str) -> None:
    assert [item["id"] for item in desk.get(who, INSTANCES).get_json()["items"]] == [task.instance_id]
    for what in READS:
        assert desk.get(who, f"{INSTANCES}/{task.instance_id}{what}").status_code == 200


def test_whoever_owes_a_task_of_it_sees_the_task_and_no_more(desk: Desk, task: Task) -> None:
    assert [item["id"] for item in desk.get("handler_01", "/tasks").get_json()["items"]] == [task.id]
    assert desk.get("handler_01", f"/tasks/{task.id}").status_code == 200
    assert problem(desk.get("handler_01", f"{INSTANCES}/{task.instance_id}")) == (404, "NotFound")
    call = guarded.call(desk.engine, task, key=guarded.SECRET)
    assert desk.post("handler_01", f"/tasks/{task.id}/complete", call).status_code == 200
