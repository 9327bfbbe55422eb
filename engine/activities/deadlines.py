"""Reminders and escalations (稽催): who is told on which working day, and the step that tells them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from engine.activities.calls import Activity, ActivityCall
from engine.activities.moments import end_of_day, future_morning, morning
from engine.activities.plan_documents import plan_key_of
from engine.clock import TAIPEI
from engine.domain.identity import ANY_UNIT
from engine.domain.task import Task
from engine.plan.deadlines import Deadline, deadline, escalations, nominal_dates, reminders
from engine.plan.roc import format_roc
from engine.store.unit_of_work import Reader, UnitOfWork

MAIL = "mail"
DUE_SOON = "Due on {due}: “{label}” ({subject})"
OVERDUE = "Overdue since {due}: “{label}” ({subject})"
# Who hears of an overdue item besides those who owe it.
AUDIENCES = {
    "reminder": (),
    "chief": ("chief",),
    "sec_chief": ("chief", "sec_chief"),
    "director": ("chief", "sec_chief", "director"),
    "bureau": ("sec_chief", "director", "bureau_sec_handler"),
}


def plan_deadline(reader: Reader, roc_year: int, name: str) -> Deadline:
    """A deadline of the plan; a date that the bureau's letter moved stands in the settings with its basis."""
    moved = reader.organisation.setting(f"deadline.{roc_year}.{name}")
    if moved:
        return deadline(date.fromisoformat(moved["on"]), reader.calendar, id=name, basis=moved["basis"])
    return deadline(nominal_dates(roc_year)[name], reader.calendar, id=name)


def task_dates(reader: Reader, on: date) -> dict[str, str | None]:
    """Due, reminder (2 working days before, unless passed) and overdue notice (1 after) of one dated task."""
    calendar = reader.calendar
    return {
        "due_on": on.isoformat(),
        "due_at": end_of_day(on),
        "remind_at": future_morning(reminders(on, (2,), calendar)[0], reader.now),
        "late_at": morning(escalations(on, (1,), calendar)[0]),
    }


def watch_steps(
    reader: Reader, due: Deadline, *, before: Iterable[int], after: Iterable[tuple[int, str]]
) -> list[dict[str, str]]:
    """The moments of one deadline: reminders some working days before, escalations some working days after.

    Moments that have passed are left out: a stage that begins late does not begin with a burst of mails.
    """
    calendar = reader.calendar
    steps = [
        {"at": morning(on), "level": "reminder"} for on in reminders(due.internal_due_on, before, calendar)
    ]
    for days, level in after:
        steps.append({"at": morning(escalations(due.late_after_on, (days,), calendar)[0]), "level": level})
    now = reader.now.astimezone(TAIPEI)
    return sorted((s for s in steps if datetime.fromisoformat(s["at"]) > now), key=lambda s: s["at"])


def notify_step(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """One step of `deadline_watch`: tell those who owe open tasks, and those above when it is overdue."""
    watch = call.data["watch"]
    step = watch["steps"][call.data["step_no"]]
    return notify_open(uow, call, watch["elements"], watch.get("unit", ANY_UNIT), step["level"], step["at"])


def notify_open(
    uow: UnitOfWork, call: ActivityCall, elements: Iterable[str], unit: str, level: str, moment: str
) -> dict[str, Any]:
    """Tell everybody who must hear of the open tasks of these elements; the result says whom."""
    wanted = set(elements)
    tasks = [
        task
        for task in uow.tasks.open_of_instance(call.instance_id)
        if task.element_id in wanted and (unit == ANY_UNIT or any(c.unit == unit for c in task.candidates))
    ]
    told: set[str] = set()
    for task in tasks:
        for user_id in sorted(_audience(uow, task, level)):
            key = f"notice:{call.instance_id}:{task.id}:{level}:{moment}:{user_id}"
            uow.outbox.add(key, MAIL, _mail(user_id, call, task, level))
            told.add(user_id)
    return {"level": level, "told": sorted(told), "open": len(tasks)}


def _mail(user_id: str, call: ActivityCall, task: Task, level: str) -> dict[str, Any]:
    due = task.due_at.astimezone(TAIPEI).date() if task.due_at else None
    return {
        "user": user_id,
        "template": DUE_SOON if level == "reminder" else OVERDUE,
        "params": {"label": task.label, "subject": task.subject, "due": format_roc(due) if due else ""},
        "task": task.id,
        "instance_id": call.instance_id,
        "plan_key": plan_key_of(call),
    }


def _audience(reader: Reader, task: Task, level: str) -> set[str]:
    pairs = [(c.role, c.unit) for c in task.candidates]
    people = {task.assignee} if task.assignee else _holders(reader, pairs)
    for role in AUDIENCES[level]:
        if role == "chief":
            people |= _holders(reader, [("unit_chief", c.unit) for c in task.candidates if c.unit])
        else:
            people |= _holders(reader, [(role, ANY_UNIT)])
    return people


def _holders(reader: Reader, pairs: Iterable[tuple[str, str]]) -> set[str]:
    return {user.id for role, unit in pairs for user in reader.organisation.members(role, unit, reader.today)}


ACTIVITIES: dict[str, Activity] = {"deadlines.notify_step": notify_step}
