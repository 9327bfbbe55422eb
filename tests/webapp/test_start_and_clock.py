"""Starting a process by its form, and moving the clock of a demo."""

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup

from tests.webapp.office import Office

CYCLE = "/start/annual_plan_lifecycle"


def test_the_secretariat_starts_the_cycle_of_a_year(office: Office) -> None:
    answer = office.client("sec_handler").post(CYCLE, data={"roc_year": "116"})
    assert answer.headers["Location"] == "/inbox"
    assert office.open_task(office.instance_id("bsmi_khh:116")) > 0


def test_a_form_that_is_sent_twice_starts_once(office: Office) -> None:
    client = office.client("sec_handler")
    answers = [
        client.post(CYCLE, data={"roc_year": "116", "command_id": "one"}).status_code for _ in range(2)
    ]
    assert answers == [302, 302]


@pytest.mark.parametrize("year", ["", "abc", "99", "115"])
def test_a_year_that_cannot_be_started_is_refused_beside_its_field(office: Office, year: str) -> None:
    answer = office.client("sec_handler").post(CYCLE, data={"roc_year": year})
    assert (answer.status_code, 'id="e-roc_year"' in answer.text) == (422, True)


def test_only_starters_are_offered_a_process(office: Office) -> None:
    offered = {u: CYCLE in office.client(u).get("/start").text for u in ("sec_handler", "director")}
    assert offered == {"sec_handler": True, "director": False}


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({"step": "day"}, datetime(2026, 1, 29, 1, 0, tzinfo=UTC)),
        ({"step": "week"}, datetime(2026, 2, 4, 1, 0, tzinfo=UTC)),
        ({"day": "115/3/2"}, datetime(2026, 3, 2, 1, 0, tzinfo=UTC)),
    ],
)
def test_the_clock_of_a_demo_moves_forward(office: Office, asked: dict[str, str], at: datetime) -> None:
    answer = office.client("director").post("/demo/clock", data={**asked, "back": "/plans"})
    assert (answer.headers["Location"], office.clock.now()) == ("/plans", at)


@pytest.mark.parametrize("day", ["114/1/1", "soon", "", "199/1/1"])
def test_the_clock_of_a_demo_does_not_move_anywhere_else(office: Office, day: str) -> None:
    before = office.clock.now()
    answer = office.client("director").post("/demo/clock", data={"day": day})
    assert (answer.status_code, office.clock.now()) == (422, before)


def test_a_form_is_told_in_the_language_of_the_page(office: Office) -> None:
    headings = {}
    for language in ("en", "zh_Hant_TW"):
        client = office.client("sec_handler")
        client.get(f"/language/{language}")
        answer = BeautifulSoup(client.post(CYCLE, data={"roc_year": ""}).text, "html.parser")
        headings[language] = [found.text.strip() for found in answer.select("h1, .faults a, #faults a")]
    assert headings == {
        "en": ["Begin the year", "Year: This entry is required"],
        "zh_Hant_TW": ["開始年度作業", "年度：這一欄必填"],
    }
