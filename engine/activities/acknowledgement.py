"""Reporting to the bureau for 核備: the letter, the wait, the reply or the withdrawal."""

from collections.abc import Iterator
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.letter_entries import (
    BRANCH_PREFIX,
    BUREAU_PREFIX,
    ISSUERS,
    incoming_letter,
    letter_faults,
    outgoing_letter,
    require_faultless,
)
from engine.activities.moments import end_of_day, morning
from engine.activities.plan_documents import (
    enter_state_of,
    is_amendment,
    not_after_today,
    plan_key_of,
    release,
    reported_plan,
    shown,
)
from engine.activities.working_plan import AGENCY_NAME, PLAN, element_choices, element_label
from engine.domain.form import FormContent
from engine.domain.letter import Letter
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.vocabulary import BUREAU
from engine.store.unit_of_work import Reader, UnitOfWork

# No date in the clause: a reply is expected within ten working days, and again after ten more (stage 3).
REPLY_DAYS, SECOND_QUERY_DAYS = 10, 20
STATES = {
    "acknowledged": "acknowledged",
    "acknowledged_with_comments": "acknowledged",
    "return_for_revision": "returned",
    "declined": "returned",
    "withdrawn": "draft",
}


def report_letter(reader: Reader, task: Task) -> FormContent:
    """The signed plan, and first words for the letter: 請核備, or 請查照 when no reply is awaited."""
    plan_key = plan_key_of(task)
    gated = task.inputs.get("ack_mode") != "notify"
    year = task.inputs["roc_year"]
    return FormContent(
        values={
            "doc_prefix": BRANCH_PREFIX,
            "to": [BUREAU],
            "subject": f"檢陳本分局{year}年度提升服務效能執行計畫1份，{'請核備' if gated else '請查照'}。",
            "expectation": "acknowledge" if gated else "note",
            "sent_by": "electronic",
            "enacts": True,
        },
        shown=(shown("核定計畫", reader.documents.get(plan_key, PLAN)),),
        panels={"comments": _last_comments(reader, plan_key)},
    )


def check_own_letter(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """The branch's letters are dated sensibly and their numbers are new (F6).

    The letter that enacts the plan may be another one than the one that reports it (A3).
    """
    faults = list(letter_faults(reader, values, AGENCY_NAME))
    if values.get("enacts", True) or is_amendment(task):
        return faults
    return faults + list(_enacting_faults(reader, values))


def dispatch(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Enter the letter, and fix which version of the plan was reported."""
    plan_key = plan_key_of(task)
    plan = uow.documents.get(plan_key, PLAN)
    letter = uow.letters.register(outgoing_letter(plan_key, values))
    enacting = _enacting_letter(uow, task, values)
    body = {
        "letter_id": letter.id,
        "enacting_letter_id": enacting.id if enacting else letter.id,
        "plan_no": plan.no,
        "plan_digest": plan.digest,
        "enacts": bool(values.get("enacts")),
        "expectation": values["expectation"],
    }
    uow.documents.put(plan_key, "report", str(task.inputs["round"]), body)
    enter_state_of(uow, task, "reported")
    return {"letter_id": letter.id, "plan_no": plan.no}


def _enacting(values: dict[str, Any]) -> dict[str, Any]:
    """The entry of the letter that enacts the plan, as an entry of its own."""
    named = {"doc_prefix": "enacting_prefix", "doc_no": "enacting_no", "doc_date": "enacting_date"}
    entry = {name: values[field] for name, field in named.items() if values.get(field)}
    return {**entry, "number_confirmed": values.get("number_confirmed", False)}


def _enacting_faults(reader: Reader, values: dict[str, Any]) -> Iterator[FieldError]:
    fields = {"doc_prefix": "enacting_prefix", "doc_no": "enacting_no", "doc_date": "enacting_date"}
    missing = [field for field in fields.values() if not values.get(field)]
    for field in missing:
        yield FieldError(path=field, template="This entry is required")
    if missing:
        return
    if (values["enacting_prefix"], values["enacting_no"]) == (values["doc_prefix"], values["doc_no"]):
        yield FieldError(path="enacting_no", template="The letter that reports the plan bears this number")
    for fault in letter_faults(reader, _enacting(values), AGENCY_NAME):
        yield FieldError(
            path=fields.get(fault.path, fault.path), template=fault.template, params=fault.params
        )


def _enacting_letter(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> Letter | None:
    """The letter of its own that enacts the plan, entered into the register; None when the report does it."""
    if values.get("enacts", True) or is_amendment(task):
        return None
    plan_key = plan_key_of(task)
    subject = f"訂定{uow.documents.get(plan_key, PLAN).body['title']}"
    return uow.letters.register(outgoing_letter(plan_key, _enacting(values), subject=subject[:200]))


def open_waiting(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """When a reply is expected, when the branch inquires, and what the bureau receives."""
    sent = call.data["dispatch_letter"]
    first = uow.calendar.add_working_days(uow.today, REPLY_DAYS)
    second = uow.calendar.add_working_days(uow.today, SECOND_QUERY_DAYS)
    if call.data["ack_mode"] == "notify":
        _release_now(uow, call, "notified")
        enter_state_of(uow, call, "notified")
    return {
        "due": end_of_day(first),
        "first_query": morning(uow.calendar.add_working_days(first, 1)),
        "second_query": morning(uow.calendar.add_working_days(second, 1)),
        "report": {
            "plan_key": plan_key_of(call),
            "roc_year": call.data["roc_year"],
            "round": call.data["round"],
            "letter_id": sent["letter_id"],
            "plan_no": sent["plan_no"],
        },
    }


def incoming_reply(reader: Reader, task: Task) -> FormContent:
    """First values for the bureau's reply, and the items that its comments can name."""
    plan_key = plan_key_of(task)
    return FormContent(
        values={"issuer": "bureau", "doc_prefix": BUREAU_PREFIX, "doc_type": "letter", "speed": "normal"},
        choices={"elements": element_choices(reported_plan(reader, plan_key))},
        panels={"letters": _letters(reader, plan_key)},
    )


def check_letter(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """An incoming letter is dated sensibly and its number is new (F1)."""
    return list(letter_faults(reader, values, ISSUERS[values["issuer"]]))


def register_reply(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Enter the bureau's letter with its comments."""
    plan_key = plan_key_of(task)
    letter = uow.letters.register(incoming_letter(plan_key, values))
    plan = reported_plan(uow, plan_key)
    comments = [
        {"element": row["element"], "label": element_label(plan, row["element"]), "comment": row["comment"]}
        for row in values.get("comments", ())
    ]
    if values.get("general_comment"):
        comments.insert(0, {"element": "", "label": "總評", "comment": values["general_comment"]})
    body = {"outcome": values["outcome"], "letter_id": letter.id, "comments": comments}
    uow.documents.put(plan_key, "reply", str(task.inputs["round"]), body)
    return {"letter_id": letter.id}


def check_query(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """An inquiry was made on a day that has come."""
    return not_after_today(reader, values, "asked_on")


def record_query(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the record of an inquiry; it changes nothing: there is no automatic approval."""
    uow.documents.put(plan_key_of(task), "query", str(task.inputs["round"]), values)
    return {}


def record_outcome(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """What became of the report: the bureau's reply by account or letter, or the branch's withdrawal."""
    plan_key, round_no = plan_key_of(call), str(call.data["round"])
    withdrawn = call.data["withdraw_report"] or call.data["withdraw_by_letter"]
    if withdrawn:
        require_faultless(uow, withdrawn, AGENCY_NAME)
        letter = outgoing_letter(plan_key, withdrawn, subject=f"撤回報核：{withdrawn['reason']}"[:200])
        uow.letters.register(letter)
        outcome = "withdrawn"
    else:
        outcome = (call.data["register_incoming_letter"] or call.data["bureau_reply"])["outcome"]
        if call.data["bureau_reply"]:
            _keep_reply(uow, plan_key, round_no, call.data["bureau_reply"])
    if STATES[outcome] == "acknowledged":
        _release_now(uow, call, outcome)
    enter_state_of(uow, call, STATES[outcome])
    return {"outcome": outcome, "on": uow.today.isoformat()}


def _release_now(uow: UnitOfWork, call: ActivityCall, outcome: str) -> None:
    """A yearly plan is in effect with the reply; an amendment on the day that it names."""
    if not is_amendment(call):
        release(uow, plan_key_of(call), str(call.data["round"]), outcome)


def _keep_reply(uow: UnitOfWork, plan_key: str, round_no: str, reply: dict[str, Any]) -> None:
    """The comments of the bureau's own review, as the branch received them."""
    review = uow.documents.get(plan_key, "bureau_review", round_no).body
    body = {"outcome": reply["outcome"], "letter_id": reply["letter_id"], "comments": review["remarks"]}
    uow.documents.put(plan_key, "reply", round_no, body)


def _last_comments(reader: Reader, plan_key: str) -> list[dict[str, Any]]:
    replies = sorted(reader.documents.list(plan_key, "reply"), key=lambda reply: int(reply.key))
    return list(replies[-1].body["comments"]) if replies else []


def _letters(reader: Reader, plan_key: str) -> list[dict[str, Any]]:
    return [
        {
            "number": letter.full_number,
            "issuer": letter.issuer,
            "doc_on": letter.doc_on.isoformat(),
            "subject": letter.subject,
        }
        for letter in reader.letters.for_plan(plan_key)
    ]


ACTIVITIES: dict[str, Activity] = {
    "acknowledgement.open_waiting": open_waiting,
    "acknowledgement.record_outcome": record_outcome,
}
PREFILLS: dict[str, Prefill] = {
    "acknowledgement.report_letter": report_letter,
    "acknowledgement.incoming_letter": incoming_reply,
}
CHECKS: dict[str, Check] = {
    "acknowledgement.check_own_letter": check_own_letter,
    "acknowledgement.check_letter": check_letter,
    "acknowledgement.check_query": check_query,
}
COMPLETIONS: dict[str, Completion] = {
    "acknowledgement.dispatch": dispatch,
    "acknowledgement.register_reply": register_reply,
    "acknowledgement.record_query": record_query,
}
