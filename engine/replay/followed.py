"""The rows that follow from the causes of one instance, what each of them changed, and the notes beside them.

A re-execution feeds the steps that the definition gives; an as-of view feeds the recorded ones.
"""

from dataclasses import dataclass, field
from typing import Any

from engine.domain.history import EventDraft, EventType, HistoryEvent, Signature
from engine.domain.instance import InstanceState, Step
from engine.domain.priority import Priority
from engine.domain.task import Candidate
from engine.domain.task_notes import HOLDING, changes_told
from engine.store.step_rows import StepRows, TaskHolding


@dataclass(slots=True)
class Followed:
    """An instance and its tasks so far."""

    rows: StepRows = field(default_factory=StepRows)
    state: InstanceState = InstanceState.RUNNING
    returned: set[int] = field(
        default_factory=set
    )  # tasks that came back to the candidates who had completed their element before on the same path
    priorities: dict[int, Priority] = field(default_factory=dict)  # of tasks for which one was set
    causes: int = 0
    ended_at: int | None = None
    _completed: set[tuple[str, str, tuple[Candidate, ...]]] = field(default_factory=set)

    def follow(self, cause: HistoryEvent, step: Step) -> None:
        """Take over what one cause changed."""
        self.causes += 1
        if cause.type is EventType.TASK_COMPLETED and cause.task_id in self.rows.opened:
            completed = self.rows.opened[cause.task_id].opened
            self._completed.add((completed.path, completed.element_id, completed.candidates))
        signature = Signature(actor=cause.actor, occurred_at=cause.occurred_at)
        draft = EventDraft(type=cause.type, task_id=cause.task_id, data=cause.told)
        self.rows.add(draft, step, signature)
        if self.rows.came_back:
            self.returned |= {
                t.id for t in step.opened if (t.path, t.element_id, t.candidates) in self._completed
            }
        if step.ended:
            cancelled = cause.type is EventType.INSTANCE_CANCELLED
            self.state = InstanceState.CANCELLED if cancelled else InstanceState.COMPLETED
            self.ended_at = cause.occurred_at

    def note(self, event: HistoryEvent) -> None:
        """Follow who holds a task, its priority, and suspensions."""
        if event.type in HOLDING and event.task_id is not None:
            told = event.told
            self._hold(event.task_id, told.get("assignee"), told.get("owner"), told)
        elif event.type is EventType.TASK_EXTENDED and event.task_id in self.rows.opened:
            row = self.rows.opened[event.task_id]
            self._hold(event.task_id, row.assignee, row.owner, event.told)
        elif event.type is EventType.TASK_PRIORITISED and event.task_id is not None:
            self.priorities[event.task_id] = Priority(event.told["priority"])
        elif event.type is EventType.INSTANCE_SUSPENDED:
            self.state = InstanceState.SUSPENDED
        elif event.type is EventType.INSTANCE_RESUMED:
            self.state = InstanceState.RUNNING

    def _hold(self, task_id: int, assignee: str | None, owner: str | None, told: dict[str, Any]) -> None:
        changed = changes_told(told)
        self.rows.hold(
            TaskHolding(
                task_id=task_id, assignee=assignee, owner=owner, candidates=changed.candidates,
                due_at=changed.due_at, late_after_at=changed.due_at,
            )
        )  # fmt: skip
