"""A refused page tells what changed since it was opened, and offers again what was typed."""

from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from engine.clock import FixedClock
from engine.commands.tasks import claim
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.stage import Stage
from tests.webapp.office import PASSWORD
from tests.webapp.tasks.house import House
from tests.webapp.tasks.test_page import Browser, posted_by, soup, valid_entries
from tests.webapp.tasks.test_second_signer import NEW_GOAL, stage
from webapp.app import create_app
from webapp.settings import WebSettings

__all__ = ["stage"]  # the fixture: a plan that waits for its second signature

Rows = list[tuple[str, str, str]]


@pytest.fixture
def deputy(stage: Stage) -> Iterator[FlaskClient]:
    """The browser of the second signer."""
    app = create_app(stage.engine, WebSettings(secret_key="a-secret-of-tests-only"), FixedClock())
    app.config.update(WTF_CSRF_ENABLED=False)
    with app.test_client() as client:
        client.post("/login", data={"user_id": "deputy_director", "password": PASSWORD})
        yield client


def changed(page: BeautifulSoup) -> Rows:
    """The rows of what changed since the page was opened: label, before, after."""
    table = page.select("section[aria-labelledby=h-since] tbody tr")
    return [tuple(" ".join(cell.text.split()) for cell in row.select("th, td")) for row in table]  # type: ignore[misc]


def opened(stage: Stage, client: FlaskClient) -> tuple[str, dict[str, Any]]:
    """The address of the signature that is awaited, and what its page would post."""
    (cycle,) = actors.instances_of(stage, "annual_plan_lifecycle")
    address = f"/tasks/{stage.task(cycle, 'sign').id}"
    form = soup(client.get(address)).select_one("form[data-scope='']")
    assert form is not None
    return address, posted_by(form)


def rewrite(uow: UnitOfWork) -> None:
    body = dict(uow.documents.get(actors.KEY, "plan").body)
    body["sections"] = {**body["sections"], "goal": NEW_GOAL}
    uow.documents.put(actors.KEY, "plan", "", body)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def test_a_plan_that_changed_is_told_field_by_field(stage: Stage, deputy: FlaskClient) -> None:
    address, posted = opened(stage, deputy)
    stage.engine.execute(SYSTEM, rewrite)
    answer = deputy.post(
        address, data={**posted, "decision": "approve", "opinion": "如擬", "_op": "complete"}
    )
    rows = changed(soup(answer))
    assert answer.status_code == 409
    assert [row[0] for row in rows] == ["115年度提升服務效能執行計畫", "目標"]
    assert (rows[0][1:], "縮短三成時間" in rows[1][2]) == (("第5版", "第6版"), True)


def test_what_was_typed_is_offered_when_it_is_opened_again(stage: Stage, deputy: FlaskClient) -> None:
    address, posted = opened(stage, deputy)
    stage.engine.execute(SYSTEM, rewrite)
    refused = deputy.post(
        address, data={**posted, "decision": "approve", "opinion": "請加註場次", "_op": "complete"}
    )
    again = soup(refused).select_one("a.btn.primary")
    assert again is not None
    opinion = soup(deputy.get(str(again["href"]))).select_one("[name=opinion]")
    assert opinion is not None
    assert (again["href"], opinion.text.strip()) == (address, "請加註場次")


def test_who_comes_second_reads_that_the_task_is_done(house: House) -> None:
    first, second = Browser(house, "wang", house.task_id()), Browser(house, "lin", house.task_id())
    first.press("complete", **valid_entries())
    rows = changed(soup(second.press("complete", **valid_entries())))
    assert rows == [("狀態", "待辦", "已辦理 王怡婷 114/01/06 (一) 09:00")]


def test_who_lost_the_task_to_another_reads_who_holds_it(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    house.engine.execute(house.engine.actor("lin"), claim, house.task_id())
    rows = changed(soup(browser.press("complete", **valid_entries())))
    assert rows == [("目前承辦", "還沒有人接手", "林志明")]


@pytest.mark.parametrize("seal", ["", "x", "e30.forged"])
def test_a_seal_that_is_not_ours_tells_nothing_and_breaks_nothing(house: House, seal: str) -> None:
    browser = Browser(house, "wang", house.task_id())
    house.engine.execute(house.engine.actor("lin"), claim, house.task_id())
    answer = browser.press("complete", **valid_entries(), _seen=seal)
    assert (answer.status_code, changed(soup(answer))) == (409, [])


def test_the_seal_of_another_person_tells_nothing(house: House) -> None:
    first, second = Browser(house, "wang", house.task_id()), Browser(house, "lin", house.task_id())
    seal = second.value("_seen")
    house.engine.execute(house.engine.actor("lin"), claim, house.task_id())
    assert changed(soup(first.press("complete", **valid_entries(), _seen=seal))) == []
