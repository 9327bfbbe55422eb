"""Events: caught by the token that is named, thrown to the outside, errors caught by the nearest holder."""

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent as SpiffBoundaryEvent,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    EndEvent as SpiffEndEvent,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    IntermediateCatchEvent as SpiffCatchEvent,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    IntermediateThrowEvent as SpiffThrowEvent,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    ReceiveTask as SpiffReceiveTask,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    SendTask as SpiffSendTask,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    StartEvent as SpiffStartEvent,
)
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from engine.domain.history import EventType
from engine.domain.instance import ThrownMessage
from engine.runtime.driver import StepFailed
from engine.runtime.moments import parse_duration, parse_instant
from engine.runtime.specs import Drawn, Repetition, value_of
from engine.runtime.variables import merge


class Catching(Drawn):
    """Waits until it is fired by its own id; the library asks the clock and matches names instead.

    `internal_data`: `fired`, `due` (ISO text, or None for a timer that never fires), `payload` of a message.
    """

    tells = True
    waits = True
    inputs: Any

    def _update_hook(self, task: Any) -> bool:
        BpmnTaskSpec._update_hook(self, task)
        if not self.waits or task.internal_data.get("fired"):
            return True
        task._set_state(TaskState.WAITING)
        self.arm(task)
        return False

    def arm(self, task: Any) -> None:
        """Freeze the due time of a timer at the moment at which it starts to wait."""
        timer = self.element.timer
        if timer is None or "due" in task.internal_data:
            return
        try:
            if timer.kind == "timeDuration":
                due = task.workflow.run.now + parse_duration(value_of(task, timer.text))
            else:
                due = parse_instant(value_of(task, timer.text))
        except ValueError as error:
            raise StepFailed(f"{error}: {timer.text}") from None
        task.internal_data["due"] = due.isoformat() if due is not None else None

    def happen(self, task: Any) -> None:
        """Let exactly this event happen; behind an event-based gateway the gateway goes on with it."""
        task.internal_data["fired"] = True
        if self.waits:
            task.task_spec._update(task)
        else:
            task.parent.task_spec.choose(task)

    def _run_hook(self, task: Any) -> bool:
        payload = task.internal_data.pop("payload", None)
        if payload is not None:
            task.workflow.run.write(task, self.element.id, payload)
        return True

    def _on_ready_hook(self, task: Any) -> None:
        TaskSpec._on_ready_hook(self, task)

    def _on_cancel(self, task: Any) -> None:
        TaskSpec._on_cancel(self, task)


class StartEvent(Catching, SpiffStartEvent):
    """Starting is a cause of its own, so that also a message start event goes on at once."""

    waits = False


class CatchEvent(Catching, SpiffCatchEvent):
    """A message or timer between elements."""


class ReceiveTask(Catching, SpiffReceiveTask):
    """A message drawn as a task."""

    is_activity = True


class BoundaryEvent(Catching, SpiffBoundaryEvent):
    """A message, timer or error at the edge of an activity."""


def _throw_message(task: Any) -> None:
    spec, run = task.task_spec, task.workflow.run
    element = spec.element
    if element.message is None:
        return
    correlation = value_of(task, element.correlation) if element.correlation else ""
    payload = value_of(task, element.payload) if element.payload else {}
    if not isinstance(payload, dict):
        raise StepFailed(f"the payload of a message must be a dict: {element.payload}")
    thrown = ThrownMessage(
        element_id=element.id,
        name=element.message,
        correlation=correlation_text(correlation),
        payload=payload,
    )
    run.thrown.append(thrown)
    run.tell(
        EventType.MESSAGE_THROWN,
        task,
        name=thrown.name,
        correlation=thrown.correlation,
        payload=thrown.payload,
    )


def correlation_text(value: Any) -> str:
    """Correlation values are texts; numbers such as a year are taken as theirs."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise StepFailed(f"a correlation value must be a text or a number, not “{value!r:.40}”")
    return str(value)


class ThrowEvent(Drawn, SpiffThrowEvent):
    """Sends a message to the outside, or just marks a point."""

    tells = True

    def _run_hook(self, task: Any) -> bool:
        _throw_message(task)
        return True


class SendTask(Drawn, SpiffSendTask):
    """A throw event drawn as a task."""

    tells = True
    is_activity = True

    def _run_hook(self, task: Any) -> bool:
        _throw_message(task)
        return True


class EndEvent(Drawn, SpiffEndEvent):
    """Ends its token; a terminate end ends its scope, an error end also the activity that holds the scope."""

    tells = True

    def _run_hook(self, task: Any) -> bool:
        _throw_message(task)
        task.workflow.outcome = self.element.id
        if isinstance(self.event_definition, TerminateEventDefinition):
            # Branches that are cut off keep what they have written so far
            for token in list(task.workflow.live.values()):
                merge(task.data, token.data)
        return True

    def _on_complete_hook(self, task: Any) -> None:
        super()._on_complete_hook(task)
        if self.element.error is not None:
            _raise_error(task, self.element.error)


def _raise_error(task: Any, code: str) -> None:
    """Fire the boundary event that catches this error at the nearest activity around the scope.

    The library offers an error to every boundary event of the enclosing scope, also those of neighbours.
    """
    scope = task.workflow
    while scope.parent_task_id is not None:
        holder = scope.top_workflow.get_task_from_id(scope.parent_task_id)
        scope = holder.workflow
        split, item = holder.parent, None
        if split is not None and isinstance(split.task_spec, Repetition):
            split, item = split.parent, split.task_spec.element.repetition.item
        if split is None or not isinstance(split.task_spec, BoundaryEventSplit):
            continue
        for event in split.children:
            element = event.task_spec.element
            if element is None or event.state != TaskState.WAITING or "error" not in element.events:
                continue
            if element.error in (None, code):
                merge(event.data, task.data, leave_out=item)
                event.internal_data["fired"] = True
                event.task_spec._update(event)
                return
