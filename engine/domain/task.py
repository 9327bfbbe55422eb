"""Tasks: user tasks in an inbox, and the rules of who may do what with them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from engine.domain.identity import ANY_UNIT, ROLES_APART, Actor

TASK_BITS = 20


class TaskState(IntEnum):
    """The life of a task."""

    OPEN = 1
    COMPLETED = 2
    WITHDRAWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A pair that may take a task; `ANY_UNIT` admits every holder of the role."""

    role: str
    unit: str = ANY_UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as the store keeps it; `inputs` are the process values that its form asked for."""

    id: int
    instance_id: int
    process_key: str
    element_id: str
    label: str
    subject: str
    state: TaskState
    revision: int
    candidates: tuple[Candidate, ...]
    assignee: str | None
    owner: str | None
    due_at: datetime | None
    opened_at: datetime
    sent_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    inputs: dict[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.state is TaskState.OPEN

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.due_at is not None and now > self.due_at


def instance_of(task_id: int) -> int:
    """The instance that a task id belongs to: ids are instance id << 20 | counter."""
    return task_id >> TASK_BITS


def matching_candidate(actor: Actor, task: Task) -> Candidate | None:
    """The first pair of the task that the actor holds; administrators and auditors have none."""
    if not actor.roles.isdisjoint(ROLES_APART):
        return None
    return next((c for c in task.candidates if actor.holds(c.role, c.unit)), None)


def may_see(actor: Actor, task: Task) -> bool:
    """A task shows itself to its candidates and its holder; auditors read the history instead."""
    return task.assignee == actor.user_id or matching_candidate(actor, task) is not None


def may_claim(actor: Actor, task: Task) -> bool:
    """A candidate may take a task that nobody holds."""
    return task.is_open and task.assignee is None and matching_candidate(actor, task) is not None


def may_unclaim(actor: Actor, task: Task) -> bool:
    """The holder may put a task back, unless it was delegated to them."""
    return task.is_open and task.assignee == actor.user_id and task.owner is None


def may_assign(actor: Actor, task: Task) -> bool:
    """The chief of a candidate unit, or the secretariat's, hands a task of a pool to one of its members."""
    return task.is_open and any(
        (actor.holds("sec_chief") and c.role == "sec_handler")
        or (c.unit and actor.holds("unit_chief", c.unit))
        for c in task.candidates
    )


def may_delegate(actor: Actor, task: Task) -> bool:
    """The holder may ask another candidate to prepare a task; it comes back when resolved."""
    return task.is_open and task.assignee == actor.user_id and task.owner is None


def may_resolve(actor: Actor, task: Task) -> bool:
    """The one to whom a task was delegated gives it back to its owner."""
    return task.is_open and task.assignee == actor.user_id and task.owner is not None


def may_complete(actor: Actor, task: Task) -> bool:
    """A candidate completes a task that nobody else holds; a delegated task is resolved, not completed."""
    if not task.is_open or task.owner is not None:
        return False
    if task.assignee is not None:
        return task.assignee == actor.user_id and matching_candidate(actor, task) is not None
    return matching_candidate(actor, task) is not None
