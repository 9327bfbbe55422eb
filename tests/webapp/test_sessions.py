"""Signing in, staying signed in, and being signed out."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from engine.clock import to_micros
from engine.commands import organisation
from engine.commands.sessions import MOST_FAILURES
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from tests.webapp.office import PASSWORD, Office
from webapp.sessions import local_address

WRONG = "帳號或密碼不正確，或帳號暫時鎖定。"


def sign_in(client: FlaskClient, user_id: str, password: str, **more: str) -> tuple[int, str]:
    answer = client.post("/login", data={"user_id": user_id, "password": password, **more})
    return answer.status_code, answer.headers.get("Location", "")


def events_of(office: Office, user_id: str) -> list[str]:
    """The types of the events in a person's own stream."""
    number = office.engine.ask(SYSTEM, lambda reader: reader.organisation.user(user_id).number)
    events = office.engine.ask(SYSTEM, lambda reader: reader.history.events(-number))
    return [str(event.type) for event in events]


def test_a_right_password_leads_to_the_first_page(office: Office) -> None:
    assert sign_in(office.stranger(), "director", PASSWORD) == (302, "/")


def test_a_sign_in_is_recorded(office: Office) -> None:
    office.client("director")
    assert events_of(office, "director")[-1] == EventType.SIGNED_IN


def test_after_signing_in_people_come_where_they_wanted_to_be(office: Office) -> None:
    stranger = office.stranger()
    asked = stranger.get("/inbox?view=returned")
    assert asked.headers["Location"] == "/login?next=/inbox?view%3Dreturned"
    assert sign_in(stranger, "director", PASSWORD, next="/inbox?view=returned") == (
        302,
        "/inbox?view=returned",
    )


@pytest.mark.parametrize(
    ("user_id", "password"), [("director", "wrong"), ("nobody", PASSWORD), ("", ""), ("system", PASSWORD)]
)
def test_what_was_wrong_is_never_told_apart(office: Office, user_id: str, password: str) -> None:
    answer = office.stranger().post("/login", data={"user_id": user_id, "password": password})
    assert (answer.status_code, WRONG in answer.text) == (422, True)


def test_a_refused_sign_in_is_recorded_for_its_account(office: Office) -> None:
    sign_in(office.stranger(), "director", "wrong")
    assert events_of(office, "director")[-1] == EventType.SIGN_IN_REFUSED


def test_five_refusals_lock_an_account_for_a_quarter_of_an_hour(office: Office) -> None:
    stranger = office.stranger()
    for _ in range(MOST_FAILURES):
        sign_in(stranger, "director", "wrong")
    assert sign_in(stranger, "director", PASSWORD)[0] == 422
    office.clock.move_to(office.clock.now() + timedelta(minutes=16))
    assert sign_in(stranger, "director", PASSWORD) == (302, "/")


def test_a_locked_account_locks_nobody_else_of_the_same_address(office: Office) -> None:
    stranger = office.stranger()
    for _ in range(MOST_FAILURES):
        sign_in(stranger, "director", "wrong")
    assert sign_in(stranger, "sec_chief", PASSWORD) == (302, "/")


def test_a_good_sign_in_forgets_earlier_refusals(office: Office) -> None:
    stranger = office.stranger()
    for _ in range(MOST_FAILURES - 1):
        sign_in(stranger, "director", "wrong")
    sign_in(stranger, "director", PASSWORD)
    sign_in(stranger, "director", "wrong")
    assert sign_in(stranger, "director", PASSWORD) == (302, "/")


def test_an_idle_session_ends(office: Office) -> None:
    client = office.client("director")
    office.watch.move_to(office.watch.now() + timedelta(minutes=15, seconds=1))
    assert client.get("/inbox").headers["Location"] == "/login?ended=1&next=/inbox"


@pytest.mark.parametrize(
    ("sent_to", "page"),
    [("/schedules/115", "/login?ended=1&next=/schedules/115"), ("/account/stay", "/login?ended=1")],
)
def test_who_sends_after_the_session_ended_comes_back_to_the_page(
    office: Office, sent_to: str, page: str
) -> None:
    client = office.client("director")
    office.watch.move_to(office.watch.now() + timedelta(minutes=15, seconds=1))
    assert client.post(sent_to).headers["Location"] == page


def test_every_page_keeps_a_session_alive(office: Office) -> None:
    client = office.client("director")
    for _ in range(3):
        office.watch.move_to(office.watch.now() + timedelta(minutes=14))
        assert client.get("/inbox").status_code == 200


def test_a_session_ends_after_a_working_day_however_busy_it_is(office: Office) -> None:
    client = office.client("director")
    for _ in range(43):
        office.watch.move_to(office.watch.now() + timedelta(minutes=14))
        client.post("/account/stay")
    assert client.get("/inbox").status_code == 302


def test_moving_the_demo_clock_signs_nobody_out(office: Office) -> None:
    client = office.client("director")
    office.clock.move_to(office.clock.now() + timedelta(days=30))
    assert client.get("/inbox").status_code == 200


def test_signing_out_ends_the_session(office: Office) -> None:
    client = office.client("director")
    client.post("/logout")
    assert client.get("/inbox").headers["Location"].startswith("/login")


def test_signing_out_ends_every_copy_of_the_cookie(office: Office) -> None:
    client, copy = office.client("director"), office.stranger()
    cookie = client.get_cookie("planflow_session")
    assert cookie is not None
    copy.set_cookie("planflow_session", cookie.value)
    assert copy.get("/inbox").status_code == 200
    client.post("/logout")
    assert copy.get("/inbox").headers["Location"].startswith("/login")


def test_signing_out_leaves_the_other_browsers_of_the_person_alone(office: Office) -> None:
    here, elsewhere = office.client("director"), office.client("director")
    here.post("/logout")
    assert elsewhere.get("/inbox").status_code == 200


def test_a_sign_out_is_recorded(office: Office) -> None:
    office.client("director").post("/logout")
    assert events_of(office, "director")[-1] == EventType.SIGNED_OUT


def test_signing_out_by_a_link_is_not_possible(office: Office) -> None:
    client = office.client("director")
    assert client.get("/logout").status_code == 405
    assert client.get("/inbox").status_code == 200


def test_a_disabled_account_loses_its_open_pages_at_once(office: Office) -> None:
    client = office.client("director")
    office.engine.execute(SYSTEM, organisation.disable_user, "director")
    assert client.get("/inbox").headers["Location"].startswith("/login")
    assert sign_in(office.stranger(), "director", PASSWORD)[0] == 422


def test_a_role_that_ended_is_gone_with_the_next_page(office: Office) -> None:
    client = office.client("sysadmin")
    memberships = office.engine.ask(SYSTEM, lambda reader: reader.organisation.memberships("sysadmin"))
    assert client.get("/admin/users").status_code == 200
    for m in memberships:
        key = {"role": m.role, "unit": m.unit, "valid_from": m.valid_from}
        office.engine.execute(
            SYSTEM, organisation.end_membership, "sysadmin", **key, valid_to=date(2026, 1, 27)
        )
    assert client.get("/admin/users").status_code == 403


def test_a_changed_password_ends_the_sessions_of_other_browsers(office: Office) -> None:
    here, elsewhere = office.client("director"), office.client("director")
    answer = here.post(
        "/account/password",
        data={"old": PASSWORD, "new": "Another-Long-Word-1", "again": "Another-Long-Word-1"},
    )
    assert (answer.status_code, here.get("/inbox").status_code) == (302, 200)
    assert elsewhere.get("/inbox").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "fault"),
    [
        ("wrong", "Another-Long-Word-1", "Another-Long-Word-1", "目前的密碼不正確"),
        (PASSWORD, "short", "short", "至少12個字元"),
        (PASSWORD, "Another-Long-Word-1", "Another-Long-Word-2", "兩次輸入不同"),
        (PASSWORD, PASSWORD, PASSWORD, "新密碼不能與目前的相同"),
    ],
)
def test_a_bad_new_password_is_refused_beside_its_field(
    office: Office, old: str, new: str, again: str, fault: str
) -> None:
    answer = office.client("director").post(
        "/account/password", data={"old": old, "new": new, "again": again}
    )
    assert (answer.status_code, fault in answer.text) == (422, True)


def test_a_first_password_has_to_be_changed_before_anything_else(office: Office) -> None:
    office.engine.execute(SYSTEM, organisation.reset_password, "director", password="First-Password-115")
    client = office.stranger()
    sign_in(client, "director", "First-Password-115")
    assert client.get("/inbox").headers["Location"] == "/account/password"
    client.post(
        "/account/password",
        data={"old": "First-Password-115", "new": "My-Own-Password-115", "again": "My-Own-Password-115"},
    )
    assert client.get("/inbox").status_code == 200


def test_a_cookie_of_an_earlier_moment_with_another_key_is_worth_nothing(office: Office) -> None:
    client = office.stranger()
    with client.session_transaction() as session:
        session["_user_id"] = "director"
        session["seen_at"] = session["started_at"] = to_micros(office.watch.now())
    assert client.get("/inbox").status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\\b",
        "",
        None,
        "/a\nb",
    ],
)
def test_no_link_leads_people_to_another_server(address: str | None) -> None:
    assert local_address(address) is None


def test_an_address_of_this_server_is_kept() -> None:
    assert local_address("/inbox?view=sent#t-1") == "/inbox?view=sent#t-1"


def test_the_counts_that_a_page_asks_for_keep_no_session_alive(office: Office) -> None:
    client = office.client("sec_handler")
    for _ in range(3):
        office.watch.move_to(office.watch.now() + timedelta(minutes=6))
        answer = client.get("/inbox/counts")
    assert (answer.status_code, answer.headers["Location"].startswith("/login")) == (302, True)
