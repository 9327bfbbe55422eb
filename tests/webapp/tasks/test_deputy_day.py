"""A deputy's day (職務代理) in a browser: named by the principal, signs in their place, both names stay."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import Browser, expect

from engine.clock import FixedClock
from engine.commands.organisation import change_user
from engine.commands.passwords import hash_password
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.stage import Stage, build_stage
from tests.webapp.cycle_desk import Desks, served_desks
from tests.webapp.office import PASSWORD

PEOPLE = {
    "sec_chief": ("林雅惠", "主任"), "registry": ("宋明珠", "文書"),
    "deputy_director": ("蔡文傑", "副分局長"),
}  # fmt: skip
BOTH = "代理 林雅惠 主任（公出）"


@pytest.fixture
def stage(sqlite_template: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Stage]:
    """The plan of 115 waits for the secretariat's chief."""
    engine = Engine(f"sqlite:///{copy(sqlite_template, tmp_path / 'stage.db')}", clock)
    stage = actors.begin_year(build_stage(engine, clock))
    engine.execute(SYSTEM, introduce)
    actors.draft(stage)
    yield stage
    engine.close()


def introduce(uow: UnitOfWork) -> None:
    """Give people their names and passwords."""
    for user, (name, title) in PEOPLE.items():
        change_user(uow, user, name=name, title=title, email=None)
        changed = EventDraft(type=EventType.PASSWORD_CHANGED, data={"user": user, "must_change": False})
        uow.accounts.set_password(user, hash_password(PASSWORD), changed)


@pytest.fixture
def desks(stage: Stage, chromium: Browser) -> Iterator[Desks]:
    with served_desks(stage.engine, chromium, "deputy") as desks:
        yield desks


def name_deputy(desks: Desks) -> None:
    """The chief of the secretariat names who stands in for her."""
    page = desks.visit("sec_chief", "/deputies")
    page.select_option("[name=deputy]", label="宋明珠 文書")
    page.fill("[name=valid_to]", "115/12/31")
    page.select_option("[name=cause]", label="公出")
    desks.look(page, "naming")
    page.click("text=指定代理人 >> nth=-1")
    expect(page.locator("section", has_text="我的代理人").locator("tbody tr")).to_contain_text("宋明珠 文書")
    desks.look(page, "named")


def test_a_deputys_day(stage: Stage, desks: Desks) -> None:
    cycle = actors.instances_of(stage, "annual_plan_lifecycle")[-1]
    name_deputy(desks)

    page = desks.visit("registry", "/inbox")
    expect(page.locator("header .st.box")).to_contain_text(BOTH)
    expect(page.locator("tr[data-row]")).to_have_count(0)
    page.click("header .st.box")
    expect(page.locator("tr[data-row] .stc")).to_contain_text("代理林雅惠")
    desks.look(page, "tab")
    page.click("tr[data-row] .verb a")
    expect(page.locator(".note", has_text="您現在是")).to_contain_text(BOTH)
    expect(page.locator(".chain .now")).to_contain_text(BOTH)
    desks.look(page, "signing")
    page.click(".verbs label:has-text('核可（如擬）')")
    page.click("button.primary[value=complete]")
    page.wait_for_url("**/inbox*")

    page = desks.visit("deputy_director", f"/tasks/{stage.task(cycle, 'sign').id}")
    signed = page.locator(".chain li", has_text="核稿")
    expect(signed).to_contain_text("宋明珠")
    expect(signed).to_contain_text(BOTH)
    desks.look(page, "next signer")
    page = desks.visit("sec_chief", f"/instances/{cycle}")
    expect(page.locator("body")).to_contain_text(f"宋明珠 文書，{BOTH}，完成了「簽核」")
    desks.look(page, "timeline")

    page = desks.visit("sec_chief", "/deputies")
    page.click("summary:has-text('提前結束')")
    page.fill("[name=reason]", "提前返回")
    page.click("button:has-text('立即結束')")
    expect(page.locator("tbody tr")).to_contain_text("提前結束")
    expect(desks.visit("registry", "/inbox").locator("header .st.box")).to_have_count(0)
    assert (desks.violations, desks.unsafe, desks.told) == ([], [], [])
