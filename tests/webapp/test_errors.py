"""Errors as pages and as problem documents: one status for each kind, plain words, a code, and no secret."""

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.errors import (
    Conflict,
    EngineError,
    FieldError,
    Invalid,
    NotFound,
    NotPermitted,
    ProcessFailed,
    StaleTask,
    TaskHeldByOther,
    Unavailable,
)
from tests.webapp.office import Office
from webapp.errors import REFUSALS

CODE = r"[0-9]{3}-[2-9A-Z]{4}-[2-9A-Z]{4}"


def raising(app: Flask, error: Exception) -> None:
    """Let one page of the app raise this error."""

    def fail() -> str:
        raise error

    app.view_functions["inbox.page"] = fail


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFound(kind="task", id=7), 404, "找不到"),
        (NotPermitted(), 403, "您不能做這件事。"),
        (TaskHeldByOther(assignee="王怡婷"), 409, "這件工作已由王怡婷接手。"),
        (StaleTask(), 409, "您開啟之後，這件工作有了變更。"),
        (
            Invalid((FieldError(path="x", template="This entry is required", label="名稱"),)),
            422,
            "這一欄必填",
        ),
        (ProcessFailed("SELECT secret", incident=12), 500, "事件編號12"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_error_of_the_engine_becomes_its_page(
    office: Office, error: EngineError, status: int, words: str
) -> None:
    client = office.client("sec_handler")
    raising(office.app, error)
    answer = client.get("/inbox")
    assert (answer.status_code, words in answer.text) == (status, True)
    assert len(re.findall(CODE, answer.text)) == 1


def test_every_kind_of_error_has_one_row() -> None:
    assert {kind: refusal.status for kind, refusal in REFUSALS.items()} == {
        NotFound: 404, NotPermitted: 403, Conflict: 409, Invalid: 422, ProcessFailed: 500,
        Unavailable: 503,
    }  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/plans/{}", "/tasks/{}", "/awards/{}/1", "/admin/users/{}", "/api/v1/tasks/{}"]
)
def test_an_overlong_address_is_not_told_again(office: Office, path: str) -> None:
    answer = office.client("sysadmin").get(path.format("9" * 300))
    words = BeautifulSoup(answer.text, "html.parser").get_text()
    assert (answer.status_code, "9" * 40 in words) == (404, False)


def test_a_page_never_shows_what_went_wrong_inside(office: Office) -> None:
    client = office.client("sec_handler")
    raising(office.app, RuntimeError("SELECT password FROM user_account"))
    answer = client.get("/inbox")
    assert (answer.status_code, "SELECT" in answer.text, "Traceback" in answer.text) == (500, False, False)


@pytest.mark.parametrize(
    "path", ["/nothing-here", "/inbox/", "/Inbox", "/inbox;x", "/%2e%2e/inbox", "/tasks/0x1"]
)
def test_an_address_that_does_not_exist_is_not_found(office: Office, path: str) -> None:
    assert office.client("sec_handler").get(path).status_code == 404


def test_a_method_that_an_address_does_not_know_is_refused(office: Office) -> None:
    assert office.client("sec_handler").delete("/inbox").status_code == 405


def test_more_than_the_server_takes_is_refused(office: Office) -> None:
    office.app.config["MAX_CONTENT_LENGTH"] = 1000
    client = office.client("sec_handler")
    assert client.post("/account/password", data={"old": "x" * 2000}).status_code == 413


def test_a_stranger_is_sent_to_the_sign_in_page_whatever_the_address(office: Office) -> None:
    assert office.stranger().get("/nothing-here").headers["Location"] == "/login?next=/nothing-here"


def test_a_denied_attempt_is_recorded_with_its_place(office: Office) -> None:
    office.client("director").get("/admin/users")
    number = office.engine.ask(SYSTEM, lambda reader: reader.organisation.user("director").number)
    last = office.engine.ask(SYSTEM, lambda reader: reader.history.events(-number))[-1]
    assert (last.type, last.data) == (EventType.ACCESS_DENIED, '{"place":"GET /admin/users"}')


def test_a_form_that_is_denied_twice_is_recorded_twice(office: Office) -> None:
    client = office.client("director")
    answers = [client.post("/admin/units", data={"command_id": "one"}).status_code for _ in range(2)]
    assert answers == [403, 403]


def test_the_api_answers_with_problem_documents(office: Office) -> None:
    headers = {"Authorization": f"Bearer {office.token('director')}"}
    answer = office.stranger().get("/api/v1/process-definitions", headers=headers)
    problem = answer.get_json()
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    assert {name: problem[name] for name in ("type", "status", "detail")} == {
        "type": "urn:planflow:problem:NotPermitted", "status": 403, "detail": "您不能做這件事。"
    }  # fmt: skip
    assert re.fullmatch(CODE, problem["code"])


def test_an_error_speaks_the_language_of_the_page(office: Office) -> None:
    client = office.client("director")
    client.get("/language/en")
    assert "You may not do this." in client.get("/admin/users").text
