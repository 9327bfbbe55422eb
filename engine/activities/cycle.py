"""The frame of a plan's year: opening, the bureau's plan, the deadlines, closing."""

from datetime import date
from typing import Any

from engine.activities.amendment import running_amendment
from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.deadlines import MOVED_BY, moved_date_faults, moved_dates, record_deadlines
from engine.activities.letter_entries import BUREAU_PREFIX, ISSUERS, incoming_letter, letter_faults
from engine.activities.plan_documents import CANCELLED, enter_state, plan_key_of, shown, state_of
from engine.activities.working_plan import AGENCY_ID, refused
from engine.activities.year_schedule import scheduled_deadlines
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.plan.rule_error import PlanRuleError
from engine.store.unit_of_work import Reader, UnitOfWork

YEARS = range(100, 200)
ENDED = ("closed", CANCELLED)


def open_cycle(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Give the plan of a year its key and its first state; Invalid when that plan lives already."""
    roc_year = call.data.get("roc_year")
    if not isinstance(roc_year, int) or roc_year not in YEARS:
        raise Invalid(
            (FieldError(path="roc_year", template="Enter a year of the ROC calendar, such as 115"),)
        )
    plan_key = f"{uow.organisation.setting('agency_id', AGENCY_ID)}:{roc_year}"
    rivals = [
        instance
        for instance in uow.instances.of_plan(plan_key)
        if instance.definition_key == call.process_key and instance.id != call.instance_id
    ]
    if any(not instance.state.has_ended for instance in rivals) or state_of(uow, plan_key) in ENDED:
        raise Invalid(
            (FieldError(path="roc_year", template="The plan of this year has been started already"),)
        )
    enter_state(uow, plan_key, "draft")
    return {
        "plan_key": plan_key,
        "agency": "branch",
        "bureau_mode": call.data.get("bureau_mode") or uow.organisation.setting("bureau_mode", "accounts"),
        "ack_mode": call.data.get("ack_mode") or uow.organisation.setting("ack_mode", "gate"),
    }


def compute_deadlines(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Every date of the plan as the calendar stands today; a replay reads the result and computes nothing.

    A date that the bureau's letter names replaces the one of the table and keeps the letter's number (2.0).
    """
    plan_key, registered = plan_key_of(call), call.data["register_bureau_plan"]
    named = uow.documents.get(plan_key, "bureau_plan").body["dates"]
    letter = uow.letters.get(int(registered["letter_id"]))
    k0_on = date.fromisoformat(registered["received_on"])
    return record_deadlines(uow, plan_key, k0_on, moved_dates(named, letter.full_number))


def bureau_letter(reader: Reader, task: Task) -> FormContent:
    """First values for the bureau's letter."""
    year = task.inputs["roc_year"]
    return FormContent(
        values={
            "issuer": "bureau",
            "doc_prefix": BUREAU_PREFIX,
            "doc_type": "letter",
            "speed": "normal",
            "subject": f"總局{year}年度提升服務效能執行計畫",
        }
    )


def check_bureau_letter(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """The letter is new and dated sensibly, and every date of the year can be computed from it."""
    errors = list(letter_faults(reader, values, ISSUERS[values["issuer"]]))
    try:
        scheduled_deadlines(reader, plan_key_of(task), date.fromisoformat(values["received_on"]), {})
    except PlanRuleError as error:
        errors.append(*refused(error, "received_on").errors)
    return [*errors, *moved_date_faults(reader, values)]


def register_bureau_plan(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Enter the bureau's plan into the register of letters."""
    letter = uow.letters.register(incoming_letter(plan_key_of(task), values))
    uow.documents.put(
        plan_key_of(task),
        "bureau_plan",
        "",
        {
            "letter_id": letter.id,
            "items": values.get("bureau_items", []),
            "dates": {field: values[field] for field in MOVED_BY if values.get(field)},
        },
    )
    return {"letter_id": letter.id}


def closing(reader: Reader, task: Task) -> FormContent:
    """The final plan and the state in which it is closed."""
    plan_key = plan_key_of(task)
    return FormContent(
        values={"archive_no": f"{int(task.inputs['roc_year']):04d}/", "retention": "y10"},
        shown=(shown("計畫", reader.documents.get(plan_key, "plan")),),
        panels={"plan_state": state_of(reader, plan_key)},
    )


def check_closing(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A plan that is still being amended is not closed."""
    if running_amendment(reader, plan_key_of(task)) is not None:
        return [
            FieldError(
                path="",
                template="The plan is being amended: finish or withdraw the amendment first",
            )
        ]
    return []


def close(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """File the plan (歸檔): nothing of it is deleted, the class of retention is only recorded."""
    uow.documents.put(plan_key_of(task), "archive", "", values)
    enter_state(uow, plan_key_of(task), "closed")
    return {}


ACTIVITIES: dict[str, Activity] = {
    "cycle.open_cycle": open_cycle,
    "cycle.compute_deadlines": compute_deadlines,
}
PREFILLS: dict[str, Prefill] = {"cycle.bureau_letter": bureau_letter, "cycle.closing": closing}
CHECKS: dict[str, Check] = {
    "cycle.check_bureau_letter": check_bureau_letter,
    "cycle.check_closing": check_closing,
}
COMPLETIONS: dict[str, Completion] = {
    "cycle.register_bureau_plan": register_bureau_plan,
    "cycle.close": close,
}
