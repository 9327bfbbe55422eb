"""Search as you type: the first hits of every kind under the box, by keys, never in the middle of a word."""

import threading
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from tests.webapp.office import Office
from tests.webapp.test_pages_axe import signed_in


@pytest.fixture(scope="module")
def address(shared_office: Office) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, shared_office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def suggested(office: Office, user: str, q: str) -> list[str]:
    answer = office.client(user).get("/search/suggestions", query_string={"q": q})
    assert answer.status_code == 200
    page = BeautifulSoup(answer.text, "html.parser")
    return [" ".join(part.stripped_strings) for part in page.select("p, li")]


def test_tasks_plans_and_letters_are_suggested(shared_office: Office) -> None:
    assert suggested(shared_office, "sec_handler", "提升服務效能") == [
        "待辦工作 1",
        "登錄總局計畫\u3000115年度提升服務效能執行計畫",
        "年度計畫 2",
        "114年度提升服務效能執行計畫 執行中",
        "113年度提升服務效能執行計畫 前一年度計畫文本，作為研訂範本，未在本系統執行",
        "公文 1",
        "檢送114年度提升服務效能實施計畫 標準檢驗局 經標秘字第11400000010號",
    ]


def test_nothing_is_suggested_that_the_person_may_not_see(shared_office: Office) -> None:
    assert suggested(shared_office, "bureau_sec_handler", "提升服務效能") == ["找不到資料"]


def test_an_empty_box_suggests_nothing(shared_office: Office) -> None:
    assert suggested(shared_office, "sec_handler", "  ") == ["找不到資料"]


def test_hits_appear_while_typing_and_are_reached_by_the_arrow_keys(
    shared_office: Office, chromium: Browser, address: str
) -> None:
    page = signed_in(chromium, address, "sec_handler", 1280)
    page.goto(f"{address}/inbox")
    page.keyboard.press("/")
    page.keyboard.type("114")
    hits = page.locator(".top [data-suggestions]")
    expect(hits).to_be_visible()
    expect(page.locator(".finder [role=status]")).to_contain_text("按向下鍵查看")
    page.keyboard.press("ArrowDown")
    expect(hits.locator("a").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#find-q")).to_be_focused()
    page.keyboard.press("Escape")
    expect(hits).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=114")
    page.context.close()


def test_nothing_is_asked_while_a_word_is_being_composed(
    shared_office: Office, chromium: Browser, address: str
) -> None:
    page = signed_in(chromium, address, "sec_handler", 1280)
    page.goto(f"{address}/inbox")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "suggestions" in request.url else None)
    compose = """word => {
      const box = document.getElementById("find-q");
      box.value = word;
      box.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true }));
    }"""
    page.evaluate(compose, "ㄐㄧˋ")
    page.wait_for_timeout(500)
    assert asked == []
    with page.expect_response("**/suggestions?*"):
        page.evaluate(
            "() => document.getElementById('find-q').dispatchEvent(new CompositionEvent('compositionend'))"
        )
    page.context.close()
