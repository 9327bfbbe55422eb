"""Every verb of a task by the keyboard alone: from its page to the verb's page, its fields and its button."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from engine.commands.definitions import deploy
from engine.commands.extensions import apply
from engine.commands.task_routing import hand_back
from engine.commands.tasks import claim
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from tests.stories.stage import workflow_files
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


def task_of(house: House) -> Task:
    return house.engine.ask(SYSTEM, lambda reader: reader.tasks.get(house.task_id()))


def test_a_task_is_redirected_by_the_keyboard_alone(page: Page, address: str, house: House) -> None:
    house.engine.execute(house.engine.actor("wang"), hand_back, house.task_id(), reason="非本科業務範圍")
    sign_in(page, address, "chen")
    page.goto(f"{address}/tasks/{house.task_id()}")
    tab_to(page, f"main a[href='/verbs/{house.task_id()}/redirect']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/redirect")
    tab_to(page, "#f-user")
    for _ in range(4):
        if page.evaluate("document.activeElement.value") == "lin":
            break
        page.keyboard.press("ArrowDown")
    tab_to(page, "#f-reason")
    page.keyboard.type("請林員辦理")
    tab_to(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox")
    assert (task_of(house).assignee, task_of(house).is_handed_back) == ("lin", False)


def test_an_extension_is_granted_by_the_keyboard_alone(page: Page, address: str, house: House) -> None:
    engine, task_id = house.engine, house.task_id()
    engine.execute(SYSTEM, deploy, workflow_files())
    engine.execute(
        engine.actor("wang"), apply, task_id, new_on=date(2025, 1, 15), reason="砝碼送校中，須待校正"
    )
    sign_in(page, address, "chen")
    tab_to(page, "tr[data-row] a[href^='/tasks/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/**")
    tab_to(page, "input[name=decision]")
    page.keyboard.press("Space")
    expect(page.locator("input[name=decision][value=agree]")).to_be_checked()
    tab_to(page, "[name=opinion]")
    page.keyboard.type("如擬")
    tab_to(page, "button[value=complete]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox*")
    due = task_of(house).due_at
    assert due is not None
    assert due.date() == date(2025, 1, 15)
