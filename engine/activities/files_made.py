"""Files that the house makes itself: the published plan and the report D2 (ODT), the data sheet D1 (ODS)."""

from collections.abc import Mapping
from typing import Any

from engine.activities.plan_documents import released_plan
from engine.activities.unit_results import reported, row_key
from engine.clock import TAIPEI
from engine.documents.odf import SHEET, TEXT
from engine.documents.plan_file import plan_file, plan_file_name
from engine.documents.result_files import d1_file, d2_file
from engine.domain.document import Document
from engine.plan.deadlines import nominal_dates
from engine.plan.document import from_json
from engine.store.unit_of_work import UnitOfWork

FROM_D1 = "與績效成果資料之差異"
CORRECTED = "更正之數據"
# The chapters of D2 (F15) by their fields.
CHAPTERS = {
    "overview": "執行概況",
    "quantified": "量化成果",
    "qualitative": "質化成果",
    "assessment": "自行考核結果",
    "findings": "缺失與改進",
    "outlook": "未來展望",
}


def keep_plan_file(uow: UnitOfWork, version: Document) -> dict[str, Any]:
    """The version as an ODT for the website and the service places (伍.一, convention 27)."""
    plan = from_json(version.body)
    made_on = version.made_at.astimezone(TAIPEI).date()
    body = plan_file(plan, no=version.no, digest=version.digest, made_on=made_on)
    return uow.files.keep(plan_file_name(plan, version.no), body, TEXT).json()


def keep_d1_file(uow: UnitOfWork, plan_key: str, d1: Mapping[str, Any]) -> dict[str, Any]:
    """The data sheet of these numbers, with what the units wrote about each."""
    plan = released_plan(uow, plan_key)
    texts = {row_key(row): row.text for row in reported(uow, plan, plan_key)}
    as_of = nominal_dates(plan.roc_year)["K2"].isoformat()
    body = d1_file(plan, d1["rows"], texts, as_of=as_of, made_on=uow.today)
    return uow.files.keep(f"{plan.roc_year}年度績效成果資料.ods", body, SHEET).json()


def keep_d2_file(
    uow: UnitOfWork, plan_key: str, d2: Mapping[str, Any], heading: str = FROM_D1
) -> dict[str, Any]:
    """The report with its chapters, its numbers, and under `heading` every number that changed and why."""
    plan = released_plan(uow, plan_key)
    chapters = {title: d2["sections"].get(field, "") for field, title in CHAPTERS.items()}
    body = d2_file(plan, d2["rows"], chapters, d2["differences"], heading, made_on=uow.today)
    return uow.files.keep(f"{plan.roc_year}年度執行績效與成果報告.odt", body, TEXT).json()
