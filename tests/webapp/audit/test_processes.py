"""The process view in the browser: finding first, map and tables alike, files that are told, deviations."""

import csv
import io

import pytest
import sqlalchemy as sa
from bs4 import Tag

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.store import tables
from tests.engine.replay.test_verify import tamper
from tests.stories import commendation_actors as reward
from tests.stories.stage import Stage
from tests.webapp.audit.pages import page, words
from tests.webapp.office import Office
from tests.webapp.test_sensitive_reads import look, told

DRAFTING = "/audit/processes/plan_drafting"
Rewarded = tuple[Office, int]


@pytest.fixture(scope="module")
def rewarded(shared_office: Office) -> Rewarded:
    """A reward list that waits for its committee."""
    stage = Stage(shared_office.engine, shared_office.clock)
    instance = reward.commendation(stage, "finalist")
    reward.to_committee(stage, instance, reward.HANDLER)
    return shared_office, instance


def cells(table: Tag) -> list[list[str]]:
    return [[words(cell) for cell in row.select("th, td")] for row in table.select("tbody tr")]


def test_the_list_says_first_that_every_history_conforms(shared_office: Office) -> None:
    found = page(shared_office.client("auditor"), "/audit/processes")
    assert words(found.select(".told p")[0]).endswith("件歷程的每一事件都符合流程圖。")
    rows = {row[0]: row[1:] for row in cells(found.select("table")[0])}
    assert rows["年度計畫生命週期"][0] == "1"
    assert rows["年度計畫生命週期"][-2:] == ["1.000", "符合"]


def test_on_a_phone_what_is_nothing_or_as_it_should_be_is_left_out(shared_office: Office) -> None:
    found = page(shared_office.client("auditor"), "/audit/processes")
    rows = {words(row.select("th")[0]): row for row in found.select(".briefly tbody tr")}
    left_out = [str(cell["data-h"]) for cell in rows["年度計畫生命週期"].select(".nil")]
    assert left_out == ["其中由他流程呼叫", "曾退回", "符合度"]


def test_the_page_of_a_process_says_first_where_it_waits(rewarded: Rewarded) -> None:
    found = page(rewarded[0].client("auditor"), "/audit/processes/commendation")
    first, second, third = (words(told) for told in found.select(".told p"))
    assert first.startswith("等最久的是「")
    assert second.startswith("執行1次、1次進行中。")
    assert third == "每一件歷程都符合流程圖 符合度1.000"


def test_map_and_table_tell_the_same(rewarded: Rewarded) -> None:
    found = page(rewarded[0].client("auditor"), "/audit/processes/commendation?show=times")
    drawn = {
        words(group.select_one("title") or group).split("，")[0]: group["class"]
        for group in found.select(".diagram g.heat")
    }
    assert "人事審查" in drawn
    assert all(len([name for name in classes if name.startswith("lv")]) == 1 for classes in drawn.values())
    counted = {row[0].removesuffix(" 最久的一次"): row[1] for row in cells(found.select("table.figures")[0])}
    assert counted["人事審查"] == "1"
    assert "1次" in words(found.select(".diagram g#bp-hr_check")[0])


@pytest.mark.parametrize("show", ["times", "durations", "waiting", "rework", "nothing"])
def test_every_shade_is_a_page(rewarded: Rewarded, show: str) -> None:
    found = page(rewarded[0].client("auditor"), f"/audit/processes/commendation?show={show}")
    chosen = {"nothing": "時間", "times": "出現次數", "durations": "時間", "waiting": "接手前等待",
              "rework": "退回重做"}  # fmt: skip
    assert [words(tab) for tab in found.select("nav.inpage a[aria-current]")] == [chosen[show]]


def test_who_is_waited_for_is_named(rewarded: Rewarded) -> None:
    found = page(rewarded[0].client("auditor"), "/audit/processes/commendation")
    tables_ = {
        words(table.parent): table for table in found.select("#h-people ~ .tablewrap table") if table.parent
    }
    now, done = tables_.values()
    assert [row[:3] for row in cells(now)] == [["考績委員會", "考績委員會審議", "1"]]
    assert {row[1] for row in cells(done)} >= {"秘書室承辦人", "人事室承辦人"}


def test_the_days_are_kept_from_page_to_page(rewarded: Rewarded) -> None:
    browser = rewarded[0].client("auditor")
    found = page(browser, "/audit/processes?from=110/1/1&to=110/12/31")
    assert words(found.select(".told p")[0]) == "這段期間沒有流程執行。"
    found = page(browser, "/audit/processes/commendation?from=110/1/1")
    assert all("from=110/1/1" in tab["href"].replace("%2F", "/") for tab in found.select("nav.inpage a"))


def test_a_day_that_is_none_is_told_beside_its_field(shared_office: Office) -> None:
    found = page(shared_office.client("auditor"), "/audit/processes?from=never")
    assert words(found.select("#e-from")[0]) == "請輸入日期，例如115/1/24"
    assert found.select("#f-from")[0]["value"] == "never"


@pytest.mark.parametrize("address", ["/audit/processes/nothing", f"{DRAFTING}?version=99"])
def test_what_was_never_deployed_is_not_there(shared_office: Office, address: str) -> None:
    assert shared_office.client("auditor").get(address).status_code == 404


@pytest.mark.parametrize("address", ["/audit/processes", DRAFTING, f"{DRAFTING}/people.csv"])
@pytest.mark.parametrize("who", ["sec_handler", "director", "sysadmin"])
def test_nobody_else_opens_it(shared_office: Office, who: str, address: str) -> None:
    assert shared_office.client(who).get(address).status_code == 403


def test_looking_at_a_reward_list_in_figures_is_told(rewarded: Rewarded) -> None:
    office, instance = rewarded
    before = len(told(office, "auditor"))
    page(office.client("auditor"), "/audit/processes/commendation")
    page(office.client("auditor"), "/audit/processes")
    assert told(office, "auditor")[before:] == [look(instance)]


@pytest.mark.parametrize("figures", ["elements", "ways", "variants", "returns", "people", "conformance"])
def test_every_table_is_a_file_and_taking_it_is_told(rewarded: Rewarded, figures: str) -> None:
    office, _ = rewarded
    before = len(told(office, "auditor"))
    answer = office.client("auditor").get(f"/audit/processes/commendation/{figures}.csv?from=100/1/1")
    assert answer.status_code == 200
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    assert [event for event in told(office, "auditor")[before:] if event["type"] == "exported"] == [
        {
            "type": "exported", "process": "commendation", "table": figures, "format": "csv",
            "scope": {"from": "100/1/1"}, "rows": len(rows) - 1,
        }
    ]  # fmt: skip


@pytest.fixture
def deviating(office: Office) -> tuple[Office, int]:
    """The cycle of 115 without one event that its history had."""
    instance = office.instance_id("bsmi_khh:115")
    passed = office.engine.ask(
        SYSTEM,
        lambda reader: [e.seq for e in reader.history.events(instance) if e.type is EventType.ELEMENT_PASSED],
    )
    event = tables.history_event
    tamper(office.engine, sa.delete(event).where(event.c.stream == instance, event.c.seq == passed[0]))
    office.engine.memory.forget()
    return office, instance


def test_a_deviation_is_named_and_leads_to_its_event(deviating: tuple[Office, int]) -> None:
    office, instance = deviating
    browser = office.client("auditor")
    assert "與流程圖不符" in words(page(browser, "/audit/processes").select(".told p")[0])
    found = page(browser, "/audit/processes/annual_plan_lifecycle")
    assert "與流程圖不符" in words(found.select(".told p")[2])
    named = found.select(".deviates li")
    assert named
    assert all(str(instance) in link["href"] for link in found.select(".deviates li a"))
