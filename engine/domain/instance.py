"""Process instances: the causes that move one, and the effects of a step."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from engine.domain.history import EventDraft, EventType, HistoryEvent
from engine.domain.reason import Reason
from engine.domain.task import Candidate
from engine.domain.telling import Own


class InstanceState(IntEnum):
    """The life of a process instance."""

    RUNNING = 1
    SUSPENDED = 2
    COMPLETED = 3
    CANCELLED = 4

    @property
    def has_ended(self) -> bool:
        return self in (InstanceState.COMPLETED, InstanceState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A process instance as the store keeps it; `head` is the digest of its event number `seq`.

    `restricted_to` are the roles that may know of it; without any, it is open to its whole agency.
    """

    id: int
    definition_key: str
    business_key: str
    title: str
    deployment_id: int
    agency: str
    plan_key: str | None
    state: InstanceState
    revision: int
    seq: int
    head: bytes
    causes: int
    started_at: datetime
    started_by: str
    ended_at: datetime | None = None
    parent_id: int | None = None
    restricted_to: tuple[str, ...] = ()

    @property
    def own(self) -> Own:
        """What its effects share with it."""
        return Own(process=self.definition_key, title=self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTask:
    """A user task that became open; `path` leads through call activities: `draft_plan/contribute[kinmen]`."""

    id: int
    process_key: str
    element_id: str
    path: str
    label: str
    subject: str
    candidates: tuple[Candidate, ...]
    due_at: datetime | None
    inputs: dict[str, Any]
    late_after_at: datetime | None = None
    excluded: tuple[str, ...] = ()

    def event(self) -> EventDraft:
        """What history tells of the opening; what only some tasks have stands there only for those."""
        guards: dict[str, Any] = {}
        if self.late_after_at is not None and self.late_after_at != self.due_at:
            guards["late_after_at"] = self.late_after_at.isoformat()
        if self.excluded:
            guards["excluded"] = list(self.excluded)
        return EventDraft(
            type=EventType.TASK_OPENED,
            element_id=self.element_id,
            task_id=self.id,
            data={
                "process": self.process_key,
                "path": self.path,
                "label": self.label,
                "subject": self.subject,
                "candidates": [[c.role, c.unit] for c in self.candidates],
                "due_at": self.due_at.isoformat() if self.due_at else None,
                "inputs": self.inputs,
                **guards,
            },
        )

    @staticmethod
    def told(event: HistoryEvent, own: Own) -> "OpenedTask":
        """Read back what `event` gave."""
        told, task_id, element_id = event.told_in(own), event.task_id, event.element_id
        assert task_id is not None
        assert element_id is not None
        due = told["due_at"]
        late = told.get("late_after_at", due)
        return OpenedTask(
            id=task_id,
            process_key=told["process"],
            element_id=element_id,
            path=told["path"],
            label=told["label"],
            subject=told["subject"],
            candidates=tuple(Candidate(role=role, unit=unit) for role, unit in told["candidates"]),
            due_at=None if due is None else datetime.fromisoformat(due),
            inputs=told["inputs"],
            late_after_at=None if late is None else datetime.fromisoformat(late),
            excluded=tuple(told.get("excluded", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRequest:
    """A service task that waits for its activity's result; `data` is a private copy of the process data."""

    task_id: int
    process_key: str
    element_id: str
    activity: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTimer:
    """A timer and the instant at which it falls due."""

    task_id: int
    element_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A catch event that waits for a message; `correlation` is the value to match, such as the plan key.

    `role` is set where a person of that role may send the message with the form of the element. A form
    without a role is for one person alone, whose id is the correlation (planflow:sender).
    """

    task_id: int
    process_key: str
    element_id: str
    name: str
    correlation: str
    role: str | None = None
    form: str | None = None

    @property
    def is_for_people(self) -> bool:
        """True if a person sends this message, and never a process or a door."""
        return self.role is not None or self.form is not None

    @property
    def is_action(self) -> bool:
        """True while a person may send this message; without a correlation value nobody may."""
        return self.is_for_people and self.correlation != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrownMessage:
    """A message that the instance sent; the command delivers it to whoever waits or starts what it starts."""

    element_id: str
    name: str
    correlation: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """All that one cause changed. `effects` are the effect events in the order in which they happened.

    `reasons` of branches and decisions are told only where somebody asked for them.
    """

    effects: tuple[EventDraft, ...] = ()
    opened: tuple[OpenedTask, ...] = ()
    withdrawn: tuple[int, ...] = ()
    timers_set: tuple[WaitingTimer, ...] = ()
    timers_dropped: tuple[int, ...] = ()
    awaited: tuple[Subscription, ...] = ()
    unawaited: tuple[int, ...] = ()
    activities: tuple[ActivityRequest, ...] = ()
    thrown: tuple[ThrownMessage, ...] = ()
    ended: bool = False
    outcome: str | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementMark:
    """How often an element was completed, is active or was cancelled: what a diagram shows."""

    completed: int = 0
    active: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceView:
    """A picture of a live instance at one moment, JSON-ready and private to the reader."""

    open_tasks: tuple[OpenedTask, ...]
    timers: tuple[WaitingTimer, ...]
    subscriptions: tuple[Subscription, ...]
    variables: dict[str, Any]
    # by process key, then element id; by process key, then sequence flow id (how often it was taken)
    marks: dict[str, dict[str, ElementMark]] = field(default_factory=dict)
    flows: dict[str, dict[str, int]] = field(default_factory=dict)
