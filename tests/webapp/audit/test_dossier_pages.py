"""The pages of a dossier in a real browser, opened from a folder: whole without a server."""

import io
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.webapp.office import Office
from tests.webapp.test_pages_axe import RULES, is_too_wide

WIDTHS = (1280, 390, 320)
BROKEN = "[...document.images].filter(i => !i.naturalWidth).length"


@pytest.fixture(scope="module")
def folder(shared_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked dossier of the cycle of 115."""
    number = shared_office.instance_id("bsmi_khh:115")
    body = shared_office.client("auditor").get(f"/exports/{number}/dossier").data
    path = tmp_path_factory.mktemp("dossier")
    zipfile.ZipFile(io.BytesIO(body)).extractall(path)
    return path


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_a_dossier_are_accessible_whole_and_fit_the_window(
    folder: Path, chromium: Browser, width: int
) -> None:
    page = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: request.url.startswith("file:") or elsewhere.append(request.url))
    faults = {}
    for path in (folder / "index.html", *sorted((folder / "events").glob("*.html"))[:1]):
        page.goto(path.as_uri())
        assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).maxWidth") != "none"
        found = Axe().run(page, options=RULES).response["violations"]
        told = [(fault["id"], fault["nodes"][0]["target"]) for fault in found]
        if told or is_too_wide(page) or page.evaluate(BROKEN):
            faults[path.name] = (told, is_too_wide(page))
    page.context.close()
    assert (faults, elsewhere) == ({}, [])
