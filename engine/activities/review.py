"""The bureau's own review of a reported plan."""

from dataclasses import replace
from datetime import date
from typing import Any

from engine.activities.action_rows import plan_reading
from engine.activities.calls import Check, Completion, Prefill
from engine.activities.drafting import working_day_faults
from engine.activities.letter_entries import BUREAU_PREFIX, letter_faults, outgoing_letter
from engine.activities.moments import end_of_day
from engine.activities.next_signer import next_signer, signature, signed_ids
from engine.activities.plan_documents import (
    not_after_today,
    plan_key_of,
    reported_plan,
    reported_version,
    shown,
)
from engine.activities.working_plan import AGENCY_NAME, element_choices, element_label
from engine.domain.form import FormContent
from engine.domain.identity import ANY_UNIT
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.vocabulary import BUREAU, REQUIRED_SECTIONS
from engine.store.unit_of_work import Reader, UnitOfWork

REVIEW = "bureau_review"
REVIEW_DAYS = 6
VERDICTS = {"conforms": "符合", "fails": "不符", "suggestion": "建議"}
CLOSING = {
    "acknowledged": "同意核備",
    "acknowledged_with_comments": "同意核備，並請參酌意見辦理",
    "return_for_revision": "請依意見修正後再報",
    "declined": "不予核備",
}


def received(reader: Reader, task: Task) -> FormContent:
    """The reported plan, and a date by which an ordinary letter is answered."""
    due_on = reader.calendar.add_working_days(reader.today, REVIEW_DAYS)
    return FormContent(
        values={"received_on": reader.today.isoformat(), "speed": "normal", "due_on": due_on.isoformat()},
        shown=(shown("報核計畫", reported_version(reader, plan_key_of(task))),),
    )


def check_received(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Received on a day that has come, to be reviewed by a working day."""
    due_on = date.fromisoformat(values["due_on"])
    return [*not_after_today(reader, values, "received_on"), *working_day_faults(reader, due_on, "due_on")]


def assign(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """The review is due at the end of the day that was set."""
    return {"due_at": end_of_day(date.fromisoformat(values["due_on"]))}


def plan(reader: Reader, task: Task) -> FormContent:
    """The seven required contents to go through (伍.二), or the review that came back."""
    plan_key = plan_key_of(task)
    document = reader.documents.find(plan_key, REVIEW, str(task.inputs["round"]))
    values = document.body["values"] if document else {"checklist": _checklist()}
    returned = [
        review["opinion"]
        for name in ("chief_review", "decide")
        if (review := task.inputs.get(name) or {}).get("decision") == "return"
    ]
    return FormContent(
        values=values,
        choices={"elements": element_choices(reported_plan(reader, plan_key))},
        shown=(shown("報核計畫", reported_version(reader, plan_key)),),
        panels={"plan_document": plan_reading(reported_plan(reader, plan_key)), "remarks": returned},
    )


def record(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the review; its remarks go to the branch with the reply."""
    plan_key = plan_key_of(task)
    body = {"values": values, "remarks": _remarks(uow, plan_key, values), "reviewed_by": uow.actor.user_id}
    ref = uow.documents.put(plan_key, REVIEW, str(task.inputs["round"]), body)
    signer = next_signer(uow, ("bureau_sec_chief", ANY_UNIT), ("bureau_approver", ANY_UNIT))
    return {"review_no": ref.no, "reviewed_by": uow.actor.user_id, "signer": signer}


def proposal(reader: Reader, task: Task) -> FormContent:
    """The review that the superior signs, with the plan that it is about."""
    plan_key = plan_key_of(task)
    review = reader.documents.get(plan_key, REVIEW, str(task.inputs["round"]))
    values = {"outcome": review.body["values"]["proposal"]} if task.element_id == "decide" else {}
    return FormContent(
        values=values,
        shown=(shown("審查意見", review), shown("報核計畫", reported_version(reader, plan_key))),
        panels={
            "proposal": CLOSING[review.body["values"]["proposal"]],
            "reason": review.body["values"].get("reason", ""),
            "comments": review.body["remarks"],
            "plan_document": plan_reading(reported_plan(reader, plan_key)),
        },
    )


def sign(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep who signed, over which version of the review."""
    plan_key, round_no = plan_key_of(task), str(task.inputs["round"])
    review = uow.documents.get(plan_key, REVIEW, round_no)
    body = {**values, **signature(uow), "review": {"no": review.no, "digest": review.digest}}
    uow.documents.put(plan_key, "bureau_signature", f"{round_no}:{task.element_id}", body)
    return signed_ids(uow)


def reply_letter(reader: Reader, task: Task) -> FormContent:
    """First words for the reply."""
    outcome, year = task.inputs["decide"]["outcome"], task.inputs["roc_year"]
    return FormContent(
        values={
            "doc_prefix": BUREAU_PREFIX,
            "to": [AGENCY_NAME],
            "subject": f"貴分局{year}年度提升服務效能執行計畫，{CLOSING[outcome]}。",
            "sent_by": "electronic",
        },
        panels={"outcome": CLOSING[outcome]},
    )


def check_reply(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """The bureau's letter is dated sensibly and its number is new."""
    return list(letter_faults(reader, values, BUREAU))


def dispatch(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Enter the reply once, in the plan's register, where it is the branch's incoming letter as well."""
    outcome = task.inputs["decide"]["outcome"]
    sent = outgoing_letter(plan_key_of(task), values, issuer=BUREAU)
    letter = uow.letters.register(replace(sent, direction="in", received_on=sent.doc_on, outcome=outcome))
    return {"letter_id": letter.id, "outcome": outcome}


def _checklist() -> list[dict[str, str]]:
    return [{"section": section, "label": label} for section, label in REQUIRED_SECTIONS.items()]


def _remarks(uow: UnitOfWork, plan_key: str, values: dict[str, Any]) -> list[dict[str, str]]:
    subject = reported_plan(uow, plan_key)
    general = [
        {"element": "", "label": "總評", "comment": text} for text in (values.get("general_comment"),) if text
    ]
    checklist = [
        {
            "element": row["section"],
            "label": row["label"],
            "comment": f"{VERDICTS[row['verdict']]}：{row['note']}",
        }
        for row in values["checklist"]
        if row.get("note")
    ]
    rows = [
        {
            "element": row["element"],
            "label": element_label(subject, row["element"]),
            "comment": row["comment"],
        }
        for row in values.get("comments", ())
    ]
    return [*general, *checklist, *rows]


PREFILLS: dict[str, Prefill] = {
    "review.received": received,
    "review.plan": plan,
    "review.proposal": proposal,
    "review.reply_letter": reply_letter,
}
CHECKS: dict[str, Check] = {
    "review.check_received": check_received,
    "review.check_reply": check_reply,
}
COMPLETIONS: dict[str, Completion] = {
    "review.assign": assign,
    "review.record": record,
    "review.sign": sign,
    "review.dispatch": dispatch,
}
