"""Who calls: tokens, when they stop, and addresses that look like others."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest

from engine.commands import organisation
from engine.domain.identity import SYSTEM
from tests.webapp.api.desk import INSTANCES, Desk, problem


def test_me_tells_who_calls_with_roles_and_units(shared_desk: Desk) -> None:
    answer = shared_desk.get("handler_01", "/me")
    assert (answer.status_code, answer.get_json()) == (200, {
        "id": "handler_01", "name": "handler_01", "title": "科員", "roles": ["unit_handler"],
        "pairs": [{"role": "unit_handler", "unit": "unit_01"}], "deputyships": [],
    })  # fmt: skip


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer unknown", "Basic YWRtaW46YWRtaW4=", "bearer"]
)
def test_without_a_known_token_nobody_is_let_in(shared_desk: Desk, given: str) -> None:
    answer = shared_desk.send("GET", "/me", headers={"Authorization": given})
    assert (problem(answer), answer.headers["WWW-Authenticate"]) == ((401, "NotSignedIn"), "Bearer")


def test_the_scheme_is_known_in_any_case(shared_desk: Desk) -> None:
    token = shared_desk.tokens["clerk"]
    assert shared_desk.send("GET", "/me", headers={"Authorization": f"bearer {token}"}).status_code == 200


def test_a_session_of_the_pages_does_not_count(desk: Desk) -> None:
    desk.engine.execute(SYSTEM, organisation.reset_password, "clerk", password="Kaohsiung-Plan-115")
    browser = desk.app.test_client()
    desk.app.config.update(WTF_CSRF_ENABLED=False)
    browser.post("/login", data={"user_id": "clerk", "password": "Kaohsiung-Plan-115"})
    assert problem(browser.get("/api/v1/me")) == (401, "NotSignedIn")


def test_a_token_does_not_open_the_pages(shared_desk: Desk) -> None:
    answer = shared_desk.app.test_client().get(
        "/inbox", headers={"Authorization": f"Bearer {shared_desk.tokens['clerk']}"}
    )
    assert answer.headers["Location"] == "/login?next=/inbox"


def test_the_token_of_a_closed_account_stops_at_once(desk: Desk) -> None:
    assert desk.get("handler_01", "/me").status_code == 200
    desk.engine.execute(SYSTEM, organisation.disable_user, "handler_01")
    assert problem(desk.get("handler_01", "/me")) == (401, "NotSignedIn")


def test_a_revoked_token_stops_at_once(desk: Desk) -> None:
    assert desk.get("handler_01", "/me").status_code == 200
    digest = sha256(desk.tokens["handler_01"].encode()).hexdigest()
    desk.engine.execute(SYSTEM, organisation.revoke_token, "handler_01", digest=digest)
    assert problem(desk.get("handler_01", "/me")) == (401, "NotSignedIn")


def test_a_role_that_ended_is_gone_with_the_new_day(desk: Desk) -> None:
    task = desk.start()
    today = desk.clock.now().date()
    desk.engine.execute(
        SYSTEM, organisation.end_membership, "auditor", role="auditor", unit="office", valid_from=today,
        valid_to=today,
    )  # fmt: skip
    path = f"{INSTANCES}/{task.instance_id}/history"
    assert desk.get("auditor", path).status_code == 200
    desk.clock.move_to(desk.clock.now() + timedelta(days=1))
    assert problem(desk.get("auditor", path)) == (404, "NotFound")
    assert desk.get("auditor", "/me").get_json()["roles"] == []


def test_a_role_that_ended_in_the_past_is_gone_at_once(desk: Desk) -> None:
    task = desk.start()
    today = desk.clock.now().date()
    desk.clock.move_to(desk.clock.now() + timedelta(days=2))
    path = f"{INSTANCES}/{task.instance_id}/history"
    assert desk.get("auditor", path).status_code == 200
    desk.engine.execute(
        SYSTEM, organisation.end_membership, "auditor", role="auditor", unit="office", valid_from=today,
        valid_to=today,
    )  # fmt: skip
    assert problem(desk.get("auditor", path)) == (404, "NotFound")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/me", INSTANCES, "/tasks", "/tasks/1", "/process-definitions"])
def test_no_method_goes_round_the_token(shared_desk: Desk, method: str, path: str) -> None:
    assert shared_desk.send(method, path).status_code == 401


def test_a_header_does_not_change_the_method(shared_desk: Desk) -> None:
    answer = shared_desk.call("clerk", "GET", INSTANCES, headers={"X-HTTP-Method-Override": "POST"})
    assert answer.get_json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    "path",
    ["/api/v1/me/", "/api/v1/me;a=b", "/api/v1/%6De/", "/api/v1/../v1/me/x", "/api/v1/me%2f", "/api/v1/ME",
     "/api/v1/tasks/+1", "/api/v1/tasks/-1", "/api/v1/tasks/1.0", f"/api/v1/tasks/{10**20}",
     "/api/v1/nothing"],
)  # fmt: skip
def test_an_address_that_is_not_quite_one_leads_nowhere(shared_desk: Desk, path: str) -> None:
    assert problem(shared_desk.call("clerk", "GET", path)) == (404, "NotFound")
    assert problem(shared_desk.send("GET", path)) == (404, "NotFound")


@pytest.mark.parametrize("path", ["/api//v1/me", "/api/v1//me"])
def test_doubled_slashes_lead_to_the_gate(shared_desk: Desk, path: str) -> None:
    answer = shared_desk.app.test_client().get(path, follow_redirects=True)
    assert (answer.request.path, *problem(answer)) == ("/api/v1/me", 401, "NotSignedIn")


def test_another_method_is_refused_with_those_that_work(shared_desk: Desk) -> None:
    answer = shared_desk.call("clerk", "DELETE", "/tasks/1")
    assert problem(answer) == (405, "MethodNotAllowed")
    assert sorted(answer.headers["Allow"].split(", ")) == ["GET", "HEAD", "OPTIONS"]


def test_a_head_has_no_body_and_changes_nothing(desk: Desk) -> None:
    task = desk.start()
    answer = desk.call("clerk", "HEAD", f"/tasks/{task.id}")
    assert (answer.status_code, answer.data) == (200, b"")
    assert desk.call("handler_01", "HEAD", f"/tasks/{task.id}").status_code == 403


def test_a_denial_is_recorded_with_the_person_and_the_place(desk: Desk) -> None:
    desk.post("handler_01", "/messages", {"name": "a", "correlation": "b"})
    number = desk.engine.actor("handler_01").number
    (event,) = desk.history(-number)
    assert (event.type, event.actor) == ("access_denied", "handler_01")
    assert json.loads(event.data) == {"place": "POST /api/v1/messages"}
