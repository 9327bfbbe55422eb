"""Tasks: user tasks in an inbox, and the rules of who may do what with them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from engine.domain.identity import ANY_UNIT, ROLES_APART, Actor

TASK_BITS = 20
# How long after its due time a task may become late: pages of what is due soon look back no further.
LONGEST_GRACE = timedelta(days=31)


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
    """A task as the store keeps it; `inputs` are the process values that its form asked for.

    `excluded` may never see, take or complete it, whatever their roles (迴避). It should be done by `due_at`
    and counts as late (逾期) after `late_after_at` only; both are None without a due date.
    """

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
    late_after_at: datetime | None = None
    excluded: tuple[str, ...] = ()
    sent_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    inputs: dict[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.state is TaskState.OPEN

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.late_after_at is not None and now > self.late_after_at

    def excludes(self, user_id: str) -> bool:
        return user_id in self.excluded


def instance_of(task_id: int) -> int:
    """The instance that a task id belongs to: ids are instance id << 20 | counter."""
    return task_id >> TASK_BITS


def matching_candidate(actor: Actor, task: Task) -> Candidate | None:
    """The first pair of the task that the actor holds.

    Administrators and auditors have none, nor has anybody whom the task excludes.
    """
    if not actor.roles.isdisjoint(ROLES_APART) or task.excludes(actor.user_id):
        return None
    return next((c for c in task.candidates if actor.holds(c.role, c.unit)), None)


def may_see(actor: Actor, task: Task) -> bool:
    """A task shows itself to its candidates and its holder; auditors read the history instead."""
    return _holds(actor, task) or matching_candidate(actor, task) is not None


def may_look_back(actor: Actor, task: Task) -> bool:
    """Whoever closed a task may look at it again; so may all to whom it shows itself."""
    return may_see(actor, task) or (task.closed_by == actor.user_id and not task.excludes(actor.user_id))


def may_claim(actor: Actor, task: Task) -> bool:
    """A candidate may take a task that nobody holds."""
    return task.is_open and task.assignee is None and matching_candidate(actor, task) is not None


def may_unclaim(actor: Actor, task: Task) -> bool:
    """The holder may put a task back, unless it was delegated to them."""
    return task.is_open and _holds(actor, task) and task.owner is None


def may_assign(actor: Actor, task: Task) -> bool:
    """The chief of a candidate unit, or the secretariat's, hands a task of a pool to one of its members."""
    if not task.is_open or task.excludes(actor.user_id):
        return False
    return any(
        (actor.holds("sec_chief") and c.role == "sec_handler")
        or (c.unit and actor.holds("unit_chief", c.unit))
        for c in task.candidates
    )


def may_delegate(actor: Actor, task: Task) -> bool:
    """The holder may ask another candidate to prepare a task; it comes back when resolved."""
    return task.is_open and _holds(actor, task) and task.owner is None


def may_resolve(actor: Actor, task: Task) -> bool:
    """The one to whom a task was delegated gives it back to its owner."""
    return task.is_open and _holds(actor, task) and task.owner is not None


def may_complete(actor: Actor, task: Task) -> bool:
    """A candidate completes a task that nobody else holds; a delegated task is resolved, not completed."""
    if not task.is_open or task.owner is not None:
        return False
    if task.assignee is not None:
        return task.assignee == actor.user_id and matching_candidate(actor, task) is not None
    return matching_candidate(actor, task) is not None


def _holds(actor: Actor, task: Task) -> bool:
    return task.assignee == actor.user_id and not task.excludes(actor.user_id)
