"""Reminders and overdue notices: mails through the outbox; the result tells who was told and how."""

from datetime import datetime
from typing import Any

from engine.activities.calls import Activity, ActivityCall
from engine.activities.moments import morning
from engine.activities.plan_documents import owner_of
from engine.clock import TAIPEI
from engine.domain.task import Task
from engine.plan.deadlines import escalations
from engine.plan.escalation import Level
from engine.plan.roc import format_roc
from engine.store.unit_of_work import UnitOfWork

MAIL = "mail"
CONTRIBUTION = ("edit_actions", "chief_review")


def tell(
    uow: UnitOfWork, call: ActivityCall, *, role: str, unit: str, template: str, params: dict[str, Any],
    about: str | None = None, of_unit: str = "", level: Level = Level.REMINDER,
) -> dict[str, Any]:  # fmt: skip
    """Write one mail to every present member of a role and unit and their deputies; no timer writes twice.

    `template` is an English msgid over `params`; whoever sends the mail translates it. A mail `about` an
    open element goes to nobody whom its task excludes. `level` is what it stands for among those of urging.
    """
    told = []
    excluded = _excluded(uow, call, about) if about else set()
    members = {user.id for user in uow.organisation.members(role, unit, uow.today)} - excluded
    for user_id in sorted(uow.deputyships.with_deputies(members, [(role, unit)]) - excluded):
        key = f"{call.instance_id}:{call.element_id}:{call.task_id}:{user_id}"
        payload = {
            "user": user_id, "template": template, "params": params, "instance_id": call.instance_id,
            "owner_key": owner_of(call),
        }  # fmt: skip
        uow.outbox.add(key, MAIL, payload)
        told.append({"user": user_id, "channel": MAIL})
    return {"role": role, "unit": unit, "told": told}


def remind_unit(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Tell a unit's handlers that their contribution is due soon."""
    return _tell_of_unit(uow, call, "unit_handler", "Your unit's actions are due at {due}")


def tell_unit_chief(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Tell a unit's chief that the unit is one working day late (稽催)."""
    template = "Your unit's actions were due at {due} and are missing"
    return _tell_of_unit(uow, call, "unit_chief", template, Level.CHIEF)


def tell_sec_chief(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Tell the secretariat's chief that a unit is three working days late; others may fill in for it now."""
    template = "The actions of {unit} were due at {due} and are missing"
    told = _tell_of_unit(uow, call, "sec_chief", template, Level.DOCUMENT_CONTROL)
    return {**told, "again_at": _late_again(uow, call)}


def remind_signer(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Tell the present signing level that its time is running out (速別)."""
    level, signoff = call.data["next_level"], call.data["signoff"]
    params = {"label": level["label"], "subject": signoff["label"], "due": _day(level["due"])}
    return tell(
        uow, call, role=level["role"], unit=level["unit"], params=params,
        template="{subject} waits for your signature until {due}", about="sign",
    )  # fmt: skip


def _tell_of_unit(
    uow: UnitOfWork, call: ActivityCall, role: str, template: str, level: Level = Level.REMINDER
) -> dict[str, Any]:
    unit = str(call.data["unit"])
    task = _contribution(uow, call, unit)
    if task is not None and role != "unit_handler" and not task.is_overdue(uow.now):
        return {"role": role, "unit": unit, "told": []}  # its due date was extended past this moment
    told_on = _day(call.data["open_contributions"]["dates"][unit]["due"])
    found = uow.organisation.find_unit(unit)
    params = {
        "label": "單位提報",
        "due": format_roc(task.due_at.astimezone(TAIPEI).date()) if task and task.due_at else told_on,
        "unit": found.label if found else unit,
    }
    return tell(
        uow, call, role=role, unit="" if role == "sec_chief" else unit, template=template, params=params,
        of_unit=unit, level=level,
    )  # fmt: skip


def _late_again(uow: UnitOfWork, call: ActivityCall) -> str | None:
    """When a unit whose date was extended is three working days late; None for one that is late now."""
    task = _contribution(uow, call, str(call.data["unit"]))
    if task is None or task.late_after_at is None or task.is_overdue(uow.now):
        return None
    late_after_on = task.late_after_at.astimezone(TAIPEI).date()
    return morning(escalations(late_after_on, (3,), uow.calendar)[0])


def _contribution(uow: UnitOfWork, call: ActivityCall, unit: str) -> Task | None:
    """What the unit or its chief still owes."""
    return next(
        (
            task
            for task in uow.tasks.open_of_instance(call.instance_id)
            if task.element_id in CONTRIBUTION and task.inputs.get("unit") == unit
        ),
        None,
    )


def _excluded(uow: UnitOfWork, call: ActivityCall, element_id: str) -> set[str]:
    open_tasks = uow.tasks.open_of_instance(call.instance_id)
    return {user for task in open_tasks if task.element_id == element_id for user in task.excluded}


def _told_of(uow: UnitOfWork, call: ActivityCall, element_id: str | None, unit: str) -> list[Task]:
    """The open tasks that a notice is about: those of an element, or of a unit."""
    return [
        task
        for task in uow.tasks.open_of_instance(call.instance_id)
        if task.element_id == element_id or (unit and any(c.unit == unit for c in task.candidates))
    ]


def _day(instant: str) -> str:
    return format_roc(datetime.fromisoformat(instant).date())


ACTIVITIES: dict[str, Activity] = {
    "notices.remind_unit": remind_unit,
    "notices.tell_unit_chief": tell_unit_chief,
    "notices.tell_sec_chief": tell_sec_chief,
    "notices.remind_signer": remind_signer,
}
