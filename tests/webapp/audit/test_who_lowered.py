"""An auditor finds out by clicks who lowered a target, when, under which task, and who approved it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from playwright.sync_api import Browser, Locator, Page
from werkzeug.serving import make_server

from engine.activities.deadlines import record_deadlines
from engine.activities.plan_documents import release
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.store.unit_of_work import UnitOfWork
from tests.stories import amending
from tests.stories.stage import Stage
from tests.webapp.audit.pages import page, words
from tests.webapp.cycle_desk import Desks
from tests.webapp.office import PLAN, Office

FEWER_THAN = 10
REASON = "量能調整，經評估年度內無法達成原目標"


@dataclass(slots=True)
class Hand:
    """Clicks on what can be seen, and counts."""

    page: Page
    clicks: int = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def follow(self, what: Locator) -> None:
        """Click on what leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            self.click(what)


@contextmanager
def served(office: Office, browser: Browser) -> Iterator[Desks]:
    """Desks at the pages of the office."""
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    desks = Desks(browser, f"http://127.0.0.1:{server.port}", "audit")
    try:
        yield desks
    finally:
        desks.leave()
        server.shutdown()
        thread.join()
        server.server_close()


def acknowledged(uow: UnitOfWork) -> None:
    """The bureau has acknowledged the plan of 114, and its dates are set."""
    version = uow.documents.get(PLAN, "plan")
    record_deadlines(uow, PLAN, date(2025, 1, 6), {})
    uow.documents.put(PLAN, "report", "1", {"plan_no": version.no, "plan_digest": version.digest})
    release(uow, PLAN, "1", "acknowledged")
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def lower(office: Office) -> int:
    """An amendment of the plan of 114 lowers target 3.2.3, in January of the following year."""
    office.engine.execute(SYSTEM, acknowledged)
    stage = Stage(office.engine, office.clock)
    instance = amending.amend(stage)
    amending.request(stage, instance, rows=["3.2.3"], effective_on="2026-02-26", unit_due="2026-02-06")
    stage.move_to("2026-01-29T09:30")
    user = "unit_handler.metrology"
    shown = stage.shown(user, instance, "edit_actions@metrology")["actions"]
    rows = [{**row, "value": "90"} if row["id"] == "3.2.3" else row for row in shown]
    stage.complete(user, instance, "edit_actions@metrology", applicable=True, actions=rows)
    stage.complete("unit_chief.metrology", instance, "chief_review@metrology", decision="approve")
    amending.compile_texts(stage, instance)
    amending.sign(stage, instance, lowering_reason=REASON)
    return instance


def test_an_auditor_finds_who_lowered_a_target_in_under_ten_clicks(office: Office, chromium: Browser) -> None:
    instance = lower(office)
    with served(office, chromium) as desks:
        screen = desks.visit("auditor", "/")
        hand = Hand(screen)
        hand.follow(screen.locator("nav.rail").get_by_role("link", name="稽核"))
        hand.follow(screen.get_by_role("link", name="目標異動"))
        hand.click(screen.get_by_label("只看查核發現"))
        hand.follow(screen.get_by_role("button", name="顯示"))
        row = screen.locator("table.answer tbody tr").filter(has_text="3.2.3")
        told = [" ".join(cell.split()) for cell in row.locator("td").all_inner_texts()]
        desks.look(screen, "target changes")
        hand.follow(row.get_by_role("link", name="第", exact=False).last)
        opened = screen.url.removeprefix(desks.address)
        faults = (desks.violations, desks.unsafe, desks.told)
    assert told[:-1] == [
        "需留意 目標調降", "3.2.3", "砝碼校正數 目標值", "≥ 120 具", "≥ 90 具", "115/01/29 (四) 09:30",
        "王怡婷 承辦人 度量衡科 單位承辦人", "單位提報",
        "陳志明 科長 林雅惠 主任 蔡文傑 副分局長 許國棟 分局長", "結果尚未得知", REASON,
    ]  # fmt: skip
    assert opened.startswith(f"/audit/replay/{instance}?at=")
    assert hand.clicks < FEWER_THAN
    assert faults == ([], [], [])


def test_an_answer_is_searched_and_narrowed_and_says_when_nothing_is_left(office: Office) -> None:
    lower(office)
    client = office.client("auditor")
    kept = [
        len(page(client, f"/audit/questions/target-changes?{query}").select("table.answer tbody tr"))
        for query in ("", "find=王怡婷", "find=3.3.3", "only=findings", "plan=115", "find=3.2.3&plan=114")
    ]
    empty = page(client, "/audit/questions/target-changes?find=3.3.3").select_one(".empty a")
    assert kept == [1, 1, 0, 1, 0, 1]
    assert empty is not None
    assert (words(empty), empty["href"]) == ("清除篩選", "/audit/questions/target-changes")
