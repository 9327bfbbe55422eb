"""The language of pages: kept with the account, changed for one session, and chosen by strangers."""

import re

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from tests.webapp.office import Office


def language_of(client: FlaskClient, address: str = "/inbox") -> str:
    html = BeautifulSoup(client.get(address).text, "html.parser").html
    return str(html["lang"]) if html else ""


def test_the_language_that_was_saved_comes_back_in_another_browser(office: Office) -> None:
    client = office.client("sec_handler")
    answer = client.post("/account/language", data={"language": "en"}, follow_redirects=True)
    assert "Your language was saved." in answer.text
    assert (language_of(client), language_of(office.client("sec_handler"))) == ("en", "en")
    assert language_of(office.client("director")) == "zh-Hant-TW"


def test_a_choice_of_language_is_an_event_of_its_person(office: Office) -> None:
    client = office.client("sec_handler")
    client.post("/account/language", data={"language": "en"})
    number = office.engine.actor("sec_handler").number
    last = office.engine.ask(SYSTEM, lambda reader: list(reader.history.events(-number)))[-1]
    assert (last.type, last.actor, last.data) == (
        EventType.PREFERENCE_CHANGED, "sec_handler", '{"key":"language","value":"en"}',
    )  # fmt: skip


def test_the_menu_changes_the_language_of_this_session_only(office: Office) -> None:
    client = office.client("sec_handler")
    client.get("/language/en")
    assert (language_of(client), language_of(office.client("sec_handler"))) == ("en", "zh-Hant-TW")


def test_saving_a_language_ends_the_choice_of_the_session(office: Office) -> None:
    client = office.client("sec_handler")
    client.get("/language/en")
    client.post("/account/language", data={"language": "zh_Hant_TW"})
    assert language_of(client) == "zh-Hant-TW"


def test_a_stranger_chooses_a_language_and_an_account_has_its_own(office: Office) -> None:
    office.client("director").post("/account/language", data={"language": "zh_Hant_TW"})
    browser = office.stranger()
    browser.get("/language/en")
    assert language_of(browser, "/login") == "en"
    browser.post("/login", data={"user_id": "director", "password": "Kaohsiung-Plan-115"})
    assert language_of(browser) == "zh-Hant-TW"


def test_a_language_that_no_page_has_is_refused(office: Office) -> None:
    answer = office.client("sec_handler").post("/account/language", data={"language": "fr"})
    assert (answer.status_code, language_of(office.client("sec_handler"))) == (422, "zh-Hant-TW")


# What people wrote stays in their language: subjects, names, and the words by which a decision is told.
WRITTEN = "tbody, .colophon, .item h2, #opinion-help, option:not([value='']), [data-menu=unit] li"


@pytest.mark.parametrize(
    "place",
    [
        "/inbox", "/inbox?view=returned", "/inbox?view=sent", "/inbox?q=nothing", "/inbox?after=0.0",
        "/inbox/bulk/approve?task=1", "/inbox/bulk/assign?task=1", "/account", "/search", "/help",
    ],
)  # fmt: skip
def test_no_page_of_the_inbox_speaks_chinese_to_those_who_read_english(office: Office, place: str) -> None:
    client = office.client("unit_chief.metrology")
    client.post("/account/language", data={"language": "en"})
    client.get("/inbox")
    main = BeautifulSoup(client.get(place).text, "html.parser").main
    assert main is not None
    for written in main.select(WRITTEN):
        written.extract()
    found = [text for text in main.stripped_strings if re.search(r"[\u3400-\u9fff]", text)]
    assert found == []
