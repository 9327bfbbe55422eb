"""Carrying an instance on: record a cause, run the activities that it asks for, deliver what it sends."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.activities import ACTIVITIES
from engine.activities.calls import ActivityCall
from engine.domain.canonical import canonical_json
from engine.domain.history import EventDraft, EventType
from engine.domain.instance import ActivityRequest, InstanceState, Step, ThrownMessage
from engine.domain.task import Candidate, Task, instance_of
from engine.errors import (
    FieldError,
    InstanceEnded,
    InstanceSuspended,
    Invalid,
    NotFound,
    NotPermitted,
    ProcessFailed,
    Refusal,
)
from engine.plan.rule_error import PlanRuleError
from engine.store.instance_handle import InstanceHandle
from engine.store.starts import StartRequest
from engine.store.unit_of_work import UnitOfWork

MAX_CAUSES = 2_000


@dataclass(slots=True)
class Progress:
    """What one command has moved so far: tasks opened and withdrawn, messages to deliver, causes recorded."""

    opened: list[Task]
    withdrawn: set[int]
    thrown: deque[tuple[int, ThrownMessage]]  # with the instance that sent it
    starts: deque[tuple[int, StartRequest]]  # with the instance that asked for it
    causes: int = 0

    @classmethod
    def none(cls) -> "Progress":
        return cls(opened=[], withdrawn=set(), thrown=deque(), starts=deque())

    def still_open(self) -> tuple[Task, ...]:
        return tuple(task for task in self.opened if task.id not in self.withdrawn)


def check_running(handle: InstanceHandle) -> None:
    """Refuse to move an instance that has ended or is suspended."""
    if handle.state.has_ended:
        raise InstanceEnded
    if handle.state is InstanceState.SUSPENDED:
        raise InstanceSuspended


def carry_on(
    uow: UnitOfWork,
    handle: InstanceHandle,
    cause: EventDraft,
    step: Step,
    *,
    progress: Progress | None = None,
    signed_as: Candidate | None = None,
) -> Progress:
    """Record a cause and go on until the instance waits for people, timers or messages only."""
    progress = progress or Progress.none()
    _record(handle, cause, step, progress, signed_as)
    waiting = deque(step.activities)
    while waiting:
        request = waiting.popleft()
        if not handle.live.awaits(request.task_id):
            continue  # a step in between ended the branch that asked for it
        result = _run(uow, request)
        progress.starts.extend((handle.id, start) for start in uow.starts.take())
        step = handle.live.return_activity(uow.now, request.task_id, result)
        returned = EventDraft(
            type=EventType.ACTIVITY_RETURNED,
            element_id=request.element_id,
            task_id=request.task_id,
            data={"activity": request.activity, "result": result},
        )
        _record(handle, returned, step, progress, None)
        waiting.extend(step.activities)
    return progress


def fire_due(uow: UnitOfWork, handle: InstanceHandle, progress: Progress | None = None) -> Progress:
    """Fire every timer of the instance that is due, earliest first, before anything else happens to it.

    Nobody stands behind a timer to correct what a rule refuses: the process has failed, and rests.
    """
    progress = progress or Progress.none()
    while due := handle.live.due_timers(uow.now):
        timer = due[0]
        step = handle.live.fire(uow.now, timer.task_id)
        fired = EventDraft(
            type=EventType.TIMER_FIRED,
            element_id=timer.element_id,
            task_id=timer.task_id,
            data={"due_at": timer.due_at.isoformat()},
        )
        with refusals_as_failures(handle.id, timer.element_id):
            carry_on(uow, handle, fired, step, progress=progress)
    return progress


@contextmanager
def plan_rules_as_invalid() -> Iterator[None]:
    """A rule of the plan that refuses what was entered is told to the person, in the rule's own words."""
    try:
        yield
    except PlanRuleError as error:
        raise Invalid((FieldError(path="", template=error.template, params=error.params),)) from error


@contextmanager
def refusals_as_failures(instance_id: int, element_id: str) -> Iterator[None]:
    """What is refused where nobody entered anything has no one to correct it: an incident tells it."""
    try:
        yield
    except (Invalid, NotFound, NotPermitted) as error:
        rules = error.errors if isinstance(error, Invalid) else ()
        refusal = Refusal(
            instance_id=instance_id,
            element=str(error.fields.get("element", element_id)),
            rules=rules or (FieldError(path="", template=error.template, params=error.fields),),
        )
        raise ProcessFailed(str(refusal), refusal=refusal) from error


def _record(
    handle: InstanceHandle, cause: EventDraft, step: Step, progress: Progress, signed_as: Candidate | None
) -> None:
    progress.causes += 1
    if progress.causes > MAX_CAUSES:
        raise ProcessFailed(reason=f"{MAX_CAUSES} steps without a pause, last at {cause.element_id}")
    role, unit = (signed_as.role, signed_as.unit or None) if signed_as else (None, None)
    progress.opened += handle.record(cause, step, role=role, unit=unit)
    progress.withdrawn.update(step.withdrawn)
    progress.thrown.extend((handle.id, message) for message in step.thrown)


def _run(uow: UnitOfWork, request: ActivityRequest) -> dict[str, Any]:
    call = ActivityCall(
        instance_id=instance_of(request.task_id),
        task_id=request.task_id,
        process_key=request.process_key,
        element_id=request.element_id,
        data=request.data,
        now=uow.now,
    )
    try:
        with plan_rules_as_invalid():
            result: dict[str, Any] = ACTIVITIES[request.activity](uow, call)
    except Invalid as refusal:
        raise Invalid(refusal.errors, element=request.element_id) from refusal
    canonical_json(result)  # an activity that returns more than JSON must fail here, not at the next replay
    return result
