"""Deputies over the API: in whose place somebody stands, what they see of it, and who acted for whom."""

import json
from datetime import date
from typing import Any

import pytest

from bench.approval_15 import CLERK
from engine.commands.deputies import end_deputyship, name_deputy
from tests.webapp.api.desk import Desk, fields, problem

PRINCIPAL, DEPUTY = "handler_01", "handler_02"
DAYS = {"valid_from": "2025-01-06", "valid_to": "2025-01-08"}
ABSENCE = {**DAYS, "deputy": DEPUTY, "cause": "business_trip"}
KEPT = {
    **DAYS, "id": 1, "principal": PRINCIPAL, "principal_name": PRINCIPAL, "deputy": DEPUTY,
    "deputy_name": DEPUTY, "roles": [], "cause": "business_trip", "kind": "acting", "may_decide": True,
    "named_by": PRINCIPAL, "state": "active", "ended_at": None, "ended_by": None, "may_end": True,
}  # fmt: skip
REASON = {"reason": "提前返回"}


@pytest.fixture
def standing_in(desk: Desk) -> Desk:
    desk.engine.execute(
        desk.office.actor(PRINCIPAL), name_deputy, PRINCIPAL, deputy=DEPUTY, valid_from=date(2025, 1, 6),
        valid_to=date(2025, 1, 8), cause="business_trip",
    )  # fmt: skip
    return desk


def listed(desk: Desk, who: str, view: str) -> list[tuple[int, str | None]]:
    items: list[dict[str, Any]] = desk.get(who, "/tasks", view=view).get_json()["items"]
    return [(item["id"], item["on_behalf_of"]) for item in items]


def test_me_tells_in_whose_place_somebody_stands(standing_in: Desk) -> None:
    assert standing_in.get(DEPUTY, "/me").get_json()["deputyships"] == [
        {
            "id": 1, "principal": PRINCIPAL, "name": PRINCIPAL, "title": "科員",
            "pairs": [{"role": "unit_handler", "unit": "unit_01"}], "until": "2025-01-08",
            "cause": "business_trip", "kind": "acting", "may_decide": True,
        }
    ]  # fmt: skip


def test_an_ended_deputyship_is_forgotten_at_once(standing_in: Desk) -> None:
    assert len(standing_in.get(DEPUTY, "/me").get_json()["deputyships"]) == 1
    principal = standing_in.office.actor(PRINCIPAL)
    standing_in.engine.execute(principal, end_deputyship, 1, reason="提前返回")
    assert standing_in.get(DEPUTY, "/me").get_json()["deputyships"] == []


def test_the_view_of_a_deputy_names_the_principal(standing_in: Desk) -> None:
    reports = standing_in.office.reports()
    theirs = next(t.id for t in reports if t.candidates[0].unit == "unit_01")
    own = next(t.id for t in reports if t.candidates[0].unit == "unit_02")
    assert listed(standing_in, DEPUTY, "deputy") == [(theirs, PRINCIPAL)]
    assert listed(standing_in, DEPUTY, "open") == [(own, None)]
    task = standing_in.get(DEPUTY, f"/tasks/{theirs}").get_json()
    assert (task["on_behalf_of"], task["allowed_actions"]) == (
        PRINCIPAL, ["claim", "hand-back", "complete"],
    )  # fmt: skip


def test_the_history_names_both(standing_in: Desk) -> None:
    task = next(t for t in standing_in.office.reports() if t.candidates[0].unit == "unit_01")
    assert standing_in.post(DEPUTY, f"/tasks/{task.id}/claim").get_json()["assignee"] == PRINCIPAL
    events = standing_in.get("auditor", f"/process-instances/{task.instance_id}/history").get_json()["events"]
    claimed = next(e for e in events if e["type"] == "task_claimed")
    assert (claimed["actor"], claimed["on_behalf_of"], json.loads(claimed["data"])["deputy"]["cause"]) == (
        DEPUTY, PRINCIPAL, "business_trip",
    )  # fmt: skip


def test_nobody_claims_for_whom_they_do_not_stand_in(desk: Desk) -> None:
    task = next(t for t in desk.office.reports() if t.candidates[0].unit == "unit_01")
    assert problem(desk.post(DEPUTY, f"/tasks/{task.id}/claim")) == (403, "NotPermitted")


def test_somebody_names_a_deputy_for_themselves(desk: Desk) -> None:
    answer = desk.post(PRINCIPAL, "/deputyships", ABSENCE)
    assert (answer.status_code, answer.get_json()) == (201, KEPT)
    assert desk.get(PRINCIPAL, "/deputyships").get_json() == {"own": [KEPT], "taken": [], "others": []}
    assert desk.get(DEPUTY, "/deputyships").get_json() == {"own": [], "taken": [KEPT], "others": []}


def test_whom_it_does_not_concern_sees_no_deputyship(standing_in: Desk) -> None:
    nothing = {"own": [], "taken": [], "others": []}
    assert standing_in.get(CLERK, "/deputyships").get_json() == nothing
    only_read = {**KEPT, "may_end": False}
    assert standing_in.get("auditor", "/deputyships").get_json() == {**nothing, "others": [only_read]}


def test_nobody_names_a_deputy_for_a_colleague(desk: Desk) -> None:
    body = {**ABSENCE, "principal": PRINCIPAL}
    assert problem(desk.post(CLERK, "/deputyships", body)) == (403, "NotPermitted")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"deputy": "nobody"}, "deputy"),
        ({"deputy": PRINCIPAL}, "deputy"),
        ({"cause": "weather"}, "cause"),
        ({"kind": "in_absence"}, "kind"),
        ({"roles": ["director"]}, "roles"),
        ({"valid_to": "2025-01-05"}, "valid_to"),
        ({"valid_from": "2024-12-31"}, "valid_from"),
        ({"valid_from": "6 January"}, "valid_from"),
        ({"named_by": DEPUTY}, "named_by"),
    ],
)
def test_what_is_wrong_with_a_deputyship_is_told(desk: Desk, change: dict[str, Any], path: str) -> None:
    assert fields(desk.post(PRINCIPAL, "/deputyships", {**ABSENCE, **change})) == [path]


def test_nobody_is_replaced_twice_on_a_day(standing_in: Desk) -> None:
    body = {**ABSENCE, "deputy": CLERK}
    assert fields(standing_in.post(PRINCIPAL, "/deputyships", body)) == ["valid_from"]


@pytest.mark.parametrize("who", [PRINCIPAL, DEPUTY])
def test_both_may_end_it_early_and_nobody_ends_it_again(standing_in: Desk, who: str) -> None:
    ended = standing_in.post(who, "/deputyships/1/end", REASON).get_json()
    assert (ended["state"], ended["ended_by"], ended["may_end"]) == ("ended", who, False)
    again = standing_in.post(who, "/deputyships/1/end", REASON)
    assert problem(again) == (409, "DeputyshipOver")


def test_an_early_end_needs_its_reason(standing_in: Desk) -> None:
    assert fields(standing_in.post(PRINCIPAL, "/deputyships/1/end", {"reason": " "})) == ["reason"]


def test_nobody_else_ends_it(standing_in: Desk) -> None:
    answer = standing_in.post(CLERK, "/deputyships/1/end", REASON)
    assert problem(answer) == (403, "NotPermitted")


def test_there_is_no_end_of_what_is_not_there(desk: Desk) -> None:
    assert problem(desk.post(PRINCIPAL, "/deputyships/7/end", REASON)) == (404, "NotFound")
