"""A history as steps of activities, for process mining: which activity, which transition, who, when.

The transitions are those of the standard lifecycle model of XES (IEEE 1849-2016, lifecycle extension).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.documents.exported import InstanceHistory, local_time
from engine.domain.history import EventType, HistoryEvent

TRANSITIONS = {
    EventType.TASK_OPENED: "schedule",
    EventType.TASK_CLAIMED: "assign",
    EventType.TASK_ASSIGNED: "assign",
    EventType.TASK_DELEGATED: "reassign",
    EventType.TASK_RESOLVED: "reassign",
    EventType.TASK_REDIRECTED: "reassign",
    EventType.TASK_HANDED_BACK: "reassign",
    EventType.TASK_UNCLAIMED: "unknown",  # the model knows no way back into a pool
    EventType.TASK_COMPLETED: "complete",
    EventType.TASK_WITHDRAWN: "withdraw",
    EventType.ACTIVITY_REQUESTED: "start",
    EventType.ACTIVITY_RETURNED: "complete",
    EventType.TIMER_SET: "schedule",
    EventType.TIMER_FIRED: "complete",
    EventType.TIMER_DROPPED: "withdraw",
    EventType.MESSAGE_AWAITED: "schedule",
    EventType.MESSAGE_RECEIVED: "complete",
    EventType.MESSAGE_UNAWAITED: "withdraw",
    EventType.MESSAGE_THROWN: "complete",
}
# What an instance as a whole does, every open task of it does.
OF_ALL_OPEN = {EventType.INSTANCE_SUSPENDED: "suspend", EventType.INSTANCE_RESUMED: "resume"}
CLOSING = frozenset({"complete", "withdraw"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedActivity:
    """A user task as its opening told it."""

    task_id: int
    element_id: str
    process: str
    label: str
    subject: str
    due_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MinedStep:
    """One transition of one activity; `task` is there where the activity is a task of people."""

    event: HistoryEvent
    activity: str
    transition: str
    item: str
    task: OpenedActivity | None

    @property
    def at(self) -> str:
        return local_time(self.event)


@dataclass(slots=True)
class _Reading:
    """What is known while the events are walked through."""

    history: InstanceHistory
    tasks: dict[int, OpenedActivity] = field(default_factory=dict)
    open_tasks: dict[int, None] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)


def mined_steps(history: InstanceHistory) -> Iterator[MinedStep]:
    """The steps of an instance in their order; events that move no activity are left out."""
    reading = _Reading(history)
    for event in history.events:
        if event.type in OF_ALL_OPEN:
            for task_id in reading.open_tasks:
                yield _step(reading, event, OF_ALL_OPEN[event.type], task_id)
        elif event.type in TRANSITIONS:
            yield _step(reading, event, _transition(reading, event), event.task_id)


def _transition(reading: _Reading, event: HistoryEvent) -> str:
    """The transition of an event; whoever takes over what somebody had held gets it reassigned."""
    task_id, transition = event.task_id or 0, TRANSITIONS[event.type]
    if event.type is EventType.TASK_OPENED:
        reading.tasks[task_id] = _opened(reading.history, event)
        reading.open_tasks[task_id] = None
    elif transition == "assign":
        transition = "reassign" if task_id in reading.held else "assign"
        reading.held.add(task_id)
    elif transition in CLOSING:
        reading.open_tasks.pop(task_id, None)
    return transition


def _opened(history: InstanceHistory, event: HistoryEvent) -> OpenedActivity:
    told: dict[str, Any] = event.told_in(history.instance.own)
    element_id, process = event.element_id or "", told.get("process") or history.instance.definition_key
    return OpenedActivity(
        task_id=event.task_id or 0,
        element_id=element_id,
        process=process,
        label=told.get("label") or history.label(element_id, process),
        subject=told.get("subject") or "",
        due_at=told.get("due_at"),
    )


def _step(reading: _Reading, event: HistoryEvent, transition: str, task_id: int | None) -> MinedStep:
    task = reading.tasks.get(task_id or 0)
    process = event.told_in(reading.history.instance.own).get("process")
    key = event.element_id or str(event.type)
    return MinedStep(
        event=event,
        activity=task.label
        if task
        else reading.history.label(key, process if isinstance(process, str) else None),
        transition=transition,
        item=str(task_id or f"{event.stream}:{event.seq}"),
        task=task,
    )
