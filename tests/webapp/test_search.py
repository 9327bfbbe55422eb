"""The search of the top bar: what is found, for whom, in which lines; and the help page beside it."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from engine.clock import FixedClock
from engine.demo.story import start_cycle
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.letter import Letter
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork
from tests.webapp.office import PLAN, Office, open_office

PLAN_OF_114 = ("114年度提升服務效能執行計畫", "/plans/114")
CYCLE_OF_115 = "登錄總局計畫　115年度提升服務效能執行計畫"


def shown(client: FlaskClient, address: str) -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def found(client: FlaskClient, q: str, **more: str) -> dict[str, list[tuple[str, str]]]:
    """(words, address) of every hit, by the heading it stands under."""
    answer = client.get("/search", query_string={"q": q, **more})
    assert answer.status_code == 200
    sections = BeautifulSoup(answer.text, "html.parser").select("section.hits")
    return {
        " ".join(section.h2.stripped_strings) if section.h2 else "": [
            (link.get_text(), str(link["href"])) for link in section.select("li > a")
        ]
        for section in sections
    }


def test_tasks_plans_and_letters_are_found_by_their_words(shared_office: Office) -> None:
    client = shared_office.client("sec_handler")
    task = shared_office.open_task(shared_office.instance_id("bsmi_khh:115"))
    assert found(client, "年度 服務效能") == {
        "待辦工作 1": [(CYCLE_OF_115, f"/tasks/{task}")],
        "年度計畫 2": [PLAN_OF_114, ("113年度提升服務效能執行計畫", "/plans/113")],
        "公文 1": [("檢送114年度提升服務效能實施計畫", "/plans/114/letters/1")],
    }


@pytest.mark.parametrize("q", ["經標秘字第11400000010號", "11400000010", "標準檢驗局 實施計畫", "檢送114"])
def test_a_letter_is_found_by_number_sender_or_subject(shared_office: Office, q: str) -> None:
    assert found(shared_office.client("registry"), q) == {
        "公文 1": [("檢送114年度提升服務效能實施計畫", "/plans/114/letters/1")]
    }


@pytest.mark.parametrize("q", ["direction", "%", "_", "114 無此字", "plan_key"])
def test_what_is_no_word_of_theirs_finds_nothing(shared_office: Office, q: str) -> None:
    assert found(shared_office.client("sec_handler"), q) == {}


def test_everybody_finds_only_what_they_may_see(shared_office: Office) -> None:
    people = ("sec_handler", "unit_chief.metrology", "auditor", "bureau_sec_handler", "sysadmin")
    assert {who: list(found(shared_office.client(who), "年度")) for who in people} == {
        "sec_handler": ["待辦工作 1", "年度計畫 2", "公文 1"],
        "unit_chief.metrology": ["年度計畫 2", "公文 1"],
        "auditor": ["年度計畫 2", "公文 1"],
        "bureau_sec_handler": [],
        "sysadmin": [],
    }


def test_a_kind_with_many_hits_is_read_in_pages_without_gap_or_repetition(office: Office) -> None:
    for year in range(116, 146):
        start_cycle(office.engine, year)
    client = office.client("sec_handler")
    overview = shown(client, "/search?q=年度")
    assert [len(s.select("li")) for s in overview.select("section.hits")] == [5, 2, 1]
    more = overview.select_one(".more a")
    address, seen = str(more["href"]) if more else "", list[str]()
    while address:
        page = shown(client, address)
        seen += [str(link["href"]) for link in page.select("section.hits li > a")]
        following = page.select_one("a[rel=next]")
        address = str(following["href"]) if following else ""
    assert (len(seen), len(set(seen))) == (31, 31)


def register_a_hundred(uow: UnitOfWork) -> None:
    for no in range(100):
        uow.letters.register(
            Letter(
                plan_key=PLAN, direction="out", issuer="高雄分局", prefix="經標高秘字", number=f"115{no:08}",
                doc_type="函", doc_on=date(2026, 1, 5), subject=f"第{no}次催辦",
            )
        )  # fmt: skip
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def test_letters_stand_the_newest_entry_first_and_their_count_stops_at_its_cap(office: Office) -> None:
    office.engine.execute(SYSTEM, register_a_hundred)
    client = office.client("registry")
    ((heading, first),) = found(client, "催辦").items()
    ((_, page),) = found(client, "催辦", kind="letters", cursor="82").items()
    assert heading == "公文 99+"
    assert [words for words, _ in first] == [f"第{no}次催辦" for no in (99, 98, 97, 96, 95)]
    assert [words for words, _ in page] == [f"第{no}次催辦" for no in range(79, 54, -1)]


def test_nothing_is_asked_without_a_word(shared_office: Office) -> None:
    page = shown(shared_office.client("sec_handler"), "/search?q=%20")
    assert page.select("section.hits") == []
    assert [b.get_text() for b in page.select(".empty b")] == ["您要找什麼？"]


@pytest.mark.parametrize(
    "query",
    [{"kind": "people"}, {"kind": "letters", "cursor": "1'--"}, {"kind": "open", "cursor": "x"}],
    ids=["kind", "cursor of letters", "cursor of tasks"],
)
def test_an_address_that_was_made_up_is_refused_in_plain_words(
    shared_office: Office, query: dict[str, str]
) -> None:
    answer = shared_office.client("sec_handler").get("/search", query_string={"q": "年度", **query})
    assert (answer.status_code, "沒有這個值" in answer.text) == (422, True)


def test_the_box_stands_on_every_page_of_those_who_can_find_something(shared_office: Office) -> None:
    seen = {
        (who, address): len(shown(shared_office.client(who), address).select("header form.find"))
        for who, address in (("sec_handler", "/plans/114"), ("auditor", "/instances"), ("sysadmin", "/help"))
    }
    assert list(seen.values()) == [1, 1, 0]


def test_the_number_of_statements_does_not_grow_with_what_is_found(demo_copy: str, clock: FixedClock) -> None:
    asked: list[str] = []
    engine = Engine(demo_copy, clock, on_statement=lambda *statement: asked.append(str(statement)))
    client = open_office(engine, clock).client("sec_handler")

    def cost() -> int:
        client.get("/search?q=年度")  # caches are warm from here on
        asked.clear()
        client.get("/search?q=年度")
        return len(asked)

    before = cost()
    for year in range(116, 126):
        start_cycle(engine, year)
    assert cost() == before
    engine.close()


@pytest.mark.parametrize(("language", "title"), [("zh_Hant_TW", "說明"), ("en", "Help")])
def test_the_help_tells_the_year_in_both_languages(office: Office, language: str, title: str) -> None:
    client = office.client("sysadmin")
    client.get(f"/language/{language}")
    page = shown(client, "/help")
    assert (page.h1.get_text() if page.h1 else "", len(page.select("ol.year li"))) == (title, 12)
    assert [a["href"] for a in page.select(".pagehead nav a")] == [
        f"#{s['id']}" for s in page.select("section")
    ]


def record_entry(uow: UnitOfWork) -> None:
    for kind, body in (
        ("award_case", {"route": "self"}),
        ("award_entry", {"theme": "一站式報驗", "entrant_label": "報驗發證科", "category": "數位創新加值"}),
        ("award_state", {"state": "submitted"}),
    ):
        uow.documents.put("award:115:1", kind, "", body)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def test_an_award_entry_is_found_by_theme_entrant_or_category(office: Office) -> None:
    office.engine.execute(SYSTEM, record_entry)
    entry = {"參獎案 1": [("一站式報驗", "/awards/115/1")]}
    assert [found(office.client("registry"), q) for q in ("報驗 一站式", "報驗發證科", "數位創新")] == [
        entry
    ] * 3
    assert found(office.client("bureau_sec_handler"), "一站式") == {}
