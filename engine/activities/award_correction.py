"""更正參獎結果: the entry has ended, and a letter corrects the outcome on which rewards may rest (6.3)."""

from typing import Any

from engine.activities.award_outcomes import keep_outcome, start_commendation
from engine.activities.award_records import edition_of, outcomes_of
from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.letter_entries import ISSUERS, letter_faults
from engine.activities.plan_documents import not_after_today, owner_of
from engine.activities.reward_lists import to_revoke
from engine.activities.working_plan import AGENCY_ID
from engine.domain.form import FormContent
from engine.domain.instance import Instance
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.plan.award import NOT_RECOMMENDED, OUTCOMES, edition_key, entry_key
from engine.store.unit_of_work import Reader, UnitOfWork

PROCESS, ENTRY_PROCESS = "outcome_correction", "award_entry"
STARTER = "sec_handler"


def can_be_corrected(state: str, instances: tuple[Instance, ...]) -> bool:
    """True for an entry that ended with an outcome; before that its own process takes the next letter."""
    running = {found.definition_key for found in instances if not found.state.has_ended}
    return state in OUTCOMES and running.isdisjoint((ENTRY_PROCESS, PROCESS))


def open_correction(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Find the entry whose outcome is corrected; Invalid unless it has ended with one."""
    agency_id = uow.organisation.setting("agency_id", AGENCY_ID)
    key = entry_key(edition_key(agency_id, call.data["award_year"]), call.data["entry_no"])
    if call.data["business_key"] != key:
        raise Invalid((FieldError(path="business_key", template="A correction bears the key of its entry"),))
    found = uow.documents.find(key, "award_state")
    others = tuple(other for other in uow.instances.of_plan(key) if other.id != call.instance_id)
    if found is None or not can_be_corrected(str(found.body["state"]), others):
        template = "Only the outcome of an entry that has ended can be corrected"
        raise Invalid((FieldError(path="entry_no", template=template),))
    return {"entry_key": key, "outcome": found.body["state"]}


def standing_outcome(reader: Reader, task: Task) -> FormContent:
    """The outcome that stands now, and first values for the letter that corrects it."""
    last = outcomes_of(reader, owner_of(task))[-1].body
    letter = {"issuer": "ndc", "doc_type": "letter", "speed": "normal"}
    return FormContent(values={"earlier": OUTCOMES[last["outcome"]], **letter})


def check_correction(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A letter, a day that has come, and another outcome than the one that stands."""
    faults = [
        *letter_faults(reader, values, ISSUERS[values["issuer"]]),
        *not_after_today(reader, values, "on"),
    ]
    if values["outcome"] == outcomes_of(reader, owner_of(task))[-1].body["outcome"]:
        faults.append(FieldError(path="outcome", template="This outcome was recorded already"))
    return faults


def record_correction(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Record the corrected outcome with its letter; the one before stays readable."""
    no, _ = keep_outcome(uow, task, values)
    return {"outcome_no": no}


def note_correction(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Begin the reward list of the corrected outcome where it gives rights, or takes what was given.

    A list of the outcome before that is still under way orders nothing any more, so also an outcome that
    falls has a list of its own.
    """
    key, told = owner_of(call), call.data["register_correction"]
    has_list = told["outcome"] != NOT_RECOMMENDED or bool(to_revoke(uow, edition_of(key), key))
    if has_list:
        start_commendation(uow, key, told["outcome_no"])
    return {"outcome": told["outcome"], "has_list": has_list}


ACTIVITIES: dict[str, Activity] = {
    "award.open_correction": open_correction,
    "award.note_correction": note_correction,
}
PREFILLS: dict[str, Prefill] = {"award.standing_outcome": standing_outcome}
CHECKS: dict[str, Check] = {"award.check_correction": check_correction}
COMPLETIONS: dict[str, Completion] = {"award.record_correction": record_correction}
