"""What the sign record offers, by the keyboard alone: signing afterwards, passing on for reading."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from tests.stories.stage import Stage
from tests.webapp.cycle_desk import Desks, served_desks
from tests.webapp.tasks.test_keyboard_verbs import tab_to
from tests.webapp.test_signoffs import READER, cycle, decide, played, stage

__all__ = ["cycle", "played", "stage"]  # the scene


@pytest.fixture
def desks(stage: Stage, cycle: int, chromium: Browser) -> Iterator[Desks]:
    decide(stage, cycle)
    with served_desks(stage.engine, chromium, "sign record") as desks:
        yield desks


def open_form(page: Page, action: str) -> str:
    """Open the form behind a button of the record; gives what selects it."""
    tab_to(page, f"details:has(form[action$='{action}']) > summary")
    page.keyboard.press("Enter")
    return f"form[action$='{action}']"


def test_a_signer_signs_afterwards(desks: Desks, stage: Stage, cycle: int) -> None:
    stage.grant("web_owner", "deputy_director", "head")
    page = desks.visit("web_owner", f"/signoffs/{cycle}")
    form = open_form(page, "/afterwards")
    tab_to(page, f"{form} [name=kind]")
    page.keyboard.press("ArrowDown")
    tab_to(page, f"{form} [name=reason]")
    page.keyboard.type("決行時公出，返局後補簽。")
    tab_to(page, f"{form} button[type=submit]")
    page.keyboard.press("Enter")
    page.get_by_text("決行時公出，返局後補簽。").first.wait_for()
    event = stage.engine.ask(
        SYSTEM, lambda reader: reader.history.last_of_type(cycle, EventType.SIGNATURE_SUPPLEMENTED)
    )
    assert event is not None
    assert event.actor == "web_owner"


def test_what_was_decided_is_passed_on(desks: Desks, stage: Stage, cycle: int) -> None:
    page = desks.visit("sec_handler", f"/signoffs/{cycle}")
    form = open_form(page, "/circulation")
    tab_to(page, f"{form} [name=people][value='{READER}']")
    page.keyboard.press("Space")
    tab_to(page, f"{form} button[type=submit]")
    page.keyboard.press("Enter")
    page.get_by_text("尚未閱讀").wait_for()
    circulated = stage.engine.ask(SYSTEM, lambda reader: reader.instances.children(cycle))[-1]
    assert stage.task_for(READER, circulated.id, "read") is not None
