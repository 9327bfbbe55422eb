"""A plan that the director returns to the second signer, and its second round, in a browser."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.clock import FixedClock
from engine.commands.passwords import hash_password
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import verify
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.stage import Stage, build_stage
from tests.webapp.cycle_desk import Desks, served_desks
from tests.webapp.office import PASSWORD

SIGNERS = ("deputy_director", "director")
REMARK = "目標請寫明縮短多少。餘如擬。"
NEW_GOAL = actors.GOAL.replace("更省時", "縮短三成時間")


@pytest.fixture
def stage(sqlite_template: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Stage]:
    """The plan of 115 after its first signature."""
    engine = Engine(f"sqlite:///{copy(sqlite_template, tmp_path / 'stage.db')}", clock)
    stage = actors.begin_year(build_stage(engine, clock))
    engine.execute(SYSTEM, give_passwords)
    actors.sign(stage, actors.draft(stage), "sec_chief", "approve")
    yield stage
    engine.close()


def give_passwords(uow: UnitOfWork) -> None:
    for user in SIGNERS:
        changed = EventDraft(type=EventType.PASSWORD_CHANGED, data={"user": user, "must_change": False})
        uow.accounts.set_password(user, hash_password(PASSWORD), changed)


@pytest.fixture
def desks(stage: Stage, chromium: Browser) -> Iterator[Desks]:
    """The browsers of the signers."""
    with served_desks(stage.engine, chromium, "second signer") as desks:
        yield desks


def signing(stage: Stage, desks: Desks, user: str) -> Page:
    """The page of the signature that is awaited, before the eyes of a signer."""
    cycle = actors.instances_of(stage, "annual_plan_lifecycle")[-1]
    return desks.visit(user, f"/tasks/{stage.task(cycle, 'sign').id}")


def decide(page: Page, label: str, opinion: str = "") -> None:
    page.click(f".verbs label:has-text('{label}')")
    page.fill("[name=opinion]", opinion)
    page.click("button.primary[value=complete]")
    page.wait_for_url("**/inbox*")


def change(page: Page, element: str, text: str, row: int) -> None:
    """Write another text for one place of the plan."""
    page.click("button[value='add:changes']")
    page.select_option(f"[name=changes-{row}-element]", element)
    page.fill(f"[name=changes-{row}-text]", text)


def test_a_return_to_the_second_signer_comes_back_with_what_was_changed(stage: Stage, desks: Desks) -> None:
    decide(signing(stage, desks, "deputy_director"), "核可（如擬）", "可")

    page = signing(stage, desks, "director")
    page.click(".verbs label:has-text('退件')")
    page.select_option("[name=return_to]", label="副分局長")
    page.get_by_label("目標未量化").check()
    decide(page, "退件", REMARK)

    page = signing(stage, desks, "deputy_director")
    expect(page.locator(".says blockquote", has_text=REMARK).first).to_be_visible()
    expect(page.locator(".chain .now .stamp.void")).to_have_count(1)
    page.click(".verbs label:has-text('修正後核可')")
    change(page, "goal", NEW_GOAL, 0)
    change(page, "scope", "本計畫適用於分局各單位及離島辦事處。", 1)
    decide(page, "修正後核可", "修正後發")

    page = signing(stage, desks, "director")
    changes = page.locator("[aria-labelledby=h-chg] .chg")
    expect(changes).to_have_count(2)
    expect(changes.nth(0).locator(".remark")).to_contain_text("目標請寫明縮短多少")
    expect(changes.nth(0).locator("ins").first).to_be_visible()
    expect(changes.nth(1).locator(".remark")).to_contain_text("您未要求")
    expect(changes.nth(1).locator(".who")).to_contain_text("deputy_director")
    desks.look(page, "second round")
    assert (desks.violations, desks.unsafe, desks.told) == ([], [], [])
    decide(page, "決行", "如擬")

    cycle = actors.instances_of(stage, "annual_plan_lifecycle")[-1]
    assert stage.open(cycle) == ["dispatch_letter"]
    assert stage.engine.ask(SYSTEM, verify, cycle).faults == ()
