"""What becomes of an award entry: more material, the screening's result, the schedule, the final outcome."""

from datetime import date
from typing import Any

from engine.activities.award_opening import entered
from engine.activities.award_records import (
    SCHEDULE,
    award_year_of,
    edition_of,
    keep_numbered,
    outcomes_of,
    record_outcome,
)
from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.letter_entries import ISSUERS, letter_faults
from engine.activities.moments import end_of_day
from engine.activities.plan_documents import not_after_today, owner_of
from engine.activities.results import check_working_day
from engine.activities.reward_lists import to_revoke
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.award import FINALIST, NEEDS_CERTIFICATE, OUTCOMES, RECOMMENDED, falls
from engine.plan.roc import format_roc
from engine.store.unit_of_work import Reader, UnitOfWork

SCHEDULE_WORKING_DAYS = 5
LETTER_FIELDS = (
    "issuer", "doc_date", "doc_prefix", "doc_no", "doc_type", "received_on", "speed", "subject",
    "attachments",
)  # fmt: skip


def material_asked(reader: Reader, task: Task) -> FormContent:
    """What the ministry asks for, the new due date, and the original one, which stays visible."""
    by_message = task.inputs["submit_entry"]["ministry_mode"] == "accounts"
    told = task.inputs["more_material" if by_message else "register_ministry_letter"]
    original = reader.documents.get(owner_of(task), "award_due").body["nominal_on"]
    return FormContent(
        values={
            "request": told["request"],
            "new_due": format_roc(date.fromisoformat(told["due_on"])),
            "original_due": format_roc(date.fromisoformat(original)),
        }
    )


def record_material(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep what was handed in later, beside what was asked."""
    return {"material_no": keep_numbered(uow, owner_of(task), "material", values)}


def check_ministry_letter(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A letter with a new number and sensible dates; more material is due on a working day to come."""
    faults = list(letter_faults(reader, values, ISSUERS[values["issuer"]]))
    if values["outcome"] == "more_material":
        faults += check_working_day(reader, values, "due_on")
    return faults


def register_ministry_letter(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Enter the ministry's letter: the result of the screening, or a request for more material."""
    asks = values["outcome"] == "more_material"
    return {
        "letter_id": entered(uow, task, values).id,
        "reason": values.get("reason", ""),
        "request": values["request"] if asks else "",
        "due_on": values["due_on"] if asks else None,
        "due_at": end_of_day(date.fromisoformat(values["due_on"])) if asks else None,
    }


def note_screening(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Record the result of the screening; a recommendation gives rights (柒.二(三))."""
    by_message = call.data["submit_entry"]["ministry_mode"] == "accounts"
    told = call.data["screening_result" if by_message else "register_ministry_letter"]
    body = {
        "outcome": told["outcome"], "letter_id": told["letter_id"], "certificate_no": "",
        "reason": told["reason"], "on": uow.today.isoformat(),
    }  # fmt: skip
    no, gives_rights = record_outcome(uow, owner_of(call), body)
    schedule_due = uow.calendar.add_working_days(uow.today, SCHEDULE_WORKING_DAYS)
    return {
        "outcome": told["outcome"], "outcome_no": no, "gives_rights": gives_rights,
        "schedule_due": end_of_day(schedule_due),
    }  # fmt: skip


def screening_told(reader: Reader, task: Task) -> FormContent:
    """Why the entry was not recommended."""
    last = outcomes_of(reader, owner_of(task))[-1].body
    return FormContent(panels={"screening": {"title": OUTCOMES[last["outcome"]], "reason": last["reason"]}})


def record_lessons(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep what the branch learnt for the next time."""
    uow.documents.put(owner_of(task), "lessons", "", values)
    return {}


def schedule(reader: Reader, task: Task) -> FormContent:
    """The schedule of the edition as it stands, whichever entry brought it."""
    found = reader.documents.find(edition_of(owner_of(task)), SCHEDULE)
    names = ("step", "on", "done", "note")
    steps = found.body["steps"] if found else []
    rows = [{name: step[name] for name in names if step.get(name) is not None} for step in steps]
    return FormContent(values={"schedule": rows, "issuer": "ndc", "doc_type": "letter", "speed": "normal"})


def check_schedule(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A date comes or changes only by letter (K6): the schedule is that of the year's 評獎實施計畫."""
    if not _changed_dates(reader, task, values) and not values.get("doc_no"):
        return []
    faults = [
        FieldError(path=name, template="A new or changed date is entered with its letter")
        for name in LETTER_FIELDS
        if not values.get(name)
    ]
    return faults or list(letter_faults(reader, values, ISSUERS[values["issuer"]]))


def record_schedule(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the schedule of the edition; each date names the letter that set it."""
    edition = edition_of(owner_of(task))
    basis = entered(uow, task, values).full_number if values.get("doc_no") else ""
    found = uow.documents.find(edition, SCHEDULE)
    known = {(step["step"], step["on"]): step["basis"] for step in found.body["steps"]} if found else {}
    steps = [
        {
            "step": row["step"], "on": row["on"], "done": bool(row.get("done")), "note": row.get("note", ""),
            "basis": known.get((row["step"], row["on"]), basis),
        }
        for row in values["schedule"]
    ]  # fmt: skip
    uow.documents.put(edition, SCHEDULE, "", {"steps": sorted(steps, key=lambda step: step["on"])})
    return {}


def result(reader: Reader, task: Task) -> FormContent:
    """The outcome that stands now, and first values for the letter of the next one."""
    last = outcomes_of(reader, owner_of(task))[-1].body
    values = {
        "earlier": OUTCOMES[last["outcome"]],
        "issuer": "ndc",
        "doc_type": "letter",
        "speed": "normal",
        "awaits_award": True,
    }
    return FormContent(values=values)


def check_result(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A letter, a day that has come, a higher outcome than before; a lower one needs its reason (F20)."""
    before = [outcome.body["outcome"] for outcome in outcomes_of(reader, owner_of(task))]
    faults = [
        *letter_faults(reader, values, ISSUERS[values["issuer"]]),
        *not_after_today(reader, values, "on"),
    ]
    outcome = values["outcome"]
    if outcome == before[-1] and outcome != RECOMMENDED:
        faults.append(FieldError(path="outcome", template="This outcome was recorded already"))
    if falls(outcome, before) and not values.get("change_reason"):
        template = "The outcome falls below the one recorded before: give the reason"
        faults.append(FieldError(path="change_reason", template=template))
    return faults


def record_result(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Record an outcome with its letter and certificate; it may rise again as long as an award is awaited."""
    no, gives_rights = keep_outcome(uow, task, values)
    final = not (values["outcome"] == FINALIST and values["awaits_award"])
    return {"outcome_no": no, "gives_rights": gives_rights, "final": final}


def keep_outcome(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> tuple[str, bool]:
    """Record an outcome with its letter; gives its number, and whether it gives new rights."""
    has_certificate = values["outcome"] in NEEDS_CERTIFICATE
    body = {
        "outcome": values["outcome"],
        "letter_id": entered(uow, task, values).id,
        "certificate_no": values["certificate_no"] if has_certificate else "",
        "certificate": values.get("certificate", []) if has_certificate else [],
        "reason": values.get("change_reason", ""),
        "on": values["on"],
    }
    return record_outcome(uow, owner_of(task), body)


def note_result(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Go on with an outcome: a reward list where it gives rights, and whether another one is awaited.

    A recommendation gives its rights (柒.二(三)) only now, when it is certain that nothing higher came of it.
    An outcome that falls has a list as well where a reward was given for the one before: it ends there.
    """
    recorded, key = call.data["record_ndc_result"], owner_of(call)
    gives_rights = recorded["gives_rights"] or recorded["outcome"] == RECOMMENDED
    if gives_rights or to_revoke(uow, edition_of(key), key):
        start_commendation(uow, key, recorded["outcome_no"])
    return {"outcome": recorded["outcome"], "final": recorded["final"]}


def start_commendation(uow: UnitOfWork, key: str, outcome_no: str) -> None:
    """Ask for the reward list of an outcome, an instance of its own."""
    variables = {
        "plan_key": key,
        "entry_key": key,
        "edition_key": edition_of(key),
        "award_year": award_year_of(key),
        "outcome_no": outcome_no,
    }
    uow.starts.request("commendation", f"{key}:reward:{outcome_no}", variables)


def _changed_dates(reader: Reader, task: Task, values: dict[str, Any]) -> bool:
    found = reader.documents.find(edition_of(owner_of(task)), SCHEDULE)
    known = {(step["step"], step["on"]) for step in found.body["steps"]} if found else set()
    return {(row["step"], row["on"]) for row in values["schedule"]} != known


ACTIVITIES: dict[str, Activity] = {
    "award.note_screening": note_screening,
    "award.note_result": note_result,
}
PREFILLS: dict[str, Prefill] = {
    "award.material_asked": material_asked,
    "award.screening_told": screening_told,
    "award.schedule": schedule,
    "award.result": result,
}
CHECKS: dict[str, Check] = {
    "award.check_ministry_letter": check_ministry_letter,
    "award.check_schedule": check_schedule,
    "award.check_result": check_result,
}
COMPLETIONS: dict[str, Completion] = {
    "award.record_material": record_material,
    "award.register_ministry_letter": register_ministry_letter,
    "award.record_lessons": record_lessons,
    "award.record_schedule": record_schedule,
    "award.record_result": record_result,
}
