"""A password that has served for half a year has to be changed before anything else."""

from datetime import timedelta

from engine.clock import FixedClock
from engine.commands.passwords import LONGEST_AGE
from tests.webapp.instances.conftest import PASSWORD, Office


def test_a_password_of_half_a_year_has_to_be_changed(
    office: Office, played: tuple[object, int, FixedClock]
) -> None:
    clock = played[2]
    before = clock.now()
    try:
        clock.move_to(before + LONGEST_AGE)
        assert office.client("director").get("/inbox").status_code == 200
        clock.move_to(clock.now() + timedelta(seconds=1))
        client = office.client("director")
        assert client.get("/inbox").headers["Location"] == "/account/password"
        new = {"old": PASSWORD, "new": "Another-Long-Word-1", "again": "Another-Long-Word-1"}
        client.post("/account/password", data=new)
        assert client.get("/inbox").status_code == 200
    finally:
        clock.move_to(before)
