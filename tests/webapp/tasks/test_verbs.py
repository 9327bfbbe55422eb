"""The verbs of a task on its page: offered to those who may, carried out by a form, refused in words."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.clock import FixedClock
from engine.commands.definitions import deploy
from engine.commands.deputies import name_deputy
from engine.commands.organisation import disable_user
from engine.commands.tasks import claim
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from tests.stories.stage import workflow_files
from tests.webapp.tasks.house import House
from tests.webapp.tasks.test_page import PDF, valid_entries

REASON = "砝碼送校中，須待校正後填報。"
SIGNED = {"decision": "approve", "opinion": "如擬", "_op": "paper", "_paper_reason": "系統停機，紙本核章"}


@pytest.fixture
def office(house: House) -> House:
    """The house with the processes that are shipped."""
    house.engine.execute(SYSTEM, deploy, workflow_files())
    return house


def offered(answer: TestResponse) -> list[str]:
    links = BeautifulSoup(answer.text, "html.parser").select("a[href^='/verbs/']")
    return [str(link["href"]).rpartition("/")[2] for link in links]


def said(answer: TestResponse) -> list[str]:
    return [fault.text for fault in BeautifulSoup(answer.text, "html.parser").select(".summary li")]


def task_of(house: House) -> Task:
    return house.engine.ask(SYSTEM, lambda reader: reader.tasks.get(house.task_id()))


def send(client: FlaskClient, house: House, name: str, **entries: str) -> TestResponse:
    return client.post(f"/verbs/{house.task_id()}/{name}", data=entries)


def shown(client: FlaskClient, house: House) -> str:
    page = BeautifulSoup(client.get(f"/tasks/{house.task_id()}").text, "html.parser")
    return " ".join(page.text.split())


def test_a_candidate_is_offered_what_a_candidate_may(house: House) -> None:
    assert offered(house.client("wang").get(f"/tasks/{house.task_id()}")) == [
        "extend",
        "hand-back",
        "follow-up",
        "ask-opinion",
    ]


def test_a_holder_may_ask_somebody_as_well(house: House) -> None:
    house.engine.execute(house.engine.actor("wang"), claim, house.task_id())
    assert offered(house.client("wang").get(f"/tasks/{house.task_id()}")) == [
        "extend", "hand-back", "delegate", "follow-up", "ask-opinion",
    ]  # fmt: skip


def test_after_the_due_date_no_extension_is_offered(house: House, clock: FixedClock) -> None:
    clock.move_to(clock.now() + timedelta(days=8))
    assert offered(house.client("wang").get(f"/tasks/{house.task_id()}")) == [
        "hand-back",
        "follow-up",
        "ask-opinion",
    ]


@pytest.mark.parametrize("name", ["extend", "hand-back", "redirect", "assign", "delegate", "priority"])
def test_who_may_not_has_no_page(house: House, name: str) -> None:
    client = house.client("other")
    assert client.get(f"/verbs/{house.task_id()}/{name}").status_code == 403
    assert send(client, house, name, reason=REASON, user="lin", new_on="1140115").status_code == 403


def test_there_is_no_page_of_an_unknown_verb(house: House) -> None:
    assert house.client("wang").get(f"/verbs/{house.task_id()}/approve").status_code == 404


def test_an_extension_is_applied_for_and_granted(office: House) -> None:
    wang, chen = office.client("wang"), office.client("chen")
    answer = send(wang, office, "extend", new_on="114/1/15", reason=REASON)
    assert (answer.status_code, answer.location) == (302, f"/tasks/{office.task_id()}")
    inbox = BeautifulSoup(chen.get("/inbox").text, "html.parser")
    link = str(inbox.select_one("a[href^='/tasks/']")["href"])  # type: ignore[index]
    form = BeautifulSoup(chen.get(link).text, "html.parser").select_one("form[data-scope='']")
    assert form is not None
    unseen = {str(i["name"]): str(i["value"]) for i in form.select("input[type=hidden]")}
    decided = {"decision": "agree", "opinion": "如擬", "_op": "complete"}
    assert chen.post(link, data={**unseen, **decided}).status_code == 302
    page = shown(wang, office)
    assert "114/01/15 (三)" in page
    assert "原定114/01/13 (一) 已展期" in page
    assert "原定01/13 (一)" in wang.get(f"/instances/{office.instance_id}").text


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("114/1/13", "請選擇目前期限之後的日期"),
        ("114/1/32", "114/1/32不是正確的日期"),
    ],
)
def test_a_day_that_cannot_be_is_refused_beside_the_form(office: House, day: str, words: str) -> None:
    answer = send(office.client("wang"), office, "extend", new_on=day, reason=REASON)
    assert answer.status_code == 422
    assert said(answer) == [words]
    assert REASON in answer.text


def test_the_applicant_sees_that_an_application_is_pending(office: House) -> None:
    wang = office.client("wang")
    before = shown(wang, office)
    send(wang, office, "extend", new_on="114/1/15", reason=REASON)
    assert ["已申請，待核定" in page for page in (before, shown(wang, office))] == [False, True]


def test_without_a_colleague_nobody_can_be_asked(office: House) -> None:
    office.engine.execute(office.engine.actor("wang"), claim, office.task_id())
    office.engine.execute(SYSTEM, disable_user, "lin")
    page = BeautifulSoup(office.client("wang").get(f"/verbs/{office.task_id()}/delegate").text, "html.parser")
    assert "沒有其他人具有辦理本件的角色。" in page.text
    assert page.select("main .formend button") == []


def test_a_second_application_says_that_one_is_pending(office: House) -> None:
    wang = office.client("wang")
    send(wang, office, "extend", new_on="114/1/15", reason=REASON)
    again = send(wang, office, "extend", new_on="114/1/16", reason=REASON)
    assert again.status_code == 409
    assert "本件已申請展期，尚待核定。" in again.text


def test_an_application_is_withdrawn_from_its_page(office: House) -> None:
    wang, task = office.client("wang"), f"/tasks/{office.task_id()}"
    send(wang, office, "extend", new_on="114/1/15", reason=REASON)
    assert offered(wang.get(task))[0] == "withdraw-extension"
    assert "撤回展期申請" in wang.get(f"/verbs/{office.task_id()}/withdraw-extension").text
    answer = send(wang, office, "withdraw-extension", reason=REASON)
    assert (answer.status_code, answer.location) == (302, task)
    assert offered(wang.get(task))[0] == "extend"
    assert send(wang, office, "withdraw-extension", reason=REASON).status_code == 403


def test_nobody_else_has_a_page_to_withdraw_it(office: House) -> None:
    send(office.client("wang"), office, "extend", new_on="114/1/15", reason=REASON)
    address = f"/verbs/{office.task_id()}/withdraw-extension"
    assert [office.client(who).get(address).status_code for who in ("chen", "other")] == [403, 403]


def test_what_was_handed_back_is_redirected_from_its_page(house: House) -> None:
    assert send(house.client("wang"), house, "hand-back", reason="非本科業務範圍").location == "/inbox"
    chen = house.client("chen")
    assert "待改分" in chen.get("/inbox").text
    page = chen.get(f"/tasks/{house.task_id()}")
    assert "王怡婷將本件退分，請您改分。" in page.text
    assert "非本科業務範圍" in page.text
    assert offered(page) == ["redirect", "redirect", "hand-back", "follow-up", "priority"]
    assert send(chen, house, "redirect", user="lin", reason="請林員辦理").location == "/inbox"
    assert (task_of(house).assignee, task_of(house).is_handed_back) == ("lin", False)


def test_a_reason_that_is_missing_is_asked_for(house: House) -> None:
    answer = send(house.client("wang"), house, "hand-back", reason="")
    assert (answer.status_code, said(answer)) == (422, ["理由至少5字"])


def test_the_chief_takes_a_task_from_its_holder_on_the_page_of_the_instance(house: House) -> None:
    house.engine.execute(house.engine.actor("wang"), claim, house.task_id())
    chen = house.client("chen")
    page = chen.get(f"/instances/{house.instance_id}")
    assert offered(page) == ["assign", "priority"]
    form = chen.get(f"/verbs/{house.task_id()}/assign").text
    assert "王怡婷" in form
    answer = send(chen, house, "assign", user="lin", reason="王員公假，請代為辦理")
    assert answer.location == f"/instances/{house.instance_id}"
    assert task_of(house).assignee == "lin"
    timeline = BeautifulSoup(chen.get(answer.location).text, "html.parser").text
    assert "王員公假，請代為辦理" in timeline


def test_a_task_is_prepared_by_a_colleague_and_given_back(house: House) -> None:
    house.engine.execute(house.engine.actor("wang"), claim, house.task_id())
    assert send(house.client("wang"), house, "delegate", user="lin").location == "/inbox"
    lin = house.client("lin")
    assert "交回" in shown(lin, house)
    assert lin.post(f"/tasks/{house.task_id()}/resolve").status_code == 302
    assert (task_of(house).assignee, task_of(house).owner) == ("wang", None)


def test_a_step_is_closed_with_the_scan_of_the_signed_sheet(house: House) -> None:
    fill(house)
    chen = house.client("chen")
    address = f"/tasks/{house.task_id('sign')}"
    answer = chen.post(
        address, data={**unseen(chen, address), **SIGNED, "_paper_scan": (BytesIO(PDF), "a.pdf")}
    )
    assert answer.status_code == 302
    timeline = chen.get(f"/instances/{house.instance_id}").text
    assert "（轉紙本：系統停機，紙本核章）" in timeline
    assert "a.pdf" in timeline


def test_without_the_scan_it_is_refused_and_the_entries_stay(house: House) -> None:
    fill(house)
    chen = house.client("chen")
    address = f"/tasks/{house.task_id('sign')}"
    answer = chen.post(address, data={**unseen(chen, address), **SIGNED})
    assert answer.status_code == 422
    assert "請上傳簽名文件的掃描檔（PDF、PNG或JPG）" in answer.text


def fill(house: House) -> None:
    """The unit has reported, so that its chief signs."""
    wang = house.client("wang")
    address = f"/tasks/{house.task_id()}"
    wang.post(address, data={**unseen(wang, address), **valid_entries(), "_op": "complete"})


def unseen(client: FlaskClient, address: str) -> dict[str, str]:
    form = BeautifulSoup(client.get(address).text, "html.parser").select_one("form[data-scope='']")
    assert form is not None
    return {str(i["name"]): str(i["value"]) for i in form.select("input[type=hidden]")}


def test_what_is_put_off_leaves_the_own_list_and_has_a_tab(house: House) -> None:
    wang = house.client("wang")
    link = f"/tasks/{house.task_id()}"
    assert send(wang, house, "follow-up", until_on="114/1/8").location == "/inbox"
    assert link not in wang.get("/inbox").text
    assert link in wang.get("/inbox?view=follow_up").text
    assert "114/01/08" in wang.get(f"/verbs/{house.task_id()}/follow-up").text
    send(wang, house, "follow-up", until_on="")
    assert link in wang.get("/inbox").text


@pytest.mark.parametrize("is_held", [False, True])
def test_a_deputy_sees_what_was_put_off_once_it_is_late(
    house: House, clock: FixedClock, is_held: bool
) -> None:
    wang, days = house.engine.actor("wang"), {"valid_from": date(2025, 1, 6), "valid_to": date(2025, 1, 24)}
    house.engine.execute(wang, name_deputy, "wang", deputy="other", cause="vacation", **days)
    if is_held:
        house.engine.execute(wang, claim, house.task_id())
    send(house.client("other"), house, "follow-up", until_on="114/1/24")
    link, found = f"/tasks/{house.task_id()}", []
    for later in (timedelta(days=7), timedelta(days=2)):
        clock.move_to(clock.now() + later)
        found.append(link in house.client("other").get("/inbox?view=deputy").text)
    assert found == [False, True]


def test_the_chief_sets_a_priority_which_lists_and_the_timeline_tell(house: House) -> None:
    chen, wang = house.client("chen"), house.client("wang")
    instance = f"/instances/{house.instance_id}"
    assert offered(chen.get(instance)) == ["assign", "priority"]
    form = BeautifulSoup(chen.get(f"/verbs/{house.task_id()}/priority").text, "html.parser")
    chosen = form.select_one("input[name=priority][checked]")
    assert chosen is not None
    assert chosen["value"] == "normal"
    sent = {"priority": "highest", "reason": "議員質詢在即，請先辦理"}
    assert send(chen, house, "priority", **sent).location == instance
    assert "最優先" in shown(wang, house)
    for query in ("", "?priority=high", "?sort=priority"):
        assert "最優先" in listed(wang, query)
    timeline = BeautifulSoup(chen.get(instance).text, "html.parser").text
    assert "陳志明設定「單位提報」的優先順序：最優先" in timeline
    again = send(chen, house, "priority", **sent)
    assert (again.status_code, said(again)) == (422, ["這項工作已是這個優先順序"])
    send(chen, house, "priority", priority="normal", reason="質詢已結束，依序辦理即可")
    assert "最優先" not in listed(wang, "")
    assert f"/tasks/{house.task_id()}" not in wang.get("/inbox?priority=high").text


def listed(client: FlaskClient, query: str) -> str:
    """The words of the table of the inbox."""
    table = BeautifulSoup(client.get(f"/inbox{query}").text, "html.parser").select_one("main table")
    assert table is not None
    return " ".join(table.text.split())


def test_nobody_is_asked_before_somebody_was_chosen(office: House) -> None:
    client = office.client("wang")
    page = BeautifulSoup(client.get(f"/verbs/{office.task_id()}/ask-opinion").text, "html.parser")
    assert page.select_one("select[name=user] option")["value"] == ""  # type: ignore[index]
    answer = send(client, office, "ask-opinion", user="", question="器差是否合格？")
    assert (answer.status_code, said(answer)) == (422, ["請選擇人員"])


def test_naming_a_deputy_says_at_once_all_that_is_missing(house: House) -> None:
    answer = house.client("wang").post("/deputies", data={"valid_from": "114/01/06"})
    assert (answer.status_code, said(answer)) == (422, ["請選擇代理人", "請填迄日", "請選擇事由"])
