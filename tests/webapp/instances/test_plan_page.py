import pytest
from lxml import html

from engine.domain.identity import SYSTEM, Agency, Unit, UnitKind, User
from tests.stories.stage import PLAN_KEY
from tests.webapp.instances.conftest import Office
from webapp.document_keys import key_words, owner_words
from webapp.document_names import kind_words, note_words

ENTRY = {
    "issuer": "總局",
    "doc_type": "函",
    "received_on": "114/02/07",
    "prefix": "經標秘字",
    "number": "11490001120",
    "subject": "同意核備",
    "doc_on": "114/02/07",
    "reason": "登錄時字號誤植",
}


def shown(office: Office, address: str = "/plans/114", user: str = "sec_handler") -> html.HtmlElement:
    answer = office.client(user).get(address)
    assert answer.status_code == 200
    return html.fromstring(answer.get_data(as_text=True))


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_plan_reads_like_the_document_with_generated_numbers(office: Office) -> None:
    (article,) = shown(office).find_class("doc")
    numbers = [words(span) for span in article.xpath(".//*[self::h2 or self::h3 or self::h4]/span[1]")]
    assert numbers == ["壹、", "貳、", "參、", "肆、", "一、", "(一)", "伍、", "陸、", "柒、"]


def test_the_strip_marks_the_stage_of_the_plan(office: Office) -> None:
    (strip,) = shown(office).find_class("phase")
    assert [words(li) for li in strip.xpath("./li[@aria-current='step']")] == ["報局核備"]


def test_a_target_shows_number_word_and_bar(office: Office) -> None:
    (target,) = shown(office).xpath("//li[@id='a1.1.1']/span[@class='tgt']")
    assert words(target) == "103.2 / 120具 部分達成86.0%度量衡科"
    assert target.xpath(".//rect/@width") == ["86"]


def test_changes_against_another_version_are_marked_in_the_text(office: Office) -> None:
    page = shown(office, "/plans/114?with=1")
    marked = page.xpath("//li[@id='a1.1.1']//ins | //li[@id='a1.1.1']//del")
    assert [(mark.tag, mark.text) for mark in marked] == [("ins", "與電子秤")]


def test_both_versions_stand_side_by_side(office: Office) -> None:
    page = shown(office, "/plans/114?with=1")
    rows = [[words(cell) for cell in row] for row in page.xpath("//table[@class='side']/tbody/tr")]
    assert rows == [["1.1.1 具體推動作法", "校正砝碼", "校正砝碼與電子秤"]]


def test_an_earlier_version_can_be_read(office: Office) -> None:
    page = shown(office, "/plans/114?no=1")
    assert words(page.xpath("//li[@id='a1.1.1']/span[2]")[0]) == "校正砝碼1.1.1"


@pytest.mark.parametrize(
    "address", ["/plans/99", "/plans/114?no=9", "/plans/114?with=9", "/plans/113/letters/1"]
)
def test_what_does_not_exist_is_not_found(office: Office, address: str) -> None:
    assert office.client("sec_handler").get(address).status_code == 404


@pytest.mark.parametrize("address", ["/plans/114", "/plans/114/letters/1"])
def test_people_of_another_agency_find_no_plan(office: Office, address: str) -> None:
    assert office.client("bureau_sec_handler").get(address).status_code == 404


def test_the_list_of_plans_is_empty_for_those_who_see_none(office: Office) -> None:
    lists = [shown(office, "/plans", user) for user in ("sec_handler", "bureau_sec_handler")]
    assert [
        (len(p.xpath("//ul[contains(@class,'plans')]/li")), len(p.find_class("empty"))) for p in lists
    ] == [
        (1, 0),
        (0, 1),
    ]


def test_a_wrong_entry_of_a_letter_is_corrected_and_stays_readable(office: Office) -> None:
    client = office.client("sec_handler")
    days = {"doc_on": "1140210", "received_on": "1140211"}
    answer = client.post("/plans/114/letters/1", data={**ENTRY, **days, "number": "11490001130"})
    (letter,) = office.engine.ask(SYSTEM, lambda reader: reader.letters.for_plan(PLAN_KEY))
    assert (answer.status_code, letter.number, letter.doc_on.isoformat()) == (
        302,
        "11490001130",
        "2025-02-10",
    )
    assert letter.corrections[0]["before"] == {
        "doc_on": "2025-02-07",
        "number": "11490001120",
        "received_on": "2025-02-07",
    }
    assert "11490001120" in client.get("/plans/114/letters/1").get_data(as_text=True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "f-subject"),
        ({"number": ""}, "f-number"),
        ({"doc_on": "昨天"}, "f-doc_on"),
        ({"number": "11490001130", "reason": "錯"}, "f-reason"),
        ({"number": "11390001130"}, "f-number_confirmed"),
        ({"received_on": "114/02/06"}, "f-received_on"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_at_its_field(
    office: Office, change: dict[str, str], field: str
) -> None:
    answer = office.client("sec_handler").post("/plans/114/letters/1", data={**ENTRY, **change})
    page = html.fromstring(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert page.xpath("//div[@role='alert']//a/@href") == [f"#{field}"]


def test_who_may_not_correct_sees_no_form_and_is_refused(office: Office) -> None:
    client = office.client("director")
    page = html.fromstring(client.get("/plans/114/letters/1").get_data(as_text=True))
    refused = client.post("/plans/114/letters/1", data={**ENTRY, "number": "11490001130"})
    assert (page.xpath("//main//form//textarea | //input[@name='number']"), refused.status_code) == ([], 403)


def test_a_version_of_the_plan_is_downloaded_as_odt(office: Office) -> None:
    (link,) = shown(office).xpath("//a[contains(@href,'/plan.odt')]/@href")
    answer = office.client("sec_handler").get(link)
    assert (answer.mimetype, "filename*=UTF-8''114" in answer.headers["Content-Disposition"]) == (
        "application/vnd.oasis.opendocument.text",
        True,
    )


def test_the_same_version_gives_the_same_bytes(office: Office) -> None:
    first, second = (office.client("director").get("/plans/114/plan.odt?no=1").data for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "address", ["/plans/114/plan.odt?no=9", f"/plans/114/files/{'0' * 64}", "/plans/114/files/x"]
)
def test_a_file_that_is_not_the_plans_is_not_found(office: Office, address: str) -> None:
    assert office.client("sec_handler").get(address).status_code == 404


def test_people_of_another_agency_take_no_file_of_the_plan(office: Office) -> None:
    assert office.client("bureau_sec_handler").get("/plans/114/plan.odt").status_code == 404


@pytest.mark.parametrize(
    ("note", "shown_as"),
    [
        ("bureau_plan_changed", "總局計畫異動，標示待檢視項目"),
        ("letter_corrected", "依公文更正，同步更正依據"),
        ("contribution kinmen", "金門辦事處提報"),
        ("not applicable kinmen", "金門辦事處不適用"),
        ("contribution nowhere", "contribution nowhere"),
        ("changed by 秘書室主任核稿", "簽核時修正：秘書室主任核稿"),
        ("amendment 1 dropped", "修正案未生效，恢復原計畫"),
        ("已與金門辦事處確認", "已與金門辦事處確認"),
        ("", ""),
    ],
)
def test_why_a_version_was_made_is_said_in_words(office: Office, note: str, shown_as: str) -> None:
    kinmen = Unit(id="kinmen", label="金門辦事處", kind=UnitKind.LINE, agency=Agency.BRANCH, position=1)
    with office.app.test_request_context():
        assert note_words(note, {"kinmen": kinmen}) == shown_as


@pytest.mark.parametrize(
    ("kind", "key", "shown_as"),
    [
        ("signature", "entry_memo:1:0", "簽章 參獎簽陳 第1輪 第1層"),
        ("signoff", "commendation", "簽核 敘獎名單"),
        ("award_state", "", "參獎案狀態"),
        ("reward_ruling", "2:finalist:head", "敘獎條款判定 第2輪 入圍實地訪查 首長（主管）"),
        ("reward_line", "account:clerk|bsmi_khh:award:115:1|2", "敘獎名單之人員 王小明 115年參獎第1件 第2輪"),
        ("reward", "outside:吳宗翰@經濟部標準檢驗局", "獎勵 吳宗翰（經濟部標準檢驗局）"),
        ("reward", "account:stranger", "獎勵 stranger"),
        ("award_score", "ministry:award:115:outside:1|clerk", "參獎件評分 115年外機關參獎第1件 王小明"),
        ("improvement", "head-1", "改進 分局長室 1"),
        ("bureau_signature", "1:decide", "總局簽章 第1輪 核定"),
        ("award_score", "", "參獎件評分"),
    ],
)
def test_documents_of_awards_are_named_in_words(office: Office, kind: str, key: str, shown_as: str) -> None:
    head = Unit(id="head", label="分局長室", kind=UnitKind.HEAD, agency=Agency.BRANCH, position=1)
    clerk = User(id="clerk", number=1, name="王小明", title="", active=True)
    with office.app.test_request_context():
        words = key_words(key, {"head": head}, {"clerk": clerk})
        assert f"{kind_words(kind)} {words}".strip() == shown_as


@pytest.mark.parametrize(
    ("owner", "shown_as"),
    [
        ("bsmi_khh:113", "113年"),
        ("bsmi_khh:award:115", "115年"),
        ("ministry:award:115:outside:2", "115年外機關參獎第2件"),
        ("bsmi_khh", ""),
        ("bsmi_khh:overdue", ""),
    ],
)
def test_whose_a_document_is_is_said_in_words(office: Office, owner: str, shown_as: str) -> None:
    with office.app.test_request_context():
        assert owner_words(owner) == shown_as
