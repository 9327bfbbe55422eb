"""Desks in a browser: one signed-in page for each account, and an eye on everything that they show."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Response
from werkzeug.serving import make_server

from engine.clock import FixedClock
from engine.engine import Engine
from tests.webapp.office import PASSWORD
from webapp.app import create_app
from webapp.settings import WebSettings

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
# Set to a folder to keep a picture of every kind of page that the tests see.
PICTURES = os.environ.get("PLANFLOW_PICTURES")


@dataclass(slots=True)
class Desks:
    """The pages of a test, and what was wrong on them."""

    browser: Browser
    address: str
    name: str
    violations: list[tuple[str, str]] = field(default_factory=list)
    unsafe: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    _pages: dict[tuple[str, bool], Page] = field(default_factory=dict)
    _looks: int = 0

    def page_of(self, account: str, *, has_scripts: bool = True) -> Page:
        """The page at which this account is signed in; the account signs in at its first use."""
        key = (account, has_scripts)
        if key not in self._pages:
            context = self.browser.new_context(
                locale="zh-TW",
                java_script_enabled=has_scripts,
                viewport=WIDE,  # type: ignore[arg-type]
            )
            context.set_default_timeout(20_000)
            page = self._pages[key] = context.new_page()
            page.on("response", partial(note_policy, self.unsafe))
            page.on("console", partial(note_error, self.told))
            page.on("pageerror", lambda error: self.told.append(str(error)))
            page.goto(f"{self.address}/login")
            page.fill("[name=user_id]", account)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login" not in url)
        return self._pages[key]

    def visit(self, account: str, path: str) -> Page:
        """Open a path at an account's desk."""
        page = self.page_of(account)
        page.goto(f"{self.address}{path}")
        return page

    def look(self, page: Page, what: str, *, has_scripts: bool = True) -> None:
        """Check a page for barriers and for sideways scrolling, wide and narrow; keep its picture."""
        self._looks += 1
        page.evaluate("scrollTo(0, 0)")
        for width, size in ((1280, WIDE), (390, NARROW)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                self.violations.append((f"{what} {width}", "sideways"))
            self._take_picture(page, f"{self._looks:03} {what} {width}")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        if has_scripts:
            broken = Axe().run(page).response["violations"]
            self.violations += [(what, f"{v['id']}: {v['nodes'][0]['html']}") for v in broken]

    def leave(self) -> None:
        """Close every page."""
        for page in self._pages.values():
            page.context.close()

    def _take_picture(self, page: Page, name: str) -> None:
        if PICTURES:
            folder = Path(PICTURES) / self.name
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name.replace(' ', '-')}.png", full_page=True)


@contextmanager
def served_desks(engine: Engine, browser: Browser, name: str) -> Iterator[Desks]:
    """Desks at the pages over an engine, which are served as long as the test runs."""
    app = create_app(engine, WebSettings(secret_key="a-secret-of-tests-only"), FixedClock())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    desks = Desks(browser, f"http://127.0.0.1:{server.port}", name)
    try:
        yield desks
    finally:
        desks.leave()
        server.shutdown()
        thread.join()
        server.server_close()


def note_error(told: list[str], said: ConsoleMessage) -> None:
    """Note an error that the browser tells; that an answer refuses something is none."""
    if said.type == "error" and "the server responded with a status of 4" not in said.text:
        told.append(said.text)


def note_policy(unsafe: list[str], response: Response) -> None:
    """Note the address of a response whose policy lets anything run beside our own scripts."""
    policy = response.headers.get("content-security-policy", "")
    if "script-src 'self';" not in policy or "unsafe-inline" in policy:
        unsafe.append(response.url)
