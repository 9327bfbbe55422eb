"""Saved views of the inbox: one's own under a name, and those that a chief shares with the unit."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from engine.commands.saved_views import MOST_VIEWS, save_view
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from tests.webapp.office import Office

CHOSEN = {"view": "overdue", "year": "115", "sort": "since", "cols": "unit,late"}


def views(client: FlaskClient, address: str = "/inbox") -> list[tuple[str, str]]:
    """The saved views in the menu: name with who shares it, and the address."""
    page = BeautifulSoup(client.get(address).text, "html.parser")
    return [(" ".join(a.stripped_strings), str(a["href"])) for a in page.select(".viewbox li a")]


def save(client: FlaskClient, name: str, **entries: str) -> int:
    return client.post("/inbox/views", data={**CHOSEN, "name": name, **entries}).status_code


def test_a_view_keeps_filters_sort_and_columns(office: Office) -> None:
    client = office.client("sec_handler")
    assert save(client, "今年逾期") == 302
    assert views(client) == [("今年逾期", "/inbox?view=overdue&year=115&sort=since&cols=unit,late")]
    page = BeautifulSoup(client.get(views(client)[0][1]).text, "html.parser")
    assert page.select_one(".chip[aria-current]").get_text(strip=True) == "今年逾期"  # type: ignore[union-attr]


def test_a_view_of_the_same_name_takes_the_place_of_the_one_before(office: Office) -> None:
    client = office.client("sec_handler")
    save(client, "我的", view="returned")
    save(client, "我的", view="sent")
    assert [href.partition("&")[0] for _, href in views(client)] == ["/inbox?view=sent"]


def test_others_do_not_see_what_one_keeps_for_oneself(office: Office) -> None:
    save(office.client("unit_chief.metrology"), "本週要簽")
    assert views(office.client("unit_handler.metrology")) == []


def test_a_chief_shares_a_view_with_the_people_of_the_unit_only(office: Office) -> None:
    save(office.client("unit_chief.metrology"), "逾期追蹤", share_with="metrology")
    chief = office.engine.actor("unit_chief.metrology").name
    seen = views(office.client("unit_handler.metrology"))
    assert [name for name, _ in seen] == [f"逾期追蹤 {chief}"]
    assert views(office.client("unit_handler.kinmen")) == []


@pytest.mark.parametrize(
    ("user", "unit"),
    [
        ("unit_handler.metrology", "metrology"),
        ("unit_chief.metrology", "kinmen"),
        ("sec_handler", "secretariat"),
        ("sec_chief", "metrology"),
    ],
)
def test_whoever_is_not_the_chief_of_a_unit_shares_nothing_with_it(
    office: Office, user: str, unit: str
) -> None:
    client = office.client(user)
    assert (save(client, "逾期追蹤", share_with=unit), views(client)) == (403, [])


def test_a_view_is_taken_away_by_its_owner_only(office: Office) -> None:
    chief, handler = office.client("unit_chief.metrology"), office.client("unit_handler.metrology")
    save(chief, "逾期追蹤", share_with="metrology")
    assert handler.post("/inbox/views/remove", data={"name": "逾期追蹤"}).status_code == 404
    assert chief.post("/inbox/views/remove", data={"name": "逾期追蹤"}).status_code == 302
    assert (views(chief), views(handler)) == ([], [])


def test_saving_and_removing_are_events_of_the_person(office: Office) -> None:
    client = office.client("sec_handler")
    save(client, "我的")
    client.post("/inbox/views/remove", data={"name": "我的"})
    number = office.engine.actor("sec_handler").number
    events = office.engine.ask(SYSTEM, lambda reader: reader.history.events(-number))
    assert [event.type for event in events[-2:]] == [EventType.VIEW_SAVED, EventType.VIEW_REMOVED]


@pytest.mark.parametrize("name", ["", "   ", "很" * 31])
def test_a_view_needs_a_name(office: Office, name: str) -> None:
    client = office.client("sec_handler")
    assert (save(client, name), views(client)) == (422, [])


def test_a_person_keeps_so_many_views_and_no_more(office: Office) -> None:
    actor = office.engine.actor("sec_handler")
    for number in range(MOST_VIEWS):
        office.engine.execute(actor, save_view, f"第{number}個", chosen={})
    client = office.client("sec_handler")
    assert (save(client, "再一個"), save(client, "第1個")) == (422, 302)


def test_what_a_view_says_is_checked_by_the_inbox_when_it_is_used(office: Office) -> None:
    client = office.client("sec_handler")
    save(client, "壞的", view="no_such_view", sort="subject; drop table task")
    answer = client.get(views(client)[0][1])
    assert (answer.status_code, "沒有這個值" in answer.text) == (422, True)


def test_columns_are_kept_with_the_account(office: Office) -> None:
    client = office.client("sec_handler")
    client.post("/inbox/columns", data={"columns": ["late", "work"]})
    page = BeautifulSoup(office.client("sec_handler").get("/inbox").text, "html.parser")
    heads = [th.get_text(strip=True) for th in page.select("thead th")]
    assert heads == ["選取", "要做", "哪一件", "工作", "逾期認定自", "期限"]


def test_a_column_that_does_not_exist_is_refused(office: Office) -> None:
    answer = office.client("sec_handler").post("/inbox/columns", data={"columns": "password"})
    assert answer.status_code == 422
