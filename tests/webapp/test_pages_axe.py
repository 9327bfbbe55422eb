"""Every page in a real browser: no fault of accessibility, none of the policy, none wider than the window."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from engine.queries.questions.registry import QUESTIONS
from tests.webapp.office import PASSWORD, Office

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}
# A wide window in the light and a phone in the dark: together they meet every rule of the style sheet.
LOOKS = ((1280, "light"), (390, "dark"))
NARROWEST = 320
PAGES = {
    "": ("/login", "/login?ended=1"),
    "sec_handler": (
        "/inbox", "/inbox?view=returned", "/inbox?q=nothing", "/inbox?after=0.0&cols=work,late", "/start",
        "{comments}", "/inbox/bulk/approve", "/inbox/bulk/approve{chosen}", "/start/annual_plan_lifecycle",
        "/plans", "/plans/114", "/instances", "{instance}", "{task}", "/account/password", "/nothing",
        "/admin/users", "/demo/clock", "/amendments/114", "/amendments/114/compare", "/schedules/116",
        "/account", "/deputies", "/criteria", "/criteria/example", "/improvements/114",
        "/awards", "/awards/115/edition", "/start/award_entry",
        "/search", "/search?q=114", "/search?q=114&kind=letters", "/help",
        "/calendar/link", "/calendar", "/calendar?year=115&month=12", "/overdue",
        "/statistics?year=114", "/statistics?year=112",
    ),
    "sec_chief": ("/inbox?view=assignable", "/inbox/bulk/assign", "/inbox/bulk/assign{chosen}"),
    "sysadmin": (
        "/admin/users", "/admin/users/director", "/admin/units", "/admin/units/kinmen", "/admin/definitions",
        "/admin/calendar", "/admin/deciding-levels", "/admin/extension-levels",
    ),
    "auditor": (
        "/audit", "/instances", "{instance}", "/plans", "/audit/questions",
        "/audit/samples", "/audit/samples/new", "/findings",
        "/audit/exports", "/audit/exports/file?year=90&format=ods", "{exports}",
        "/audit/proof", "/audit/proof/anchors", "/audit/proof/looks", "/audit/proof/looks?from=x",
        "/audit/processes", "/audit/processes?from=never", "/audit/processes/annual_plan_lifecycle",
        "/audit/processes/plan_drafting?show=times", "/audit/processes/commendation",
        *(f"/audit/questions/{question.slug}" for question in QUESTIONS),
        "{replay}", "{replay}?at=1",
        "/audit/moments", "/audit/moments?person=sec_handler", "/audit/moments?at=x",
        *(f"/audit/moments?what={what}" for what in ("open", "organisation", "plans&year=114")),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def address(shared_office: Office) -> Iterator[str]:
    """Where the pages are served."""
    server = make_server("127.0.0.1", 0, shared_office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def signed_in(chromium: Browser, address: str, user: str, width: int, **look: Any) -> Page:
    """A page of somebody who has signed in, at a width."""
    window = chromium.new_context(viewport={"width": width, "height": 900}, locale="zh-TW", **look)
    page = window.new_page()
    if user:
        page.goto(f"{address}/login")
        page.fill("#user_id", user)
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
    return page


def is_too_wide(page: Page) -> bool:
    """True if the page has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def reached(office: Office, path: str) -> str:
    """The address of a page, with the instance and the task of the cycle of 115 put in."""
    instance = office.instance_id("bsmi_khh:115")
    task_id = office.open_task(instance)
    return path.format(
        instance=f"/instances/{instance}",
        replay=f"/audit/replay/{instance}",
        comments=f"/comments/{instance}",
        exports=f"/exports/{instance}",
        task=f"/tasks/{task_id}",
        chosen=f"?task={task_id}&task=1",
    )  # fmt: skip


@pytest.mark.parametrize(("width", "look"), LOOKS)
@pytest.mark.parametrize("user", PAGES)
def test_pages_are_accessible_and_fit_the_window(
    shared_office: Office, chromium: Browser, address: str, user: str, width: int, look: str
) -> None:
    page = signed_in(chromium, address, user, width, color_scheme=look)
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if "Content Security" in message.text else None
    )
    faults: dict[str, Any] = {}
    for path in PAGES[user]:
        page.goto(address + reached(shared_office, path))
        found = Axe().run(page, options=RULES).response["violations"]
        wide = is_too_wide(page)
        page.set_viewport_size({"width": NARROWEST, "height": 900})
        wide = wide or is_too_wide(page)
        page.set_viewport_size({"width": width, "height": 900})
        if found or wide:
            faults[path] = [(f["id"], [n["target"] for n in f["nodes"]][:3]) for f in found], wide
    page.context.close()
    assert (faults, said) == ({}, [])


def test_the_inbox_is_moved_through_by_keys(shared_office: Office, chromium: Browser, address: str) -> None:
    page = signed_in(chromium, address, "sec_handler", 1280)
    page.goto(f"{address}/inbox")
    page.keyboard.press("j")
    assert page.locator("tr.cur .of").inner_text() == "115年度提升服務效能執行計畫"
    assert page.locator("tr.why .whyline").is_visible()
    page.keyboard.press("?")
    assert page.locator("#keys-help").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find-q"
    page.locator("body").click(position={"x": 5, "y": 600})
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*")
    page.context.close()


def test_a_task_is_taken_by_its_key_and_the_cursor_stays(
    shared_office: Office, chromium: Browser, address: str
) -> None:
    page = signed_in(chromium, address, "sec_handler", 1280)
    page.goto(f"{address}/inbox")
    for verb in ("unclaim", "claim"):
        page.keyboard.press("j")
        page.keyboard.press("c")
        page.wait_for_url("**/inbox#t-*")
        page.locator(f"tr.cur + tr.why form[action$='/{verb}']").wait_for()
    page.context.close()


def test_the_inbox_works_without_a_script(shared_office: Office, chromium: Browser, address: str) -> None:
    page = signed_in(chromium, address, "sec_handler", 1280, java_script_enabled=False)
    page.goto(f"{address}/inbox")
    assert page.locator("p.keys").count() == 0
    page.locator("tr[data-row] .verb a").focus()
    page.keyboard.press("Tab")
    assert page.locator("tr.why button").is_visible()
    page.locator("tr[data-row] .verb a").click()
    page.wait_for_url("**/tasks/*")
    page.context.close()
