"""The approver's day by the keyboard alone, and what the list does by itself: numbers and a quiet line."""

import pytest
from playwright.sync_api import Page, expect

from engine.commands.tasks import claim, unclaim
from tests.webapp.tasks.house import House
from tests.webapp.tasks.many import open_tasks, reports_to_sign, start_reports
from tests.webapp.tasks.test_browser import address, page, sign_in

__all__ = ["address", "page"]  # fixtures of the browser

TEN = 10


@pytest.mark.timeout(180)
def test_an_approver_signs_ten_items_with_the_keyboard_alone(page: Page, address: str, house: House) -> None:
    tasks = reports_to_sign(house, TEN)
    sign_in(page, address, "chen")
    page.keyboard.press("j")
    for left in range(TEN, 0, -1):
        expect(page.locator("tr[data-row]")).to_have_count(left)
        expect(page.locator("tr.cur")).to_have_attribute("id", f"t-{tasks[TEN - left]}")
        page.keyboard.press("a")
        expect(page.locator("button[value=complete]")).to_be_focused()
        expect(page.locator("input[value=approve]")).to_be_checked()
        page.keyboard.press("Enter")
        page.wait_for_url("**/inbox?after=*")
    expect(page.locator(".said").last).to_contain_text("這個清單已全部處理完。")
    assert open_tasks(house, "sign") == []


def test_several_are_selected_and_signed_by_keys(page: Page, address: str, house: House) -> None:
    tasks = reports_to_sign(house, 3)
    sign_in(page, address, "chen")
    for key in ("j", "x", "j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-picked]")).to_have_text("已選2件")
    page.keyboard.press("a")
    expect(page.locator("main button[type=submit]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text("結果：已簽")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-row]")).to_have_attribute("id", f"t-{tasks[1]}")


def test_of_five_that_are_signed_at_once_the_stale_one_stays_and_is_named(
    page: Page, address: str, house: House
) -> None:
    tasks = reports_to_sign(house, 5)
    sign_in(page, address, "chen")
    for key in ("j", "x") * 5:
        page.keyboard.press(key)
    page.keyboard.press("a")
    expect(page.locator("main button[type=submit]")).to_be_focused()
    for command in (claim, unclaim):  # somebody took it and put it back: the page is of before
        house.engine.execute(house.engine.actor("chen"), command, tasks[2])
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("您開啟之後，這件工作有了變更。")
    assert [task.id for task in open_tasks(house, "sign")] == [tasks[2]]


def test_escape_clears_the_selection_first_and_then_the_cursor(
    page: Page, address: str, house: House
) -> None:
    reports_to_sign(house, 1)
    sign_in(page, address, "chen")
    for key in ("j", "x"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    expect(page.locator(".bar.pick")).to_be_hidden()
    expect(page.locator("tr.cur")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("tr.cur")).to_have_count(0)


def test_r_opens_the_return_with_its_remark(page: Page, address: str, house: House) -> None:
    reports_to_sign(house, 1)
    sign_in(page, address, "chen")
    for key in ("j", "r"):
        page.keyboard.press(key)
    expect(page.locator("textarea[name=opinion]")).to_be_focused()
    expect(page.locator("input[value=return]")).to_be_checked()


def test_an_opinion_is_sent_by_control_and_enter(page: Page, address: str, house: House) -> None:
    reports_to_sign(house, 1)
    sign_in(page, address, "chen")
    for key in ("j", "a"):
        page.keyboard.press(key)
    expect(page.locator("button[value=complete]")).to_be_focused()  # the page listens to keys from here on
    page.locator("textarea[name=opinion]").focus()
    page.keyboard.type("如擬")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/inbox?after=*")
    assert open_tasks(house, "sign") == []


def test_the_bar_of_the_selection_needs_no_script(page: Page, address: str, house: House) -> None:
    start_reports(house, 2)
    browser = page.context.browser
    assert browser is not None
    window = browser.new_context(locale="zh-TW", java_script_enabled=False)
    plain = window.new_page()
    sign_in(plain, address, "wang")
    expect(plain.locator(".bar.pick")).to_be_hidden()
    plain.locator("input[name=task]").first.check()
    plain.locator(".bar.pick button[value=claim]").click()
    expect(plain.locator("main h1")).to_have_text("結果：已接手")
    window.close()


def test_counts_change_without_a_reload_and_the_list_stays(page: Page, address: str, house: House) -> None:
    sign_in(page, address, "wang")
    first = house.task_id()
    expect(page.locator("tr[data-row]")).to_have_count(1)
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(look)
    start_reports(house, 3)
    page.evaluate(look)
    expect(page.locator("[data-view=open]")).to_have_text("3")
    expect(page.locator("#news")).to_contain_text("有新事項。")
    expect(page.locator("tr[data-row]")).to_have_attribute("id", f"t-{first}")
    page.locator("#news a").click()
    expect(page.locator("tr[data-row]")).to_have_count(3)
    expect(page.locator("#news")).to_be_empty()


def test_a_click_lands_on_the_row_that_was_pointed_at(page: Page, address: str, house: House) -> None:
    tasks = reports_to_sign(house, 3)
    sign_in(page, address, "chen")
    page.keyboard.press("j")  # its line is open above the rows that are clicked
    for task_id in tasks[1:]:
        box = page.locator(f"#t-{task_id} input[name=task]").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.wait_for_timeout(50)
        page.mouse.up()
        expect(page.locator("tr.cur")).to_have_attribute("id", f"t-{task_id}")
    expect(page.locator("[data-picked]")).to_have_text("已選2件")


def test_the_list_is_narrowed_while_one_types_and_keeps_its_keys(
    page: Page, address: str, house: House
) -> None:
    tasks = reports_to_sign(house, 2)
    sign_in(page, address, "chen")
    box = page.locator("#list-q")
    box.click()
    page.keyboard.type("沒有這種")
    expect(page.locator("tr[data-row]")).to_have_count(0)
    expect(page.locator("#list-status")).to_have_text("沒有符合的件")
    expect(page.locator(".tools > a")).to_have_text("清除篩選")
    page.keyboard.press("Control+a")
    page.keyboard.type("核章")
    expect(page.locator("tr[data-row]")).to_have_count(2)
    expect(box).to_be_focused()
    assert page.url.endswith("/inbox?q=%E6%A0%B8%E7%AB%A0")
    page.locator("body").click(position={"x": 5, "y": 5})
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-picked]")).to_have_text("已選1件")
    expect(page.locator("tr.sel")).to_have_attribute("id", f"t-{tasks[1]}")
