"""The pages in a real browser: no axe violation and no sideways scrolling, at both widths, light and dark."""

from collections.abc import Iterator
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.serving import make_server

from tests.webapp.instances.conftest import PASSWORD, Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def signed_in(chromium: "Browser", address: str) -> "Page":
    page = chromium.new_context(locale="zh-TW").new_page()
    page.goto(f"{address}/login")
    page.fill("[name=user_id]", "sec_handler")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def test_pages_have_no_violation_and_fit_their_width(
    chromium: "Browser", address: str, office: Office
) -> None:
    page = signed_in(chromium, address)
    found = []
    for path in (
        f"/instances/{office.instance}",
        "/instances",
        "/plans",
        "/plans/114?with=1",
        "/plans/114/letters/1",
    ):
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its two words
            page.goto(address + path)
            overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            broken = [violation["id"] for violation in Axe().run(page).response["violations"]]
            found += [(path, width, overflow, broken)] if overflow > 0 or broken else []
    page.context.close()
    assert found == []


def test_what_is_under_way_is_scrolled_into_view(chromium: "Browser", address: str, office: Office) -> None:
    page = signed_in(chromium, address)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{address}/instances/{office.instance}?process=place_posting")
    box = page.locator(".diagram g.active:not(.frame)").first.bounding_box()
    page.context.close()
    assert box is not None
    assert 0 <= box["x"] <= 390
