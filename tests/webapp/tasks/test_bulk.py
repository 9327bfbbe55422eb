"""Several tasks at once: each is checked and recorded by itself, and the report tells of every one."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.commands.tasks import claim, complete, unclaim
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.queries.task_page import task_page
from tests.webapp.tasks.house import House
from tests.webapp.tasks.many import open_tasks, reports_to_sign, start_reports


def soup(answer: TestResponse) -> BeautifulSoup:
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def shown(client: FlaskClient, tasks: list[int]) -> BeautifulSoup:
    """The page on which an approver signs several tasks, come to by the bar of the list."""
    answer = client.post("/inbox/bulk", data={"verb": "approve", "task": tasks}, follow_redirects=True)
    return soup(answer)


def sent(page: BeautifulSoup, **entries: str) -> dict[str, object]:
    """What the form of the page sends as it stands."""
    form = page.select_one("main form[action$=approve]")
    assert form is not None
    hidden = {str(i["name"]): str(i["value"]) for i in form.select("input[type=hidden]")}
    ticked = [str(box["value"]) for box in form.select("input[type=checkbox][checked]")]
    return {**hidden, "task": ticked, **entries}


def report(answer: TestResponse) -> dict[str, list[str]]:
    """The report by its headings: the words of each task with what hindered it."""
    page = soup(answer)
    return {
        section.h2.get_text(strip=True): [
            " ".join(part.get_text(strip=True) for part in li.select("p")) for li in section.select("li")
        ]
        for section in page.select("main section")
        if section.h2
    }


def task_of(house: House, task_id: int) -> Task:
    return house.engine.ask(SYSTEM, lambda reader: reader.tasks.get(task_id))


SIGNED = "單位主管核章\u3000115年度計畫・度量衡科"


def test_an_approver_signs_several_at_once_each_in_its_own_history(house: House) -> None:
    tasks = reports_to_sign(house, 3)
    client = house.client("chen")
    answer = client.post("/inbox/bulk/approve", data=sent(shown(client, tasks), opinion="如擬"))
    assert report(answer) == {"已簽": [SIGNED] * 3}
    for task in (task_of(house, task_id) for task_id in tasks):
        events = house.engine.ask(SYSTEM, lambda reader, i=task.instance_id: reader.history.events(i))
        signed = next(e for e in events if e.type is EventType.TASK_COMPLETED and e.task_id == task.id)
        assert (task.closed_by, signed.actor) == ("chen", "chen")
        assert '"opinion":"如擬"' in signed.data


def test_the_page_shows_the_digest_that_each_signature_records(house: House) -> None:
    tasks = reports_to_sign(house, 2)
    client = house.client("chen")
    page = shown(client, tasks)
    of_own_pages = [
        house.engine.ask(house.engine.actor("chen"), task_page, task_id).shown_digest for task_id in tasks
    ]
    posted = sent(page)
    assert [posted[f"digest-{task_id}"] for task_id in tasks] == of_own_pages
    assert [d.get_text().replace(" ", "") for d in page.select(".digest")] == [d[:12] for d in of_own_pages]


def test_one_of_five_that_became_stale_is_reported_and_not_signed(house: House) -> None:
    tasks = reports_to_sign(house, 5)
    client = house.client("chen")
    entries = sent(shown(client, tasks))
    for command in (claim, unclaim):  # somebody took it and put it back: the page is of before
        house.engine.execute(house.engine.actor("chen"), command, tasks[2])
    found = report(client.post("/inbox/bulk/approve", data=entries))
    assert found == {"未處理": [f"{SIGNED} 您開啟之後，這件工作有了變更。"], "已簽": [SIGNED] * 4}
    assert [task.id for task in open_tasks(house, "sign")] == [tasks[2]]


def test_another_digest_than_the_one_shown_signs_nothing(house: House) -> None:
    tasks = reports_to_sign(house, 2)
    client = house.client("chen")
    entries = sent(shown(client, tasks)) | {f"digest-{tasks[0]}": "0" * 64}
    client.post("/inbox/bulk/approve", data=entries)
    assert [task.id for task in open_tasks(house, "sign")] == [tasks[0]]


def test_an_item_that_was_unticked_is_left_alone(house: House) -> None:
    tasks = reports_to_sign(house, 2)
    client = house.client("chen")
    entries = sent(shown(client, tasks)) | {"task": [str(tasks[1])]}
    client.post("/inbox/bulk/approve", data=entries)
    assert [task.id for task in open_tasks(house, "sign")] == [tasks[0]]


def test_sending_the_same_page_twice_signs_once(house: House) -> None:
    tasks = reports_to_sign(house, 2)
    client = house.client("chen")
    entries = sent(shown(client, tasks))
    first, second = (report(client.post("/inbox/bulk/approve", data=entries)) for _ in range(2))
    assert first == second == {"已簽": [SIGNED] * 2}


def test_what_is_no_approval_or_has_a_draft_is_shown_with_its_reason_and_not_offered(house: House) -> None:
    tasks = reports_to_sign(house, 2)
    client = house.client("chen")
    client.post(f"/tasks/{tasks[0]}/draft", data={"opinion": "待查", "_shown_digest": "x"})
    page = shown(client, [*tasks, 99])
    told = [note.get_text(strip=True) for note in page.select(".item .note")]
    assert told == ["您已在這一件寫了草稿，請開啟後送出或捨棄。", "這一件已不在您的待辦。"]
    assert sent(page)["task"] == [str(tasks[1])]


def test_a_draft_of_the_plain_decision_holds_nobody_up(house: House) -> None:
    tasks = reports_to_sign(house, 1)
    client = house.client("chen")
    client.post(f"/tasks/{tasks[0]}/draft", data={"decision": "approve", "_shown_digest": "x"})
    assert sent(shown(client, tasks))["task"] == [str(tasks[0])]
    client.post(f"/tasks/{tasks[0]}/draft", data={"decision": "return", "_shown_digest": "x"})
    assert sent(shown(client, tasks))["task"] == []


def test_a_handlers_form_is_not_signed_together_with_others(house: House) -> None:
    page = shown(house.client("wang"), start_reports(house, 1))
    assert page.select_one(".item .note").get_text(strip=True) == "這一件不是簽核，請開啟後填寫。"  # type: ignore[union-attr]
    assert page.select("main button[type=submit]") == []


def test_a_verb_that_nobody_offered_signs_nothing(house: House) -> None:
    tasks = reports_to_sign(house, 1)
    client = house.client("chen")
    entries = sent(shown(client, tasks)) | {f"verb-{tasks[0]}": "return"}
    assert list(report(client.post("/inbox/bulk/approve", data=entries))) == ["未處理"]


def test_somebody_else_signs_nothing_and_is_recorded(house: House) -> None:
    tasks = reports_to_sign(house, 1)
    chief, other = house.client("chen"), house.client("other")
    answer = other.post("/inbox/bulk/approve", data=sent(shown(chief, tasks)))
    assert report(answer) == {"未處理": [f"工作{tasks[0]} 您不能做這件事。"]}
    number = house.engine.actor("other").number
    events = house.engine.ask(SYSTEM, lambda reader: reader.history.events(-number))
    assert events[-1].type is EventType.ACCESS_DENIED


def test_several_tasks_are_taken_at_once(house: House) -> None:
    tasks = start_reports(house, 3)
    house.engine.execute(house.engine.actor("lin"), claim, tasks[1])
    found = report(house.client("wang").post("/inbox/bulk", data={"verb": "claim", "task": tasks}))
    assert (len(found["已接手"]), found["未處理"][0].endswith("這件工作已由lin接手。")) == (2, True)
    assert [task_of(house, task_id).assignee for task_id in tasks] == ["wang", "lin", "wang"]


def test_taking_again_what_one_holds_is_no_fault(house: House) -> None:
    tasks = start_reports(house, 1)
    client = house.client("wang")
    for _ in range(2):
        found = report(client.post("/inbox/bulk", data={"verb": "claim", "task": tasks}))
    assert list(found) == ["已接手"]


def test_the_chief_sees_what_waits_in_the_pool_and_gives_it_to_somebody(house: House) -> None:
    tasks = start_reports(house, 2)
    client = house.client("chen")
    listed = soup(client.get("/inbox?view=assignable"))
    assert [row["id"] for row in listed.select("tr[data-row]")] == [f"t-{task_id}" for task_id in tasks]
    page = soup(client.post("/inbox/bulk", data={"verb": "assign", "task": tasks}, follow_redirects=True))
    assert [option["value"] for option in page.select("#f-user option")] == ["", "lin", "wang"]
    found = report(client.post("/inbox/bulk/assign", data={"task": tasks, "user": "lin"}))
    assert (len(found["已指派"]), list(found)) == (2, ["已指派"])
    assert {task_of(house, task_id).assignee for task_id in tasks} == {"lin"}
    assert soup(client.get("/inbox?view=assignable")).select("tr[data-row]") == []


def test_assigning_asks_for_a_person(house: House) -> None:
    tasks = start_reports(house, 1)
    answer = house.client("chen").post("/inbox/bulk/assign", data={"task": tasks})
    assert (answer.status_code, "請選擇人員" in answer.text) == (422, True)


def test_nobody_is_given_a_task_who_may_not_take_it(house: House) -> None:
    tasks = start_reports(house, 1)
    found = report(house.client("chen").post("/inbox/bulk/assign", data={"task": tasks, "user": "other"}))
    assert list(found) == ["未處理"]
    assert task_of(house, tasks[0]).assignee is None


@pytest.mark.parametrize("user", ["wang", "other", "zhang"])
def test_only_the_chief_assigns(house: House, user: str) -> None:
    tasks = start_reports(house, 1)
    client = house.client(user)
    assert soup(client.get("/inbox?view=assignable")).select("tr[data-row]") == []
    client.post("/inbox/bulk/assign", data={"task": tasks, "user": "lin"})
    assert task_of(house, tasks[0]).assignee is None


@pytest.mark.parametrize("entries", [{}, {"verb": "approve"}, {"verb": "burn", "task": "1"}])
def test_choosing_nothing_leads_back_to_the_list(house: House, entries: dict[str, str]) -> None:
    answer = house.client("chen").post("/inbox/bulk", data=entries)
    assert (answer.status_code, answer.location) == (302, "/inbox")


def test_a_completed_one_is_reported(house: House) -> None:
    tasks = reports_to_sign(house, 2)
    client = house.client("chen")
    entries = sent(shown(client, tasks))
    chief = house.engine.actor("chen")
    seen = house.engine.ask(chief, task_page, tasks[0])
    house.engine.execute(
        chief, complete, tasks[0], values={"decision": "approve"}, revision=seen.task.revision,
        shown_digest=seen.shown_digest,
    )  # fmt: skip
    found = report(client.post("/inbox/bulk/approve", data=entries))
    assert {word: len(lines) for word, lines in found.items()} == {"未處理": 1, "已簽": 1}
