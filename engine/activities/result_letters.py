"""Letters and answers around the deliveries: dispatch, correction, receipt, supplement (補正), intake."""

from datetime import date
from typing import Any

from engine.activities.calls import Check, Completion, Prefill
from engine.activities.deadlines import plan_deadline
from engine.activities.letter_entries import (
    BRANCH_PREFIX,
    BUREAU_PREFIX,
    incoming_letter,
    letter_faults,
    outgoing_letter,
)
from engine.activities.moments import end_of_day
from engine.activities.plan_documents import enter_state, not_after_today, plan_key_of, shown
from engine.activities.results import (
    LABELS,
    apply_correction,
    check_working_day,
    delivery_panels,
    record_delivery,
)
from engine.activities.working_plan import AGENCY_NAME
from engine.domain.form import FormContent
from engine.domain.letter import Letter
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.vocabulary import BUREAU
from engine.store.unit_of_work import Reader, UnitOfWork

DEADLINE_OF = {"d1": "K3", "d2": "K4"}


def letter_content(reader: Reader, task: Task) -> FormContent:
    """The usual parts of the letter, and the document that goes with it."""
    delivery = _delivery(task)
    is_correction = task.element_id == "dispatch_correction"
    kind = "correction" if is_correction else delivery
    document = reader.documents.get(plan_key_of(task), kind, delivery if is_correction else "")
    what = f"{'更正之' if is_correction else ''}{LABELS[delivery]}"
    subject = f"檢送本分局{task.inputs['roc_year']}年度{what}，請鑒核。"
    values = {
        "doc_prefix": BRANCH_PREFIX,
        "to": [BUREAU],
        "subject": subject,
        "expectation": "instruct",
        "sent_by": "electronic",
        "attachments": [document.body["file"]],
    }
    return FormContent(values=values, shown=(shown(LABELS[delivery], document),))


def check_letter(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Dated no later than today; a number is used once (rule of the register)."""
    return list(letter_faults(reader, values, AGENCY_NAME))


def record_dispatch(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Register the letter that reports D2 to the bureau."""
    plan_key = plan_key_of(task)
    letter = uow.letters.register(outgoing_letter(plan_key, values))
    record_delivery(uow, plan_key, "d2", {"letter": letter.json()})
    enter_state(uow, plan_key, "d2_sent")
    return {"letter_id": letter.id}


def record_correction_letter(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Register the correction letter (更正函); the corrected numbers become the next version."""
    plan_key, delivery = plan_key_of(task), _delivery(task)
    letter = uow.letters.register(outgoing_letter(plan_key, values))
    corrected = apply_correction(uow, plan_key, delivery)
    record_delivery(uow, plan_key, delivery, {"letter": letter.json(), "correction": True})
    return {"letter_id": letter.id, "no": corrected.no}


def reply_content(reader: Reader, task: Task) -> FormContent:
    """What was sent, while the bureau's answer is registered."""
    delivery = _delivery(task)
    sent = reader.documents.get(plan_key_of(task), "delivery", delivery)
    return FormContent(
        values={"doc_prefix": BUREAU_PREFIX}, shown=(shown(f"{LABELS[delivery]}送件紀錄", sent),)
    )


def check_reply(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Received on or after its date and not in the future; a supplement is due on a working day."""
    if values.get("doc_no"):
        faults = list(letter_faults(reader, values, BUREAU))
    else:
        faults = [f for name in ("doc_date", "received_on") for f in not_after_today(reader, values, name)]
        if values["received_on"] < values["doc_date"]:
            faults.append(FieldError(path="received_on", template="A letter cannot arrive before its date"))
    if values["outcome"] == "supplement":
        faults += check_working_day(reader, values, "due_on")
    return faults


def record_reply(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the bureau's answer; a letter goes into the register, a phone call or mail stands here."""
    plan_key, delivery = plan_key_of(task), _delivery(task)
    if values.get("doc_no"):
        uow.letters.register(_incoming(plan_key, values))
    uow.documents.put(plan_key, "reply", delivery, values)
    return _new_due(values)


def supplement_content(reader: Reader, task: Task) -> FormContent:
    """What the bureau asks for, the new due date, and the original one, which stays visible."""
    source = "supplement_asked" if task.inputs["bureau_mode"] == "accounts" else "register_reply"
    original = plan_deadline(reader, plan_key_of(task), DEADLINE_OF[_delivery(task)])
    values = {
        "request": task.inputs[f"{source}.request"],
        "new_due": task.inputs[f"{source}.due_on"],
        "original_due": original.nominal_on.isoformat(),
    }
    return FormContent(values=values)


def record_supplement(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep what was handed in later."""
    ref = uow.documents.put(plan_key_of(task), "supplement", _delivery(task), values)
    return {"supplement_no": ref.no}


def delivered_content(reader: Reader, task: Task) -> FormContent:
    """The delivery as the bureau receives it, with what was supplied later."""
    plan_key, delivery = plan_key_of(task), _delivery(task)
    content = delivery_panels(reader, plan_key, delivery)
    later = reader.documents.find(plan_key, "supplement", delivery)
    if later is None:
        return content
    panel = {
        "title": "補正說明",
        "response": later.body["response"],
        "attachments": later.body.get("attachments", []),
    }
    return FormContent(
        shown=(*content.shown, shown("補正", later)), panels={**content.panels, "supplement": panel}
    )


def check_received(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Received on a day that has come."""
    return not_after_today(reader, values, "received_on")


def record_received(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the day on which the bureau received the delivery."""
    uow.documents.put(plan_key_of(task), "receipt", _delivery(task), values)
    return {}


def check_intake(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A supplement is due on a working day after today."""
    return check_working_day(reader, values, "due_on") if values["result"] == "supplement" else []


def record_checked(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the bureau's check; the original due date stays beside the new one."""
    plan_key, delivery = plan_key_of(task), _delivery(task)
    original = plan_deadline(uow, plan_key_of(task), DEADLINE_OF[delivery])
    uow.documents.put(
        plan_key, "intake", delivery, {**values, "original_due_on": original.nominal_on.isoformat()}
    )
    return {"checked_on": uow.today.isoformat(), **_new_due(values)}


def _delivery(task: Task) -> str:
    """Which delivery a task is about; the dispatch of D2 is the only one that does not say."""
    return str(task.inputs.get("delivery") or "d2")


def _new_due(values: dict[str, Any]) -> dict[str, Any]:
    on = values.get("due_on")
    return {
        "due_on": on,
        "due_at": end_of_day(date.fromisoformat(on)) if on else None,
        "request": values.get("request", ""),
    }


def _incoming(plan_key: str, values: dict[str, Any]) -> Letter:
    told = {"issuer": "bureau", "speed": "normal", "reply_due": values.get("due_on")}
    return incoming_letter(plan_key, {**values, **told})


PREFILLS: dict[str, Prefill] = {
    "results.letter_content": letter_content,
    "results.reply_content": reply_content,
    "results.supplement_content": supplement_content,
    "results.delivered": delivered_content,
}
CHECKS: dict[str, Check] = {
    "results.check_letter": check_letter,
    "results.check_reply": check_reply,
    "results.check_received": check_received,
    "results.check_intake": check_intake,
}
COMPLETIONS: dict[str, Completion] = {
    "results.record_dispatch": record_dispatch,
    "results.record_correction_letter": record_correction_letter,
    "results.record_reply": record_reply,
    "results.record_supplement": record_supplement,
    "results.record_received": record_received,
    "results.record_checked": record_checked,
}
