"""Improvement items that outlive their cycle (12): next year's units carry them over, or say why not."""

from typing import Any

import pytest

from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.errors import NotFound
from engine.queries.improvements import improvement_notice
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.stage import PLAN_KEY, Stage

FINDING = "天平室溫溼度未逐日記錄"
EDIT = "edit_actions@metrology"


def with_open_item(uow: UnitOfWork) -> None:
    """Of two findings of 114 one was improved; their measures name a person."""
    for key, state, words in (("metrology-1", "open", "列管中"), ("metrology-2", "improved", "已改善")):
        body = {
            "id": key, "unit": "metrology", "finding": FINDING, "due_on": "2026-03-31", "state": state,
            "state_label": words, "measures": {"owner": "unit_handler.metrology"},
            **({"closed_on": "2025-12-30"} if state == "improved" else {}),
        }  # fmt: skip
        uow.documents.put(PLAN_KEY, "improvement", key, body)
    status = {"summary": "各項缺失均已列管追蹤，將逐項公開改進情形。", "no_personal_names": True,
              "url": "https://example.gov.tw/improve", "published_on": "2025-12-31"}  # fmt: skip
    uow.documents.put(PLAN_KEY, "improvement_status", "", status)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def asked(stage: Stage) -> int:
    """The units write their rows of 115; one of them has an open item of 114."""
    stage.engine.execute(SYSTEM, with_open_item)
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)
    return cycle


SCENES = {"cycle": asked}


def answered(stage: Stage, cycle: int, **answer: Any) -> dict[str, Any]:
    """The unit's rows with its answer about the open item."""
    shown = stage.shown("unit_handler.metrology", cycle, EDIT)
    rows = [
        {"evidence_kinds": ["校正報告"], **row, "summary": f"{row['summary']}並公開結果給申請人",
         **actors.qualified(row)}
        for row in shown["actions"]
    ]  # fmt: skip
    items = [{**item, **answer} for item in shown["improvements"]]
    return {"applicable": True, "actions": rows, "improvements": items}


def test_the_unit_is_shown_what_it_has_not_improved(stage: Stage, cycle: int) -> None:
    shown = stage.shown("unit_handler.metrology", cycle, EDIT)["improvements"]
    other = stage.shown("unit_handler.kinmen", cycle, "edit_actions@kinmen")
    assert shown == [
        {"id": "114:metrology-1", "roc_year": 114, "finding": FINDING, "due_on": "2026-03-31",
         "status": "列管中"}
    ]  # fmt: skip
    assert "improvements" not in other


@pytest.mark.parametrize(
    ("answer", "faults"),
    [
        ({}, [("improvements/0/answer", "This entry is required")]),
        ({"answer": "carried"}, [("improvements/0/method", "This entry is required")]),
        ({"answer": "not_carried"}, [("improvements/0/reason", "This entry is required")]),
        ({"answer": "not_carried", "reason": "不列入"},
         [("improvements/0/reason", "Use at least 10 characters (now 3)")]),
        ({"answer": "carried", "method": "9.9"}, [("improvements/0/method", "Choose one of the options")]),
    ],
)  # fmt: skip
def test_the_unit_must_answer(
    stage: Stage, cycle: int, answer: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    assert stage.faults("unit_handler.metrology", cycle, EDIT, **answered(stage, cycle, **answer)) == faults


def test_a_unit_without_actions_carries_nothing_on(stage: Stage, cycle: int) -> None:
    values = answered(stage, cycle, answer="carried", method="1.1")
    values |= {"applicable": False, "na_reason": "本年度無相關業務，無法配合辦理。"}
    assert stage.faults("unit_handler.metrology", cycle, EDIT, **values) == [
        ("improvements/0/method", "Add an action to this method that carries the item on, or say why not")
    ]


def test_the_answer_stands_before_the_chief_and_those_who_compile(stage: Stage, cycle: int) -> None:
    user = "unit_handler.metrology"
    stage.complete(user, cycle, EDIT, **answered(stage, cycle, answer="carried", method="1.1"))
    line = {"finding": FINDING, "answer": "列入本年度作法", "method": "1.1", "reason": ""}
    before_chief = actors.panels(stage, "unit_chief.metrology", cycle, "chief_review@metrology")
    actors.approve_unit(stage, cycle, "metrology")
    actors.contribute(stage, cycle, "kinmen")
    actors.approve_unit(stage, cycle, "kinmen")
    compiling = actors.panels(stage, "sec_handler", cycle, "compile_plan")
    assert (before_chief["improvements"], compiling["improvements"]) == (
        [line],
        [{"unit": "度量衡科", **line}],
    )


def test_the_notice_names_findings_and_no_person(stage: Stage, cycle: int) -> None:
    notice = stage.engine.ask(stage.engine.actor("unit_handler.kinmen"), improvement_notice, 114)
    assert [(line.roc_year, line.unit, line.finding, line.state) for line in notice.lines] == [
        (114, "度量衡科", FINDING, "列管中"), (114, "度量衡科", FINDING, "已改善"),
    ]  # fmt: skip
    assert (notice.improved, "unit_handler" in str(notice)) == (1, False)


def test_the_notice_is_for_the_branch(stage: Stage, cycle: int) -> None:
    with pytest.raises(NotFound):
        stage.engine.ask(stage.engine.actor("bureau_sec_handler"), improvement_notice, 114)
