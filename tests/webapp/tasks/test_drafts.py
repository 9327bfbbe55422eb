"""Drafts in a browser: kept on this computer until the server has them, whatever happens in between."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from tests.webapp.tasks.house import PASSWORD, House
from tests.webapp.tasks.test_browser import address, sign_in
from tests.webapp.tasks.test_page import Browser as Visit
from tests.webapp.tasks.test_page import form_of, posted_by, soup, valid_entries

__all__ = ["address"]  # the fixture: the house, served on loopback

NUMBER = "11490000470"
OTHER_NUMBER = "11490000999"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One computer, at which nobody has signed in yet."""
    opened = chromium.new_context(locale="zh-TW")
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, address: str, house: House) -> Page:
    """The task, open before the eyes of Ms Wang."""
    page = context.new_page()
    sign_in(page, address, "wang")
    page.goto(f"{address}/tasks/{house.task_id()}")
    return page


def write(page: Page, number: str = NUMBER) -> None:
    page.fill("[name=doc_no]", number)


def state(page: Page, name: str) -> None:
    expect(page.locator(f"[data-draft-state={name}]")).to_be_visible()


def draft_of(house: House, user: str = "wang") -> str | None:
    actor, task_id = house.engine.actor(user), house.task_id()
    draft = house.engine.ask(actor, lambda reader: reader.drafts.find(task_id))
    return draft.values.get("doc_no") if draft else None


def test_what_is_written_without_a_network_reaches_the_server_when_it_is_back(
    page: Page, context: BrowserContext, house: House
) -> None:
    context.set_offline(True)
    write(page)
    expect(page.locator("[data-draft-state=offline]")).to_have_text("離線，尚未存到伺服器")
    assert draft_of(house) is None
    with page.expect_response("**/draft"):
        context.set_offline(False)
    expect(page.locator("[data-draft-state=saved]")).to_contain_text("已暫存")
    assert draft_of(house) == NUMBER


def test_what_was_written_without_a_network_is_back_after_the_browser_was_closed(
    page: Page, context: BrowserContext, address: str, house: House
) -> None:
    context.set_offline(True)
    write(page)
    state(page, "offline")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{address}/tasks/{house.task_id()}")
    expect(again.locator("[name=doc_no]")).to_have_value(NUMBER)
    assert draft_of(house) == NUMBER


def test_what_was_written_after_a_saving_is_back_without_a_question(
    page: Page, context: BrowserContext, address: str, house: House
) -> None:
    with page.expect_response("**/draft"):
        write(page, OTHER_NUMBER)
    state(page, "saved")
    context.set_offline(True)
    write(page)
    state(page, "offline")
    page.goto("about:blank")
    context.set_offline(False)
    page.goto(f"{address}/tasks/{house.task_id()}")
    expect(page.locator("[name=doc_no]")).to_have_value(NUMBER)
    expect(page.locator("[data-take]")).to_have_count(0)


def test_nothing_is_sent_off_without_a_network(page: Page, context: BrowserContext, house: House) -> None:
    context.set_offline(True)
    write(page)
    page.click("button[value=complete]")
    state(page, "offline")
    expect(page.locator("[name=doc_no]")).to_have_value(NUMBER)
    assert house.engine.ask(SYSTEM, lambda reader: reader.tasks.get(house.task_id()).is_open)


def test_a_draft_is_there_on_another_computer(
    page: Page, chromium: Browser, address: str, house: House
) -> None:
    with page.expect_response("**/draft"):
        write(page)
    state(page, "saved")
    elsewhere = chromium.new_context(locale="zh-TW")
    other = elsewhere.new_page()
    sign_in(other, address, "wang")
    other.goto(f"{address}/tasks/{house.task_id()}")
    expect(other.locator("[name=doc_no]")).to_have_value(NUMBER)
    elsewhere.close()


def test_of_two_drafts_the_person_chooses(
    page: Page, context: BrowserContext, address: str, house: House
) -> None:
    context.set_offline(True)
    write(page)
    state(page, "offline")
    page.goto("about:blank")
    Visit(house, "wang", house.task_id()).press("save", doc_no=OTHER_NUMBER)
    context.set_offline(False)
    page.goto(f"{address}/tasks/{house.task_id()}")
    expect(page.locator("[name=doc_no]")).to_have_value(OTHER_NUMBER)
    page.click("[data-take]")
    expect(page.locator("[name=doc_no]")).to_have_value(NUMBER)


def test_a_page_left_open_writes_over_no_draft_from_elsewhere(
    page: Page, context: BrowserContext, house: House
) -> None:
    """The page that comes back online, and the one that is left, save by themselves: nobody chose then."""
    context.set_offline(True)
    write(page)
    state(page, "offline")
    Visit(house, "wang", house.task_id()).press("save", doc_no=OTHER_NUMBER)
    with page.expect_response("**/draft"):
        context.set_offline(False)
    state(page, "elsewhere")
    write(page, "11490000471")
    assert draft_of(house) == OTHER_NUMBER
    page.click("[data-draft-state=elsewhere] a")
    expect(page.locator("[name=doc_no]")).to_have_value(OTHER_NUMBER)
    page.click("[data-take]")
    expect(page.locator("[name=doc_no]")).to_have_value("11490000471")
    assert draft_of(house) == "11490000471"


def test_whoever_saves_by_hand_has_chosen(page: Page, context: BrowserContext, house: House) -> None:
    context.set_offline(True)
    write(page)
    state(page, "offline")
    Visit(house, "wang", house.task_id()).press("save", doc_no=OTHER_NUMBER)
    context.set_offline(False)
    state(page, "elsewhere")
    with page.expect_navigation():
        page.click("button.btn[value=save]")
    expect(page.locator("[name=doc_no]")).to_have_value(NUMBER)
    expect(page.locator("[data-take]")).to_have_count(0)
    assert draft_of(house) == NUMBER


def autosave(visit: Visit, number: str, copy: str, *after: str) -> tuple[int, Any]:
    """What the script of a page sends: the entries, the name of the copy, and the drafts that it follows."""
    entries = {**posted_by(form_of(visit.page)), "doc_no": number, "_copy": copy, "_after": list(after)}
    answer = visit.client.post(f"{visit.url}/draft", data=entries)
    return answer.status_code, answer.json


def test_a_draft_that_follows_none_of_those_on_the_server_is_refused(house: House) -> None:
    visit = Visit(house, "wang", house.task_id())
    assert autosave(visit, NUMBER, "b", "a")[0] == 200  # there is none to be written over
    assert autosave(visit, OTHER_NUMBER, "c", "", "a") == (409, {"saved": False, "elsewhere": True})
    assert draft_of(house) == NUMBER
    assert autosave(visit, OTHER_NUMBER, "c", "", "b")[0] == 200  # the answer to b may never have come
    assert autosave(visit, OTHER_NUMBER, "c", "")[0] == 200  # the same once more
    assert draft_of(house) == OTHER_NUMBER


def test_who_goes_on_writing_before_choosing_loses_neither_draft(
    page: Page, context: BrowserContext, address: str, house: House
) -> None:
    context.set_offline(True)
    write(page)
    state(page, "offline")
    page.goto("about:blank")
    Visit(house, "wang", house.task_id()).press("save", doc_no=OTHER_NUMBER)
    context.set_offline(False)
    page.goto(f"{address}/tasks/{house.task_id()}")
    with page.expect_response("**/draft"):
        page.fill("[name=score]", "7")
    page.reload()
    expect(page.locator("[name=score]")).to_have_value("7")
    page.click("[data-take]")
    expect(page.locator("[name=doc_no]")).to_have_value(NUMBER)


def test_who_is_signed_out_while_writing_finds_the_draft_after_signing_in(
    page: Page, address: str, house: House, clock: FixedClock
) -> None:
    house.app.config.update(WTF_CSRF_ENABLED=True)
    clock.move_to(clock.now() + timedelta(minutes=16))
    write(page)
    state(page, "signed_out")
    page.click("[data-draft-state=signed_out] a")
    page.fill("[name=user_id]", "wang")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.locator("[data-brought-back]")).to_be_visible()
    expect(page.locator("[name=doc_no]")).to_have_value(NUMBER)
    assert draft_of(house) == NUMBER


def test_who_sends_after_the_session_ended_loses_nothing(
    page: Page, address: str, house: House, clock: FixedClock
) -> None:
    write(page)
    clock.move_to(clock.now() + timedelta(minutes=16))
    page.click("button[value=complete]")
    page.fill("[name=user_id]", "wang")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**/tasks/{house.task_id()}")
    expect(page.locator("[name=doc_no]")).to_have_value(NUMBER)


def test_who_signed_in_again_in_another_tab_goes_on_writing(
    page: Page, context: BrowserContext, address: str, house: House, clock: FixedClock
) -> None:
    house.app.config.update(WTF_CSRF_ENABLED=True)
    clock.move_to(clock.now() + timedelta(minutes=16))
    sign_in(context.new_page(), address, "wang")
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        write(page)
    state(page, "saved")
    assert draft_of(house) == NUMBER


def test_who_writes_at_a_task_that_somebody_closed_keeps_it(page: Page, address: str, house: House) -> None:
    task_id = house.task_id()
    Visit(house, "lin", task_id).press("complete", **valid_entries())
    write(page, OTHER_NUMBER)
    page.click("[data-draft-state=closed] a")
    expect(page.locator("table.side del")).to_have_text("999")


def test_who_writes_at_a_task_that_changed_is_told_at_once(page: Page, house: House) -> None:
    page.locator("[name=_shown_digest]").evaluate("field => { field.value = '0'.repeat(64); }")
    write(page)
    state(page, "changed")
    assert draft_of(house) == NUMBER


def test_a_file_is_attached_once_and_the_page_stays_as_it_then_is(page: Page, house: House) -> None:
    """Choosing a file is sent at once; a second draft behind it took the page from whoever wrote on."""
    write(page)
    file = {"name": "來文.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 letter"}
    with page.expect_navigation():
        page.set_input_files("[name$='-_upload']", file)  # type: ignore[arg-type]
    page.wait_for_load_state("networkidle")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []
    expect(page.locator("[data-brought-back]").first).to_be_hidden()
    assert draft_of(house) == NUMBER


def test_the_copy_on_this_computer_goes_when_the_task_is_sent(page: Page, house: House) -> None:
    page.check("[name=applicable][value=true]")
    page.check("[name=decision][value=approve]")
    write(page)
    page.click("button[value='add:actions']")
    page.fill("[name=actions-0-summary]", "砝碼校正服務")
    page.check("[name=actions-0-target_kind][value=narrative]")
    page.click("button[value=complete]")
    page.wait_for_url("**/inbox*")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_entries_of_a_task_that_somebody_closed_can_be_thrown_away(house: House) -> None:
    task_id = house.task_id()
    first, second = Visit(house, "wang", task_id), Visit(house, "lin", task_id)
    first.press("complete", **valid_entries())
    second.press("complete", **{**valid_entries(), "doc_no": OTHER_NUMBER})
    client = house.client("lin")
    kept = soup(client.get(f"/tasks/{task_id}"))
    assert [mark.text for mark in kept.select("table.side del")] == ["999"]
    client.post(f"/tasks/{task_id}", data={"_op": "discard"})
    assert soup(client.get(f"/tasks/{task_id}")).select("table.side") == []


def test_who_closed_a_task_sees_no_draft_of_it(house: House) -> None:
    browser = Visit(house, "wang", house.task_id())
    browser.press("save", doc_no=OTHER_NUMBER)
    browser.press("complete", **valid_entries())
    assert soup(browser.client.get(browser.url)).select("table.side") == []
