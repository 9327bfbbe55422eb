"""The pages of integrity: the proof of everything, of one instance, anchors with their sheet, and looks."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from engine.commands.proofs import ask_for_proof, take_proof
from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.domain.identity import SYSTEM
from engine.domain.proof import ProofRun
from engine.errors import NotPermitted
from engine.jobs.poller import Poller
from engine.jobs.proofs import prove_if_asked
from engine.store.proof_runs import LOST
from tests.webapp.audit.pages import page, words
from tests.webapp.cli.forger import forging
from tests.webapp.office import Office

PROOF, ANCHORS, LOOKS = "/audit/proof", "/audit/proof/anchors", "/audit/proof/looks"


def ask(office: Office) -> None:
    assert office.client("auditor").post(PROOF).status_code == 302


def proven(office: Office) -> BeautifulSoup:
    """The page after the worker has made the proof that the auditor asked for."""
    ask(office)
    assert prove_if_asked(office.engine)
    return page(office.client("auditor"), PROOF)


def under_way(office: Office) -> ProofRun | None:
    return office.engine.ask(SYSTEM, lambda reader: reader.proof_runs.find())


def url_of(office: Office) -> str:
    return str(office.engine.database.core.url.render_as_string(hide_password=False))


def test_a_page_without_a_proof_says_what_would_stand_there(office: Office) -> None:
    assert "尚未驗證" in words(page(office.client("auditor"), PROOF))


def test_a_proof_that_was_asked_for_waits_for_the_worker(office: Office) -> None:
    ask(office)
    shown = page(office.client("auditor"), PROOF)
    assert "驗證已排入，等候背景作業" in words(shown)
    assert shown.select_one("form.again") is None


def test_the_page_shows_how_far_a_proof_is(office: Office) -> None:
    ask(office)
    office.engine.execute(SYSTEM, take_proof)
    office.engine.execute(SYSTEM, lambda uow: uow.proof_runs.move_on(proven=3, streams=12))
    shown = page(office.client("auditor"), PROOF)
    bar = shown.select_one("svg.track .part")
    assert "已完成3條，共12條歷程" in words(shown)
    assert bar is not None
    assert bar["width"] == "25"


def test_a_proof_of_an_honest_office_holds_in_every_check(office: Office) -> None:
    shown = proven(office)
    assert [words(cell) for cell in shown.select(".checks .result")] == [
        "鏈 完整", "錨 相符", "重演 一致", "內容 相符", "資料列 相符", "無違反",
    ]  # fmt: skip
    verdict = shown.select_one(".verdict.good")
    assert verdict is not None
    assert "由馮正誠提出" in words(verdict)


def test_a_proof_is_an_event_of_the_organisation_and_of_who_asked(office: Office) -> None:
    proven(office)
    made = office.engine.ask(
        SYSTEM, lambda r: r.history.last_of_type(ORGANISATION_STREAM, EventType.PROOF_MADE)
    )
    auditor = office.engine.actor("auditor")
    asked = office.engine.ask(
        SYSTEM, lambda r: r.history.last_of_type(-auditor.number, EventType.PROOF_ASKED)
    )
    assert made is not None
    assert asked is not None
    assert json.loads(made.data)["asked_by"] == "auditor"


def test_a_fault_is_named_with_its_history_and_event(office: Office) -> None:
    instance = office.instance_id("bsmi_khh:115")
    with forging(url_of(office)) as forger:
        forger.run("update history_event set actor = 'thief' where stream = :s and seq = 1", s=instance)
    shown = proven(office)
    (row,) = (row for row in shown.select(".wrongs tbody tr") if "第1筆 鏈" in words(row))
    link = row.select_one("a")
    assert link is not None
    assert str(instance) in str(link["href"])
    assert "鏈不完整的歷程，不再重新執行或比對其他項目" in words(shown)


def test_a_second_proof_keeps_the_first_one_in_the_list(office: Office) -> None:
    proven(office)
    shown = proven(office)
    assert len(shown.select("section[aria-labelledby=h-earlier] tbody tr")) == 1


def test_who_asks_twice_gets_one_proof(office: Office) -> None:
    ask(office)
    ask(office)
    assert prove_if_asked(office.engine)
    assert not prove_if_asked(office.engine)


def test_a_proof_that_a_worker_has_is_not_made_by_another(office: Office) -> None:
    ask(office)
    assert office.engine.execute(SYSTEM, take_proof)
    assert not office.engine.execute(SYSTEM, take_proof)


def test_a_proof_whose_worker_was_killed_is_made_by_another(office: Office) -> None:
    ask(office)
    office.engine.execute(SYSTEM, take_proof)
    office.clock.move_to(office.clock.now() + LOST + timedelta(seconds=1))
    assert prove_if_asked(office.engine)


def test_a_worker_that_stops_leaves_the_proof_to_the_next_one(office: Office) -> None:
    ask(office)
    assert not prove_if_asked(office.engine, lambda: True)
    run = under_way(office)
    assert run is not None
    assert replace(run, streams=0, proven=0).began_at is None
    assert prove_if_asked(office.engine)


def test_the_poller_makes_the_proof_beside_its_other_work(office: Office) -> None:
    ask(office)
    poller = Poller(office.engine, None, 1)
    poller.once()
    poller.stop()
    assert under_way(office) is None or prove_if_asked(office.engine)


@pytest.mark.parametrize("user", ["sec_handler", "director", "sysadmin"])
def test_nobody_but_an_auditor_asks_for_a_proof(office: Office, user: str) -> None:
    actor = office.engine.actor(user)
    with pytest.raises(NotPermitted):
        office.engine.execute(actor, ask_for_proof)


def test_the_proof_of_one_instance_shows_its_badges(office: Office) -> None:
    shown = page(office.client("auditor"), f"{PROOF}/{office.instance_id('bsmi_khh:115')}")
    assert [words(badge) for badge in shown.select(".proof span")] == ["鏈 完整", "錨 相符", "重演 一致"]
    assert "尚無錨涵蓋本件" in words(shown)


def test_the_proof_of_one_instance_tells_up_to_where_the_anchor_saw_it(office: Office) -> None:
    instance = office.instance_id("bsmi_khh:115")
    office.client("auditor").post(ANCHORS)
    last = office.engine.ask(SYSTEM, lambda reader: reader.history.head(instance))[0]
    assert f"涵蓋至第{last}筆" in words(page(office.client("auditor"), f"{PROOF}/{instance}"))


def test_a_forged_instance_has_a_broken_badge(office: Office) -> None:
    instance = office.instance_id("bsmi_khh:115")
    with forging(url_of(office)) as forger:
        forger.run("update history_event set actor = 'thief' where stream = :s and seq = 2", s=instance)
    shown = page(office.client("auditor"), f"{PROOF}/{instance}")
    assert [words(badge) for badge in shown.select(".proof span")] == [
        "鏈 不符", "錨 相符", "重演 未檢查",
    ]  # fmt: skip
    assert [words(cell) for cell in shown.select(".checks .result")] == [
        "鏈 不符", "錨 相符", "未檢查", "未檢查", "未檢查", "未檢查",
    ]  # fmt: skip


def test_whoever_reads_histories_proves_one_and_others_do_not(shared_office: Office) -> None:
    address = f"{PROOF}/{shared_office.instance_id('bsmi_khh:115')}"
    answers = {user: shared_office.client(user).get(address).status_code for user in (
        "director", "sec_handler", "registry", "sysadmin",
    )}  # fmt: skip
    assert answers == {"director": 200, "sec_handler": 200, "registry": 403, "sysadmin": 404}


@pytest.fixture
def anchored(office: Office) -> Office:
    """An office with one anchor."""
    assert office.client("auditor").post(ANCHORS).status_code == 302
    return office


def test_an_anchor_is_listed_with_its_root_in_groups_of_four(anchored: Office) -> None:
    (anchor,) = anchored.engine.ask(SYSTEM, lambda reader: reader.anchors.all())
    root = page(anchored.client("auditor"), ANCHORS).select_one(".root")
    assert root is not None
    assert words(root).replace(" ", "") == anchor.root
    assert [len(group) for group in words(root).split()] == [4] * 16


def test_the_sheet_has_what_is_compared_and_names_nobody(anchored: Office) -> None:
    (anchor,) = anchored.engine.ask(SYSTEM, lambda reader: reader.anchors.all())
    sheet = page(anchored.client("auditor"), f"{ANCHORS}/1").select_one(".paper")
    assert sheet is not None
    text = words(sheet)
    people = anchored.engine.ask(SYSTEM, lambda reader: reader.organisation.users())
    assert [person.name for person in people if person.name in text] == []
    assert [words(four) for four in sheet.select(".fours span")] == [
        anchor.root[i : i + 4] for i in range(0, 64, 4)
    ]
    assert {"歷程封存根值備查單", "製表人", "保管人"} <= set(text.split())


def test_a_file_of_one_anchor_and_of_all_is_told(anchored: Office) -> None:
    auditor = anchored.client("auditor")
    for address, told in ((f"{ANCHORS}/1/anchor.json", 1), (f"{ANCHORS}/anchors.json", "all")):
        answer = auditor.get(address)
        assert answer.get_json()["format"] == "planflow-anchors/1"
        number = anchored.engine.actor("auditor").number
        event = anchored.engine.ask(
            SYSTEM, lambda r, n=number: r.history.last_of_type(-n, EventType.EXPORTED)
        )
        assert event is not None
        assert json.loads(event.data) == {"anchors": told, "format": "json"}


@pytest.mark.parametrize("address", [f"{ANCHORS}/99", f"{ANCHORS}/99/anchor.json"])
def test_an_anchor_that_does_not_exist_is_not_found(shared_office: Office, address: str) -> None:
    assert shared_office.client("auditor").get(address).status_code == 404


def test_older_anchors_are_on_the_next_page(office: Office) -> None:
    for _ in range(33):
        office.engine.execute(SYSTEM, lambda uow: uow.anchors.make())
    first = page(office.client("auditor"), ANCHORS)
    following = first.select_one("a[rel=next]")
    assert following is not None
    second = page(office.client("auditor"), str(following["href"]))
    assert [words(cell) for cell in second.select(".anchors tbody th")] == ["2", "1"]


@pytest.fixture
def looked_at(office: Office) -> Office:
    """The handler was refused twice on two days, and the auditor took a history away."""
    office.client("sec_handler").get("/admin/users")
    office.clock.move_to(office.clock.now() + timedelta(minutes=1))
    office.client("auditor").get(f"{ANCHORS}/anchors.json")
    office.clock.move_to(office.clock.now() + timedelta(days=3))
    office.client("sec_handler").get("/admin/units")
    return office


def lines(shown: BeautifulSoup) -> list[str]:
    return [words(row) for row in shown.select(".looks tbody tr")]


def test_looks_and_refusals_are_listed_the_newest_first(looked_at: Office) -> None:
    shown = lines(page(looked_at.client("auditor"), LOOKS))
    assert [line.split()[-1] for line in shown] == ["/admin/units", "錨，匯出為json", "/admin/users"]


def test_looks_are_chosen_by_person_kind_and_day(looked_at: Office) -> None:
    auditor = looked_at.client("auditor")
    today = looked_at.clock.now().date().isoformat()
    for query, count in (
        ("who=sec_handler", 2), ("kind=taken", 1), (f"from={today}", 1), ("to=113/1/1", 0), ("kind=?", 3),
        ("to=9999-12-31", 3),
    ):  # fmt: skip
        assert len(lines(page(auditor, f"{LOOKS}?{query}"))) == count, query


def test_a_number_that_fits_into_no_column_is_none(looked_at: Office) -> None:
    assert looked_at.client("auditor").get(f"{ANCHORS}?before={10**30}").status_code == 200


def test_a_day_that_is_none_is_named(looked_at: Office) -> None:
    shown = page(looked_at.client("auditor"), f"{LOOKS}?from=gestern")
    assert shown.select_one(".summary a[href='#f-from']") is not None


def test_a_list_of_looks_goes_on_where_the_page_ended(office: Office) -> None:
    handler = office.client("sec_handler")
    for number in range(52):
        handler.get(f"/admin/users?{number}")
    first = page(office.client("auditor"), LOOKS)
    following = first.select_one("a[rel=next]")
    assert following is not None
    second = page(office.client("auditor"), str(following["href"]))
    assert (len(lines(first)), len(lines(second))) == (50, 2)


def test_the_list_of_looks_is_taken_as_a_file_which_is_told(looked_at: Office) -> None:
    auditor = looked_at.client("auditor")
    rows = list(
        csv.reader(io.StringIO(auditor.get(f"{LOOKS}/looks.csv?who=sec_handler").text.lstrip("\ufeff")))
    )
    assert [row[4] for row in rows] == ["內容或位置", "GET /admin/units", "GET /admin/users"]
    assert any(line.endswith("調閱與拒絕，匯出為csv") for line in lines(page(auditor, LOOKS)))
