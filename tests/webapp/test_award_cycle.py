"""Both award entries of the demo in Chromium, from the survey to the last order, each step by its owner."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser

from engine.clock import FixedClock
from engine.demo.entries import ENTRIES
from engine.demo.paces import PACES, TURNS
from engine.demo.story import award_acts, begin_demo
from engine.demo.time_machine import keep_time
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import verify_all
from tests.webapp.award_players import Glance, PlayerInBrowser
from tests.webapp.cycle_desk import Desks
from tests.webapp.office import PASSWORD, record_plan
from tests.webapp.test_cycle_115 import served
from webapp.app import create_app
from webapp.settings import WebSettings

# A hundred forms are filled in by hand, on a machine that may be busy.
pytestmark = pytest.mark.timeout(1500)
EVE = datetime.fromisoformat("2026-01-05T09:00:00+08:00")
AFTERWARDS = datetime.fromisoformat("2027-02-26T17:00:00+08:00")
EDITION = "bsmi_khh:award:115"
ENTRY = f"{EDITION}:1"
NAMED = {"director", "unit_chief.metrology", "unit_handler.metrology", "unit_chief.tech_c"}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[PlayerInBrowser]:
    """The award year 115 after it was lived through."""
    clock = FixedClock()
    engine = Engine(f"sqlite:///{tmp_path_factory.mktemp('award') / 'award.db'}", clock)
    begin_demo(engine, clock, PASSWORD)
    engine.execute(SYSTEM, record_plan)
    clock.move_to(EVE)
    engine.execute(SYSTEM, keep_time, EVE)
    app = create_app(engine, WebSettings(secret_key="a-secret-of-tests-only", demo=True), FixedClock())
    with served(app) as address:
        desks = Desks(chromium, address, "award")
        calendar: Any = engine.ask(SYSTEM, lambda reader: reader.calendar)
        player = PlayerInBrowser(engine, clock, ENTRIES, PACES, calendar, None, TURNS, desks=desks)
        player.play(AFTERWARDS, award_acts())
        yield player
        desks.leave()
    engine.close()


def outcomes(played: PlayerInBrowser, entry_key: str) -> list[str]:
    found = played.engine.ask(SYSTEM, lambda reader: reader.documents.list(entry_key, "award_outcome"))
    return [document.body["outcome"] for document in sorted(found, key=lambda document: int(document.key))]


def test_both_entries_come_to_their_end_and_nothing_is_left_to_do(played: PlayerInBrowser) -> None:
    left = [task.element_id for task in played.engine.ask(SYSTEM, lambda reader: reader.tasks.all_open())]
    assert (outcomes(played, ENTRY), outcomes(played, f"{EDITION}:2"), left) == (
        ["recommended", "finalist", "won"], ["recommended", "recommended"], [],
    )  # fmt: skip


def test_no_reviewer_sees_a_score_of_others_before_their_own(played: PlayerInBrowser) -> None:
    assert {(glance.answers, glance.told) for glance in played.prying} == {((200, 404, 200), ())}


def test_nobody_on_a_list_opens_a_task_that_decides_on_it(played: PlayerInBrowser) -> None:
    assert {(glance.answers, glance.told) for glance in played.recused} <= {((403,), ()), ((404,), ())}
    assert {glance.account for glance in played.recused} >= NAMED


def test_personnel_reads_on_one_page_how_the_order_was_revoked_and_issued_anew(
    played: PlayerInBrowser,
) -> None:
    page = played.desks.visit("hr_handler", f"/rewards/{EDITION}")
    played.desks.look(page, "hr_handler rewards")
    story = page.locator("section:has(#stories) tr").filter(has_text="王怡婷")
    grades = re.findall(r"(?:記大功|記功|嘉獎)\d次", "".join(story.inner_text().split()))
    assert (story.locator("li b").all_inner_texts(), grades) == (
        ["發布", "撤銷", "另發新令"], ["記功1次", "記功1次", "記大功1次"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("account", "answers"),
    [
        ("unit_handler.accounting", (200, 200, 200, 200, 403, 403)),
        ("bureau_sec_handler", (200, 404, 200, 404, 403, 403)),
        ("ministry_handler", (200, 404, 200, 404, 403, 403)),
    ],
)
def test_an_account_outside_is_told_neither_rewards_nor_their_process(
    played: PlayerInBrowser, account: str, answers: tuple[int, ...]
) -> None:
    paths = ("/inbox", "/plans/114", "/awards", "/awards/115/1", "/rewards", f"/rewards/{EDITION}")
    words = ("記大功1次", "記功1次", "嘉獎2次", "115年政府服務獎敘獎", "考績委員會審議")
    assert played.glance(account, paths, words) == Glance(account=account, answers=answers, told=())


def test_every_history_of_the_award_is_proven(played: PlayerInBrowser) -> None:
    reports = played.engine.ask(SYSTEM, lambda reader: list(verify_all(reader)))
    assert [fault for report in reports for fault in report.faults] == []


def test_no_page_of_the_award_has_a_barrier(played: PlayerInBrowser) -> None:
    assert (played.desks.violations, played.desks.unsafe, played.desks.told) == ([], [], [])
