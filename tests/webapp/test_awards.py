"""Pages of awards: the list, an entry, its edition, its link from the plan, and how an entry is started."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from werkzeug.test import TestResponse

from engine.clock import FixedClock
from engine.commands.awards import change_categories
from engine.demo.agency import account_of
from engine.demo.story import PRESENT
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests.stories import entrants, screeners
from tests.stories.entrants import ENTRY
from tests.stories.stage import Stage
from tests.webapp.office import Office, open_office
from tests.webapp.test_pages_axe import LOOKS, RULES, is_too_wide, signed_in
from tests.webapp.test_pages_axe import address as served_at

address = served_at
PAGE = "/awards/115/1"
DIGEST = re.compile(r"/awards/115/1/files/([0-9a-f]{64})")


@pytest.fixture(scope="module")
def finalist_file(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with an entry that is a finalist, to be copied."""
    path = Path(shutil.copy(demo_file, tmp_path_factory.mktemp("awards") / "awards.db"))
    clock = FixedClock(PRESENT.astimezone(UTC))
    engine = Engine(f"sqlite:///{path}", clock)
    stage = Stage(engine, clock)
    entry = entrants.recommended(stage)
    entrants.schedule(stage, entry)
    entrants.record_result(stage, entry, "finalist", "11500000930")
    engine.close()
    return path


def office_over(path: Path) -> Iterator[Office]:
    clock = FixedClock(PRESENT.astimezone(UTC))
    engine = Engine(f"sqlite:///{path}", clock)
    Stage(engine, clock).move_to("2026-02-03T10:00")
    yield open_office(engine, clock)
    engine.close()


@pytest.fixture(scope="module")
def shared_office(finalist_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for the tests that only look."""
    yield from office_over(Path(shutil.copy(finalist_file, tmp_path_factory.mktemp("looks") / "office.db")))


@pytest.fixture
def office(finalist_file: Path, tmp_path: Path) -> Iterator[Office]:
    """An office of its own for a test that changes something."""
    yield from office_over(Path(shutil.copy(finalist_file, tmp_path / "office.db")))


def words(answer: TestResponse, part: str = "main") -> str:
    found = BeautifulSoup(answer.text, "html.parser").select_one(part)
    assert found is not None
    return found.get_text(" ", strip=True)


def stage_of(office: Office) -> Stage:
    return Stage(office.engine, office.clock)


def test_the_list_shows_each_entry_with_where_it_stands_and_its_certificate(shared_office: Office) -> None:
    text = words(shared_office.client("sec_handler").get("/awards"))
    told = [
        "115年參獎",
        "離島度量衡行動服務",
        "數位創新加值",
        "入圍實地訪查",
        "院授發社字第115001號",
        "自行參獎",
    ]
    assert [part for part in told if part not in text] == []


def test_the_page_of_an_entry_shows_outcomes_letters_schedule_plans_and_processes(
    shared_office: Office,
) -> None:
    text = words(shared_office.client("unit_handler.metrology").get(PAGE))
    told = [
        "入圍實地訪查", "薦送參選", "國家發展委員會 發社字第11500000930號", "實地訪視", "115年度計畫",
        "114年度計畫", "1.1.1", "王怡婷", "主要承辦人員", "吳宗翰", "政府服務獎參獎", "依評獎期程辦理",
        "離島度量衡服務作法具創新性", "檢送本分局參加115年政府服務獎參獎資料1份",
    ]  # fmt: skip
    told.remove("115年度計畫")
    assert [part for part in told if part not in text] == []


def test_files_of_an_entry_are_downloaded_and_no_others(shared_office: Office) -> None:
    client = shared_office.client("sec_handler")
    digests = set(DIGEST.findall(client.get(PAGE).text))
    answers = {client.get(f"{PAGE}/files/{digest}").status_code for digest in digests}
    foreign = [client.get(f"{PAGE}/files/{name}").status_code for name in ("0" * 64, "x")]
    assert (bool(digests), answers, foreign) == (True, {200}, [404, 404])


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/files/{'0' * 64}", "/awards/115/edition"])
def test_people_of_other_agencies_find_no_entry(shared_office: Office, path: str) -> None:
    answers = [
        shared_office.client(user).get(path).status_code
        for user in ("bureau_sec_handler", "ministry_handler")
    ]
    assert answers == [404, 404]


def test_people_of_other_agencies_see_an_empty_list(shared_office: Office) -> None:
    assert "尚無參獎案" in words(shared_office.client("bureau_sec_handler").get("/awards"))


def test_an_entry_that_is_not_there_is_not_found(shared_office: Office) -> None:
    assert shared_office.client("sec_handler").get("/awards/115/9").status_code == 404


def test_the_plan_shows_the_entries_that_name_it_a4(shared_office: Office) -> None:
    client = shared_office.client("sec_handler")
    page = BeautifulSoup(client.get("/plans/114").text, "html.parser")
    links = [link["href"] for link in page.select("main a") if "/awards/" in link["href"]]
    starts = [link["href"] for link in page.select("main a") if link["href"].startswith("/start/")]
    assert (links, starts) == ([PAGE], ["/start/award_entry?award_year=115"])


def test_the_start_form_holds_the_year_that_the_address_names_a4(shared_office: Office) -> None:
    answer = shared_office.client("sec_handler").get("/start/award_entry?award_year=115&unknown=1")
    field = BeautifulSoup(answer.text, "html.parser").select_one("[name=award_year]")
    assert field is not None
    assert field["value"] == "115"


def test_a_second_entry_is_started_on_the_page_with_the_next_number(office: Office) -> None:
    client = office.client("sec_handler")
    answer = client.post("/start/award_entry", data={"award_year": "115", "route": "designated"})
    assert (answer.status_code, client.get("/awards/115/2").status_code) == (302, 200)


def test_an_outcome_is_corrected_from_the_page_of_an_entry_that_has_ended(office: Office) -> None:
    stage, client = stage_of(office), office.client("sec_handler")
    found = office.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(ENTRY))
    entry = next(i.id for i in found if i.definition_key == "award_entry")
    before = "更正參獎結果" in words(client.get(PAGE))
    entrants.look_on(stage, entry)
    entrants.record_result(stage, entry, "won", "11500000931")
    after = "更正參獎結果" in words(client.get(PAGE))
    answer = client.post("/start/outcome_correction", data={"award_year": "115", "entry_no": "1"})
    found = office.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(ENTRY))
    (correction,) = (i.id for i in found if i.definition_key == "outcome_correction")
    page = client.get(f"/tasks/{stage.task(correction, 'register_correction').id}")
    assert (before, after, answer.status_code, "更正理由" in words(page)) == (False, True, 302, True)


def test_a_correction_of_an_entry_that_goes_on_is_refused_on_the_page(office: Office) -> None:
    client = office.client("sec_handler")
    answer = client.post("/start/outcome_correction", data={"award_year": "115", "entry_no": "1"})
    assert (answer.status_code, "參獎案結束且有結果後，才能更正參獎結果" in words(answer)) == (422, True)


def test_the_ministry_starts_its_screening_on_the_page_once(office: Office) -> None:
    client = office.client("ministry_handler")
    answers = [client.post("/start/ministry_screening", data={"award_year": "116"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 422]


def test_the_instance_of_an_entry_leads_back_to_its_page(shared_office: Office) -> None:
    found = shared_office.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(ENTRY))
    entry = next(i.id for i in found if i.definition_key == "award_entry")
    page = BeautifulSoup(shared_office.client("auditor").get(f"/instances/{entry}").text, "html.parser")
    assert [link["href"] for link in page.select("nav.crumb a")] == ["/awards", PAGE]


def test_categories_are_changed_with_a_history(office: Office) -> None:
    client = office.client("sec_handler")
    saved = client.post("/awards/116/edition", data={"categories": "數位創新加值\r\n跨域服務整合"})
    text = words(client.get("/awards/116/edition"))
    assert (saved.status_code, "跨域服務整合" in text, "張家豪" in text, "範例" in text) == (
        302,
        True,
        True,
        False,
    )


def test_categories_of_a_later_edition_are_marked_as_an_example(shared_office: Office) -> None:
    client = shared_office.client("sec_handler")
    marked = ["範例" in words(client.get(f"/awards/{year}/edition")) for year in (114, 115, 116)]
    assert marked == [False, False, True]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "這一欄必填"),
        ("甲類\n甲類", "有兩項類別名稱相同"),
        ("類" * 41, "類別最多20項，每項最多40字"),
        ("\n".join(f"第{n}類" for n in range(21)), "類別最多20項，每項最多40字"),
    ],
)
def test_categories_with_a_fault_are_refused(office: Office, text: str, fault: str) -> None:
    answer = office.client("sec_handler").post("/awards/116/edition", data={"categories": text})
    assert (answer.status_code, fault in words(answer)) == (422, True)


def test_only_the_secretariat_changes_categories(office: Office) -> None:
    client = office.client("unit_handler.metrology")
    answer = client.post("/awards/116/edition", data={"categories": "甲類"})
    assert (answer.status_code, "變更類別" in words(client.get("/awards/116/edition"))) == (403, False)


def test_the_list_costs_as_many_statements_with_three_entries_as_with_one(
    finalist_file: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    clock = FixedClock(PRESENT.astimezone(UTC))
    path = shutil.copy(finalist_file, tmp_path / "office.db")
    engine = Engine(f"sqlite:///{path}", clock, on_statement=told.append)
    stage = Stage(engine, clock)
    stage.move_to("2026-02-03T10:00")
    client = open_office(engine, clock).client("sec_handler")
    counts = []
    for key in (None, f"{entrants.EDITION}:2", f"{entrants.EDITION}:3"):
        if key:
            entrants.begin(stage, key=key)
        client.get("/awards")
        told.clear()
        client.get("/awards")
        counts.append(len(told))
    engine.close()
    assert counts == [counts[0]] * 3


def opened(office: Office, instance_id: int, seen: dict[str, int]) -> None:
    """Look at the page of every open task as somebody who may take it."""
    for task in office.engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(instance_id)):
        candidate = task.candidates[0]
        client: FlaskClient = office.client(account_of(candidate.role, candidate.unit))
        seen[task.element_id] = client.get(f"/tasks/{task.id}").status_code


def test_every_form_of_an_entry_and_a_screening_has_its_page(office: Office) -> None:
    stage, seen = stage_of(office), dict[str, int]()
    entry = screeners.begin(stage)
    stage.move_to("2026-02-03T10:05")
    opened(office, entry, seen)
    screeners.survey(stage, entry, agencies=[screeners.BRANCH], reply_due="2026-02-26")
    opened(office, entry, seen)
    stage.complete("ministry_handler", entry, "designate", none=True)
    key = f"{entrants.EDITION}:2"
    own = screeners.entry_of(stage, key)
    opened(office, own, seen)
    screeners.enter(stage, key, "11590000829")
    opened(office, entry, seen)
    screeners.close(stage, entry)
    opened(office, entry, seen)
    screeners.check_all(stage, entry)
    opened(office, entry, seen)
    stage.complete("ministry_handler", entry, "form_review_group", reviewers=screeners.group_rows())
    opened(office, entry, seen)
    for unit in screeners.REVIEWERS:
        screeners.score(stage, unit, key)
    opened(office, entry, seen)
    screeners.decide(stage, entry, "not_recommended")
    opened(office, entry, seen)
    screeners.tell(stage, entry)
    opened(office, own, seen)
    assert (set(seen.values()), sorted(seen)) == (
        {200},
        ["check_entry", "close_collection", "designate", "dispatch_results", "entry_memo",
         "form_review_group",
         "issue_survey", "lessons", "rank", "score_entry"],
    )  # fmt: skip


@pytest.mark.parametrize("path", [PAGE, "/awards", "/plans/114"])
@pytest.mark.parametrize(("width", "look"), LOOKS)
def test_no_page_of_awards_has_a_barrier_or_scrolls_sideways(
    shared_office: Office, chromium: Browser, address: str, path: str, width: int, look: str
) -> None:
    page = signed_in(chromium, address, "sec_handler", width, color_scheme=look)
    page.goto(f"{address}{path}")
    broken = Axe().run(page, options=RULES).response["violations"]
    assert ([(v["id"], v["nodes"][0]["html"]) for v in broken], is_too_wide(page)) == ([], False)
    page.context.close()


def test_a_signer_reads_what_is_signed_in_words(office: Office) -> None:
    stage = stage_of(office)
    entry = entrants.begin(stage, key=f"{entrants.EDITION}:2")
    entrants.invite(stage, entry, doc_no="11590000811")
    entrants.write_memo(stage, entry)
    memo = words(office.client("sec_chief").get(f"/tasks/{stage.task(entry, 'sign').id}"))
    stage.sign_off(entry)
    entrants.fill_form(stage, entry)
    data = words(office.client("sec_chief").get(f"/tasks/{stage.task(entry, 'sign').id}"))
    assert ["擬參獎" in memo, "離島度量衡行動服務" in memo, "校正砝碼131具" in data, "王怡婷" in data] == [
        True
    ] * 4


def test_reward_lists_are_linked_for_those_who_may_read_them(shared_office: Office) -> None:
    linked = [
        'href="/rewards"' in shared_office.client(user).get("/awards").text
        for user in ("sec_handler", "unit_handler.kinmen")
    ]
    assert linked == [True, False]


def test_a_category_that_is_set_is_offered_in_the_memo(office: Office) -> None:
    names = ["社會創新共融", "跨域整合"]
    office.engine.execute(office.engine.actor("sec_handler"), change_categories, 115, names)
    stage = stage_of(office)
    entry = entrants.begin(stage, key=f"{entrants.EDITION}:2")
    entrants.invite(stage, entry, doc_no="11590000811")
    content = stage.content("sec_handler", entry, "entry_memo")
    assert content.choices["categories"] == [(name, name) for name in names]
