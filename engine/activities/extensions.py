"""Extensions of due dates (展期): what was granted before, the approver's form, and the new dates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Prefill
from engine.activities.deciding_levels import agency_of_table
from engine.clock import TAIPEI, from_micros
from engine.domain.form import FormContent
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import Agency
from engine.domain.instance import Instance
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.extension import ExtensionLevel, ExtensionTable, from_json, table_on
from engine.plan.roc import format_roc
from engine.store.unit_of_work import Reader, UnitOfWork

PROCESS = "extension"
GRANTED = "Your extension was granted: “{label}” ({subject}) is due on {due} now"
DECLINED = "Your extension was not granted: “{label}” ({subject}) stays due on {due}"
MAIL = "mail"
EXTENSION_LEVELS = "extension_levels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """One extension that was granted: from when to when, for whom and why, and who granted it."""

    was_due_at: datetime
    due_at: datetime
    days: int
    reason: str
    applicant: str
    granted_by: str
    granted_at: datetime


def extensions_of(reader: Reader, task: Task) -> tuple[Extended, ...]:
    """The extensions of a task, the first one first."""
    return tuple(
        Extended(
            was_due_at=datetime.fromisoformat(told["was_due_at"]),
            due_at=datetime.fromisoformat(told["due_at"]), days=told["days"], reason=told["reason"],
            applicant=told["applicant"], granted_by=event.actor, granted_at=from_micros(event.occurred_at),
        )
        for event in reader.history.of_task(task.id, EventType.TASK_EXTENDED)
        for told in (event.told,)
    )  # fmt: skip


def is_extendable(reader: Reader, task: Task, instance: Instance) -> bool:
    """True for a date that the branch itself has set, as the diagram says.

    Of a restricted matter nobody beside those who may know of it is asked.
    """
    if task.due_at is None or instance.restricted_to or instance.agency != Agency.BRANCH:
        return False
    diagrams = reader.definitions.parsed(instance.deployment_id).diagrams
    return diagrams[task.process_key].elements[task.element_id].extendable


def levels_in_force(reader: Reader) -> tuple[ExtensionLevel, ...]:
    """Who may grant how many days today."""
    return table_on(all_tables(reader), reader.today).levels


def all_tables(reader: Reader) -> tuple[ExtensionTable, ...]:
    """Every table that was entered, by the day on which it begins."""
    found = reader.documents.list(agency_of_table(reader), EXTENSION_LEVELS)
    return tuple(from_json(document.body) for document in found)


def application_key(task_id: int) -> str:
    """The business key of an extension: a task has at most one that is under way."""
    return f"{PROCESS}:{task_id}"


def pending_extension(reader: Reader, task_id: int) -> Instance | None:
    """The extension of a task that is applied for and not decided yet."""
    return reader.instances.find_running(PROCESS, application_key(task_id))


def application(reader: Reader, task: Task) -> FormContent:
    """What is asked for, as the approver reads it."""
    asked = task.inputs[PROCESS]
    applicant = reader.organisation.find_user(asked["applicant"])
    return FormContent(
        values={
            "step": f"{asked['label']}（{asked['subject']}）",
            "applicant": f"{applicant.name} {applicant.title}".strip() if applicant else asked["applicant"],
            "original_on": _day(asked["original_due_at"]),
            "due_on": _day(asked["was_due_at"]),
            "new_on": _day(asked["due_at"]),
            "days": f"{asked['days']} 個工作日（累計）",
            "reason": asked["reason"],
        }
    )


def check_decision(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """What lies in the past cannot be granted any more."""
    if values["decision"] == "agree" and datetime.fromisoformat(task.inputs[PROCESS]["due_at"]) < reader.now:
        return [FieldError(path="decision", template="The day that was asked for has passed")]
    return []


def settle(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Carry out the decision in the instance of the task, and tell whoever applied, and for whom.

    Nothing is left to extend when the task was closed meanwhile: the outcome says so.
    """
    asked, decided = call.data[PROCESS], call.data["decide"]
    task = uow.tasks.get(asked["task"])
    if not task.is_open:
        return {"outcome": "closed"}
    if decided["decision"] == "agree":
        _extend(uow, call, task)
        return {"outcome": "granted", **_tell(uow, call, GRANTED, asked["due_at"])}
    return {"outcome": "declined", **_tell(uow, call, DECLINED, asked["was_due_at"])}


def _extend(uow: UnitOfWork, call: ActivityCall, task: Task) -> None:
    asked = call.data[PROCESS]
    extended = EventDraft(
        type=EventType.TASK_EXTENDED,
        element_id=task.element_id,
        task_id=task.id,
        data={
            "was_due_at": asked["was_due_at"],
            "days": asked["days"],
            "reason": asked["reason"],
            "applicant": asked["applicant"],
            "extension": call.instance_id,
        },
    )
    due_at = datetime.fromisoformat(asked["due_at"])
    uow.instances.open(task.instance_id).extend(task, extended, due_at=due_at)


def _tell(uow: UnitOfWork, call: ActivityCall, template: str, due: str) -> dict[str, Any]:
    asked = call.data[PROCESS]
    params = {"label": asked["label"], "subject": asked["subject"], "due": _day(due)}
    payload = {
        "template": template, "params": params, "task": asked["task"], "instance_id": call.instance_id,
    }  # fmt: skip
    told = [asked["applicant"]]
    uow.outbox.add(f"extension:{call.instance_id}", MAIL, {**payload, "user": asked["applicant"]})
    if principal := asked.get("principal"):
        uow.outbox.add(f"extension:{call.instance_id}:principal", MAIL, {**payload, "user": principal})
        told.append(principal)
    return {"told": told}


def _day(instant: str) -> str:
    return format_roc(datetime.fromisoformat(instant).astimezone(TAIPEI).date())


ACTIVITIES: dict[str, Activity] = {"extensions.settle": settle}
PREFILLS: dict[str, Prefill] = {"extensions.application": application}
CHECKS: dict[str, Check] = {"extensions.check_decision": check_decision}
