"""Tasks that are not the business of whom they reached: handed back (退分), and redirected (改分).

A task keeps the pairs of role and unit that its process gave it, because the process files what is entered
under that unit: a distributor chooses among the people of these pairs, or hands it further back.
"""

from dataclasses import replace

from engine.commands.reasons import check_reason
from engine.commands.seen_tasks import open_seen, task_note
from engine.domain.history import EventType
from engine.domain.instance import Instance
from engine.domain.task import (
    SECRETARIAT,
    Candidate,
    Task,
    distributors,
    may_hand_back,
    may_redirect,
)
from engine.errors import FieldError, Invalid, NotPermitted
from engine.store.unit_of_work import Reader, UnitOfWork

HANDED_BACK = "Handed back, to be redirected by you: “{label}” ({subject}). {reason}"


def hand_back(uow: UnitOfWork, task_id: int, *, reason: str) -> Task:
    """Hand a task back to whoever distributes it, with the reason why it is not one's own business.

    Nobody can complete it until it is redirected; its due date stays. Invalid when nobody distributes it.
    """
    handle, task = open_seen(uow, task_id)
    if not may_hand_back(uow.actor, task):
        raise NotPermitted
    check_reason(reason)
    pairs = _next_distributors(uow, task, handle.instance)
    told = {
        "reason": reason.strip(),
        "from": [[c.role, c.unit] for c in uow.tasks.given_pairs(task)],
        "held_by": task.assignee,
    }
    note = task_note(uow, EventType.TASK_HANDED_BACK, task, **told)
    holder = uow.acting_for.principal if uow.acting_for else uow.actor.user_id
    handed = handle.redirect(task, note, candidates=pairs, owner=holder)
    for user in sorted(uow.organisation.people_for(handed, uow.today) - {uow.actor.user_id}):
        params = {"label": task.label, "subject": task.subject, "reason": reason.strip()}
        payload = {"user": user, "template": HANDED_BACK, "params": params, "task": task.id}
        uow.outbox.add(f"handed_back:{task.id}:{handle.seq}:{user}", "mail", payload)
    return handed


def redirect(uow: UnitOfWork, task_id: int, *, user: str = "", reason: str) -> Task:
    """Give what was handed back to a person of its pairs, or into their pool again when none is named."""
    handle, task = open_seen(uow, task_id)
    if not may_redirect(uow.actor, task):
        raise NotPermitted
    check_reason(reason)
    pairs = uow.tasks.given_pairs(task)
    if user and user not in _people(uow, task, pairs):
        raise Invalid((FieldError(path="user", template="This person may not take the task"),))
    note = task_note(uow, EventType.TASK_REDIRECTED, task, reason=reason.strip(), user=user or None)
    return handle.redirect(task, note, candidates=pairs, assignee=user or None)


def _next_distributors(reader: Reader, task: Task, instance: Instance) -> tuple[Candidate, ...]:
    """The nearest distributors who are somebody else and may know of the instance."""
    nearest = distributors(task.candidates, handed_back=task.is_handed_back)
    above = SECRETARIAT if any(c.role == "unit_chief" for c in nearest) else ()
    for pairs in (nearest, above):
        known = not instance.restricted_to or all(c.role in instance.restricted_to for c in pairs)
        if known and _people(reader, task, pairs) - {reader.actor.user_id}:
            return pairs
    raise Invalid((FieldError(path="", template="Nobody else distributes this task"),))


def _people(reader: Reader, task: Task, pairs: tuple[Candidate, ...]) -> set[str]:
    return reader.organisation.people_for(replace(task, candidates=pairs), reader.today)
