"""The page of statistics: charts that can be read without colour, tables beside them, files, and print."""

import csv
import io

import pytest
from bs4 import BeautifulSoup

from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.store.unit_of_work import UnitOfWork
from tests.webapp.office import PLAN, Office

REPORTED = {"rows": [{"action_id": "3.2.3", "indicator": "砝碼校正數", "actual": "131"}]}


def page(office: Office, user: str = "sec_handler", year: int = 114) -> BeautifulSoup:
    answer = office.client(user).get(f"/statistics?year={year}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def rows_of(office: Office, table: str, year: int = 114) -> list[list[str]]:
    body = office.client("sec_handler").get(f"/statistics/{table}.csv?year={year}").data
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def test_every_chart_has_a_title_and_a_description(shared_office: Office) -> None:
    for chart in page(shared_office).select(".chart svg"):
        named = [chart.find(id=name) for name in str(chart["aria-labelledby"]).split()]
        assert (chart["role"], [part.name for part in named if part and part.text]) == (
            "img",
            ["title", "desc"],
        )


def test_parts_of_a_bar_differ_by_their_pattern_and_tell_their_number(shared_office: Office) -> None:
    chart = page(shared_office).select_one(".chart svg")
    assert chart is not None
    first = chart.select_one("text.inside")
    assert first is not None
    assert (chart.select_one("rect")["class"], first.text.isdigit()) == (["ground-partly"], True)  # type: ignore[index]


def test_the_table_says_what_the_chart_draws(shared_office: Office) -> None:
    found = page(shared_office)
    told = [word.text for word in found.select(".chart svg")[0].select("text:not([class])")]
    table = found.select(".beside table")[0]
    assert told == [head.text for head in table.select("tbody th")] != []


def test_numbers_of_units_make_progress(office: Office) -> None:
    before = {row[0]: row[2] for row in rows_of(office, "progress")[1:]}
    office.engine.execute(SYSTEM, report)
    after = {row[0]: row[2] for row in rows_of(office, "progress")[1:]}
    assert {unit: after[unit] for unit in after if after[unit] != before[unit]} == {"度量衡科": "1"}


def report(uow: UnitOfWork) -> None:
    uow.documents.put(PLAN, "progress", "metrology", REPORTED)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def test_a_file_opens_in_a_spreadsheet(shared_office: Office) -> None:
    answer = shared_office.client("director").get("/statistics/progress.csv?year=114")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert (answer.mimetype, "attachment" in answer.headers["Content-Disposition"]) == ("text/csv", True)


def test_a_unit_whose_name_is_a_formula_is_a_text_in_the_file(office: Office) -> None:
    office.engine.execute(SYSTEM, name_a_unit_like_a_formula)
    assert "'=HYPERLINK(1)" in [row[0] for row in rows_of(office, "progress")]


def name_a_unit_like_a_formula(uow: UnitOfWork) -> None:
    body = dict(uow.documents.get(PLAN, "plan").body)
    body["units"] = [{**unit, "label": "=HYPERLINK(1)"} for unit in body["units"]]
    uow.documents.put(PLAN, "plan", "", body)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


@pytest.mark.parametrize("table", ["durations", "returns", "overdue"])
def test_every_table_is_a_file(shared_office: Office, table: str) -> None:
    assert len(rows_of(shared_office, table)[0]) > 1


def test_a_table_that_does_not_exist_is_not_found(shared_office: Office) -> None:
    assert shared_office.client("director").get("/statistics/salaries.csv").status_code == 404


@pytest.mark.parametrize("year", ["x", "-1", "１１４", "99999"])
def test_a_year_that_is_none_leads_to_the_present_one(shared_office: Office, year: str) -> None:
    answer = shared_office.client("director").get("/statistics", query_string={"year": year})
    assert answer.status_code == 200


def test_empty_sections_say_what_would_stand_there(shared_office: Office) -> None:
    assert [p.text[:9] for p in page(shared_office, year=112).select("section > p.muted")] == [
        "這個年度還沒有計畫",
        "這個年度還沒有辦畢",
        "這個年度沒有退件，",
        "這個年度還沒有到期",
    ]
