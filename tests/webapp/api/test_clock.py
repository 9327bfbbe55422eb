"""The clock of a demo: read and moved forward there, absent everywhere else."""

from datetime import timedelta
from typing import Any

import pytest

from engine.demo.time_machine import keep_time
from engine.domain.identity import SYSTEM
from tests.webapp.api.desk import Desk, fields, open_desk, problem

CLOCK = "/demo/clock"
NOW = "2025-01-06T01:00:00Z"


@pytest.fixture
def demo(desk: Desk) -> Desk:
    """The desk as that of a demonstration."""
    desk.engine.execute(SYSTEM, keep_time, desk.clock.now())
    return open_desk(desk.office, desk.clock, demo=True)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_demo_there_is_no_clock(shared_desk: Desk, method: str) -> None:
    assert problem(shared_desk.call("clerk", method, CLOCK)) == (404, "NotFound")


def test_the_clock_of_another_database_cannot_be_moved(desk: Desk) -> None:
    served_as_demo = open_desk(desk.office, desk.clock, demo=True)
    assert fields(served_as_demo.post("clerk", CLOCK, {"now": "2025-01-07T01:00:00Z"})) == ["now"]


def test_the_clock_is_read_and_moved(demo: Desk) -> None:
    assert demo.get("clerk", CLOCK).get_json() == {"now": NOW}
    moved = demo.post("clerk", CLOCK, {"now": "2025-01-08T09:00:00+08:00"})
    assert (moved.status_code, moved.get_json()) == (200, {"now": "2025-01-08T01:00:00Z"})
    assert demo.clock.now().day == 8


@pytest.mark.parametrize(
    "now",
    ["2025-01-05T01:00:00Z", "2025-01-07T01:00:00", "2030-01-06T01:00:00Z", "9999-12-31T23:59:59-12:00",
     "0001-01-01T00:00:00+14:00", "tomorrow", "", None],
)  # fmt: skip
def test_a_clock_goes_only_forward_and_not_too_far(demo: Desk, now: Any) -> None:
    assert fields(demo.post("clerk", CLOCK, {"now": now})) == ["now"]
    assert demo.get("clerk", CLOCK).get_json() == {"now": NOW}


def test_only_people_move_the_clock(demo: Desk) -> None:
    assert problem(demo.post(None, CLOCK, {"now": NOW})) == (401, "NotSignedIn")


def test_a_token_outlives_a_move_of_the_clock(demo: Desk) -> None:
    later = demo.clock.now() + timedelta(days=30)
    demo.post("clerk", CLOCK, {"now": later.isoformat()})
    assert demo.get("clerk", "/me").status_code == 200
