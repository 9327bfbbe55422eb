"""Every verb of a task by the keyboard alone: from its page to the verb's page, its fields and its button."""

import pytest
from playwright.sync_api import Page, expect

from engine.commands.tasks import claim
from tests.webapp.tasks.house import House
from tests.webapp.tasks.many import reports_to_sign
from tests.webapp.tasks.test_browser import address, page, sign_in

__all__ = ["address", "page"]  # fixtures of the browser

MOST_STOPS = 120


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what the selector names has the focus; a page that never comes there fails."""
    for _ in range(MOST_STOPS):
        if page.evaluate("s => document.activeElement?.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard never reaches {selector}")


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("extend", ("#f-new_on", "#f-reason")),
        ("hand-back", ("#f-reason",)),
        ("delegate", ("#f-user",)),
        ("follow-up", ("#f-until_on",)),
        ("ask-opinion", ("#f-user", "#f-question")),
    ],
)
def test_a_verb_of_the_holder_is_reached_by_tab_and_opened_by_enter(
    page: Page, address: str, house: House, verb: str, fields: tuple[str, ...]
) -> None:
    house.engine.execute(house.engine.actor("wang"), claim, house.task_id())
    sign_in(page, address, "wang")
    page.goto(f"{address}/tasks/{house.task_id()}")
    tab_to(page, "details.steer:has(a[href^='/verbs/']) > summary")
    page.keyboard.press("Enter")
    tab_to(page, f"a[href='/verbs/{house.task_id()}/{verb}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/verbs/*/{verb}")
    for field in fields:
        tab_to(page, field)
    tab_to(page, "main button[type=submit]")


def test_a_follow_up_is_set_by_the_keyboard_alone(page: Page, address: str, house: House) -> None:
    sign_in(page, address, "wang")
    page.goto(f"{address}/verbs/{house.task_id()}/follow-up")
    tab_to(page, "#f-until_on")
    page.keyboard.type("114/01/09")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox")
    expect(page.locator("tr[data-row]")).to_have_count(0)


@pytest.mark.parametrize("decision", ["approve", "return"])
def test_a_decision_is_chosen_by_arrow_and_sent_by_enter(
    page: Page, address: str, house: House, decision: str
) -> None:
    task = reports_to_sign(house, 1)[0]
    sign_in(page, address, "chen")
    page.goto(f"{address}/tasks/{task}")
    tab_to(page, "input[name=decision]")
    page.keyboard.press("Space")
    for _ in range(4):
        if page.evaluate("document.activeElement.value") == decision:
            break
        page.keyboard.press("ArrowRight")
    expect(page.locator(f"input[name=decision][value={decision}]")).to_be_checked()
    tab_to(page, "button[value=complete]")
