"""The sign record on its page, and the verbs that it and the page of a task offer."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from engine.clock import FixedClock
from engine.commands.deputies import name_deputy
from engine.commands.passwords import hash_password
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage, build_stage
from tests.webapp.office import PASSWORD, Office, open_office

READER = "unit_handler.kinmen"
RETURN = {"return_reason": ["incomplete"], "opinion": "1.1.2請補充說明方式"}


def at_the_director(stage: Stage) -> None:
    """A second round that waits for the director: returned once, taken back once, words changed once."""
    cycle = actors.draft(stage, compiled={"countersign_units": ["kinmen"]})
    stage.complete("unit_chief.kinmen", cycle, "countersign_opinion@kinmen", opinion_kind="agree")
    actors.sign(stage, cycle, "sec_chief", "return", return_to="handler", **RETURN)
    actors.compile_plan(stage, cycle)
    actors.sign(stage, cycle, "sec_chief", "approve", opinion="可")
    stage.act("sec_chief", cycle, "recalled", reason="漏看一項佐證資料")
    changes = [{"element": "1.1.1", "text": "校正砝碼並每月公開校正結果"}]
    actors.sign(stage, cycle, "sec_chief", "approve_with_changes", opinion="修正文字", changes=changes)
    actors.sign(stage, cycle, "deputy_director", "approve")
    stage.engine.execute(SYSTEM, give_passwords)


def give_passwords(uow: UnitOfWork) -> None:
    hashed = hash_password(PASSWORD)
    for user in uow.organisation.users():
        changed = EventDraft(type=EventType.PASSWORD_CHANGED, data={"user": user.id, "must_change": False})
        uow.accounts.set_password(user.id, hashed, changed)


@pytest.fixture(scope="module")
def played(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scene as a file, played once for all tests of this module."""
    path = tmp_path_factory.mktemp("signoffs") / "director.db"
    clock = FixedClock()
    engine = Engine(f"sqlite:///{copy(sqlite_template, path)}", clock)
    at_the_director(actors.begin_year(build_stage(engine, clock)))
    engine.close()
    return path


@pytest.fixture
def stage(played: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Stage]:
    engine = Engine(f"sqlite:///{copy(played, tmp_path / 'stage.db')}", clock)
    stage = Stage(engine, clock)
    stage.move_to("2026-01-06T09:00")
    yield stage
    engine.close()


@pytest.fixture
def office(stage: Stage) -> Office:
    return open_office(stage.engine, stage.clock)


@pytest.fixture
def cycle(stage: Stage) -> int:
    return cycle_of(stage)


def soup(client: FlaskClient, address: str) -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def cells(page: BeautifulSoup, caption: str) -> list[list[str]]:
    table = next(t for t in page.find_all("table") if t.caption and caption in t.caption.get_text())
    return [
        [c.get_text(" ", strip=True) for c in row.find_all(["th", "td"])]
        for row in table.tbody.find_all("tr")
    ]


def decide(stage: Stage, cycle: int) -> None:
    actors.sign(stage, cycle, "director", "decide", opinion="如擬")


def test_the_record_tells_every_signature_of_every_round(office: Office, cycle: int) -> None:
    rows = cells(soup(office.client("unit_handler.metrology"), f"/signoffs/{cycle}"), "簽章")
    assert [(row[0], row[2].split()[0], row[4]) for row in rows] == [
        ("秘書室主任核稿 第1輪", "退件", "退回"), ("秘書室主任核稿 第2輪", "核可（如擬）", "已抽回"),
        ("秘書室主任核稿 第2輪", "修正後核可", "已核可"), ("副分局長 第2輪", "核可（如擬）", "已核可"),
    ]  # fmt: skip


def test_the_record_gives_both_names_of_a_deputy(office: Office, stage: Stage, cycle: int) -> None:
    today = stage.clock.now().date()
    stage.engine.execute(
        stage.engine.actor("director"), name_deputy, "director",
        deputy="sec_chief", valid_from=today, valid_to=today, cause="vacation",
    )  # fmt: skip
    actors.sign(stage, cycle, "sec_chief", "decide", opinion="如擬")
    row = cells(soup(office.client("unit_handler.metrology"), f"/signoffs/{cycle}"), "簽章")[-1]
    assert row[1] == "sec_chief 科員 代理 director 科員（休假）"
    people = soup(office.client("unit_handler.metrology"), f"/instances/{cycle}").select("dl.kv dd")
    told = [" ".join(one.text.split()) for one in people]
    assert [one for one in told if "sec_chief" in one] == [
        "sec_chief 科員",
        "sec_chief 科員 代理 director 科員（休假）",
    ]


def test_the_page_of_the_instance_leads_to_its_record(office: Office, cycle: int) -> None:
    page = soup(office.client("sec_handler"), f"/instances/{cycle}")
    assert page.find("a", href=f"/signoffs/{cycle}") is not None


def test_what_was_sent_is_taken_back_from_its_closed_page(office: Office, stage: Stage, cycle: int) -> None:
    deputy = office.client("deputy_director")
    sent = next(
        task for task in stage.engine.ask(SYSTEM, lambda r: r.tasks.of_instance(cycle))
        if task.closed_by == "deputy_director"
    )  # fmt: skip
    link = soup(deputy, f"/tasks/{sent.id}").find("a", string="抽回")
    assert link is not None
    answer = deputy.post(str(link["href"]), data={"reason": "漏看一項佐證資料"})
    assert (answer.status_code, stage.task(cycle, "sign").candidates[0].role) == (302, "deputy_director")
    assert soup(deputy, f"/tasks/{sent.id}").find("a", string="抽回") is None


def test_a_signer_signs_afterwards_on_the_page(office: Office, stage: Stage, cycle: int) -> None:
    decide(stage, cycle)
    stage.grant("web_owner", "deputy_director", "head")
    owner = office.client("web_owner")
    entered = {"at": "plan/1", "kind": "paper", "reason": "決行時公出，已於紙本簽名。"}
    refused = owner.post(f"/signoffs/{cycle}/afterwards", data={**entered, "reason": "略"})
    answer = owner.post(f"/signoffs/{cycle}/afterwards", data=entered)
    page = soup(owner, f"/signoffs/{cycle}").get_text()
    assert (refused.status_code, answer.status_code, entered["reason"] in page) == (422, 302, True)
    assert "f-at" not in office.client("unit_chief.kinmen").get(f"/signoffs/{cycle}").get_data(as_text=True)


def test_what_was_decided_is_passed_on_and_receipts_are_seen(
    office: Office, stage: Stage, cycle: int
) -> None:
    decide(stage, cycle)
    handler = office.client("sec_handler")
    refused = handler.post(f"/signoffs/{cycle}/circulation", data={"subject": "plan"})
    sent = {"subject": "plan", "people": [READER], "units": ["metrology"], "note": "請參閱"}
    answer = handler.post(f"/signoffs/{cycle}/circulation", data=sent)
    assert (refused.status_code, answer.status_code) == (422, 302)
    instance = stage.engine.ask(SYSTEM, lambda r: r.instances.children(cycle))[-1].id
    stage.complete_task(READER, stage.task_for(READER, instance, "read"))
    text = soup(handler, f"/signoffs/{cycle}").get_text(" ", strip=True)
    assert ("請參閱" in text, text.count("尚未閱讀")) == (True, 1)


def test_a_colleague_is_asked_from_the_page_of_the_task(office: Office, stage: Stage, cycle: int) -> None:
    director = office.client("director")
    task = stage.task(cycle, "sign").id
    asked = {"user": READER, "question": "離島場次是否足夠？"}
    refused = director.post(f"/verbs/{task}/ask-opinion", data={**asked, "question": "？"})
    answer = director.post(f"/verbs/{task}/ask-opinion", data=asked)
    waiting = soup(director, f"/tasks/{task}").get_text()
    instance = stage.engine.ask(SYSTEM, lambda r: r.instances.children(cycle))[-1].id
    stage.complete(READER, instance, "give_opinion@unit_handler.kinmen", opinion="建議增加一場次")
    answered = soup(director, f"/tasks/{task}").get_text()
    assert (refused.status_code, answer.status_code) == (422, 302)
    assert ("離島場次是否足夠？" in waiting, "建議增加一場次" in answered) == (True, True)


def test_the_pages_of_the_questions_and_the_reading_open(office: Office, stage: Stage, cycle: int) -> None:
    task = stage.task(cycle, "sign").id
    director = office.client("director")
    director.post(f"/verbs/{task}/ask-opinion", data={"user": READER, "question": "場次足夠嗎？"})
    decide(stage, cycle)
    sent = {"subject": "plan", "people": [READER], "units": [], "note": ""}
    office.client("sec_handler").post(f"/signoffs/{cycle}/circulation", data=sent)
    reader = office.client(READER)
    opened = [
        soup(reader, f"/tasks/{task.id}").h1.get_text(" ", strip=True)
        for child in stage.engine.ask(SYSTEM, lambda r: r.instances.children(cycle))
        for task in stage.engine.ask(SYSTEM, lambda r, n=child.id: r.tasks.open_of_instance(n))
    ]
    assert [words.split()[0] for words in opened] == ["提供意見", "傳閱"]


def call(office: Office, user: str, path: str, body: dict[str, object]) -> int:
    headers = {"Authorization": f"Bearer {office.token(user)}"}
    return office.stranger().post(f"/api/v1{path}", json=body, headers=headers).status_code


def test_every_verb_has_its_call(office: Office, stage: Stage, cycle: int) -> None:
    instance, task = f"/process-instances/{cycle}", stage.task(cycle, "sign").id
    stage.grant("web_owner", "deputy_director", "head")
    question = {"user": READER, "question": "離島場次足夠嗎？"}
    answers = [call(office, "director", f"/tasks/{task}/ask-opinion", question)]
    answers.append(call(office, "deputy_director", f"{instance}/recall", {"reason": "漏看一項佐證資料"}))
    actors.sign(stage, cycle, "deputy_director", "approve")
    decide(stage, cycle)
    signed = {"subject": "plan", "level": 1, "kind": "absent", "reason": "決行時公出，返局後補簽。"}
    answers.append(call(office, "web_owner", f"{instance}/sign-afterwards", signed))
    answers.append(call(office, "web_owner", f"{instance}/sign-afterwards", signed))
    answers.append(
        call(office, "sec_handler", f"{instance}/circulate", {"subject": "plan", "people": [READER]})
    )
    assert answers == [200, 200, 200, 409, 200]
