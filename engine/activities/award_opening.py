"""An award entry begins: its key, the survey or the designation, the day by which the branch replies."""

from datetime import date
from typing import Any

from engine.activities.award_records import (
    CASE,
    ROUTES,
    enter_entry_state,
    entrant_label,
    keep_numbered,
    next_entry_key,
)
from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.deadlines import watch_steps
from engine.activities.letter_entries import (
    BRANCH_PREFIX,
    BUREAU_PREFIX,
    ISSUERS,
    MINISTRY_PREFIX,
    incoming_letter,
    letter_faults,
    outgoing_letter,
)
from engine.activities.moments import end_of_day, morning
from engine.activities.plan_documents import not_after_today, owner_of
from engine.activities.working_plan import AGENCY_ID, AGENCY_NAME, parse_day, plan_units
from engine.domain.form import FormContent
from engine.domain.letter import Letter
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.plan.award import edition_key, screening_key
from engine.plan.deadlines import deadline, escalations, survey_reply_due
from engine.plan.roc import format_roc
from engine.plan.vocabulary import BUREAU
from engine.store.unit_of_work import Reader, UnitOfWork

YEARS = range(100, 200)
REMINDERS, ESCALATIONS = (5, 2, 0), ((1, "sec_chief"), (3, "director"))
MEMO_WORKING_DAYS = 3
WATCHED = (
    "register_invitation", "entry_memo", "confirm_designation", "entry_form", "sign", "nil_report",
    "send_entry",
)  # fmt: skip


def open_entry(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Give the entry its place in the edition; Invalid for a year out of range or a key that is not next."""
    year, route = call.data.get("award_year"), call.data.get("route")
    if not isinstance(year, int) or year not in YEARS:
        raise _refused("award_year", "Enter a year of the ROC calendar, such as 115")
    if route not in ROUTES:
        raise _refused("route", "Choose how the entry came about")
    edition = edition_key(uow.organisation.setting("agency_id", AGENCY_ID), year)
    key = next_entry_key(uow, edition)
    if call.data["business_key"] != key:
        raise _refused("business_key", "The next entry of this award year has the key {key}", key=key)
    uow.documents.put(key, CASE, "", {"award_year": year, "edition_key": edition, "route": route})
    if call.data.get("letter_id"):
        uow.documents.put(key, "invitation", "", _told_by_message(uow, call.data))
    enter_entry_state(uow, key, "preparing")
    return {
        "entry_key": key,
        "edition_key": edition,
        "screening_key": screening_key(year),
        "award_year": year,
        "route": route,
        "invited": bool(call.data.get("letter_id")),
        "ministry_mode": call.data.get("ministry_mode")
        or uow.organisation.setting("ministry_mode", "accounts"),
    }


def invitation_letter(reader: Reader, task: Task) -> FormContent:
    """First values for the letter of the survey, which the bureau relays, or of the designation."""
    year, designated = task.inputs["award_year"], task.inputs["route"] == "designated"
    words = "指定參加" if designated else "調查參加"
    return FormContent(
        values={
            "has_letter": True,
            "issuer": "ministry" if designated else "bureau",
            "doc_prefix": MINISTRY_PREFIX if designated else BUREAU_PREFIX,
            "doc_type": "letter",
            "speed": "normal",
            "subject": f"{words}{year}年政府服務獎一案",
            **({"entrant_kind": "agency"} if designated else {}),
        },
        choices={"units": [(unit.id, unit.label) for unit in plan_units(reader)]},
    )


def check_invitation(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A designation has its letter and its entrant; a reply is never due before the letter arrived."""
    designated = task.inputs["route"] == "designated"
    if not values["has_letter"]:
        template = "A designation is entered with its letter"
        return [FieldError(path="has_letter", template=template)] if designated else []
    faults = list(letter_faults(reader, values, ISSUERS[values["issuer"]]))
    if values.get("reply_due") and values["reply_due"] < values["received_on"]:
        faults.append(
            FieldError(path="reply_due", template="The reply cannot be due before the letter arrived")
        )
    if designated and not values.get("entrant_kind"):
        faults.append(FieldError(path="entrant_kind", template="This entry is required"))
    return faults


def record_invitation(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep what came in: the letter of the survey or the designation, or that none came yet."""
    key = owner_of(task)
    letter = uow.letters.register(incoming_letter(key, values)) if values["has_letter"] else None
    told = {
        "letter_id": letter.id if letter else None,
        "reply_due": values.get("reply_due") if letter else None,
        "entrant_kind": values.get("entrant_kind"),
        "entrant": values.get("entrant"),
        "designation_reason": values.get("designation_reason", ""),
    }
    uow.documents.put(key, "invitation", "", _with_label(uow, told))
    return {"letter_id": told["letter_id"]}


def plan_reply(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """When the branch replies: by the letter's date, else five working days before the last of February (A5).

    A letter's date replaces the nominal one and keeps the number of the letter as its basis (rule of 2.0).
    """
    key, year = owner_of(call), int(call.data["award_year"])
    invitation = uow.documents.get(key, "invitation").body
    named = parse_day(invitation["reply_due"])
    basis = uow.letters.get(invitation["letter_id"]).full_number if named else None
    due = deadline(
        named or survey_reply_due(year - 1, uow.calendar), uow.calendar, id="award_reply",
        clause="陸.二(一)1", basis=basis,
    )  # fmt: skip
    body = {
        "nominal_on": due.nominal_on.isoformat(),
        "internal_due_on": due.internal_due_on.isoformat(),
        "late_after_on": due.late_after_on.isoformat(),
        "basis": basis,
    }
    uow.documents.put(key, "award_due", "", body)
    steps = watch_steps(uow, due, before=REMINDERS, after=ESCALATIONS)
    return {
        **body,
        "due": end_of_day(due.internal_due_on),
        "memo_due": end_of_day(_memo_due(uow, due.internal_due_on)),
        "late_at": morning(escalations(due.late_after_on, (1,), uow.calendar)[0]),
        "watch": {"elements": list(WATCHED), "unit": "", "steps": steps},
    }


def designation(reader: Reader, task: Task) -> FormContent:
    """What the ministry named, and first words for a request to reconsider it."""
    key, year = owner_of(task), task.inputs["award_year"]
    invitation = reader.documents.get(key, "invitation").body
    letter = reader.letters.get(invitation["letter_id"])
    words = f"{letter.full_number}：{invitation['entrant_label']}"
    return FormContent(
        values={
            "designation": f"{words}（{invitation['designation_reason']}）"
            if invitation["designation_reason"]
            else words,
            "doc_prefix": BRANCH_PREFIX,
            "to": [BUREAU, ISSUERS["ministry"]],
            "subject": f"有關指定參加{year}年政府服務獎，謹請重新考量，請核示。",
            "expectation": "decide",
            "sent_by": "electronic",
        }
    )


def check_designation(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A request to reconsider has a letter of its own; there is no other way to say no (A16)."""
    if values["answer"] == "confirm":
        return []
    return list(letter_faults(reader, values, AGENCY_NAME))


def record_designation(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the confirmation of receipt, or the request with its letter."""
    key = owner_of(task)
    asks = values["answer"] == "reconsider"
    letter = uow.letters.register(outgoing_letter(key, values)) if asks else None
    body = {"answer": values["answer"], "reason": values.get("reason", "") if asks else ""}
    uow.documents.put(key, "designation_answer", "", {**body, "letter_id": letter.id if letter else None})
    invitation = uow.documents.get(key, "invitation").body
    return {"letter_id": letter.id if letter else None, "entrant_label": invitation["entrant_label"]}


def ministry_letter(reader: Reader, task: Task) -> FormContent:
    """First values for a letter of the ministry about this entry."""
    return FormContent(
        values={
            "issuer": "ministry",
            "doc_prefix": MINISTRY_PREFIX,
            "doc_type": "letter",
            "speed": "normal",
            "subject": f"有關貴分局參加{task.inputs['award_year']}年政府服務獎一案",
        }
    )


def check_letter(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """An incoming letter is dated sensibly and its number is new (F1)."""
    return list(letter_faults(reader, values, ISSUERS[values["issuer"]]))


def register_letter(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Enter a letter of the ministry into the register."""
    return {"letter_id": entered(uow, task, values).id}


def entered(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> Letter:
    """The incoming letter that a form describes, entered into the register."""
    return uow.letters.register(incoming_letter(owner_of(task), values))


def record_reconsideration(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """What the ministry answered: the designation stands, or it is lifted."""
    told = call.data["reconsideration_decided"] or call.data["register_reconsideration"]
    body = {"outcome": told["outcome"], "letter_id": told["letter_id"], "reason": told.get("reason", "")}
    uow.documents.put(owner_of(call), "reconsideration", "", body)
    if told["outcome"] == "released":
        enter_entry_state(uow, owner_of(call), "released")
    return {"outcome": told["outcome"]}


def check_call(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A call was made on a day that has come."""
    return not_after_today(reader, values, "called_on")


def record_call(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep what was said about the delay; it moves no date."""
    return {"no": keep_numbered(uow, owner_of(task), "call", values)}


def reply_due_words(reader: Reader, key: str) -> str:
    """The day by which the branch replies, and the letter that set it."""
    due = reader.documents.get(key, "award_due").body
    day = format_roc(date.fromisoformat(due["nominal_on"]))
    return f"{day}（{due['basis']}）" if due["basis"] else day


def _told_by_message(uow: UnitOfWork, data: dict[str, Any]) -> dict[str, Any]:
    names = ("letter_id", "reply_due", "entrant_kind", "entrant")
    told = {name: data.get(name) for name in names}
    return _with_label(uow, {**told, "designation_reason": data.get("designation_reason", "")})


def _with_label(reader: Reader, told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "entrant_label": entrant_label(reader, told["entrant_kind"], told["entrant"])}


def _memo_due(uow: UnitOfWork, internal_due_on: date) -> date:
    """The memo comes some working days before the reply, and never before today."""
    wanted = uow.calendar.add_working_days(internal_due_on, -MEMO_WORKING_DAYS)
    return max(wanted, min(uow.today, internal_due_on))


def _refused(path: str, template: str, **params: str) -> Invalid:
    return Invalid((FieldError(path=path, template=template, params=params),))


ACTIVITIES: dict[str, Activity] = {
    "award.open_entry": open_entry,
    "award.plan_reply": plan_reply,
    "award.record_reconsideration": record_reconsideration,
}
PREFILLS: dict[str, Prefill] = {
    "award.invitation_letter": invitation_letter,
    "award.designation": designation,
    "award.ministry_letter": ministry_letter,
}
CHECKS: dict[str, Check] = {
    "award.check_invitation": check_invitation,
    "award.check_designation": check_designation,
    "award.check_letter": check_letter,
    "award.check_call": check_call,
}
COMPLETIONS: dict[str, Completion] = {
    "award.record_invitation": record_invitation,
    "award.record_designation": record_designation,
    "award.register_letter": register_letter,
    "award.record_call": record_call,
}
