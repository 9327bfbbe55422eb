"""Deputies over the API: in whose place somebody stands, what they see of it, and who acted for whom."""

import json
from datetime import date
from typing import Any

import pytest

from engine.commands.deputies import end_deputyship, name_deputy
from tests.webapp.api.desk import Desk, problem

PRINCIPAL, DEPUTY = "handler_01", "handler_02"


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
