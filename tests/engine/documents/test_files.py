"""Files for offices: the plan and the report as ODT, the data sheet as ODS."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from engine.documents.cells import plain_text
from engine.documents.odf import Block, sheet_file, text_file
from engine.documents.plan_file import plan_file
from engine.documents.result_files import d1_file, d2_file
from engine.forms.uploads import check_upload
from engine.plan.document import Action, Method, Plan, PlanUnit, Strategy, Target

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
DAY = date(2026, 1, 5)
PLAN = Plan(
    agency="高雄分局", agency_id="khh", roc_year=114, title="114年度提升服務效能執行計畫",
    units=(PlanUnit(id="metrology", label="度量衡科", kind="line"),),
    strategies=(Strategy(id="1", title="完備基礎服務", methods=(Method(
        id="1.1", title="維持服務一致", units=("metrology",), actions=(
            Action(id="1.1.1", summary="校正砝碼", owner_units=("metrology",),
                   targets=(Target(indicator="校正數", value=Decimal(120), unit="具"),)),
            Action(id="1.1.2", summary="說明規定", owner_units=("metrology",), narrative_reason="視需求"),
        ),
    ),)),),
)  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"action": "1.1.1", "unit": "metrology", "indicator": "校正數", "actual": "60",
     "status": "partly_achieved"},
    {"action": "1.1.2", "unit": "metrology", "indicator": "", "actual": None, "status": "done"},
]  # fmt: skip


def content(body: bytes) -> etree._Element:
    return etree.fromstring(zipfile.ZipFile(io.BytesIO(body)).read("content.xml"))


def words(body: bytes) -> list[str]:
    return ["".join(p.itertext()) for p in content(body).iter(TEXT + "p", TEXT + "h")]


def cells(body: bytes) -> list[list[str]]:
    return [["".join(cell.itertext()) for cell in row] for row in content(body).iter(TABLE + "table-row")]


def test_the_plan_reads_like_the_document_and_ends_with_its_version() -> None:
    told = words(plan_file(PLAN, no=3, digest="ab12", made_on=DAY))
    assert (told[0], told[4:8], told[-1]) == (
        "114年度提升服務效能執行計畫",
        ["肆、執行策略及具體推動作法", "一、完備基礎服務", "(一)維持服務一致（各單位）", "編號"],
        "第3版　摘要值 ab12",
    )


def test_a_version_that_was_amended_says_so_above_everything_else() -> None:
    told = words(plan_file(PLAN, no=3, digest="ab12", made_on=DAY, replaced_by=5))
    assert told[:2] == ["114年度提升服務效能執行計畫", "【已修正】本版不再有效，現行計畫為第5版。"]


def test_the_actions_of_a_method_stand_in_a_table_with_their_targets() -> None:
    assert cells(plan_file(PLAN, no=3, digest="ab12", made_on=DAY)) == [
        ["編號", "具體推動作法", "目標", "權責單位"],
        ["1.1.1", "校正砝碼", "校正數≥120具", "各單位"],
        ["1.1.2", "說明規定", "敘述性作法", "各單位"],
    ]


def test_the_data_sheet_has_a_line_for_every_number_with_what_was_written() -> None:
    body = d1_file(PLAN, ROWS, {"1.1.1|metrology|校正數": "設備送修"}, as_of="2025-12-31", made_on=DAY)
    assert cells(body)[1:3] == [
        ["1.1.1", "校正砝碼", "度量衡科", "校正數", "校正數≥120具", "60", "50.0", "部分達成", "設備送修"],
        ["1.1.2", "說明規定", "度量衡科", "", "敘述性作法", "", "", "已辦理", ""],
    ]


def test_numbers_of_the_sheet_are_numbers() -> None:
    body = d1_file(PLAN, ROWS, {}, as_of="2025-12-31", made_on=DAY)
    values = [cell.get(OFFICE + "value") for cell in content(body).iter(TABLE + "table-cell")]
    assert [value for value in values if value] == ["60", "50.0"]


def test_the_report_tells_every_changed_number_with_its_reason() -> None:
    change = {"action": "1.1.1", "unit": "metrology", "indicator": "校正數", "before": "50", "after": "60",
              "reason": "補列十二月"}  # fmt: skip
    body = d2_file(PLAN, ROWS, {"執行概況": "如期辦理"}, [change], "與績效成果資料之差異", made_on=DAY)
    assert (words(body)[1:3], cells(body)[-1]) == (
        ["壹、執行概況", "如期辦理"],
        ["1.1.1", "度量衡科", "校正數", "50", "60", "補列十二月"],
    )


def test_a_report_without_changes_has_no_table_of_them() -> None:
    body = d2_file(PLAN, ROWS, {}, [], "與績效成果資料之差異", made_on=DAY)
    assert [line for line in words(body) if line.startswith(("壹、", "貳、"))] == ["壹、成果數據"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_taken_for_a_formula(start: str) -> None:
    assert plain_text(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


def test_a_formula_in_a_plan_stays_text_in_its_files() -> None:
    action = replace(PLAN.action("1.1.2"), summary="=1+1")
    method = replace(PLAN.method("1.1"), actions=(PLAN.action("1.1.1"), action))
    plan = replace(PLAN, strategies=(replace(PLAN.strategies[0], methods=(method,)),))
    sheet = d1_file(plan, ROWS, {}, as_of="2025-12-31", made_on=DAY)
    formulas = [cell.get(TABLE + "formula") for cell in content(sheet).iter(TABLE + "table-cell")]
    assert (cells(sheet)[2][1], set(formulas)) == ("'=1+1", {None})


def test_the_same_content_gives_the_same_bytes() -> None:
    first, second = (text_file("計畫", DAY, [Block(level=2, text="壹、依據"), Block(rows=(("a",),))])
                     for _ in range(2))  # fmt: skip
    stamps = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()}
    assert (first == second, stamps) == (True, {(1980, 1, 1, 0, 0, 0)})


def test_the_house_recognises_its_own_files_when_they_are_uploaded() -> None:
    kinds = [
        check_upload("a.odt", text_file("計畫", DAY, [Block(text="依據")])).media_type,
        check_upload("a.ods", sheet_file("資料", DAY, [("表", [["x", Decimal(1)]])])).media_type,
    ]
    assert kinds == [
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
    ]
