"""The dates of a plan; reminders and escalations (稽催): who is told on which working day."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from engine.activities.calls import Activity, ActivityCall
from engine.activities.moments import end_of_day, future_morning, morning
from engine.activities.plan_documents import owner_of
from engine.activities.year_schedule import scheduled_deadlines
from engine.clock import TAIPEI
from engine.domain.identity import ANY_UNIT
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.deadlines import Deadline, deadline, escalations, reminders
from engine.plan.escalation import Level
from engine.plan.roc import format_roc
from engine.plan.rule_error import PlanRuleError
from engine.store.unit_of_work import Reader, UnitOfWork

DEADLINES = "deadlines"
# The fields of a letter's entry that move a date of the plan: those of 陸 that the bureau itself receives.
MOVED_BY = {"k2_on": "K2", "k3_on": "K3", "k4_on": "K4"}
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
# The level of urging that such a notice stands for: what a diagram has told, nobody tells again.
TOLD_LEVELS = {
    "reminder": Level.REMINDER,
    "chief": Level.CHIEF,
    "sec_chief": Level.DOCUMENT_CONTROL,
    "director": Level.DIRECTOR,
    "bureau": Level.DIRECTOR,
}
_DAYS = ("nominal_on", "internal_due_on", "late_after_on")


def plan_deadline(reader: Reader, plan_key: str, name: str) -> Deadline:
    """A deadline of the plan as it was computed for its year, or as a letter of the bureau moved it (2.0)."""
    body = reader.documents.get(plan_key, DEADLINES).body[name]
    days = {part: date.fromisoformat(body[part]) for part in _DAYS}
    return Deadline(id=name, clause=body["clause"], basis=body["basis"], **days)


def record_deadlines(
    uow: UnitOfWork, plan_key: str, k0_on: date, moved: Mapping[str, tuple[date, str]]
) -> dict[str, Any]:
    """Compute every date of the plan and keep them: whoever needs one later reads it, nobody computes again.

    `moved` holds the dates that the bureau's letter names, with the number of that letter (rule of 2.0).
    """
    computed = scheduled_deadlines(uow, plan_key, k0_on, moved)
    body = {"K0": k0_on.isoformat(), **{id: _entry(due) for id, due in computed.items()}}
    uow.documents.put(plan_key, DEADLINES, "", body)
    return body


def move_deadlines(uow: UnitOfWork, plan_key: str, moved: Mapping[str, tuple[date, str]]) -> None:
    """Put dates that a later letter of the bureau names in the place of those that stand."""
    if not moved:
        return
    body = dict(uow.documents.get(plan_key, DEADLINES).body)
    for id, (on, letter_no) in moved.items():
        clause = body[id]["clause"]
        body[id] = _entry(deadline(on, uow.calendar, id=id, clause=clause, basis=letter_no))
    uow.documents.put(plan_key, DEADLINES, "", body)


def moved_dates(values: Mapping[str, Any], letter_no: str) -> dict[str, tuple[date, str]]:
    """The dates of K2 to K4 that the entry of a letter names, each with the number of that letter."""
    return {
        id: (date.fromisoformat(values[field]), letter_no)
        for field, id in MOVED_BY.items()
        if values.get(field)
    }


def moved_date_faults(reader: Reader, values: Mapping[str, Any]) -> Iterator[FieldError]:
    """Only a letter of the bureau moves a date of the plan, and only to a day that is still to come."""
    for field in MOVED_BY:
        on = values.get(field)
        if on and values["issuer"] != "bureau":
            yield FieldError(path=field, template="Only a letter of the head office moves this date")
        elif on and on <= values["received_on"]:
            yield FieldError(path=field, template="Choose a day after the arrival of the letter")
        elif on:
            try:
                deadline(date.fromisoformat(on), reader.calendar)
            except PlanRuleError as error:
                yield FieldError(path=field, template=error.template, params=dict(error.params))


def _entry(due: Deadline) -> dict[str, Any]:
    return {
        "clause": due.clause,
        **{part: getattr(due, part).isoformat() for part in _DAYS},
        "due": end_of_day(due.internal_due_on),
        "late_after": end_of_day(due.late_after_on),
        "basis": due.basis,
    }


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
        if level != "reminder" and not _is_late(task, uow.now):
            continue  # its due date was extended past this moment
        for user_id in sorted(_audience(uow, task, level)):
            key = f"notice:{call.instance_id}:{task.id}:{level}:{moment}:{user_id}"
            uow.outbox.add(key, MAIL, _mail(user_id, call, task, level))
            told.add(user_id)
    uow.notices.mark(tasks, TOLD_LEVELS[level])
    return {"level": level, "told": sorted(told), "open": len(tasks)}


def _is_late(task: Task, now: datetime) -> bool:
    """What has no date of its own is late when the deadline is that somebody watches."""
    return task.late_after_at is None or task.is_overdue(now)


def _mail(user_id: str, call: ActivityCall, task: Task, level: str) -> dict[str, Any]:
    at = task.due_at if level == "reminder" else task.late_after_at
    due = at.astimezone(TAIPEI).date() if at else None
    return {
        "user": user_id,
        "template": DUE_SOON if level == "reminder" else OVERDUE,
        "params": {"label": task.label, "subject": task.subject, "due": format_roc(due) if due else ""},
        "task": task.id,
        "instance_id": call.instance_id,
        "owner_key": owner_of(call),
    }


def _audience(reader: Reader, task: Task, level: str) -> set[str]:
    """Those who owe a task and, by the level, those above them; nobody whom the task excludes.

    Of a restricted instance those above hear only who may know of it.
    """
    people = reader.organisation.who_owe(task)
    above: set[str] = set()
    for role in AUDIENCES[level]:
        if role == "chief":
            above |= _holders(reader, [("unit_chief", c.unit) for c in task.candidates if c.unit])
        else:
            above |= _holders(reader, [(role, ANY_UNIT)])
    restricted_to = reader.instances.get(task.instance_id).restricted_to
    if restricted_to:
        above &= _holders(reader, [(role, ANY_UNIT) for role in restricted_to])
    return (people | above).difference(task.excluded)


def _holders(reader: Reader, pairs: Iterable[tuple[str, str]]) -> set[str]:
    return {user.id for role, unit in pairs for user in reader.organisation.members(role, unit, reader.today)}


ACTIVITIES: dict[str, Activity] = {"deadlines.notify_step": notify_step}
