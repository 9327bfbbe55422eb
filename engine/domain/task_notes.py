"""What notes of a history change of an open task beside who holds it: its candidates and its dates."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.domain.history import EventType, HistoryEvent
from engine.domain.instance import InstanceView
from engine.domain.task import Candidate

CHANGING = frozenset({EventType.TASK_EXTENDED, EventType.TASK_HANDED_BACK, EventType.TASK_REDIRECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChanges:
    """The candidates and the due date that a note tells; None for what it leaves as it is."""

    candidates: tuple[Candidate, ...] | None = None
    due_at: datetime | None = None


def changes_told(told: dict[str, Any]) -> TaskChanges:
    """Read the changes from what a note tells."""
    pairs, due = told.get("candidates"), told.get("due_at")
    return TaskChanges(
        candidates=None if pairs is None else tuple(Candidate(role=role, unit=unit) for role, unit in pairs),
        due_at=None if due is None else datetime.fromisoformat(due),
    )


def with_notes(view: InstanceView, events: Iterable[HistoryEvent]) -> InstanceView:
    """A picture of a live instance with its open tasks as the notes have left them.

    The live instance knows causes only: candidates and dates there are those of the opening.
    """
    tasks = {task.id: task for task in view.open_tasks}
    for event in events:
        if event.type not in CHANGING or event.task_id not in tasks:
            continue
        task, changed = tasks[event.task_id], changes_told(json.loads(event.data))
        tasks[event.task_id] = replace(
            task,
            candidates=task.candidates if changed.candidates is None else changed.candidates,
            due_at=changed.due_at or task.due_at,
            late_after_at=changed.due_at or task.late_after_at,
        )
    return replace(view, open_tasks=tuple(tasks.values()))
