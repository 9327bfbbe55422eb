"""The page of the extension levels: read by the branch, changed by the secretariat's chief from a day on."""

import pytest

from tests.webapp.office import Office

PAGE = "/admin/extension-levels"
GIVEN = {
    "valid_from": "115/02/02", "basis": "分層負責明細表115年版", "unlimited": "director",
    "days-unit_chief": "2", "days-sec_chief": "5", "days-deputy_director": "",
}  # fmt: skip


def test_a_change_stands_below_the_table_until_its_day(office: Office) -> None:
    answer = office.client("sec_chief").post(PAGE, data=GIVEN)
    page = office.client("unit_handler.metrology").get(PAGE).get_data(as_text=True)
    shown = ("尚未登錄本機關的展期核定層級" in page, "自115/02/02 (一)起" in page, "累計5個工作日" in page)
    assert (answer.status_code, shown) == (302, (True, True, True))


@pytest.mark.parametrize(
    ("entry", "given", "words"),
    [
        ("days-sec_chief", "2", "各層級核定日數須多於下一層級"),
        ("days-sec_chief", "兩天", "請填1至250的工作日數"),
        ("days-sec_chief", "0", "請填1至250的工作日數"),
        ("unlimited", "", "最高層級核定日數不限，請選擇其為何者"),
        ("unlimited", "auditor", "此角色不核定展期"),
        ("valid_from", "115/1/1", "請選擇今天或以後的日期"),
        ("valid_from", "soon", ""),
        ("basis", "", "請填修正依據"),
    ],
)
def test_a_refused_table_stays_as_it_was_entered(office: Office, entry: str, given: str, words: str) -> None:
    answer = office.client("sec_chief").post(PAGE, data=GIVEN | {entry: given})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, f'id="e-{entry}"' in page, words in page) == (422, True, True)
    unit_chief = 'id="f-days-unit_chief" name="days-unit_chief" type="text" value="2"'
    assert (unit_chief in page, "尚無修正紀錄" in page) == (True, True)


def test_whoever_may_not_change_it_gets_no_form(office: Office) -> None:
    assert "f-valid_from" not in office.client("director").get(PAGE).get_data(as_text=True)
