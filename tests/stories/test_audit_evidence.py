"""Question 10: the files behind what was reached, who brought them, and whether they are whole."""

from typing import Any

import sqlalchemy as sa

from engine.commands import files
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.store import tables
from engine.store.unit_of_work import UnitOfWork
from tests.engine.replay.test_verify import tamper
from tests.stories.actors import PDF
from tests.stories.asking import table
from tests.stories.stage import PLAN_KEY, Stage

SLUG = "evidence"
METROLOGY, KINMEN = "unit_handler.metrology", "unit_handler.kinmen"
WEIGHTS = {"action_id": "1.1.1", "indicator": "砝碼校正數"}
ISLANDS = {"action_id": "1.1.2", "indicator": ""}


ROW = "114/1.1.1 / 度量衡科 / 砝碼校正數"
WHOLE = "Not altered: its digest was computed again and is the same"


def brought(stage: Stage, user: str, name: str, mark: str = "") -> dict[str, Any]:
    body = PDF + mark.encode()
    return stage.engine.execute(stage.engine.actor(user), files.add_file, name=name, body=body).json()


def report(stage: Stage, unit: str, *rows: dict[str, Any], kind: str = "self_report") -> None:
    def put(uow: UnitOfWork) -> None:
        uow.documents.put(PLAN_KEY, kind, unit, {"unit": unit, "rows": list(rows)})
        uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))

    stage.engine.execute(SYSTEM, put)


def answers(stage: Stage, *keys: str) -> list[dict[str, str]]:
    return table(stage, SLUG, *(keys or ("row", "status", "file", "by", "content", "also")))


def test_whole_evidence_of_one_target_is_told_with_who_brought_it(fresh_stage: Stage) -> None:
    file = brought(fresh_stage, METROLOGY, "校正紀錄.pdf")
    report(fresh_stage, "metrology", {**WEIGHTS, "actual": "120", "status": "achieved", "evidence": [file]})
    report(fresh_stage, "kinmen", {**ISLANDS, "status": "partly_done"})
    assert answers(fresh_stage) == [
        {"row": ROW, "status": "達成", "file": "校正紀錄.pdf", "by": f"{METROLOGY} 科員", "content": WHOLE,
         "also": "", "why": ""}
    ]  # fmt: skip


def test_a_file_that_two_targets_count_is_told_at_both(fresh_stage: Stage) -> None:
    file = brought(fresh_stage, METROLOGY, "校正紀錄.pdf")
    brought(fresh_stage, KINMEN, "同一份.pdf")
    report(fresh_stage, "metrology", {**WEIGHTS, "actual": "120", "status": "achieved", "evidence": [file]})
    report(fresh_stage, "kinmen", {**WEIGHTS, "actual": "5", "evidence": [file]}, kind="progress")
    assert answers(fresh_stage, "also") == [
        {"also": "114/1.1.1 金門辦事處 砝碼校正數", "why": "Another target counts the same file"}
    ]


def test_a_file_of_two_actions_in_words_is_no_number_counted_twice(fresh_stage: Stage) -> None:
    file = brought(fresh_stage, KINMEN, "宣導照片.pdf")
    for unit, action in (("kinmen", "1.1.2"), ("secretariat", "1.1.3")):
        row = {"action_id": action, "indicator": "", "status": "done", "evidence": [file]}
        report(fresh_stage, unit, row)
    assert answers(fresh_stage, "also") == [
        {"also": "114/1.1.3 秘書室", "why": ""},
        {"also": "114/1.1.2 金門辦事處", "why": ""},
    ]


def test_what_was_altered_taken_away_or_never_brought_is_told(fresh_stage: Stage) -> None:
    altered, gone = (brought(fresh_stage, METROLOGY, f"{name}.pdf", name) for name in ("甲", "乙"))
    files_told = [altered, gone]
    report(
        fresh_stage, "metrology", {**WEIGHTS, "actual": "120", "status": "achieved", "evidence": files_told}
    )
    report(fresh_stage, "kinmen", {**ISLANDS, "status": "done"})
    of_file = tables.content.c.digest
    tamper(
        fresh_stage.engine,
        sa.update(tables.content).where(of_file == bytes.fromhex(altered["digest"])).values(body=b"0"),
        sa.text("pragma defer_foreign_keys = on"),
        sa.delete(tables.content).where(of_file == bytes.fromhex(gone["digest"])),
        sa.delete(tables.file).where(tables.file.c.digest == bytes.fromhex(gone["digest"])),
    )
    assert answers(fresh_stage, "file") == [
        {"file": "甲.pdf", "why": "No longer whole: it does not have its digest any more"},
        {"file": "乙.pdf", "why": "Nothing lies under its digest any more"},
        {"file": "", "why": "Reached without any evidence"},
    ]


def test_what_a_delivery_lowered_is_no_longer_asked_for_evidence(fresh_stage: Stage) -> None:
    file = brought(fresh_stage, METROLOGY, "校正紀錄.pdf")
    report(fresh_stage, "metrology", {**WEIGHTS, "actual": "120", "status": "achieved", "evidence": [file]})
    row = {"action": "1.1.1", "unit": "metrology", "indicator": "砝碼校正數", "actual": "118"}
    report(fresh_stage, "", {**row, "status": "partly_achieved"}, kind="d1")
    assert answers(fresh_stage) == []
