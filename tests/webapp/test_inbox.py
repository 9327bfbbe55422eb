"""The inbox as people use it: what stands in a line, taking and putting back, filters, and empty tabs."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from engine.clock import to_micros
from engine.demo.story import start_cycle
from engine.domain.identity import SYSTEM
from engine.plan.calendar import load_calendars, work_calendar
from engine.queries import inbox_completed
from engine.queries.tasks import position
from engine.store import tables
from engine.store.unit_of_work import UnitOfWork
from tests.engine.queries.test_inbox_counts import completed
from tests.webapp.office import Office
from webapp.inbox_lines import Mark, days_mark, group_of
from webapp.inbox_tabs import TABS, shown_count

CALENDAR = work_calendar(load_calendars())
WEDNESDAY = date(2026, 1, 21)


def page(client: FlaskClient, address: str = "/inbox") -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def words(part: Tag | None) -> str:
    return " ".join(part.stripped_strings) if part else ""


def rows(shown: BeautifulSoup) -> list[Tag]:
    return shown.select("tr[data-row]")


def test_a_line_begins_with_the_verb_and_ends_with_the_due_date(office: Office) -> None:
    shown = page(office.client("sec_handler"))
    cells = [words(cell) for cell in rows(shown)[0].select("td:not(.pick)")]
    assert cells == [
        "登錄總局計畫",
        "115年度提升服務效能執行計畫",
        "未接手",
        "",
        "張家豪 承辦人",
        "01/28",
        "未定期限",
    ]


def test_the_line_below_tells_why_i_see_it(office: Office) -> None:
    shown = page(office.client("sec_handler"))
    assert words(shown.select_one("tr.why .whyline > span")) == (
        "看得到，因為您是秘書室承辦人，還沒有人接手。"
    )


def test_taking_a_task_stays_where_the_list_was(office: Office) -> None:
    client = office.client("sec_handler")
    task_id = office.open_task(office.instance_id("bsmi_khh:115"))
    answer = client.post(f"/inbox/{task_id}/claim", data={"back": "/inbox?sort=since"})
    assert answer.headers["Location"] == f"/inbox?sort=since#t-{task_id}"
    shown = page(client)
    assert "而且已接手" in words(shown.select_one("tr.why"))
    assert [form["action"] for form in shown.select("tr.why form")] == [f"/inbox/{task_id}/unclaim"]


def test_a_task_that_was_put_back_can_be_taken_again(office: Office) -> None:
    client = office.client("sec_handler")
    task_id = office.open_task(office.instance_id("bsmi_khh:115"))
    client.post(f"/inbox/{task_id}/claim")
    client.post(f"/inbox/{task_id}/unclaim")
    assert [form["action"] for form in page(client).select("tr.why form")] == [f"/inbox/{task_id}/claim"]


def test_taking_leads_nowhere_else(office: Office) -> None:
    task_id = office.open_task(office.instance_id("bsmi_khh:115"))
    answer = office.client("sec_handler").post(
        f"/inbox/{task_id}/claim", data={"back": "https://evil.example/"}
    )
    assert answer.headers["Location"] == f"/inbox#t-{task_id}"


def test_people_see_only_what_their_role_owes(office: Office) -> None:
    assert rows(page(office.client("unit_chief.metrology"))) == []


@pytest.mark.parametrize(
    ("address", "subjects"),
    [
        ("/inbox?q=116", ["116年度提升服務效能執行計畫"]),
        ("/inbox?year=115", ["115年度提升服務效能執行計畫"]),
        ("/inbox?work=annual_plan_lifecycle&year=99", []),
        ("/inbox?q=%25", []),
        (
            "/inbox?sort=since&q=%E5%B9%B4%E5%BA%A6",
            ["116年度提升服務效能執行計畫", "115年度提升服務效能執行計畫"],
        ),
    ],
)
def test_the_list_is_narrowed_and_sorted_by_its_address(
    office: Office, address: str, subjects: list[str]
) -> None:
    office.clock.move_to(office.clock.now() + timedelta(hours=1))
    start_cycle(office.engine, 116)
    shown = page(office.client("sec_handler"), address)
    assert [words(row.select_one(".of")) for row in rows(shown)] == subjects


def test_pages_follow_each_other_without_gap_or_repetition(office: Office) -> None:
    for year in range(116, 146):
        start_cycle(office.engine, year)
    client, address, seen = office.client("sec_handler"), "/inbox", []
    while address:
        shown = page(client, address)
        seen += [row["id"] for row in rows(shown)]
        following = shown.select_one("a[rel=next]")
        address = str(following["href"]) if following else ""
    assert (len(seen), len(set(seen))) == (31, 31)


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab.view != "open"], ids=lambda tab: str(tab.view))
def test_an_empty_tab_says_what_would_appear_and_leads_on(office: Office, tab: object) -> None:
    view = str(getattr(tab, "view", ""))
    empty = page(office.client("sec_handler"), f"/inbox?view={view}").select_one(".empty")
    assert empty is not None
    assert (words(empty.select_one("b")) != "", words(empty.select_one("a"))) == (True, "看待辦1件")


@pytest.mark.parametrize("address", ["/inbox?view=nothing", "/inbox?sort=subject", "/inbox?cursor=1'--"])
def test_an_address_that_was_made_up_is_refused_in_plain_words(office: Office, address: str) -> None:
    answer = office.client("sec_handler").get(address)
    assert (answer.status_code, "沒有這個值" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("due", "group"),
    [
        (date(2026, 1, 20), "overdue"),
        (WEDNESDAY, "today"),
        (date(2026, 1, 22), "week"),
        (date(2026, 1, 25), "week"),
        (date(2026, 1, 26), "later"),
        (None, "undated"),
    ],
)
def test_tasks_fall_into_groups_by_their_due_date(due: date | None, group: str) -> None:
    assert group_of(due, WEDNESDAY) == group


@pytest.mark.parametrize(
    ("due", "mark"),
    [
        (WEDNESDAY, Mark(name="today")),
        (date(2026, 1, 23), Mark(name="later", word="剩2日")),
        (date(2026, 1, 27), Mark(name="later", word="剩4日")),
        (date(2026, 1, 19), Mark(name="overdue", word="逾2日")),
        (date(2035, 1, 21), Mark(name="later", word="剩3287日")),
    ],
    ids=["today", "in the week", "over the weekend", "late", "a year without a table"],
)
def test_days_are_counted_in_working_days(office: Office, due: date, mark: Mark) -> None:
    with office.app.test_request_context():
        assert days_mark(due, WEDNESDAY, CALENDAR) == mark


def test_a_due_date_of_last_weekend_is_late_on_monday(office: Office) -> None:
    with office.app.test_request_context():
        late = days_mark(date(2026, 1, 25), date(2026, 1, 26), CALENDAR)
    assert late == Mark(name="overdue", word="逾1日")


def test_what_is_due_already_is_for_today_until_it_is_late(office: Office) -> None:
    due, late_after = date(2026, 12, 24), date(2026, 12, 28)  # 12/25 is a holiday before a weekend
    days = (date(2026, 12, 28), date(2026, 12, 29))
    assert [group_of(due, day, late_after) for day in days] == ["today", "overdue"]
    with office.app.test_request_context():
        marks = [days_mark(due, day, CALENDAR, late_after) for day in days]
    assert marks == [Mark(name="today", word="期限已過，尚未逾期"), Mark(name="overdue", word="逾1日")]


@pytest.mark.parametrize(("number", "shown"), [(0, "0"), (99, "99"), (100, "99+")])
def test_counts_stop_at_their_cap(number: int, shown: str) -> None:
    assert shown_count(number) == shown


def test_the_rail_names_only_what_a_person_may_open(office: Office) -> None:
    seen = {
        user: [words(link) for link in page(office.client(user), address).select("body > .desk > nav.rail a")]
        for user, address in (
            ("sec_handler", "/inbox"),
            ("sysadmin", "/admin/users"),
            ("auditor", "/audit"),
        )
    }
    assert seen == {
        "sec_handler": ["待辦匣", "年度計畫", "參獎與敘獎", "行事曆", "統計"],
        "sysadmin": ["管理"],
        "auditor": ["年度計畫", "參獎與敘獎", "行事曆", "統計", "稽核"],
    }


def test_the_page_is_in_english_when_it_is_asked_for(office: Office) -> None:
    client = office.client("sec_handler")
    client.get("/language/en")
    shown = page(client)
    assert (shown.html["lang"] if shown.html else "", words(shown.select_one("h1"))) == ("en", "Inbox")


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant-TW"),
        ("zh", "zh-Hant-TW"),
        ("zh-HK", "zh-Hant-TW"),
        ("en-US,en;q=0.9", "en"),
        ("fr", "zh-Hant-TW"),
        ("", "zh-Hant-TW"),
    ],
)
def test_the_language_follows_the_browser_and_is_chinese_otherwise(
    office: Office, accepted: str, lang: str
) -> None:
    answer = office.stranger().get("/login", headers={"Accept-Language": accepted})
    html = BeautifulSoup(answer.text, "html.parser").html
    assert html is not None
    assert html["lang"] == lang


def test_the_clock_of_the_page_is_that_of_taipei(office: Office) -> None:
    office.clock.move_to(datetime(2026, 1, 31, 16, 30, tzinfo=UTC))
    assert words(page(office.client("sec_handler")).select_one(".pagehead .muted")) == "115/02/01 (日)"


def test_counts_that_are_known_are_not_sent_again(office: Office) -> None:
    client = office.client("sec_handler")
    first = client.get("/inbox/counts")
    assert (first.status_code, first.get_json()["open"]) == (200, "1")
    again = client.get("/inbox/counts", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    start_cycle(office.engine, 116)
    changed = client.get("/inbox/counts", headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.get_json()["open"]) == (200, "2")


@pytest.mark.parametrize(("due", "listed"), [("today", 1), ("week", 2), ("month", 3), ("undated", 1)])
def test_the_list_is_narrowed_to_what_is_due_soon(office: Office, due: str, listed: int) -> None:
    for year, day in ((116, 0), (117, 2), (118, 20), (119, 40)):
        start_cycle(office.engine, year)
        give_due_date(office, year, day)
    shown = page(office.client("sec_handler"), f"/inbox?due={due}")
    assert len(rows(shown)) == listed


def give_due_date(office: Office, year: int, days: int) -> None:
    """Let the first task of a cycle be due so many days from now."""
    task_id = office.open_task(office.instance_id(f"bsmi_khh:{year}"))
    due = to_micros(office.clock.now() + timedelta(days=days))

    def change(uow: UnitOfWork) -> None:
        for table, column in ((tables.task, "id"), (tables.task_candidate, "task_id")):
            row = table.c[column] == task_id
            uow.transaction.core.execute(sa.update(table).where(row).values(due_at=due, late_after_at=due))

    office.engine.execute(SYSTEM, change)


def test_a_due_filter_that_does_not_exist_is_refused(office: Office) -> None:
    assert office.client("sec_handler").get("/inbox?due=never").status_code == 422


def test_after_a_task_the_list_stays_and_offers_the_next_one(office: Office) -> None:
    for year in (116, 117):
        start_cycle(office.engine, year)
    client = office.client("sec_handler")
    ids = [row["id"].removeprefix("t-") for row in rows(page(client))]
    for done, following in zip(ids, (ids[1], ids[2], ids[0]), strict=True):
        task = office.engine.ask(SYSTEM, lambda reader, i=int(done): reader.tasks.get(i))
        due_at, number = position(task)
        shown = page(client, f"/inbox?after={due_at}.{number}")
        assert [row["id"] for row in shown.select("tr[data-next]")] == [f"t-{following}"]


def test_a_list_that_is_done_says_so(office: Office) -> None:
    shown = page(office.client("unit_chief.metrology"), "/inbox?after=0.0")
    assert words(shown.select_one(".said")) == "這個清單已全部處理完。"


def test_the_task_leads_back_to_the_list_from_which_it_was_opened(office: Office) -> None:
    client = office.client("sec_handler")
    task_id = office.open_task(office.instance_id("bsmi_khh:115"))
    page(client, "/inbox?year=115&sort=since")
    crumb = page(client, f"/tasks/{task_id}").select_one(".crumb a")
    assert crumb is not None
    assert crumb["href"] == f"/inbox?year=115&sort=since#t-{task_id}"
    client.post(f"/tasks/{task_id}/claim")
    assert client.post(f"/tasks/{task_id}/unclaim").location == "/inbox?year=115&sort=since"


def test_lists_of_what_is_done_lead_on_to_nothing(office: Office) -> None:
    client = office.client("sec_handler")
    page(client, "/inbox?view=sent")
    task_id = office.open_task(office.instance_id("bsmi_khh:115"))
    crumb = page(client, f"/tasks/{task_id}").select_one(".crumb a")
    assert crumb is not None
    assert crumb["href"] == f"/inbox#t-{task_id}"


def test_a_page_that_looked_at_the_newest_in_vain_leads_to_earlier_ones(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_completed, "WALK", 3)
    running = office.instance_id("bsmi_khh:115")
    office.engine.execute(SYSTEM, lambda uow: completed(uow, [running], 5, "sec_handler"))
    client = office.client("sec_handler")
    shown = page(client, "/inbox?view=closed")
    way_on = shown.select_one(".empty a")
    assert (words(shown.select_one(".empty b")), words(way_on)) == ("最近辦過的件中沒有符合的", "下一頁")
    assert way_on is not None
    beyond = page(client, str(way_on["href"]))
    assert words(beyond.select_one(".empty b")) == "您辦過的件都還沒有結案"
    sent = page(client, "/inbox?view=sent")
    assert (len(rows(sent)), words(sent.select_one(".paging"))) == (3, "下一頁")
