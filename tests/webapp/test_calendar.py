"""行事曆: the deadlines of a year with who owes them, days off, and nothing that the reader may not know."""

from collections.abc import Iterator
from datetime import date

import pytest
from bs4 import BeautifulSoup

from engine.clock import FixedClock
from engine.commands import organisation
from engine.commands.deputies import end_deputyship, name_deputy
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.plan.calendar import load_calendars, work_calendar, year_table_json
from engine.queries.year_calendar import CalendarEntry, year_calendar
from engine.store.unit_of_work import UnitOfWork
from tests.engine.store.moves import CLERK, complete, deploy, start
from tests.webapp.office import Office


def page(office: Office, user: str, address: str = "/calendar?year=115&month=12") -> BeautifulSoup:
    answer = office.client(user).get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def lines(shown: BeautifulSoup) -> list[list[str]]:
    rows = shown.select(".deadlines tbody tr:not(.of-month)")
    return [[" ".join(cell.stripped_strings) for cell in row.select("td, th")] for row in rows]


def entries(engine: Engine, user: str, year: int = 115) -> list[tuple[str, str, str]]:
    found = engine.ask(engine.actor(user), year_calendar, year)
    return [(entry.kind, entry.name, entry.on.isoformat()) for entry in found.entries]


def test_the_list_has_the_dates_of_the_plan_with_who_owes_them(office: Office) -> None:
    found = lines(page(office, "sec_handler"))
    assert ["12/24 (四)", "分局考核 115年度計畫", "秘書室承辦人", "逾期起算 12/28 (一)"] in found
    assert ["04/09 (四)", "進度填報：第 1 季 115年度計畫", "各單位", ""] in found


def test_the_grid_shows_the_month_that_was_asked_for(office: Office) -> None:
    shown = page(office, "sec_handler")
    current = shown.select_one(".months a[aria-current]")
    assert current is not None
    assert "12月" in current.text
    cells = {" ".join(cell.stripped_strings) for cell in shown.select(".month td")}
    assert {"10 單位自評", "25 放假", "31 K2：完成自行考核"} <= cells


def test_without_a_month_the_present_one_is_shown(office: Office) -> None:
    shown = page(office, "sec_handler", "/calendar")
    today = shown.select_one(".month td.now .dd")
    assert today is not None
    assert today.text == "28"


def test_the_dates_of_a_year_that_was_not_run_are_left_out(office: Office) -> None:
    assert [on for kind, name, on in entries(office.engine, "sec_handler") if name == "K3"] == []
    assert ("plan", "K3", "2027-01-05") in entries(office.engine, "sec_handler", 116)


def test_the_head_office_sees_no_dates_of_the_branch(office: Office) -> None:
    assert entries(office.engine, "bureau_sec_handler") == []


def test_auditors_see_the_dates_and_open_no_task(office: Office) -> None:
    shown = page(office, "auditor")
    assert shown.select(".deadlines a[href^='/schedules/']")
    assert shown.select(".deadlines a[href^='/tasks/']") == []


@pytest.mark.parametrize("address", ["/calendar?year=99", "/calendar?year=200", "/calendar?month=13"])
def test_a_year_or_month_that_does_not_exist_is_not_there(office: Office, address: str) -> None:
    assert office.client("sec_handler").get(address).status_code == 404


def test_a_day_on_which_work_was_stopped_is_marked_with_its_basis(office: Office) -> None:
    closed = work_calendar(load_calendars()).with_day_off(date(2026, 7, 10), "高雄市政府公告")
    office.engine.execute(
        office.engine.actor("sysadmin"), organisation.import_calendar, 2026,
        year_table_json(closed.tables[2026]),
    )  # fmt: skip
    cells = [
        " ".join(cell.stripped_strings)
        for cell in page(office, "sec_handler", "/calendar?year=115&month=7").select(".month td.free")
    ]
    assert "10 停止上班：高雄市政府公告" in cells


def standing_in(office: Office, user: str) -> list[str]:
    cells = page(office, user, "/calendar?year=115&month=2").select(".month td")
    found = [(cell.select_one(".dd"), cell.select_one(".deputy")) for cell in cells]
    return [f"{day.text} {words.text}" for day, words in found if day and words]


def test_days_with_a_deputy_are_marked_for_both_and_for_nobody_else(office: Office) -> None:
    people = ("sec_handler", "registry", "sec_chief")
    named = office.engine.execute(
        office.engine.actor("sec_handler"), name_deputy, "sec_handler", deputy="registry",
        valid_from=date(2026, 2, 9), valid_to=date(2026, 2, 10), cause="vacation",
    )  # fmt: skip
    names = {
        user: office.engine.ask(SYSTEM, lambda reader, user=user: reader.organisation.user(user).name)
        for user in people
    }
    assert {user: standing_in(office, user) for user in people} == {
        "sec_handler": [f"{day} 代理人：{names['registry']}" for day in (9, 10)],
        "registry": [f"{day} 代理{names['sec_handler']}" for day in (9, 10)],
        "sec_chief": [],
    }
    office.engine.execute(
        office.engine.actor("sec_handler"), end_deputyship, named.id, reason="取消休假"
    )  # fmt: skip
    assert standing_in(office, "registry") == []


def test_a_year_without_an_office_calendar_says_so(office: Office) -> None:
    shown = page(office, "sec_handler", "/calendar?year=150&month=1")
    note = shown.select_one(".note.warn")
    assert note is not None
    assert "尚未匯入" in note.text


@pytest.fixture
def statements() -> list[str]:
    return []


@pytest.fixture
def counted(database_url: str, clock: FixedClock, statements: list[str]) -> Iterator[Engine]:
    opened = Engine(database_url, clock, on_statement=statements.append)
    opened.execute(SYSTEM, settle)
    opened.execute(SYSTEM, deploy)
    yield opened
    opened.close()


def settle(uow: UnitOfWork) -> None:
    organisation.add_unit(uow, "office", label="秘書室", kind="staff", agency="branch", position=1)
    organisation.add_user(uow, "zhang", name="張家豪")
    organisation.grant(uow, "zhang", role="sec_handler", unit="office", valid_from=date(2024, 1, 1))


def tasks_of(engine: Engine) -> list[CalendarEntry]:
    found = engine.ask(engine.actor("zhang"), year_calendar, 114).entries
    return [entry for entry in found if entry.kind == "task"]


def test_the_calendar_costs_the_same_however_many_tasks_are_open(
    counted: Engine, statements: list[str]
) -> None:
    tasks_of(counted)
    cost, open_tasks = [], []
    for more in (1, 2, 30):
        for _ in range(more):
            instance = counted.execute(CLERK, start, 1, "bsmi_khh:114")
            for _step in ("draft", "report"):
                (task,) = counted.ask(SYSTEM, lambda r, i=instance: r.tasks.open_of_instance(i))
                counted.execute(CLERK, complete, task.id)
        before = len(statements)
        open_tasks.append(sum(entry.count for entry in tasks_of(counted)))
        cost.append(len(statements) - before)
    assert open_tasks == [1, 3, 33]
    assert len(set(cost)) == 1
