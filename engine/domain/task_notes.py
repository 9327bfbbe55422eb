"""What notes of a history make of an open task: who holds it, its candidates and its dates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.domain.history import EventType, HistoryEvent
from engine.domain.instance import InstanceView, OpenedTask
from engine.domain.task import Candidate

HOLDING = frozenset(
    {
        EventType.TASK_CLAIMED,
        EventType.TASK_UNCLAIMED,
        EventType.TASK_ASSIGNED,
        EventType.TASK_DELEGATED,
        EventType.TASK_RESOLVED,
        EventType.TASK_HANDED_BACK,
        EventType.TASK_REDIRECTED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChanges:
    """The candidates and the due date that a note tells; None for what it leaves as it is."""

    candidates: tuple[Candidate, ...] | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """All that the notes up to a moment have made of a task. `how` is the note that put it where it lies.

    `was_due_at` is the due date before the first extension.
    """

    assignee: str | None = None
    owner: str | None = None
    how: EventType | None = None
    candidates: tuple[Candidate, ...] | None = None
    due_at: datetime | None = None
    was_due_at: datetime | None = None


UNTOUCHED = Noted()
Notes = Mapping[int, Noted]  # by task id


def changes_told(told: dict[str, Any]) -> TaskChanges:
    """Read the changes from what a note tells."""
    pairs, due = told.get("candidates"), told.get("due_at")
    return TaskChanges(
        candidates=None if pairs is None else tuple(Candidate(role=role, unit=unit) for role, unit in pairs),
        due_at=None if due is None else datetime.fromisoformat(due),
    )


def take_note(notes: dict[int, Noted], event: HistoryEvent) -> None:
    """Follow one event; what concerns no task, or changes none, is passed over."""
    if event.task_id is None or (event.type not in HOLDING and event.type is not EventType.TASK_EXTENDED):
        return
    told = event.told
    known, changed = notes.get(event.task_id, UNTOUCHED), changes_told(told)
    if event.type is EventType.TASK_EXTENDED:
        was = known.was_due_at or datetime.fromisoformat(told["was_due_at"])
        notes[event.task_id] = replace(known, due_at=changed.due_at, was_due_at=was)
        return
    notes[event.task_id] = replace(
        known,
        assignee=told.get("assignee"),
        owner=told.get("owner"),
        how=event.type,
        candidates=known.candidates if changed.candidates is None else changed.candidates,
        due_at=changed.due_at or known.due_at,
    )


def as_noted(view: InstanceView, notes: Notes) -> InstanceView:
    """A picture of a live instance with its open tasks as the notes have left them.

    The live instance knows causes only: candidates and dates there are those of the opening.
    """
    return replace(view, open_tasks=tuple(_changed(task, notes.get(task.id)) for task in view.open_tasks))


def with_notes(view: InstanceView, events: Iterable[HistoryEvent]) -> InstanceView:
    """The same for notes that are read from events."""
    notes: dict[int, Noted] = {}
    for event in events:
        take_note(notes, event)
    return as_noted(view, notes)


def _changed(task: OpenedTask, noted: Noted | None) -> OpenedTask:
    if noted is None:
        return task
    return replace(
        task,
        candidates=task.candidates if noted.candidates is None else noted.candidates,
        due_at=noted.due_at or task.due_at,
        late_after_at=noted.due_at or task.late_after_at,
    )
