"""Extensions of due dates (展期): whoever owes a task applies, and a process of its own decides (F22)."""

from datetime import date, datetime
from typing import Any

from engine.activities.deadlines import DEADLINES, plan_deadline
from engine.activities.extensions import (
    PROCESS,
    application_key,
    extensions_of,
    is_extendable,
    levels_in_force,
    pending_extension,
)
from engine.activities.moments import end_of_day
from engine.activities.next_signer import next_signer
from engine.clock import TAIPEI
from engine.commands.deliveries import deliver_all, start_linked
from engine.commands.instances import cancel_with_linked
from engine.commands.reasons import check_reason
from engine.commands.seen_tasks import open_seen
from engine.commands.steps import Progress, plan_rules_as_invalid
from engine.domain.identity import ANY_UNIT
from engine.domain.instance import Instance
from engine.domain.permission import may_see_task, refusal_of
from engine.domain.task import Task, may_complete
from engine.errors import Conflict, FieldError, Invalid, NotPermitted
from engine.plan.deadlines import Deadline
from engine.plan.extension import check_before_deadline, days_in_all, extended_to, granting_roles
from engine.store.unit_of_work import Reader, UnitOfWork

# The dates that the bureau or law has set (domain 2.0); what the branch sets for itself may move before them.
SET_OUTSIDE = ("K1", "K2", "K3", "K4", "K5")


class ExtensionPending(Conflict):
    """An extension of this task has been applied for already and is not decided yet."""


class NoExtensionPending(Conflict):
    """No extension of this task is pending: it was decided or withdrawn already."""


class DueDatePassed(Conflict):
    """The due date has passed: an extension is applied for before it."""


def apply(uow: UnitOfWork, task_id: int, *, new_on: date, reason: str) -> int:
    """Apply for a later due date of a task; gives the id of the extension's instance.

    Refused: to everybody but its candidates and holder, after the due date, while one is pending, for a date
    that comes from outside, for a day that is not later or that passes the deadline which the task serves.
    """
    handle, task = open_seen(uow, task_id)
    if not may_complete(uow.actor, task):
        raise NotPermitted
    if not is_extendable(uow, task, handle.instance):
        template = "Only internal dates can be extended: this one was set outside, or has a way of its own"
        raise Invalid((FieldError(path="", template=template),))
    check_reason(reason)
    if task.due_at is None or uow.now > task.due_at:
        raise DueDatePassed
    if pending_extension(uow, task_id) is not None:
        raise ExtensionPending
    with plan_rules_as_invalid():
        asked = _asked(uow, task, handle.instance, new_on, reason.strip())
    progress = Progress.none()
    variables = {PROCESS: asked, "plan_key": handle.instance.plan_key}
    extension = start_linked(
        uow, PROCESS, application_key(task_id), variables, parent_id=handle.id, progress=progress
    )
    deliver_all(uow, progress)
    return extension


def withdraw(uow: UnitOfWork, task_id: int, *, reason: str) -> None:
    """Take an application for an extension back, until it is decided; the due date stays as it is.

    Only whoever applied may. NoExtensionPending afterwards, and for the second time. The task's own history
    is not written to, so that withdrawing never waits for a completion beside it.
    """
    task = uow.tasks.get(task_id)
    instance = uow.instances.get(task.instance_id)
    if not may_see_task(uow.actor, task, instance):
        raise refusal_of(uow.actor, task, instance)
    pending = pending_extension(uow, task_id)
    if pending is None:
        raise NoExtensionPending
    if pending.started_by != uow.actor.user_id:
        raise NotPermitted
    check_reason(reason)
    handle = uow.instances.open(pending.id)
    if handle.state.has_ended:
        raise NoExtensionPending
    progress = Progress.none()
    cancel_with_linked(uow, handle, {"reason": reason.strip(), "withdrawn": True}, progress)
    deliver_all(uow, progress)


def _asked(uow: UnitOfWork, task: Task, instance: Instance, new_on: date, reason: str) -> dict[str, Any]:
    """What the process decides on; PlanRuleError for a day that cannot be."""
    assert task.due_at is not None
    earlier = extensions_of(uow, task)
    original_at = earlier[0].was_due_at if earlier else task.due_at
    extended_on = extended_to(new_on, _day(task.due_at), uow.calendar)
    check_before_deadline(_day(task.due_at), extended_on, _deadlines(uow, instance))
    days = days_in_all(_day(original_at), extended_on, uow.calendar)
    principal = {"principal": uow.acting_for.principal} if uow.acting_for else {}
    return {
        "task": task.id, "label": task.label, "subject": task.subject, "applicant": uow.actor.user_id,
        **principal,
        "reason": reason, "original_due_at": _iso(original_at), "was_due_at": _iso(task.due_at),
        "due_at": end_of_day(extended_on), "days": days,
        "signer": next_signer(uow, *_pools(uow, task, days)),
    }  # fmt: skip


def _deadlines(reader: Reader, instance: Instance) -> list[Deadline]:
    if instance.plan_key is None or reader.documents.find(instance.plan_key, DEADLINES) is None:
        return []
    return [plan_deadline(reader, instance.plan_key, name) for name in SET_OUTSIDE]


def _pools(reader: Reader, task: Task, days: int) -> list[tuple[str, str]]:
    """The levels that may grant so many days; a chief grants for the own unit, in which the task is."""
    roles = granting_roles(days, levels_in_force(reader))
    unit = next((c.unit for c in task.candidates if c.unit), ANY_UNIT)
    if unit == ANY_UNIT:
        roles = tuple(role for role in roles if role != "unit_chief")
    return [(role, unit if role == "unit_chief" else ANY_UNIT) for role in roles]


def _day(at: datetime) -> date:
    return at.astimezone(TAIPEI).date()


def _iso(at: datetime) -> str:
    return at.astimezone(TAIPEI).isoformat()
