"""The two deliveries on the stage: what the units reported, D1 frozen and sent, D2 by letter, the check."""

from typing import Any

from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.store.unit_of_work import UnitOfWork
from tests.stories.stage import PLAN_KEY, Stage

WEIGHTS = "1.1.1|metrology|砝碼校正數"
TOLD = "本年度各項服務措施均依計畫期程辦理完竣，成果詳如各節說明。"
SECTIONS = dict.fromkeys(("overview", "quantified", "qualitative", "assessment", "findings", "outlook"), TOLD)
LETTER = {"doc_prefix": "經標高秘字", "doc_no": "11590000120", "doc_date": "2026-01-02"}
BEFORE_NEW_YEAR, AFTER_NEW_YEAR = "2025-12-26T10:00", "2026-01-02T10:00"


def units_reported(uow: UnitOfWork, weights: str = "119") -> None:
    """What the units reported: 119 weights of 120, and two narrative actions that were done."""
    number = {"action_id": "1.1.1", "indicator": "砝碼校正數", "actual": weights, "status": "partly_achieved",
              "cause": "設備維修", "improvement": "增列備援", "narrative": TOLD}  # fmt: skip
    uow.documents.put(PLAN_KEY, "self_report", "metrology", {"unit": "metrology", "rows": [number]})
    for unit, action in (("kinmen", "1.1.2"), ("secretariat", "1.1.3")):
        row = {"action_id": action, "indicator": "", "status": "done", "narrative": TOLD}
        uow.documents.put(PLAN_KEY, "self_report", unit, {"unit": unit, "rows": [row]})
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def compiled(stage: Stage, **values: Any) -> int:
    """D1 when the secretariat has compiled it."""
    instance = stage.start("result_submission", bureau_mode=values.pop("bureau_mode", "accounts"))
    stage.complete("sec_handler", instance, "compile_d1", **values)
    return instance


def frozen(stage: Stage, **values: Any) -> int:
    """D1 when the chief of the secretariat has signed it."""
    instance = compiled(stage, **values)
    stage.complete("sec_chief", instance, "sign_d1", decision="approve")
    return instance


def sent(stage: Stage, **values: Any) -> int:
    """D1 on its way to the bureau."""
    instance = frozen(stage, **values)
    stage.move_to(AFTER_NEW_YEAR)
    stage.complete(
        "sec_handler",
        instance,
        "send_d1",
        sent_at="2026-01-02T09:30:00+08:00",
        method="system",
        receiver="王小明",
    )
    return instance


def dispatched(stage: Stage, instance: int, **values: Any) -> None:
    """D2 signed and sent by letter."""
    stage.complete("sec_handler", instance, "compile_d2", **SECTIONS, **values)
    stage.sign_off(instance)
    stage.complete("registry", instance, "dispatch_d2", **LETTER)


def bureau_checks(stage: Stage, intake: int, **values: Any) -> None:
    stage.complete("bureau_sec_handler", intake, "receive_results", received_on="2026-01-02")
    stage.complete("bureau_sec_handler", intake, "check_results", **(values or {"result": "accept"}))
