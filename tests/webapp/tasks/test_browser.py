"""The same page in a browser: drafts save themselves, phrases go in, faults open rows, fields hide."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from engine.domain.identity import SYSTEM
from tests.webapp.tasks.house import PASSWORD, House
from tests.webapp.tasks.test_page import Browser as Visit
from tests.webapp.tasks.test_page import valid_entries


@pytest.fixture
def address(house: House) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="zh-TW")
    yield context.new_page()
    context.close()


def sign_in(page: Page, address: str, user: str) -> None:
    page.goto(f"{address}/login")
    page.fill("[name=user_id]", user)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/inbox*")


def test_a_draft_saves_itself(page: Page, address: str, house: House) -> None:
    sign_in(page, address, "wang")
    page.goto(f"{address}/tasks/{house.task_id()}")
    page.fill("[name=doc_no]", "11490000470")
    with page.expect_response("**/draft"):
        page.locator("[name=doc_no]").blur()
    expect(page.locator("[data-draft-state=saved]")).to_be_visible()
    page.goto(f"{address}/tasks/{house.task_id()}")
    expect(page.locator("[name=doc_no]")).to_have_value("11490000470")


def test_a_field_is_shown_when_its_condition_holds(page: Page, address: str, house: House) -> None:
    sign_in(page, address, "wang")
    page.goto(f"{address}/tasks/{house.task_id()}")
    expect(page.locator("[name=na_reason]")).to_be_hidden()
    page.check("[name=applicable][value=false]")
    expect(page.locator("[name=na_reason]")).to_be_visible()


def test_enter_saves_and_never_sends_or_removes(page: Page, address: str, house: House) -> None:
    sign_in(page, address, "wang")
    page.goto(f"{address}/tasks/{house.task_id()}")
    page.fill("[name=doc_no]", "11490000470")
    page.press("[name=doc_no]", "Enter")
    expect(page.locator(".said")).to_be_visible()
    assert house.engine.ask(SYSTEM, lambda reader: reader.tasks.get(house.task_id()).is_open)


def test_the_summary_has_the_focus_and_leads_into_a_closed_row(
    page: Page, address: str, house: House
) -> None:
    sign_in(page, address, "wang")
    page.goto(f"{address}/tasks/{house.task_id()}")
    for _ in range(2):
        page.click("button[value='add:actions']")
    page.click("button[value=complete]")
    expect(page.locator("#faults")).to_be_focused()
    page.click("#faults a[href='#actions-1-summary']")
    expect(page.locator("#actions-1-summary")).to_be_focused()


def test_the_line_of_a_row_tells_what_was_written_in_it(page: Page, address: str, house: House) -> None:
    sign_in(page, address, "wang")
    page.goto(f"{address}/tasks/{house.task_id()}")
    page.click("button[value='add:actions']")
    page.fill("[name=actions-0-summary]", "提供到府校正服務")
    page.locator("#actions-0 summary").click()
    expect(page.locator("#actions-0 summary")).to_contain_text("提供到府校正服務")


def test_a_phrase_goes_into_the_opinion(page: Page, address: str, house: House) -> None:
    Visit(house, "wang", house.task_id()).press("complete", **valid_entries())
    sign_in(page, address, "chen")
    page.goto(f"{address}/tasks/{house.task_id('sign')}")
    page.click("[data-phrases=opinion] button >> text=如擬")
    expect(page.locator("[name=opinion]")).to_have_value("如擬")


def test_nothing_on_the_page_breaks_the_content_security_policy(
    page: Page, address: str, house: House
) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    sign_in(page, address, "wang")
    page.goto(f"{address}/tasks/{house.task_id()}")
    page.click("button[value='add:actions']")
    assert told == []
