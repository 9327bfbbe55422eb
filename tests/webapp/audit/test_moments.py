"""The pages of a past moment: what is shown of which moment, what is taken away, and who looked."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.commands import deputies, organisation
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from tests.stories import commendation_actors as reward
from tests.stories.stage import Stage
from tests.webapp.audit.pages import page, words
from tests.webapp.office import Office

BEGUN = "/audit/moments?at=115/01/28 09:00"
PERSON = "sec_handler"


@pytest.fixture
def later(office: Office) -> Office:
    """The next day: the handler of the secretariat has another name, and the account was closed."""
    office.clock.move_to(office.clock.now() + timedelta(days=1))
    office.engine.execute(SYSTEM, organisation.change_user, PERSON, name="改名者", title="", email=None)
    office.engine.execute(SYSTEM, organisation.disable_user, PERSON)
    return office


def told(office: Office, event_type: EventType) -> list[dict[str, Any]]:
    """What the own stream of the auditor tells."""
    number = office.engine.actor("auditor").number
    found = office.engine.ask(SYSTEM, lambda reader: reader.history.events(-number))
    return [json.loads(event.data) for event in found if event.type is event_type]


def rows_of(body: bytes) -> list[list[str]]:
    """The rows of a file for spreadsheets."""
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def cells(client: FlaskClient, address: str) -> list[list[str]]:
    """The cells of the first table of a page."""
    table = page(client, address).select_one("main table")
    assert table is not None
    return [[words(cell) for cell in row.select("td")] for row in table.select("tbody tr")]


def test_the_title_is_the_moment(shared_office: Office) -> None:
    client = shared_office.client("auditor")
    assert words(page(client, BEGUN).select("h1")[0]) == "115/01/28 (三) 09:00 當時"
    assert words(page(client, "/audit/moments?at=1150127").select("h1")[0]) == "115/01/27 (二) 23:59 當時"
    iso = "/audit/moments?at=2026-01-27T11:20:00%2B08:00"
    assert words(page(client, iso).select("h1")[0]) == "115/01/27 (二) 11:20 當時"


def test_an_inbox_has_the_tasks_and_the_name_of_then(later: Office) -> None:
    client = later.client("auditor")
    then = page(client, f"{BEGUN}&person={PERSON}")
    (first, *_) = cells(client, f"{BEGUN}&person={PERSON}")
    assert first[0].endswith("115年度提升服務效能執行計畫")
    assert first[4] == "得以秘書室承辦人接手"
    assert "改名者" not in words(then.select("main")[0])
    now = page(client, f"/audit/moments?person={PERSON}")
    assert words(now.select(".note.warn")[0]) == "該帳號當時已停用，待辦匣沒有工作。"
    assert "改名者" in words(now.select("h2")[0])


def test_open_processes_tell_who_could_take_their_tasks(shared_office: Office) -> None:
    client = shared_office.client("auditor")
    (cycle,) = cells(client, f"{BEGUN}&what=open")
    assert cycle[0].startswith("115年度提升服務效能執行計畫")
    assert "尚無人接手：" in cycle[1]
    assert cells_before(client) == "當時沒有進行中的案件"


def test_an_open_process_leads_to_its_replay_at_the_last_entry_before_the_moment(
    shared_office: Office,
) -> None:
    client, number = shared_office.client("auditor"), shared_office.instance_id("bsmi_khh:115")
    (link,) = page(client, f"{BEGUN}&what=open").select("main tbody a")
    events = shared_office.engine.ask(SYSTEM, lambda reader: reader.history.events(number))
    assert link["href"] == f"/audit/replay/{number}?at={events[-1].seq}"
    assert client.get(str(link["href"])).status_code == 200


def cells_before(client: FlaskClient) -> str:
    """What the page of the open processes says of the day before anything was begun."""
    shown = page(client, "/audit/moments?what=open&at=115/01/27")
    return words(shown.select(".empty b")[0])


def test_the_organisation_tells_whose_deputy_stood_in_at_that_minute(office: Office) -> None:
    office.engine.execute(
        office.engine.actor("director"), deputies.name_deputy, "director", deputy="deputy_director",
        valid_from=date(2026, 1, 28), valid_to=date(2026, 1, 30), cause="leave",
    )  # fmt: skip
    named = office.clock.now()
    office.clock.move_to(named + timedelta(minutes=5))
    office.engine.execute(office.engine.actor("director"), deputies.end_deputyship, 1, reason="提前銷假")
    client = office.client("auditor")

    def standing(at: datetime) -> list[str]:
        shown = page(client, f"/audit/moments?what=organisation&at={at.isoformat().replace('+', '%2B')}")
        return [words(row.select("td")[-1]) for row in shown.select("section:nth-of-type(2) tbody tr")]

    assert standing(named) == ["當時有效"]
    assert standing(office.clock.now()) == ["115/01/28 (三) 09:05提前結束"]
    assert standing(named - timedelta(microseconds=1)) == []


def test_plans_show_the_text_of_a_version(shared_office: Office) -> None:
    client = shared_office.client("auditor")
    (plan,) = [row for row in cells(client, "/audit/moments?what=plans") if row[0].startswith("114")]
    assert plan[1:4] == ["執行中", "–", "第1版"]
    shown = page(client, "/audit/moments?what=plans&year=114&no=1")
    assert len(shown.select("section table tbody tr")) > 10
    assert client.get("/audit/moments?what=plans&year=114&no=2").status_code == 404
    assert client.get("/audit/moments?what=plans&year=99").status_code == 404


@pytest.mark.parametrize("what", ["inbox", "open", "organisation", "plans"])
def test_every_view_is_taken_away_as_a_file_and_that_is_told(office: Office, what: str) -> None:
    client = office.client("auditor")
    answer = client.get(f"/audit/moments/{what}.csv?at=115/01/28 09:00&person={PERSON}")
    rows = rows_of(answer.data)
    assert len(rows) > 1
    assert told(office, EventType.EXPORTED) == [
        {
            "moment": "2026-01-28T09:00:00+08:00", "what": what, "format": "csv", "rows": len(rows) - 1,
            "person": PERSON if what == "inbox" else None,
        }
    ]  # fmt: skip


def test_a_name_that_a_spreadsheet_would_calculate_stays_text(office: Office) -> None:
    office.engine.execute(SYSTEM, organisation.change_user, PERSON, name="=1+1", title="", email=None)
    rows = rows_of(office.client("auditor").get("/audit/moments/organisation.csv").data)
    assert [row[2] for row in rows if row[1:2] == [PERSON]] == ["'=1+1"]


def test_looking_at_what_is_restricted_is_told(office: Office) -> None:
    stage = Stage(office.engine, office.clock)
    reward.entry(stage, reward.ENTRY)
    reward.outcome(stage, "finalist", key=reward.ENTRY)
    number = reward.start(stage)
    client = office.client("auditor")
    page(client, "/audit/moments?what=organisation")
    assert told(office, EventType.SENSITIVE_READ) == []
    page(client, "/audit/moments?what=open")
    assert told(office, EventType.SENSITIVE_READ) == [{"kind": "restricted_instance", "instance": number}]


@pytest.mark.parametrize(
    ("at", "fault"),
    [("hello", "請輸入日期，或日期與時間"), ("115/13/40", "請輸入日期，或日期與時間"),
     ("1911-12-31", "請輸入日期，或日期與時間"), ("0001-01-01T00:00%2B14:00", "請輸入日期，或日期與時間"),
     ("9999-12-31", "請輸入日期，或日期與時間"), ("1" * 60, "請輸入日期，或日期與時間"),
     ("115/01/29", "這個時間尚未到"), ("115/01/28 23:00", "這個時間尚未到")],
)  # fmt: skip
def test_a_moment_that_is_none_is_refused(shared_office: Office, at: str, fault: str) -> None:
    answer = shared_office.client("auditor").get(f"/audit/moments?at={at}")
    assert answer.status_code == 422
    assert fault in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert shared_office.client("auditor").get(f"/audit/moments/open.csv?at={at}").status_code == 422


def test_a_number_that_fits_into_no_column_is_none(shared_office: Office) -> None:
    client = shared_office.client("auditor")
    for address in (f"?what=open&before={10**30}", f"?what=inbox&person=director&start={-(10**30)}"):
        assert client.get(f"/audit/moments{address}").status_code == 200, address


def test_what_does_not_exist_is_not_found(shared_office: Office) -> None:
    client = shared_office.client("auditor")
    for address in ("?what=nothing", "?person=nobody", "/inbox.csv", "/nothing.csv"):
        assert client.get(f"/audit/moments{address}").status_code == 404, address


def test_nobody_else_looks_back(shared_office: Office) -> None:
    for user in (PERSON, "director", "sysadmin"):
        client = shared_office.client(user)
        assert client.get("/audit/moments").status_code == 403
        assert client.get("/audit/moments/open.csv").status_code == 403


def test_the_moments_beside_are_one_click_away(shared_office: Office) -> None:
    client = shared_office.client("auditor")
    shown = page(client, f"/audit/moments?at=115/01/20&what=open&person={PERSON}")
    links = shown.select(".asofentry .dropbody a")
    titles = [words(page(client, str(link["href"])).select("h1")[0]) for link in links]
    assert [words(link) for link in links] == ["前一日", "次日", "昨日結束時", "上月底", "去年底", "現在"]
    assert titles == [
        "115/01/19 (一) 23:59 當時", "115/01/21 (三) 23:59 當時", "115/01/27 (二) 23:59 當時",
        "114/12/31 (三) 23:59 當時", "114/12/31 (三) 23:59 當時", "115/01/28 (三) 09:00 當時",
    ]  # fmt: skip
