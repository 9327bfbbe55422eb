"""The second round of a memo in a browser: what changed since the return, and what was said in it."""

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
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors, entrants
from tests.stories.entrants import MEMO
from tests.stories.stage import Stage, build_stage
from tests.webapp.cycle_desk import Desks, served_desks
from tests.webapp.office import PASSWORD

REMARK = "主題請寫明方式。餘如擬。"
THEME, REASON = "離島度量衡行動校正站", "離島度量衡服務作法具創新性，成效已可量化，經評估適合參獎。"
SIGN_BACK = {
    "decision": "return", "return_to": "handler", "return_reason": ["incomplete", "other"], "opinion": REMARK,
}  # fmt: skip


@pytest.fixture
def stage(sqlite_template: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Stage]:
    """A memo that the secretariat's chief has returned."""
    engine = Engine(f"sqlite:///{copy(sqlite_template, tmp_path / 'stage.db')}", clock)
    stage = actors.begin_year(build_stage(engine, clock))
    engine.execute(SYSTEM, give_passwords)
    memo = entrants.surveyed(stage)
    entrants.write_memo(stage, memo)
    stage.complete("sec_chief", memo, "sign", **SIGN_BACK)
    yield stage
    engine.close()


def give_passwords(uow: UnitOfWork) -> None:
    for user in ("sec_chief", "sec_handler", "deputy_director"):
        changed = EventDraft(type=EventType.PASSWORD_CHANGED, data={"user": user, "must_change": False})
        uow.accounts.set_password(user, hash_password(PASSWORD), changed)


@pytest.fixture
def desks(stage: Stage, chromium: Browser) -> Iterator[Desks]:
    """The browsers of the signers and of the handler."""
    with served_desks(stage.engine, chromium, "second round") as desks:
        yield desks


def memo_of(stage: Stage) -> int:
    found = stage.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(entrants.ENTRY))
    return found[0].id


def at(stage: Stage, desks: Desks, user: str, element: str) -> Page:
    return desks.visit(user, f"/tasks/{stage.task(memo_of(stage), element).id}")


def test_the_handler_reads_the_reasons_beside_the_opinion(stage: Stage, desks: Desks) -> None:
    page = at(stage, desks, "sec_handler", "entry_memo")
    said = page.locator(".says li").first
    expect(said).to_contain_text("退件原因：內容不完整、其他（需說明）")
    expect(said.locator("blockquote")).to_have_text(REMARK)
    desks.look(page, "returned to the handler")
    assert (desks.violations, desks.unsafe, desks.told) == ([], [], [])


def test_who_returned_it_sees_field_by_field_what_changed(stage: Stage, desks: Desks) -> None:
    entrants.write_memo(stage, memo_of(stage), theme=THEME, reason=REASON)
    page = at(stage, desks, "sec_chief", "sign")
    part = page.locator("[aria-labelledby=h-chg]")
    changes = part.locator(".chg")
    expect(part.locator(".said-of")).to_contain_text(REMARK)
    expect(part.locator(".said-of .small")).to_have_text("退件原因：內容不完整、其他（需說明）")
    assert changes.locator(".where").all_inner_texts() == ["簽陳・主題", "簽陳・理由"]
    expect(changes.locator(".remark")).to_have_text(["您的意見主題請寫明方式", " 您未要求"])
    expect(changes.nth(0).locator(".what del").first).to_be_visible()
    desks.look(page, "second round of a memo")
    assert (desks.violations, desks.unsafe, desks.told) == ([], [], [])


def test_the_next_level_reads_since_whose_return(stage: Stage, desks: Desks) -> None:
    entrants.write_memo(stage, memo_of(stage), **{**MEMO, "theme": THEME})
    actors.sign(stage, memo_of(stage), "sec_chief", "approve", opinion="可")
    page = at(stage, desks, "deputy_director", "sign")
    expect(page.locator("#h-chg")).to_contain_text("sec_chief 科員")
    expect(page.locator("[aria-labelledby=p-fallen]")).to_contain_text("內容不完整、其他（需說明）")
    desks.look(page, "next level of a memo")
    assert (desks.violations, desks.unsafe, desks.told) == ([], [], [])
