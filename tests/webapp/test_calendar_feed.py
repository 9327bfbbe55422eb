"""The personal calendar: what calendar programs read through a secret link, and what they do not."""

import re

from werkzeug.test import TestResponse

from engine.commands import organisation
from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.domain.identity import SYSTEM
from tests.webapp.calendars import days
from tests.webapp.office import Office


def made_link(office: Office, user: str = "sec_handler") -> str:
    """The path of a new link of a person, as the page shows it once."""
    answer = office.client(user).post("/calendar/link")
    found = re.search(r'value="http://localhost(/calendar/[\w-]+\.ics)"', answer.text)
    assert found is not None
    return found[1]


def read(office: Office, path: str) -> TestResponse:
    """What a program gets that has never signed in."""
    return office.stranger().get(path)


def test_a_person_without_tasks_has_an_empty_calendar(office: Office) -> None:
    answer = read(office, made_link(office, "director"))
    assert (answer.mimetype, days(answer.data)) == ("text/calendar", [])


def test_a_revoked_link_is_not_there_any_more(office: Office) -> None:
    path = made_link(office)
    office.client("sec_handler").post("/calendar/link/revoke")
    assert read(office, path).status_code == 404


def test_another_link_ends_the_one_before(office: Office) -> None:
    first, second = made_link(office), made_link(office)
    assert [read(office, path).status_code for path in (first, second)] == [404, 200]


def test_the_link_of_a_closed_account_is_not_there_any_more(office: Office) -> None:
    path = made_link(office)
    office.engine.execute(office.engine.actor("sysadmin"), organisation.disable_user, "sec_handler")
    assert read(office, path).status_code == 404


def test_a_link_that_nobody_made_is_not_there(office: Office) -> None:
    assert read(office, "/calendar/guessed.ics").status_code == 404


def test_the_secret_is_kept_nowhere(office: Office) -> None:
    secret = made_link(office).removeprefix("/calendar/").removesuffix(".ics")
    told = office.engine.ask(
        SYSTEM, lambda r: r.history.last_of_type(ORGANISATION_STREAM, EventType.CALENDAR_LINK_MADE)
    )
    assert told is not None
    assert secret not in told.data
    assert secret not in office.client("sec_handler").get("/calendar/link").text


def test_a_link_that_was_revoked_twice_is_not_there(office: Office) -> None:
    assert office.client("sec_handler").post("/calendar/link/revoke").status_code == 404
