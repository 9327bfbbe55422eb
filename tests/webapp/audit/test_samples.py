"""The pages of audit runs: draw, look at a sample, record and settle findings, answer them."""

import csv
import io
import threading
from collections.abc import Iterator
from hashlib import sha256

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from tests.webapp.audit.pages import page, words
from tests.webapp.office import Office
from tests.webapp.test_pages_axe import NARROWEST, RULES, is_too_wide, signed_in

DRAW = {"title": "115年度抽查", "seed": "0512", "size": "1", "least_returns": "0", "spread": "nothing"}
FOUND = "登錄日期與公文日期不符"


def drawn(office: Office) -> FlaskClient:
    """An auditor's browser, with the one process of the office drawn."""
    client = office.client("auditor")
    assert client.post("/audit/samples", data=DRAW).status_code == 302
    return client


def found(office: Office, client: FlaskClient, **changes: str) -> TestResponse:
    data = {
        "instance": str(office.instance_id("bsmi_khh:115")),
        "seq": "1",
        "severity": "should",
        "text": FOUND,
    }
    return client.post("/audit/samples/1/finding", data={**data, "asked": "sec_handler", **changes})


def faults(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422
    return [words(link) for link in BeautifulSoup(answer.text, "lxml").select(".summary a")]


def said(client: FlaskClient, address: str) -> list[str]:
    return [words(part) for part in page(client, address).select(".says blockquote")]


def test_a_form_offers_a_seed_that_chance_gave(shared_office: Office) -> None:
    client = shared_office.client("auditor")
    seeds = [page(client, "/audit/samples/new").select_one("#f-seed") for _ in range(2)]
    given = [str(seed["value"]) for seed in seeds if seed]
    assert (len(set(given)), [len(seed) for seed in given]) == (2, [16, 16])


def test_a_sample_is_shown_with_its_seed_and_that_it_can_be_drawn_again(office: Office) -> None:
    client = drawn(office)
    (link,) = page(client, "/audit/samples").select("table a")
    shown = page(client, str(link["href"]))
    state = shown.select_one(".body > p .st")
    assert next(words(code) for code in shown.select("dl code")) == "0512"
    assert state is not None
    assert words(state) == "以種子重抽，樣本相符"
    assert next(a["href"] for a in shown.select("table.answer td a")) == (
        f"/instances/{office.instance_id('bsmi_khh:115')}"
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": ""}, ["這一欄必填"]),
        ({"size": "many"}, ["請填整數"]),
        ({"size": "0"}, ["請輸入1到200的數字"]),
        ({"stages": "commendation"}, ["沒有符合條件的案件"]),
    ],
)
def test_a_draw_that_is_refused_keeps_what_was_entered(
    office: Office, changes: dict[str, str], told: list[str]
) -> None:
    answer = office.client("auditor").post("/audit/samples", data={**DRAW, **changes})
    assert faults(answer) == told
    kept = BeautifulSoup(answer.text, "lxml").select_one("#f-seed")
    assert kept is not None
    assert kept["value"] == "0512"


def test_a_finding_is_recorded_answered_settled_and_the_run_closed(office: Office) -> None:
    client = drawn(office)
    assert found(office, client).status_code == 302
    handler = office.client("sec_handler")
    assert said(handler, "/findings") == [FOUND]
    assert handler.post("/findings/2", data={"text": "已更正登錄日期"}).status_code == 302
    assert faults(client.post("/audit/samples/1/close", data={"text": "抽查完成"})) == [
        "請先處理全部查核發現"
    ]
    settled = {"outcome": "remedied", "text": "更正已確認"}
    assert client.post("/audit/samples/1/finding/2/settle", data=settled).status_code == 302
    assert client.post("/audit/samples/1/close", data={"text": "抽查完成，無列管"}).status_code == 302
    assert said(client, "/audit/samples/1") == [FOUND, "已更正登錄日期", "更正已確認", "抽查完成，無列管"]
    assert said(handler, "/findings") == [FOUND, "已更正登錄日期", "更正已確認"]
    assert page(client, "/audit/samples/1").select("form textarea") == []


def test_a_finding_stands_on_the_page_of_its_process_for_auditors_only(office: Office) -> None:
    client = drawn(office)
    found(office, client)
    address = f"/instances/{office.instance_id('bsmi_khh:115')}"
    assert FOUND in client.get(address).text
    assert FOUND not in office.client("sec_handler").get(address).text


def test_a_refused_finding_settlement_and_answer_keep_what_was_entered(office: Office) -> None:
    client = drawn(office)
    assert len(faults(found(office, client, text="短"))) == 1
    found(office, client)
    answer = client.post("/audit/samples/1/finding/2/settle", data={"outcome": "", "text": "說明不足"})
    assert len(faults(answer)) == 1
    answer = office.client("sec_handler").post("/findings/2", data={"text": "短"})
    kept = BeautifulSoup(answer.text, "lxml").select_one("#f-text")
    assert (len(faults(answer)), kept.text.strip() if kept else "") == (1, "短")


def test_a_run_is_taken_away_whole_and_can_be_drawn_again_from_the_file_alone(office: Office) -> None:
    client = drawn(office)
    found(office, client)
    told = client.get("/audit/samples/1/run.json").get_json()
    ranked = sorted(
        (sha256(f"{told['seed']}:{member['instance']}".encode()).digest(), member["instance"])
        for member in told["population"]["members"]
    )
    assert [number for _, number in ranked][: told["criteria"]["size"]] == told["drawn"]
    assert [(f["instance"], f["seq"], f["found"]["text"]) for f in told["findings"]] == [
        (told["drawn"][0], 1, FOUND)
    ]


def test_a_file_for_spreadsheets_has_a_row_for_each_finding(office: Office) -> None:
    client = drawn(office)
    found(office, client)
    body = client.get("/audit/samples/1/run.csv").data.decode("utf-8-sig")
    (head, row) = csv.reader(io.StringIO(body))
    assert head[:2] == ["案件編號", "案件"]
    assert row[6:9] == ["1", "應改善", FOUND]
    assert client.get("/audit/samples/1/run.ods").data.startswith(b"PK")


def test_that_a_run_was_taken_away_is_told(office: Office) -> None:
    client = drawn(office)
    client.get("/audit/samples/1/run.csv")
    answer = page(client, "/audit/questions/moments-and-readings")
    assert "抽查案 1" in [words(cell) for cell in answer.select("table.answer td")]


@pytest.mark.parametrize("address", ["/audit/samples/1", "/audit/samples/1/finding?instance=x"])
def test_what_was_not_drawn_is_not_there(shared_office: Office, address: str) -> None:
    assert shared_office.client("auditor").get(address).status_code == 404


def test_a_finding_is_settled_on_the_page_of_its_own_run_only(office: Office) -> None:
    client = drawn(office)
    found(office, client)
    client.post("/audit/samples", data={**DRAW, "title": "另一次抽查"})
    settled = {"outcome": "remedied", "text": "更正已確認"}
    assert client.post("/audit/samples/3/finding/2/settle", data=settled).status_code == 404


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    """Where an office with a finding is served."""
    found(office, drawn(office))
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_run_its_form_and_the_answer_are_accessible_and_fit_the_window(
    office: Office, chromium: Browser, address: str
) -> None:
    instance = office.instance_id("bsmi_khh:115")
    found_faults = {}
    for user, path in (
        ("auditor", "/audit/samples"), ("auditor", "/audit/samples/1"),
        ("auditor", f"/audit/samples/1/finding?instance={instance}"), ("sec_handler", "/findings"),
    ):  # fmt: skip
        window = signed_in(chromium, address, user, 1280)
        window.wait_for_url(lambda url: "/login" not in url)
        window.goto(address + path)
        violations = Axe().run(window, options=RULES).response["violations"]
        wide = is_too_wide(window)
        window.set_viewport_size({"width": NARROWEST, "height": 900})
        if violations or wide or is_too_wide(window):
            found_faults[path] = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in violations], wide
        window.context.close()
    assert found_faults == {}
