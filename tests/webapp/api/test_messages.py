"""Messages from outside: delivered to who waits, or told that nobody does."""

import pytest

from engine.commands.definitions import deploy
from engine.domain.identity import SYSTEM
from tests.engine.runtime.drawing import catch, end, flow, form, message, process, start
from tests.webapp.api.desk import BUREAU, INSTANCES, Desk, fields, problem

NEWS = {"name": "news", "correlation": "branch:114", "payload": {"text": "來文"}}
BODY = start() + catch("wait", message("m"), 'planflow:correlation="business_key"') + end()
WAITING = process(
    "waiting", BODY + flow("begin > wait > done"), before='<bpmn:message id="m" name="news"/>',
    attributes='planflow:starters="sec_handler"',
)  # fmt: skip


@pytest.fixture
def instance(desk: Desk) -> int:
    """One instance that waits for the news of its business key."""
    desk.engine.execute(SYSTEM, deploy, (form(), WAITING))
    body = {"definition_key": "waiting", "business_key": "branch:114"}
    number: int = desk.post("clerk", INSTANCES, body).get_json()["id"]
    return number


def test_a_message_reaches_the_instance_that_waits(desk: Desk, instance: int) -> None:
    answer = desk.post("clerk", "/messages", NEWS)
    assert (answer.status_code, answer.get_json()) == (202, {"process_instance_ids": [instance]})
    whole = desk.get("clerk", f"{INSTANCES}/{instance}").get_json()
    assert (whole["state"], whole["variables"]["wait"]) == ("completed", {"text": "來文"})


def test_a_message_is_taken_once(desk: Desk, instance: int) -> None:
    desk.post("clerk", "/messages", NEWS)
    assert problem(desk.post("clerk", "/messages", NEWS)) == (404, "NobodyWaits")


@pytest.mark.parametrize("change", [{"name": "other"}, {"correlation": "branch:115"}, {"correlation": ""}])
def test_a_message_that_nobody_waits_for_is_not_found(
    desk: Desk, instance: int, change: dict[str, str]
) -> None:
    assert problem(desk.post("clerk", "/messages", {**NEWS, **change})) == (404, "NobodyWaits")
    assert desk.get("clerk", f"{INSTANCES}/{instance}").get_json()["revision"] == 1


@pytest.mark.parametrize("who", ["handler_01", "auditor", "admin", BUREAU])
def test_messages_are_for_those_who_may_send_them(desk: Desk, instance: int, who: str) -> None:
    assert problem(desk.post(who, "/messages", NEWS)) == (403, "NotPermitted")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"payload": {"typename": "x"}}, "typename"),
        ({"payload": {"a": "\x00"}}, "a"),
        ({"payload": "x"}, "payload"),
        ({"name": "a\x00"}, "name"),
        ({"correlation": 7}, "correlation"),
        ({"from": "bureau"}, "from"),
    ],
)
def test_a_message_takes_only_what_is_described(
    shared_desk: Desk, change: dict[str, object], path: str
) -> None:
    assert fields(shared_desk.post("clerk", "/messages", {**NEWS, **change})) == [path]


def test_a_message_of_a_process_cannot_be_sent_from_outside(desk: Desk, instance: int) -> None:
    throws = f'<bpmn:intermediateThrowEvent id="say" planflow:correlation="plan_key">{message("m")}'
    body = f"{start()}{throws}</bpmn:intermediateThrowEvent>{end()}{flow('begin > say > done')}"
    teller = process("teller", body, before='<bpmn:message id="m" name="news"/>')
    desk.engine.execute(SYSTEM, deploy, (form(), WAITING, teller))
    assert problem(desk.post("clerk", "/messages", NEWS)) == (403, "NotPermitted")
    assert desk.get("clerk", f"{INSTANCES}/{instance}").get_json()["state"] == "running"
