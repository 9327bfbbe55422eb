"""The page of a task without a script: drawn, saved, edited row by row, refused with every fault, sent."""

import io
import json
import re
from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.clock import FixedClock
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from tests.webapp.tasks.house import House

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.text, "html.parser")


def form_of(response: TestResponse) -> Tag:
    found = soup(response).select_one("form[data-scope='']")
    assert found is not None
    return found


def posted_by(form: Tag) -> dict[str, Any]:
    """What a browser would post of this form, without any button."""
    data: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(field["name"]), field.get("type")
        if kind in ("radio", "checkbox"):
            if field.has_attr("checked"):
                data.setdefault(name, []).append(str(field["value"]))
        elif kind == "file":
            continue
        elif field.name == "textarea":
            data[name] = field.text.removeprefix("\n")
        elif field.name == "select":
            chosen = [str(o["value"]) for o in field.select("option[selected]")]
            data[name] = chosen or ""
        else:
            data[name] = str(field.get("value", ""))
    return data


class Browser:
    """One person at one task, with forms and links only."""

    def __init__(self, house: House, user: str, task_id: int) -> None:
        self.client: FlaskClient = house.client(user)
        self.url = f"/tasks/{task_id}"
        self.page = self.client.get(self.url)

    def press(self, button: str, **entries: Any) -> TestResponse:
        data = {**posted_by(form_of(self.page)), **entries, "_op": button}
        answer = self.client.post(self.url, data=data, content_type="multipart/form-data")
        self.page = self.client.get(answer.location) if answer.status_code == 302 else answer
        return answer

    def faults(self) -> list[str]:
        return [link.text for link in soup(self.page).select("#faults a")]

    def value(self, name: str) -> str:
        found = form_of(self.page).select_one(f"[name='{name}']")
        assert found is not None
        return found.text.removeprefix("\n") if found.name == "textarea" else str(found.get("value", ""))


def valid_entries() -> dict[str, Any]:
    return {
        "applicable": "true",
        "decision": "approve",
        "doc_no": "11490000470",
        "actions-0-summary": "砝碼校正服務",
        "actions-0-target_kind": "quantified",
        "actions-0-value": "150",
        "actions-0-counting_rule": "每具計 1",
        "actions-0-_row": "",
    }


def recorded(house: House) -> list[dict[str, Any]]:
    events = house.engine.ask(SYSTEM, lambda reader: reader.history.events(house.instance_id))
    return [json.loads(e.data)["values"] for e in events if e.type is EventType.TASK_COMPLETED]


def test_the_page_shows_the_form_with_its_due_date_and_place_in_the_process(house: House) -> None:
    page = soup(Browser(house, "wang", house.task_id()).page)
    assert page.select_one("h1").text == "單位提報\u3000115年度計畫・度量衡科"  # type: ignore[union-attr]
    assert [li.b.text for li in page.select(".steps li.now") if li.b] == ["單位提報"]
    assert "114/01/13 (一)" in page.select_one(".pane .kv").text  # type: ignore[union-attr]


def test_entries_are_recorded_as_json_when_sent(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    answer = browser.press("complete", **valid_entries(), doc_date="114.1.6", score="１２")
    assert (answer.status_code, answer.location) == (302, "/inbox")
    assert recorded(house) == [
        {
            "applicable": True,
            "decision": "approve",
            "doc_no": "11490000470",
            "doc_date": "2025-01-06",
            "score": 12,
            "acknowledged": False,
            "actions": [
                {
                    "summary": "砝碼校正服務",
                    "target_kind": "quantified",
                    "value": "150",
                    "counting_rule": "每具計1",
                }
            ],
            "checks": [],
        }
    ]


def test_a_task_that_was_completed_in_time_never_looks_late(house: House, clock: FixedClock) -> None:
    browser = Browser(house, "wang", house.task_id())
    browser.press("complete", **valid_entries())
    clock.move_to(clock.now() + timedelta(days=90))
    due = soup(house.client("wang").get(browser.url)).select_one(".pane .kv dd")
    assert due is not None
    assert due.text.split() == ["114/01/13", "(一)"]


def test_every_fault_is_named_and_nothing_that_was_entered_is_lost(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    entries = {**valid_entries(), "doc_no": "114", "doc_date": "昨天", "actions-0-value": "很多"}
    answer = browser.press("complete", **entries)
    assert answer.status_code == 422
    assert [fault.split("：")[0].split(": ")[0] for fault in browser.faults()] == [
        "號",
        "發文日期",
        "作法 1・目標值",
    ]
    assert [browser.value(n) for n in ("doc_no", "doc_date", "actions-0-value")] == ["114", "昨天", "很多"]
    assert recorded(house) == []


def test_a_fault_is_tied_to_its_field_for_screen_readers(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    browser.press("complete", **{**valid_entries(), "actions-0-value": "0"})
    field = form_of(browser.page).select_one("#actions-0-value")
    assert field is not None
    assert (field["aria-invalid"], field["aria-describedby"]) == (
        "true",
        "e-actions-0-value h-actions-0-value",
    )
    assert soup(browser.page).select_one("#faults")["role"] == "alert"  # type: ignore[index]


def test_the_entries_of_a_refused_page_are_kept_as_a_draft(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    browser.press("complete", doc_no="114")
    again = Browser(house, "wang", house.task_id())
    assert again.value("doc_no") == "114"


def test_rows_are_added_copied_moved_and_removed_without_a_script(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    browser.press("add:actions")
    browser.press("copy:actions:0", **{"actions-0-summary": "甲作法"})
    browser.press("up:actions:1", **{"actions-1-summary": "乙作法"})
    assert [browser.value(f"actions-{i}-summary") for i in (0, 1)] == ["乙作法", "甲作法"]
    browser.press("remove:actions:0")
    assert browser.value("actions-0-summary") == "甲作法"
    assert form_of(browser.page).select_one("[name='actions-1-summary']") is None


def test_one_row_is_open_at_a_time(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    browser.press("add:actions")
    browser.press("add:actions")
    rows = form_of(browser.page).select("details[name='rows-actions']")
    assert [row.has_attr("open") for row in rows] == [False, True]


def test_a_draft_belongs_to_one_person(house: House) -> None:
    Browser(house, "wang", house.task_id()).press("save", doc_no="我的草稿")
    assert Browser(house, "lin", house.task_id()).value("doc_no") == ""


def test_a_draft_is_thrown_away(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    browser.press("save", doc_no="我的草稿")
    browser.press("discard")
    assert browser.value("doc_no") == ""


def test_a_script_saves_the_draft(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    answer = browser.client.post(f"{browser.url}/draft", data={"doc_no": "114", "_shown_digest": "x"})
    assert (answer.status_code, answer.json["saved"]) == (200, True)  # type: ignore[index]
    assert Browser(house, "wang", house.task_id()).value("doc_no") == "114"


def test_a_draft_with_names_beside_the_form_is_refused(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    assert browser.client.post(f"{browser.url}/draft", data={"assignee": "wang"}).status_code == 422


def test_a_draft_of_another_content_is_offered_with_a_warning(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    browser.press("save", doc_no="114", _shown_digest="0" * 64)
    assert form_of(browser.page).select_one(".note.warn button[value='discard']") is not None


def test_fields_of_somebody_else_are_refused(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    answer = browser.press(
        "complete", **valid_entries(), assignee="wang", **{"actions-0-approved_by": "chen"}
    )
    assert answer.status_code == 422
    assert [re.split("：|: ", fault)[0] for fault in browser.faults()] == ["作法 1・approved_by", "assignee"]


def test_entries_of_people_are_never_markup(house: House) -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    browser = Browser(house, "wang", house.task_id())
    browser.press("save", **{**valid_entries(), "doc_no": attack, "actions-0-summary": attack})
    assert browser.value("doc_no") == attack
    assert "<script>alert(1)" not in browser.page.text
    assert soup(browser.page).select("img[onerror]") == []


def test_an_upload_is_attached_and_taken_off(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    browser.press("upload:attachment", **{"attachment-_upload": (_file(PDF), "清冊.pdf")})
    assert [a.text for a in form_of(browser.page).select(".files a")] == ["清冊.pdf"]
    browser.press("remove:attachment:0")
    assert form_of(browser.page).select(".files a") == []


def test_an_upload_that_is_refused_is_told_beside_its_field(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    answer = browser.press(
        "upload:attachment", **{"attachment-_upload": (_file(b"<svg/>"), "a.svg")}, doc_no="114"
    )
    assert answer.status_code == 422
    assert [re.split("：|: ", fault)[0] for fault in browser.faults()] == ["附件"]
    assert browser.value("doc_no") == "114"


def test_the_file_of_somebody_else_cannot_be_referred_to(house: House) -> None:
    sent = house.client("chen").post("/files", data={"file": (_file(PDF), "secret.pdf")})
    digest = sent.json["digest"]  # type: ignore[index]
    browser = Browser(house, "wang", house.task_id())
    answer = browser.press("complete", **valid_entries(), **{"attachment-0-digest": digest})
    assert (answer.status_code, len(browser.faults())) == (422, 1)


def test_people_of_another_unit_may_not_open_the_task(house: House) -> None:
    assert house.client("other").get(f"/tasks/{house.task_id()}").status_code == 403


def test_a_task_that_does_not_exist_is_not_found(house: House) -> None:
    assert house.client("wang").get("/tasks/999999999").status_code == 404


def test_the_style_rules_of_the_form_are_served(house: House) -> None:
    answer = house.client("wang").get(f"/tasks/{house.task_id()}/form.css")
    assert (answer.mimetype, answer.text.count("display: none")) == ("text/css", 2)


def _file(body: bytes) -> Any:
    return io.BytesIO(body)
