"""What stood where at a past moment (domain 8.15): inboxes, open processes, the organisation.

Everything is rebuilt from histories as they were recorded up to that moment. The rules are those of the
present: what the inbox shows whom is asked of `domain/task` and `domain/permission`, for the person as they
were then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.domain.identity import Actor, User
from engine.domain.instance import Instance
from engine.domain.permission import Action, may_see_task, require
from engine.domain.priority import Priority
from engine.domain.task import Task, capacity
from engine.errors import FieldError, Invalid
from engine.queries.tasks import InboxRow, inbox_row, position
from engine.replay.past_organisation import PastOrganisation, organisation_at
from engine.replay.recorded import PastInstance, instances_at, living_at, open_tasks_at
from engine.store.unit_of_work import Reader

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PastInbox:
    """What a person owed at a moment, the most urgent first: their own, and as a deputy that of others.

    `is_closed`: the account was closed then, so that the person had no inbox. `last_seqs` are the numbers of
    the last events before the moment, by instance. `next_start` is the place at which the next page begins.
    """

    office: PastOrganisation
    person: User
    is_closed: bool
    rows: tuple[InboxRow, ...]
    total: int
    last_seqs: Mapping[int, int]
    next_start: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenThen:
    """One page of the instances that were open at a moment, the newest first."""

    office: PastOrganisation
    lines: tuple[PastInstance, ...]
    next_before: int | None


def organisation_then(reader: Reader, at: datetime) -> PastOrganisation:
    """The organisation at a moment; Invalid for one that is still to come."""
    require(reader.actor, Action.AUDIT)
    if at > reader.now:
        raise Invalid((FieldError(path="at", template="This moment is still to come"),))
    return organisation_at(reader, at)


def inbox_then(reader: Reader, at: datetime, user_id: str, *, start: int = 0, limit: int = PAGE) -> PastInbox:
    """The inbox of a person at a moment; NotFound for somebody whom nobody had entered by then.

    What people had put off for themselves (續辦) is no history, so it stands among the rest. The number of
    statements does not depend on what was open.
    """
    office = organisation_then(reader, at)
    actor, person = office.actor(user_id), office.users[user_id]
    owed: list[Task] = []
    if person.active:
        owed = [t.task for t in open_tasks_at(reader, at) if owes(actor, t.task, t.instance)]
    owed.sort(key=position)
    page = owed[start : start + limit]
    instances = instances_at(reader, {task.instance_id for task in page}, at)
    for found in instances.values():
        reader.looks_at(found.instance)
    return PastInbox(
        office=office,
        person=person,
        is_closed=not person.active,
        rows=tuple(_row(office, actor, instances[task.instance_id], task.id) for task in page),
        total=len(owed),
        last_seqs={number: found.instance.seq for number, found in instances.items()},
        next_start=start + limit if start + limit < len(owed) else None,
    )


def open_then(reader: Reader, at: datetime, *, before: int | None = None, limit: int = PAGE) -> OpenThen:
    """The instances that were open at a moment, with their open tasks and who held them.

    The number of statements does not depend on how many there are.
    """
    office = organisation_then(reader, at)
    ids = living_at(reader, at, before=before, limit=limit + 1)
    found = instances_at(reader, ids[:limit], at)
    for each in found.values():
        reader.looks_at(each.instance)
    return OpenThen(
        office=office,
        lines=tuple(found[number] for number in ids[:limit]),
        next_before=ids[limit - 1] if len(ids) > limit else None,
    )


def owes(actor: Actor, task: Task, instance: Instance) -> bool:
    """True for what stands in the inbox of a person: what they hold, or may take, or do for a principal."""
    if not may_see_task(actor, task, instance):
        return False
    if task.assignee == actor.user_id:
        return True
    way = capacity(actor, task)
    return way is not None and (
        task.assignee is None or (way.deputyship is not None and task.assignee == way.deputyship.principal)
    )


def _row(office: PastOrganisation, actor: Actor, found: PastInstance, task_id: int) -> InboxRow:
    task = next(task for task in found.tasks if task.id == task_id)
    sender, first = office.users.get(task.sent_by or ""), found.first_due.get(task_id)
    return inbox_row(
        actor, office.at, task, definition_key=found.instance.definition_key,
        business_key=found.instance.business_key,
        sender=(sender.name, sender.title) if sender else ("", ""),
        unit_labels={unit.id: unit.label for unit in office.units.values()},
        original_due_at=first if first and task.due_at and first < task.due_at else None,
        was_returned=task_id in found.returned, priority=found.priorities.get(task_id, Priority.NORMAL),
    )  # fmt: skip
