"""Tasks: user tasks in an inbox, and the rules of who may do what with them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from engine.domain.deputy import ActiveDeputyship
from engine.domain.identity import ANY_UNIT, ROLES_APART, Actor

TASK_BITS = 20
# How long after its due time a task may become late: pages of what is due soon look back no further.
LONGEST_GRACE = timedelta(days=31)

# Who gives the tasks of a role to its people.
DISTRIBUTORS = {
    "unit_handler": "unit_chief",
    "counter_owner": "unit_chief",
    "sec_handler": "sec_chief",
    "web_owner": "sec_chief",
    "registry": "sec_chief",
    "hr_handler": "hr_chief",
    "bureau_sec_handler": "bureau_sec_chief",
}


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

    A task that was handed back (退分) has its former holder as owner and nobody as assignee: it waits for
    whoever distributes. `excluded` may never see, take or complete it, whatever their roles (迴避). It should
    be done by `due_at` and is late (逾期) after `late_after_at` only; both are None without a due date.
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

    @property
    def speed(self) -> str:
        """How quickly the matter is signed (速別): `normal`, `fast` or `most_urgent`."""
        signoff = self.inputs.get("signoff")
        return str(signoff.get("speed", NORMAL)) if isinstance(signoff, dict) else NORMAL

    @property
    def is_handed_back(self) -> bool:
        return self.is_open and self.assignee is None and self.owner is not None

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.late_after_at is not None and now > self.late_after_at

    def excludes(self, user_id: str) -> bool:
        return user_id in self.excluded


NORMAL = "normal"
SECRETARIAT = (Candidate(role="sec_handler"), Candidate(role="sec_chief"))


def instance_of(task_id: int) -> int:
    """The instance that a task id belongs to: ids are instance id << 20 | counter."""
    return task_id >> TASK_BITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """As what an actor meets a task: by which of its pairs, and in whose place where it is not their own."""

    candidate: Candidate
    deputyship: ActiveDeputyship | None = None

    def holder(self, actor: Actor) -> str:
        """Whose name stands at a task that is taken in this capacity: a deputy takes it for the principal."""
        return self.deputyship.principal if self.deputyship else actor.user_id


def capacity(actor: Actor, task: Task) -> Capacity | None:
    """As what the actor may meet the task: with an own pair first, else as a deputy; None if not at all.

    A deputy has the principal's own pairs only. Whoever the task excludes is out, and so is whoever stands
    in for them (迴避); so are administrators and auditors. Of several capacities, one in which the task can
    be acted on comes first: what the principal holds is acted on for the principal.
    """
    if not actor.roles.isdisjoint(ROLES_APART) or task.excludes(actor.user_id):
        return None
    ways = list(_capacities(actor, task))
    return next((way for way in ways if task.assignee in (None, way.holder(actor))), next(iter(ways), None))


def _capacities(actor: Actor, task: Task) -> Iterator[Capacity]:
    own = next((c for c in task.candidates if actor.holds(c.role, c.unit)), None)
    if own is not None:
        yield Capacity(candidate=own)
    for deputyship in actor.deputyships:
        if task.excludes(deputyship.principal):
            continue
        candidate = next((c for c in task.candidates if deputyship.holds(c.role, c.unit)), None)
        if candidate is not None:
            yield Capacity(candidate=candidate, deputyship=deputyship)


def may_see(actor: Actor, task: Task) -> bool:
    """A task shows itself to its candidates, their deputies and its holder; auditors read the history."""
    return _is_own(actor, task) or capacity(actor, task) is not None


def may_look_back(actor: Actor, task: Task) -> bool:
    """Whoever closed a task may look at it again; so may all to whom it shows itself."""
    return may_see(actor, task) or (task.closed_by == actor.user_id and not task.excludes(actor.user_id))


def may_claim(actor: Actor, task: Task) -> bool:
    """A candidate, or who stands in for one, may take a task that nobody holds.

    One that was handed back is redirected first.
    """
    is_free = task.is_open and task.assignee is None and task.owner is None
    return is_free and capacity(actor, task) is not None


def may_unclaim(actor: Actor, task: Task) -> bool:
    """The holder, or their deputy, may put a task back, unless it was delegated to them."""
    return task.is_open and _holds(actor, task) and task.owner is None


def assigning_as(actor: Actor, task: Task) -> tuple[bool, ActiveDeputyship | None]:
    """Whether the actor may hand a task of a pool to one of its members, and in whose place.

    The chief of a candidate unit does this, or the secretariat's; and so do their deputies.
    """
    return _heading_as(actor, task) if task.is_open and not task.is_handed_back else (False, None)


def _heading_as(actor: Actor, task: Task) -> tuple[bool, ActiveDeputyship | None]:
    if task.excludes(actor.user_id):
        return False, None
    if _heads_pool(actor, task):
        return True, None
    standing_in = (d for d in actor.deputyships if not task.excludes(d.principal) and _heads_pool(d, task))
    deputyship = next(standing_in, None)
    return deputyship is not None, deputyship


def may_assign(actor: Actor, task: Task) -> bool:
    """The chief of a candidate unit, or the secretariat's, hands a task of a pool to one of its members."""
    return assigning_as(actor, task)[0]


def supervises(actor: Actor, task: Task) -> bool:
    """Whether the actor heads a pool of the task or stands in for who does, also when it is closed."""
    return _heading_as(actor, task)[0] or _distributes(actor, task)


def may_prioritise(actor: Actor, task: Task) -> bool:
    """Who distributes or supervises a task says how soon it is taken up; no deputy does."""
    is_apart = not actor.roles.isdisjoint(ROLES_APART) or task.excludes(actor.user_id)
    return task.is_open and not is_apart and (_heads_pool(actor, task) or _distributes(actor, task))


def _distributes(actor: Actor, task: Task) -> bool:
    if task.excludes(actor.user_id):
        return False
    above = ((DISTRIBUTORS.get(c.role), c.unit) for c in task.candidates)
    return any(r and actor.holds(r, unit if r == "unit_chief" else ANY_UNIT) for r, unit in above)


def _heads_pool(holder: Actor | ActiveDeputyship, task: Task) -> bool:
    return any(
        (holder.holds("sec_chief", ANY_UNIT) and c.role == "sec_handler")
        or (c.unit and holder.holds("unit_chief", c.unit))
        for c in task.candidates
    )


def may_delegate(actor: Actor, task: Task) -> bool:
    """The holder may ask another candidate to prepare a task; it comes back when resolved."""
    return task.is_open and _holds(actor, task) and task.owner is None


def may_resolve(actor: Actor, task: Task) -> bool:
    """The one to whom a task was delegated gives it back to its owner."""
    return task.is_open and _holds(actor, task) and task.owner is not None


def may_complete(actor: Actor, task: Task) -> bool:
    """A candidate completes a task that nobody else holds; a delegated task is resolved, not completed.

    A deputy does so for the principal; whether the deputy may decide is asked of the form.
    """
    if not task.is_open or task.owner is not None:
        return False
    way = capacity(actor, task)
    return way is not None and task.assignee in (None, way.holder(actor))


def acting_for(actor: Actor, task: Task) -> ActiveDeputyship | None:
    """In whose place the actor acts on the task, if not as themselves."""
    way = None if _is_own(actor, task) else capacity(actor, task)
    return way.deputyship if way else None


def distributors(candidates: tuple[Candidate, ...], *, handed_back: bool) -> tuple[Candidate, ...]:
    """Who distributes a task that is not the business of its candidates (退分); nobody for what is signed.

    A unit's chief gives what its people hand back to others of the unit; what the chief hands back in turn
    goes to the secretariat, which gave the unit its part.
    """
    if handed_back:
        return SECRETARIAT if all(c.role == "unit_chief" for c in candidates) else ()
    above = [(DISTRIBUTORS.get(c.role), c.unit) for c in candidates]
    if not all(role for role, _ in above):
        return ()
    found = (
        Candidate(role=str(role), unit=unit if role == "unit_chief" else ANY_UNIT) for role, unit in above
    )
    return tuple(dict.fromkeys(found))


def may_hand_back(actor: Actor, task: Task) -> bool:
    """Whoever could complete a task hands it back, and so does a distributor to the level above."""
    is_own = may_complete(actor, task) or may_redirect(actor, task)
    return is_own and bool(distributors(task.candidates, handed_back=task.is_handed_back))


def may_redirect(actor: Actor, task: Task) -> bool:
    """A distributor gives what was handed back to those whose business it is (改分)."""
    return task.is_handed_back and capacity(actor, task) is not None


def _holds(actor: Actor, task: Task) -> bool:
    """True for the holder and for who stands in for the holder."""
    if _is_own(actor, task):
        return True
    deputyship = acting_for(actor, task)
    return deputyship is not None and task.assignee == deputyship.principal


def _is_own(actor: Actor, task: Task) -> bool:
    return task.assignee == actor.user_id and not task.excludes(actor.user_id)
