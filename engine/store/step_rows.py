"""The rows that one unit of work writes for one instance, collected cause by cause and written at once."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.clock import to_micros
from engine.domain.canonical import canonical_json
from engine.domain.giving_back import gives_back
from engine.domain.history import EventDraft, EventType, HistoryEvent, Signature
from engine.domain.instance import OpenedTask, Step, Subscription, WaitingTimer
from engine.domain.task import Candidate, TaskState
from engine.store.tables import NEVER

FAR_YEAR = 9999  # the runtime's word for a timer that never falls due


@dataclass(slots=True, kw_only=True)
class TaskRow:
    """A task row that is new in this unit of work."""

    opened: OpenedTask
    opened_at: int
    sent_by: str
    came_back: bool = False  # opened by a decision that sends work back
    state: TaskState = TaskState.OPEN
    revision: int = 1
    assignee: str | None = None
    owner: str | None = None
    closed_at: int | None = None
    closed_by: str | None = None

    @property
    def due_at(self) -> int:
        return to_micros(self.opened.due_at) if self.opened.due_at else NEVER

    @property
    def late_after_at(self) -> int:
        return to_micros(self.opened.late_after_at) if self.opened.late_after_at else NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClosing:
    """A task row of an earlier unit of work that this one closes."""

    task_id: int
    state: TaskState
    closed_at: int
    closed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHolding:
    """Who holds a task of an earlier unit of work from now on, and what else of it a note has changed."""

    task_id: int
    assignee: str | None
    owner: str | None
    candidates: tuple[Candidate, ...] | None = None  # None: as they were, and so are the dates
    due_at: datetime | None = None
    late_after_at: datetime | None = None

    @property
    def columns(self) -> tuple[str | None, str | None, str | None, int | None, int | None]:
        """Assignee, owner, candidates, due and late after as columns; None keeps what stands there."""
        return (
            self.assignee,
            self.owner,
            None if self.candidates is None else pairs_json(self.candidates),
            None if self.due_at is None else to_micros(self.due_at),
            None if self.late_after_at is None else to_micros(self.late_after_at),
        )


@dataclass(slots=True, kw_only=True)
class StepRows:
    """What changes beside the instance row.

    A row that comes and goes within the unit of work leaves no trace.
    """

    sender: str = ""  # who set in motion what happens now; an activity's return belongs to the cause before
    came_back: bool = False  # whether it sends work back
    opened: dict[int, TaskRow] = field(default_factory=dict)
    closed: dict[int, TaskClosing] = field(default_factory=dict)
    held: dict[int, TaskHolding] = field(default_factory=dict)
    timers: dict[int, WaitingTimer] = field(default_factory=dict)
    timers_gone: set[int] = field(default_factory=set)
    awaited: dict[int, Subscription] = field(default_factory=dict)
    unawaited: set[int] = field(default_factory=set)
    events: list[HistoryEvent] = field(default_factory=list)
    snapshot: tuple[int, bytes] | None = None

    def add(self, cause: EventDraft, step: Step, signature: Signature) -> None:
        """Merge what one cause changed."""
        cause_type, task_id = cause.type, cause.task_id
        at, by = signature.occurred_at, signature.actor
        if cause_type is not EventType.ACTIVITY_RETURNED:
            self.sender, self.came_back = by, gives_back(cause_type, cause.data)
        if task_id is not None and cause_type is EventType.TASK_COMPLETED:
            self._close(task_id, TaskState.COMPLETED, at, by)
        if task_id is not None and cause_type is EventType.TIMER_FIRED:
            self._drop_timer(task_id)
        if task_id is not None and cause_type is EventType.MESSAGE_RECEIVED:
            self._unawait(task_id)
        for opened in step.opened:
            self.opened[opened.id] = TaskRow(
                opened=opened, opened_at=at, sent_by=self.sender, came_back=self.came_back
            )  # fmt: skip
        for withdrawn in step.withdrawn:
            self._close(withdrawn, TaskState.WITHDRAWN, at, by)
        for timer in step.timers_set:
            if timer.due_at.year < FAR_YEAR:
                self.timers[timer.task_id] = timer
        for gone in step.timers_dropped:
            self._drop_timer(gone)
        for subscription in step.awaited:
            self.awaited[subscription.task_id] = subscription
        for gone in step.unawaited:
            self._unawait(gone)

    def hold(self, holding: TaskHolding) -> None:
        """Change who holds a task, and its candidates or dates where the holding names some."""
        row = self.opened.get(holding.task_id)
        if row is None:
            self.held[holding.task_id] = _joined(self.held.get(holding.task_id), holding)
            return
        row.assignee, row.owner, row.revision = holding.assignee, holding.owner, row.revision + 1
        row.opened = replace(
            row.opened,
            candidates=row.opened.candidates if holding.candidates is None else holding.candidates,
            due_at=holding.due_at or row.opened.due_at,
            late_after_at=holding.late_after_at or row.opened.late_after_at,
        )

    def _close(self, task_id: int, state: TaskState, at: int, by: str) -> None:
        row = self.opened.get(task_id)
        if row is None:
            self.closed[task_id] = TaskClosing(task_id=task_id, state=state, closed_at=at, closed_by=by)
        else:
            row.state, row.closed_at, row.closed_by, row.revision = state, at, by, row.revision + 1

    def _unawait(self, task_id: int) -> None:
        if self.awaited.pop(task_id, None) is None:
            self.unawaited.add(task_id)

    def _drop_timer(self, task_id: int) -> None:
        if self.timers.pop(task_id, None) is None:
            self.timers_gone.add(task_id)


def _joined(earlier: TaskHolding | None, later: TaskHolding) -> TaskHolding:
    """Two changes of one task in one unit of work: the later one keeps what it does not name."""
    if earlier is None:
        return later
    return replace(
        later,
        candidates=earlier.candidates if later.candidates is None else later.candidates,
        due_at=later.due_at or earlier.due_at,
        late_after_at=later.late_after_at or earlier.late_after_at,
    )


def pairs_json(candidates: tuple[Candidate, ...]) -> str:
    """The candidate pairs of a task as its row keeps them."""
    return json.dumps([[c.role, c.unit] for c in candidates], ensure_ascii=False, separators=(",", ":"))


def candidates_json(opened: OpenedTask) -> str:
    """The candidate pairs of a new task as its row keeps them."""
    return pairs_json(opened.candidates)


def excluded_json(opened: OpenedTask) -> str:
    """The people whom a task excludes as its row keeps them."""
    return json.dumps(opened.excluded, ensure_ascii=False, separators=(",", ":"))


def inputs_json(opened: OpenedTask) -> str:
    """The inputs of a task as its row keeps them."""
    return canonical_json(opened.inputs)


def candidate_rows(rows: StepRows, pair_ids: dict[tuple[str, str], int]) -> list[tuple[int, int, int, int]]:
    """Candidate rows of the opened tasks that are still open and that nobody holds."""
    return sorted(
        {
            (pair_ids[c.role, c.unit], row.due_at, row.opened.id, row.late_after_at)
            for row in rows.opened.values()
            if row.state is TaskState.OPEN and row.assignee is None
            for c in row.opened.candidates
        }
    )


def exclusion_rows(rows: StepRows) -> list[tuple[int, str]]:
    """(task id, user id) of everybody whom an opened task excludes."""
    return [(row.opened.id, user) for row in rows.opened.values() for user in row.opened.excluded]


def event_columns(event: HistoryEvent) -> tuple[Any, ...]:
    """An event in the order of the table's columns."""
    return (
        event.stream, event.seq, event.type.value, event.origin.value, event.actor, event.on_behalf_of,
        event.role, event.unit,
        event.occurred_at, event.command_id, event.element_id, event.task_id, event.data, event.digest,
    )  # fmt: skip
