"""Whom a level of urging reaches: those who owe a task, and those above them in its agency."""

from collections.abc import Iterable, Mapping

from engine.activities.deadlines import DUE_SOON, MAIL, OVERDUE
from engine.clock import TAIPEI
from engine.domain.identity import ANY_UNIT, Agency
from engine.domain.instance import Instance
from engine.domain.task import Candidate, Task
from engine.plan.escalation import Level
from engine.plan.roc import format_roc
from engine.store.unit_of_work import Reader, UnitOfWork

# The chief of whoever holds a role that is no unit's own; handlers of units have their unit's chief.
CHIEFS: Mapping[str, str] = {
    "sec_handler": "sec_chief",
    "registry": "sec_chief",
    "web_owner": "sec_chief",
    "hr_handler": "hr_chief",
    "bureau_sec_handler": "bureau_sec_chief",
    "ministry_handler": "ministry_approver",
    "reviewer": "ministry_handler",
}
ABOVE: Mapping[Agency, Mapping[Level, str]] = {
    Agency.BRANCH: {Level.DOCUMENT_CONTROL: "sec_chief", Level.DIRECTOR: "director"},
    Agency.BUREAU: {Level.DOCUMENT_CONTROL: "bureau_sec_chief", Level.DIRECTOR: "bureau_approver"},
    Agency.MINISTRY: {Level.DOCUMENT_CONTROL: "ministry_handler", Level.DIRECTOR: "ministry_approver"},
}


def people_to_tell(reader: Reader, task: Task, instance: Instance, level: Level) -> set[str]:
    """Who hears of a task at a level; nobody whom it excludes; of a restricted one, nobody outside."""
    owing = reader.organisation.who_owe(task)
    above: set[str] = set()
    if level >= Level.CHIEF:
        above |= _holders(reader, (_chief(candidate) for candidate in task.candidates))
    above |= _holders(
        reader,
        ((role, ANY_UNIT) for at, role in ABOVE[Agency(instance.agency)].items() if at <= level),
    )
    if instance.restricted_to:
        above &= _holders(reader, ((role, ANY_UNIT) for role in instance.restricted_to))
    return (owing | above).difference(task.excluded)


def tell(uow: UnitOfWork, task: Task, users: Iterable[str], level: Level) -> None:
    """Write the notice of a level to each of them, once."""
    is_late = level is not Level.REMINDER
    at = task.late_after_at if is_late else task.due_at
    day = at.astimezone(TAIPEI).date() if at else None
    payload = {
        "template": OVERDUE if is_late else DUE_SOON,
        "params": {"label": task.label, "subject": task.subject, "due": format_roc(day) if day else ""},
        "task": task.id,
        "instance_id": task.instance_id,
    }
    for user in users:
        uow.outbox.add(f"level:{task.id}:{day}:{int(level)}:{user}", MAIL, {**payload, "user": user})


def _chief(candidate: Candidate) -> tuple[str, str]:
    if candidate.role in CHIEFS:
        return CHIEFS[candidate.role], ANY_UNIT
    return ("unit_chief", candidate.unit) if candidate.unit else ("", ANY_UNIT)


def _holders(reader: Reader, pairs: Iterable[tuple[str, str]]) -> set[str]:
    return {
        user.id
        for role, unit in set(pairs)
        if role
        for user in reader.organisation.members(role, unit, reader.today)
    }
