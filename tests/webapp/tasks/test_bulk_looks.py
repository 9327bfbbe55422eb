"""The pages of several tasks in a real browser: no fault of accessibility, none wider than the window."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from engine.commands.saved_views import save_view
from tests.webapp.tasks.house import House
from tests.webapp.tasks.many import reports_to_sign, start_reports
from tests.webapp.tasks.test_browser import address, sign_in
from tests.webapp.test_pages_axe import LOOKS, NARROWEST, RULES, is_too_wide

__all__ = ["address"]  # the fixture of the browser


def faults(page: Page) -> list[tuple[str, Any]]:
    """What is wrong with the page as it is shown now, and whether it is too wide on the narrowest phone."""
    found = Axe().run(page, options=RULES).response["violations"]
    size = page.viewport_size
    wide = is_too_wide(page)
    page.set_viewport_size({"width": NARROWEST, "height": 900})
    wide = wide or is_too_wide(page)
    if size:
        page.set_viewport_size(size)
    told = [(fault["id"], [node["target"] for node in fault["nodes"]][:3]) for fault in found]
    return [*told, *([("too wide", page.url)] if wide else [])]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("width", "look"), LOOKS)
def test_pages_of_several_tasks_are_accessible_and_fit(
    chromium: Browser, address: str, house: House, width: int, look: str
) -> None:
    reports_to_sign(house, 2)
    start_reports(house, 3, key="later")
    for number in range(4):
        house.engine.execute(
            house.engine.actor("chen"), save_view, f"第{number}個很長名字的檢視", chosen={"view": "overdue"},
            unit="metrology",
        )  # fmt: skip
    window = chromium.new_context(viewport={"width": width, "height": 900}, locale="zh-TW", color_scheme=look)
    page = window.new_page()
    sign_in(page, address, "chen")
    found = {"list": faults(page)}
    page.locator(".views summary").click()
    found["saved views"] = faults(page)
    page.keyboard.press("Escape")
    for box in page.locator("input[name=task]").all():
        box.check()
    found["selection"] = faults(page)
    page.locator(".bar.pick button[value=approve]").click()
    page.wait_for_url("**/approve?*")
    found["approve"] = faults(page)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/inbox/bulk/approve")
    found["report"] = faults(page)
    page.goto(f"{address}/inbox?view=assignable")
    page.locator("input[name=task]").first.check()
    page.locator(".bar.pick button[value=assign]").click()
    page.wait_for_url("**/assign?*")
    found["assign"] = faults(page)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/inbox/bulk/assign")
    found["assign without anybody"] = faults(page)
    window.close()
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
