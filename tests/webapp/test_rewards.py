"""The page of the rewards of an edition: the reason of every grade, each person's story, who may read it."""

import json
import threading
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from engine.commands.exports import Taken, record_export
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.permission import ROLES_BY_ACTION, Action
from engine.queries.instances import index
from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import CHIEF, HANDLER, own
from tests.stories.stage import Stage
from tests.webapp.office import Office
from tests.webapp.test_pages_axe import LOOKS, RULES, is_too_wide, signed_in

PAGE = f"/rewards/{reward.EDITION}"


@pytest.fixture
def rewarded(office: Office) -> Office:
    """A finalist whose orders were issued, and who then won."""
    stage = Stage(office.engine, office.clock)
    finalist = reward.commendation(stage, "finalist")
    reward.to_order(stage, finalist, HANDLER, CHIEF)
    reward.order(stage, finalist, "11500000010")
    won = reward.commendation(stage, "won", 2)
    reward.to_order(stage, won, HANDLER, own("unit_chief.kinmen", "head"))
    reward.report(stage, won)
    reward.reply(stage, won)
    reward.order(stage, won, "11500000050")
    return office


def read(office: Office, user: str, address: str = PAGE) -> BeautifulSoup:
    answer = office.client(user).get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def words(element: Any) -> str:
    return " ".join(element.get_text(" ").split())


def test_a_line_tells_facts_clause_bounds_grade_and_order(rewarded: Office) -> None:
    page = read(rewarded, "hr_handler")
    row = page.select("section")[1].select("tbody tr")[0]
    facts = [words(fact) for fact in row.select("td")[0].select("li")]
    steps = [words(step) for step in row.select("td")[3].select("li")]
    assert (facts, words(row.select("td")[1]), words(row.select("td")[2]), len(steps)) == (
        [
            "得獎・主要承辦人員 → 柒.二(一) 定額記大功1次",
            "入圍實地訪查・主要承辦人員 → 柒.二(二) 定額記功1次",
        ],
        "記大功1次（定額）",
        "記大功1次",
        4,
    )


def test_the_story_of_a_person_goes_from_the_first_order_to_the_new_one(rewarded: Office) -> None:
    page = read(rewarded, "director")
    story = page.select("section")[-1].select("tbody tr")[2]
    acts = [words(act).partition(" ")[2] for act in story.select("li")]
    assert acts == [
        "發布 記功1次 經標高人字第11500000010號",
        "撤銷 記功1次 經標高人字第11500000010號 由經標高人字第11500000050號撤銷",
        "另發新令 記大功1次 經標高人字第11500000050號 取代經標高人字第11500000010號",
    ]


def test_reading_is_told_in_the_stream_of_the_reader(rewarded: Office) -> None:
    read(rewarded, "auditor")
    number = rewarded.engine.actor("auditor").number
    events = rewarded.engine.ask(SYSTEM, lambda reader: list(reader.history.events(-number)))
    told = [json.loads(event.data) for event in events if event.type is EventType.SENSITIVE_READ]
    assert told == [{"kind": "reward_list", "edition": reward.EDITION}]


def test_the_auditor_sees_who_read_and_who_took_a_list_away(rewarded: Office) -> None:
    """Domain 8.15, on one screen."""
    (first, *_) = rewarded.engine.ask(SYSTEM, index, definition_key="commendation").lines[::-1]
    number = first.instance.id
    read(rewarded, "director")
    read(rewarded, "hr_handler", f"/instances/{number}")
    rewarded.stranger().get(
        f"/api/v1/process-instances/{number}/export?format=csv",
        headers={"Authorization": f"Bearer {rewarded.token('auditor')}"},
    )
    page = read(rewarded, "auditor")
    acts = [[words(part) for part in line.select("span")][-1] for line in page.select("#readings ~ ul li")]
    assert acts == ["匯出第1份名單（csv）", "閱讀第1份名單或其歷程", "閱讀本頁"]
    assert read(rewarded, "director").select("#readings") == []


def test_the_auditor_sees_what_was_taken_away_at_the_command_line(rewarded: Office) -> None:
    (first, *_) = rewarded.engine.ask(SYSTEM, index, definition_key="commendation").lines[::-1]
    taken = [Taken(instance=first.instance.id, seq=1)]
    rewarded.engine.execute(SYSTEM, record_export, format_="json", digest="0" * 64, taken=taken)
    line = read(rewarded, "auditor").select("#readings ~ ul li")[0]
    assert [words(line.select("b")[0]), words(line.select("span")[-1])] == ["命令列", "匯出第1份名單（json）"]


@pytest.mark.parametrize("user", ["unit_handler.metrology", "unit_chief.metrology", "registry", "sysadmin"])
def test_nobody_else_reads_a_name_or_knows_of_a_list(rewarded: Office, user: str) -> None:
    client = rewarded.client(user)
    answers = [client.get(address) for address in ("/rewards", PAGE)]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert "/rewards" not in client.get("/account/password").text


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ("unit_handler.metrology", "115年政府服務獎 另發新令 記大功1次 經標高人字第11500000050號"),
        ("unit_chief.metrology", "115年政府服務獎 發布 嘉獎2次 經標高人字第11500000010號"),
    ],
)
def test_whoever_an_order_names_reads_it_with_the_account(rewarded: Office, user: str, told: str) -> None:
    """The mail says that something waits, and leads there: they know of no list and of nobody else."""
    page = read(rewarded, user, "/account")
    (item,) = page.select("#orders + ul li")
    mails = rewarded.engine.ask(SYSTEM, lambda reader: reader.outbox.waiting_of(user, 9))
    assert words(item).startswith(told)
    assert {mail.payload.get("path") for mail in mails if mail.payload["params"].get("number")} == {
        "/account#orders"
    }


def test_whoever_no_order_names_reads_of_none(rewarded: Office) -> None:
    assert read(rewarded, "unit_handler.penghu", "/account").select("#orders") == []


def test_the_list_of_editions_leads_to_the_page(rewarded: Office) -> None:
    (link,) = read(rewarded, "sec_handler", "/rewards").select("main h2 a")
    assert (link["href"], words(link)) == (PAGE, "115年政府服務獎")


def test_an_edition_without_lists_is_not_found(office: Office) -> None:
    assert office.client("director").get("/rewards/bsmi_khh:award:120").status_code == 404


def test_those_who_may_read_are_those_who_may_know_of_the_process(office: Office) -> None:
    parsed = office.engine.ask(
        SYSTEM,
        lambda reader: reader.definitions.parsed(reader.definitions.latest("commendation").deployment_id),
    )
    restricted = set(parsed.processes["commendation"].restricted_to)
    assert ROLES_BY_ACTION[Action.READ_REWARDS] == restricted | {"auditor"}


def test_the_page_is_accessible_and_fits_the_window(rewarded: Office, chromium: Browser) -> None:
    server = make_server("127.0.0.1", 0, rewarded.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address, faults = f"http://127.0.0.1:{server.port}", []
    try:
        for width, look in LOOKS:
            page = signed_in(chromium, address, "hr_handler", width, color_scheme=look)
            for path in ("/rewards", PAGE):
                page.goto(address + path)
                found = Axe().run(page, options=RULES).response["violations"]
                faults += [(path, width, fault["id"]) for fault in found]
                faults += [(path, width, "too wide")] if is_too_wide(page) else []
            page.context.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert faults == []
