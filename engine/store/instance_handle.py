"""The handle of one locked instance: its live instance, and all that a unit of work records for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from engine.clock import from_micros, to_micros
from engine.domain.history import EventDraft, EventType, HistoryEvent, Signature, seal
from engine.domain.instance import Instance, InstanceState, Step
from engine.domain.priority import Priority
from engine.domain.task import Candidate, Task
from engine.domain.telling import Own
from engine.store.live_cache import CachedInstance
from engine.store.step_rows import StepRows, TaskHolding, TaskRow
from engine.store.step_writer import InstanceWrite, write_instance

if TYPE_CHECKING:
    from datetime import datetime

    from engine.runtime.live import LiveInstance
    from engine.store.unit_of_work import UnitOfWork

AUTOMATIC = frozenset({EventType.TIMER_FIRED, EventType.ACTIVITY_RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePast:
    """What a live instance is made of: the last snapshot, and the causes since then."""

    snapshot: tuple[int, bytes] | None
    causes: tuple[HistoryEvent, ...]


class InstanceHandle:
    """One instance, locked until the unit of work ends.

    `instance` is its row as loaded; `task` the task asked for. `past` is handed in by whoever has read it for
    many instances at once.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        instance: Instance,
        task: Task | None = None,
        start_command_id: str | None = None,
        past: InstancePast | None = None,
    ) -> None:
        self._uow = uow
        self._past = past
        self.start_command_id = start_command_id
        self.instance = instance
        self.task = task
        self.seq = instance.seq
        self.head = instance.head
        self.causes = instance.causes
        self.state = instance.state
        self._rows = StepRows()
        self._pair_ids: dict[tuple[str, str], int] = {}
        self._written = instance  # the row as this unit of work has last read or written it

    @property
    def id(self) -> int:
        return self.instance.id

    @cached_property
    def live(self) -> LiveInstance:
        """The live instance as of the last event: from the cache, caught up if it is behind, or made anew."""
        entry = self._uow.memory.live.take(self.id)
        if entry is not None and entry.seq == self.seq and entry.head == self.head:
            return entry.live
        if entry is not None and 0 < entry.seq < self.seq:
            seen, missed = self._uow.history.causes_behind(self.id, entry.seq)
            if seen == entry.head:
                return _caught_up(entry.live, missed)
        return self._restored()

    def _restored(self) -> LiveInstance:
        parsed = self._uow.definitions.parsed(self.instance.deployment_id)
        runtime, key = self._uow.memory.runtime, self.instance.definition_key
        found = self._snapshot()
        if found is not None and found[0] <= self.seq:
            try:
                live = runtime.restore(parsed, key, self.id, found[1])
            except ValueError:
                self._past = None  # of another version of the program: the history has everything
            else:
                return _caught_up(live, self._causes(after=found[0]))
        live = runtime.create(parsed, key, self.id)
        return _caught_up(live, self._causes(after=0) if self.seq else ())

    def _snapshot(self) -> tuple[int, bytes] | None:
        if self._past is not None:
            return self._past.snapshot
        has_one = self.causes >= self._uow.memory.snapshot_every
        return self._uow.instances.snapshot(self.id) if has_one else None

    def _causes(self, *, after: int) -> Iterable[HistoryEvent]:
        if self._past is not None:
            return self._past.causes
        return self._uow.history.causes(self.id, after=after)

    def record(
        self, cause: EventDraft, step: Step, *, role: str | None = None, unit: str | None = None
    ) -> tuple[Task, ...]:
        """Record a cause with the step that the live instance made of it; gives the tasks that opened."""
        signature = self._uow.signature(self.id, automatic=cause.type in AUTOMATIC, role=role, unit=unit)
        own = Own(process=self.instance.definition_key, title=self.live.title)
        self._seal([self._uow.with_pending(self._completed(cause)), *step.effects], signature, own)
        self.causes += 1
        self._rows.add(cause, step, signature)
        if step.ended and cause.type is EventType.INSTANCE_CANCELLED:
            self.state = InstanceState.CANCELLED
        elif step.ended:
            self.state = InstanceState.COMPLETED
        return tuple(task_of(self.id, self._rows.opened[opened.id]) for opened in step.opened)

    def note(self, draft: EventDraft, *, role: str | None = None, unit: str | None = None) -> None:
        """Record something beside the run."""
        signature = self._uow.signature(self.id, role=role, unit=unit)
        self._seal([self._uow.with_pending(draft)], signature)

    def hold(self, task: Task, draft: EventDraft, *, assignee: str | None, owner: str | None = None) -> Task:
        """Change who holds a task, with the note that tells it; the task's revision goes up."""
        self.note(replace(draft, data={**draft.data, "assignee": assignee, "owner": owner}))
        self._rows.hold(TaskHolding(task_id=task.id, assignee=assignee, owner=owner))
        return replace(task, assignee=assignee, owner=owner, revision=task.revision + 1)

    def redirect(
        self, task: Task, draft: EventDraft, *, candidates: tuple[Candidate, ...],
        assignee: str | None = None, owner: str | None = None,
    ) -> Task:  # fmt: skip
        """Put a task into other pools, or there into one person's hands, with the note that tells it."""
        told = {"candidates": [[c.role, c.unit] for c in candidates], "assignee": assignee, "owner": owner}
        self.note(replace(draft, data={**draft.data, **told}))
        self._rows.hold(TaskHolding(task_id=task.id, assignee=assignee, owner=owner, candidates=candidates))
        return replace(
            task, assignee=assignee, owner=owner, candidates=candidates, revision=task.revision + 1
        )

    def extend(self, task: Task, draft: EventDraft, *, due_at: datetime) -> Task:
        """Let a task be due later and be late from then on, with the note that tells it (展期)."""
        self.note(replace(draft, data={**draft.data, "due_at": due_at.isoformat()}))
        self._rows.hold(
            TaskHolding(
                task_id=task.id, assignee=task.assignee, owner=task.owner, due_at=due_at, late_after_at=due_at
            )
        )
        return replace(task, due_at=due_at, late_after_at=due_at, revision=task.revision + 1)

    def prioritise(self, task: Task, draft: EventDraft, *, priority: Priority) -> None:
        """Let a task come before others or in its turn, with the note that tells it; its row stays."""
        self.note(replace(draft, data={**draft.data, "priority": priority}))
        self._uow.priorities.keep(task.id, priority)

    def suspend(self, draft: EventDraft) -> None:
        """Stop the instance until it is resumed."""
        self.note(draft)
        self.state = InstanceState.SUSPENDED

    def resume(self, draft: EventDraft) -> None:
        """Let a suspended instance run again."""
        self.note(draft)
        self.state = InstanceState.RUNNING

    def prepare(self) -> None:
        """Number the candidate pairs and take the snapshot that is due."""
        self._pair_ids = self._uow.pair_ids(
            {(c.role, c.unit) for row in self._rows.opened.values() for c in row.opened.candidates}
            | {(c.role, c.unit) for held in self._rows.held.values() for c in held.candidates or ()}
        )
        every = self._uow.memory.snapshot_every
        if every and self.causes // every > self._written.causes // every and not self.state.has_ended:
            self._rows.snapshot = (self.seq, self.live.snapshot())

    def write(self) -> None:
        """Write what was recorded since the last write, if anything was."""
        if self.seq == self._written.seq:
            return
        ended_at = self._uow.now if self.state.has_ended else None
        title = self.live.title if self._written.seq == 0 else self._written.title
        write_instance(
            self._uow.transaction,
            InstanceWrite(
                id=self.id, revision=self._written.revision, seq=self.seq, head=self.head, state=self.state,
                causes=self.causes, title=title, pair_ids=self._pair_ids, rows=self._rows,
                ended_at=to_micros(ended_at) if ended_at else None,
            ),
        )  # fmt: skip
        self._rows = StepRows(sender=self._rows.sender, came_back=self._rows.came_back)
        self._written = replace(
            self._written, revision=self._written.revision + 1, seq=self.seq, head=self.head,
            state=self.state,
            causes=self.causes, title=title, ended_at=ended_at,
        )  # fmt: skip

    def give_back(self) -> None:
        """Give the live instance back to the cache; before the commit, while the instance is still locked."""
        if "live" in self.__dict__ and not self.state.has_ended:
            self._uow.memory.live.put(self.id, CachedInstance(seq=self.seq, head=self.head, live=self.live))

    def _completed(self, cause: EventDraft) -> EventDraft:
        """A start tells all that the instance's row holds, so that the row can be made again from history."""
        if cause.type is not EventType.INSTANCE_STARTED:
            return cause
        row = self.instance
        told = {
            "business_key": row.business_key, "plan_key": row.plan_key, "agency": row.agency,
            "deployment": row.deployment_id, "process": row.definition_key, "parent": row.parent_id,
            "start_command": self.start_command_id,
        }  # fmt: skip
        return replace(cause, data={**cause.data, **told})

    def _seal(self, drafts: list[EventDraft], signature: Signature, own: Own | None = None) -> None:
        events = seal(self.id, self.seq, self.head, drafts, signature, own)
        self._rows.events += events
        self.seq, self.head = events[-1].seq, events[-1].digest


def _caught_up(live: LiveInstance, causes: Iterable[HistoryEvent]) -> LiveInstance:
    for cause in causes:
        live.apply(cause)
    return live


def task_of(instance_id: int, row: TaskRow) -> Task:
    """The task of a row that is not written yet, or never will be."""
    opened = row.opened
    return Task(
        id=opened.id, instance_id=instance_id, process_key=opened.process_key, element_id=opened.element_id,
        label=opened.label, subject=opened.subject, state=row.state, revision=row.revision,
        candidates=opened.candidates, assignee=row.assignee, owner=row.owner, due_at=opened.due_at,
        opened_at=from_micros(row.opened_at), late_after_at=opened.late_after_at, excluded=opened.excluded,
        sent_by=row.sent_by, inputs=opened.inputs,
        closed_at=None if row.closed_at is None else from_micros(row.closed_at), closed_by=row.closed_by,
    )  # fmt: skip
