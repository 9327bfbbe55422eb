"""What may be done with a task beside completing it: the verbs that are offered, and the page of each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from engine.activities.colleagues import colleagues
from engine.activities.extensions import (
    extensions_of,
    is_extendable,
    levels_in_force,
    pending_extension,
)
from engine.clock import TAIPEI
from engine.domain.history import EventType
from engine.domain.identity import ROLES, User
from engine.domain.instance import Instance
from engine.domain.permission import may_see_instance, may_see_task, refusal_of
from engine.domain.priority import Priority
from engine.domain.task import (
    Task,
    may_assign,
    may_complete,
    may_delegate,
    may_hand_back,
    may_prioritise,
    may_redirect,
    supervises,
)
from engine.errors import NotFound, NotPermitted, TaskNotOpen
from engine.store.unit_of_work import Reader


class Verb(StrEnum):
    """An act on a task that has a page of its own."""

    EXTEND = "extend"
    WITHDRAW_EXTENSION = "withdraw-extension"
    HAND_BACK = "hand-back"
    REDIRECT = "redirect"
    ASSIGN = "assign"
    DELEGATE = "delegate"
    FOLLOW_UP = "follow-up"
    ASK_OPINION = "ask-opinion"
    PRIORITISE = "priority"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantingLevel:
    """Who grants an extension of up to so many working days."""

    role: str
    most_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBack:
    """Who handed a task back, and why."""

    who: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbPage:
    """The page of one verb: the task, the people to choose from, and what has to be known first."""

    verb: Verb
    task: Task
    instance: Instance
    people: tuple[User, ...]
    levels: tuple[GrantingLevel, ...]
    original_on: date | None
    handed_back: HandedBack | None
    holder: User | None
    put_off_until: date | None
    priority: Priority
    may_see_task: bool
    may_see_instance: bool

    @property
    def due_on(self) -> date | None:
        return self.task.due_at.astimezone(TAIPEI).date() if self.task.due_at else None


CHOOSING_NOBODY = frozenset(
    {Verb.EXTEND, Verb.WITHDRAW_EXTENSION, Verb.HAND_BACK, Verb.FOLLOW_UP, Verb.PRIORITISE}
)


def verbs_of(reader: Reader, task: Task, instance: Instance) -> tuple[Verb, ...]:
    """The verbs that are offered to the reader now.

    It asks the store one thing, and only for a date that can be extended: whether an extension is pending.
    """
    verbs = _may_do(reader, task, instance)
    return tuple(verb for verb in verbs if verb is not Verb.EXTEND or Verb.WITHDRAW_EXTENSION not in verbs)


def _may_do(reader: Reader, task: Task, instance: Instance) -> tuple[Verb, ...]:
    return tuple(_offered(reader, task, instance)) if task.is_open else ()


def verb_page(reader: Reader, task_id: int, name: str) -> VerbPage:
    """The page of a verb; NotFound, NotPermitted and TaskNotOpen as the command itself would answer."""
    task = reader.tasks.get(task_id)
    instance = reader.instances.get(task.instance_id)
    is_seen = may_see_task(reader.actor, task, instance)
    is_known = supervises(reader.actor, task) and may_see_instance(reader.actor, instance)
    if not (is_seen or is_known):
        raise refusal_of(reader.actor, task, instance)
    if not task.is_open:
        raise TaskNotOpen
    verb = next((verb for verb in Verb if verb.value == name), None)
    if verb is None:
        raise NotFound(kind="action", id=name)
    if verb not in _may_do(reader, task, instance):
        raise NotPermitted
    return VerbPage(
        verb=verb, task=task, instance=instance, people=_people(reader, task, verb),
        levels=tuple(_levels(reader)) if verb is Verb.EXTEND else (),
        original_on=original_due(reader, task), handed_back=handed_back(reader, task),
        holder=reader.organisation.find_user(task.assignee) if task.assignee else None,
        put_off_until=reader.follow_ups.find(task.id) if verb is Verb.FOLLOW_UP else None,
        priority=reader.priorities.of_task(task.id) if verb is Verb.PRIORITISE else Priority.NORMAL,
        may_see_task=is_seen, may_see_instance=may_see_instance(reader.actor, instance),
    )  # fmt: skip


def original_due(reader: Reader, task: Task) -> date | None:
    """The first due date of a task that was extended; None for one that was not."""
    extended = extensions_of(reader, task) if task.due_at is not None else ()
    return extended[0].was_due_at.astimezone(TAIPEI).date() if extended else None


def handed_back(reader: Reader, task: Task) -> HandedBack | None:
    """Who handed a task back that waits for its distributor, and why."""
    if not task.is_handed_back:
        return None
    event = reader.history.of_task(task.id, EventType.TASK_HANDED_BACK)[-1]
    user = reader.organisation.find_user(event.actor)
    return HandedBack(
        who=f"{user.name} {user.title}".strip() if user else event.actor,
        reason=event.told["reason"],
    )


def _offered(reader: Reader, task: Task, instance: Instance) -> Iterator[Verb]:
    actor = reader.actor
    if may_redirect(actor, task):
        yield Verb.REDIRECT
    if is_extendable(reader, task, instance):
        yield from _of_due_date(reader, task)
    if may_hand_back(actor, task):
        yield Verb.HAND_BACK
    if may_assign(actor, task):
        yield Verb.ASSIGN
    if may_delegate(actor, task):
        yield Verb.DELEGATE
    if may_see_task(actor, task, instance):
        yield Verb.FOLLOW_UP
    if may_complete(actor, task) and not instance.restricted_to:
        yield Verb.ASK_OPINION
    if may_prioritise(actor, task):
        yield Verb.PRIORITISE


def _of_due_date(reader: Reader, task: Task) -> Iterator[Verb]:
    if task.due_at is not None and reader.now <= task.due_at and may_complete(reader.actor, task):
        yield Verb.EXTEND
    pending = pending_extension(reader, task.id)
    if pending is not None and pending.started_by == reader.actor.user_id:
        yield Verb.WITHDRAW_EXTENSION


def _people(reader: Reader, task: Task, verb: Verb) -> tuple[User, ...]:
    """Who may be given the task: the members of its pairs but for who holds it now; or who may be asked."""
    if verb in CHOOSING_NOBODY:
        return ()
    if verb is Verb.ASK_OPINION:
        me = reader.actor.user_id
        return tuple(user for user in colleagues(reader) if user.id != me and not task.excludes(user.id))
    given = replace(task, candidates=reader.tasks.given_pairs(task))
    wanted = reader.organisation.people_for(given, reader.today) - {task.assignee}
    return tuple(user for user in reader.organisation.users() if user.id in wanted)


def _levels(reader: Reader) -> Iterator[GrantingLevel]:
    for level in levels_in_force(reader):
        yield GrantingLevel(role=ROLES[level.role].label, most_days=level.most_days)
