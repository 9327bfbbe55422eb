"""A live instance: one process on its pinned deployment, moved by causes, one step each."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.clock import from_micros
from engine.domain.history import EventDraft, EventType, HistoryEvent
from engine.domain.instance import InstanceView, Step, WaitingTimer
from engine.errors import Invalid, ProcessFailed, TaskNotOpen
from engine.runtime.deployment import ParsedDeployment
from engine.runtime.driver import Instance, Run, StepFailed
from engine.runtime.expression import ExpressionError, evaluate
from engine.runtime.functions import private_copy
from engine.runtime.pruning import prune_grown
from engine.runtime.snapshot import read_snapshot, write_snapshot
from engine.runtime.view import instance_view
from engine.runtime.waiting import Waiting

CANCELLED = "cancelled"


class LiveInstance:
    """One running process instance in memory; owned by one unit of work at a time, not safe between threads.

    A method that is not allowed in the present state raises and changes nothing. When something inside a step
    goes wrong ProcessFailed is raised and the instance is `broken`: drop it, the history is untouched.
    """

    def __init__(self, parsed: ParsedDeployment, process_key: str, instance: Instance, title: str) -> None:
        self.title = title
        self.broken = False
        self.process_key = process_key
        self._parsed = parsed
        self._instance = instance
        self._run = instance.run
        self._waiting = Waiting()

    @staticmethod
    def create(parsed: ParsedDeployment, process_key: str, instance_id: int) -> "LiveInstance":
        """A new instance that has not started yet."""
        run = Run(parsed, instance_id)
        instance = Instance(parsed.specs[process_key], parsed.specs, run)
        return LiveInstance(parsed, process_key, instance, parsed.diagrams[process_key].name)

    @staticmethod
    def restore(
        parsed: ParsedDeployment, process_key: str, instance_id: int, snapshot: bytes
    ) -> "LiveInstance":
        """The instance as it was at the snapshot; raises ValueError for a snapshot of something else."""
        instance, title = read_snapshot(parsed, process_key, instance_id, snapshot)
        live = LiveInstance(parsed, process_key, instance, title)
        live._waiting.restore([token for scope in instance.scopes() for token in scope.live.values()], title)
        return live

    def snapshot(self) -> bytes:
        """Everything needed to go on elsewhere; a cache, never the truth."""
        return write_snapshot(self._instance, self.process_key, self.title)

    @property
    def restricted_to(self) -> tuple[str, ...]:
        """The roles that may know of the instance; none means everybody of its agency."""
        return self._parsed.diagrams[self.process_key].restricted_to

    @property
    def ended(self) -> bool:
        """True once no token is left, or after a cancellation."""
        return bool(self._instance.completed)

    def explain(self) -> None:
        """From now on steps tell the reasons of branches and decisions; for replays that people look at."""
        self._run.explains = True

    def start(self, now: datetime, variables: dict[str, Any]) -> Step:
        """Put the start variables in and run to the first wait state."""
        self._require(self._instance.task_tree.state == TaskState.READY)
        given = _checked(variables)

        def act() -> None:
            for name, value in sorted(given.items()):  # the history keeps no other order of names
                self._run.write(self._instance.task_tree, name, value)
            self.title = title_of(self._parsed, self.process_key, given)

        return self._step(now, act)

    def complete(self, now: datetime, task_id: int, variables: dict[str, Any]) -> Step:
        """Complete an open task; the variables stand under the element's id. Raises TaskNotOpen."""
        self._require(task_id in self._waiting.tasks)
        return self._resume(now, task_id, variables)

    def return_activity(self, now: datetime, task_id: int, result: dict[str, Any]) -> Step:
        """Feed back what an activity returned; it stands under the element's id. Raises TaskNotOpen."""
        self._require(task_id in self._waiting.activities)
        return self._resume(now, task_id, result)

    def fire(self, now: datetime, task_id: int) -> Step:
        """Fire exactly this timer, which must have fallen due; raises TaskNotOpen."""
        timer = self._waiting.timers.get(task_id)
        self._require(timer is not None and timer.due_at <= now)
        assert timer is not None
        # Durations that start behind this timer count from its due time at the earliest, also in a replay
        return self._happen(max(now, timer.due_at + timedelta(microseconds=1)), task_id, None)

    def receive(self, now: datetime, task_id: int, payload: dict[str, Any]) -> Step:
        """Deliver a message; its payload stands under the element's id. Raises TaskNotOpen."""
        self._require(task_id in self._waiting.messages)
        return self._happen(now, task_id, _checked(payload))

    def cancel(self, now: datetime) -> Step:
        """End the instance where it stands: what was open is withdrawn."""
        self._require(not self.ended)
        return self._step(now, self._cancel_all)

    def apply(self, cause: HistoryEvent) -> Step:
        """Do again what a recorded cause did, at its own time."""
        now, data, task_id = from_micros(cause.occurred_at), cause.told, cause.task_id or 0
        match cause.type:
            case EventType.INSTANCE_STARTED:
                return self.start(now, data["variables"])
            case EventType.TASK_COMPLETED:
                return self.complete(now, task_id, data["variables"])
            case EventType.ACTIVITY_RETURNED:
                return self.return_activity(now, task_id, data["result"])
            case EventType.TIMER_FIRED:
                return self.fire(now, task_id)
            case EventType.MESSAGE_RECEIVED:
                return self.receive(now, task_id, data["payload"])
            case EventType.INSTANCE_CANCELLED:
                return self.cancel(now)
        raise ValueError(f"{cause.type} is not a cause")

    def view(self) -> InstanceView:
        """A private picture of what is open, of the variables, and of what a diagram shows."""
        return instance_view(self._instance, self._waiting)

    def due_timers(self, now: datetime) -> tuple[WaitingTimer, ...]:
        """The timers that have fallen due, in the order in which they have to fire."""
        due = [timer for timer in self._waiting.timers.values() if timer.due_at <= now]
        return tuple(sorted(due, key=lambda timer: (timer.due_at, timer.task_id)))

    def reads(self, task_id: int, name: str) -> Any:
        """A private copy of what an open task reads under a name; None where nothing was written."""
        self._require(task_id in self._waiting.tasks)
        return private_copy(self._instance.get_task_from_id(task_id).data.get(name))

    def scope_of(self, task_id: int) -> int:
        """The id of the call or sub-process that holds an open task, another one in each round; 0 outside."""
        self._require(task_id in self._waiting.tasks)
        return self._instance.get_task_from_id(task_id).workflow.parent_task_id or 0

    def awaits(self, task_id: int) -> bool:
        """True while the task, activity, timer or message of this id can still move the instance."""
        return self._waiting.holds(task_id)

    def _require(self, is_open: bool) -> None:
        if self.broken:
            raise ProcessFailed(reason="this live instance is broken; load it anew")
        if not is_open:
            raise TaskNotOpen

    def _resume(self, now: datetime, task_id: int, variables: dict[str, Any]) -> Step:
        given = _checked(variables)

        def act() -> None:
            token = self._instance.get_task_from_id(task_id)
            self._run.current = token
            self._waiting.take(task_id)
            self._run.write(token, token.task_spec.element.id, given)
            token.run()

        return self._step(now, act)

    def _happen(self, now: datetime, task_id: int, payload: dict[str, Any] | None) -> Step:
        def act() -> None:
            token = self._instance.get_task_from_id(task_id)
            self._run.current = token
            self._waiting.take(task_id)
            if payload is not None:
                token.internal_data["payload"] = payload
            token.task_spec.happen(token)

        return self._step(now, act)

    def _cancel_all(self) -> None:
        self._run.queue.clear()
        self._instance.outcome = CANCELLED
        self._instance.cancel()

    def _step(self, now: datetime, act: Callable[[], None]) -> Step:
        self._run.begin(now.astimezone(UTC))
        try:
            act()
            self._run.advance()
            step = self._waiting.follow(self._run, self.title)
            prune_grown({token.workflow for token in self._run.touched.values()})
            if not self.ended and self._waiting.is_empty:
                self._run.current = None
                raise StepFailed("the process is stuck: nobody and nothing can move it any more")
        except Exception as error:  # whatever it is, this copy can no longer be trusted
            self.broken = True
            raise ProcessFailed(reason=self._reason(error)) from error
        return self._end(step) if self.ended else step

    def _end(self, step: Step) -> Step:
        outcome = self._instance.outcome
        element = self._parsed.diagrams[self.process_key].elements.get(outcome or "")
        ending = EventDraft(
            type=EventType.INSTANCE_ENDED,
            element_id=element.id if element is not None else None,
            data={"outcome": outcome, "name": element.name if element is not None else ""},
        )
        return replace(step, effects=(*step.effects, ending), ended=True, outcome=outcome)

    def _reason(self, error: Exception) -> str:
        token = self._run.current
        element = token.task_spec.element if token is not None else None
        where = element.id if element is not None else self.process_key
        what = (
            str(error)
            if isinstance(error, StepFailed | ExpressionError)
            else f"{type(error).__name__}: {error}"
        )
        return f"{where}: {what}"


def title_of(parsed: ParsedDeployment, process_key: str, variables: Mapping[str, Any]) -> str:
    """What an instance is called that starts with these variables."""
    diagram = parsed.diagrams[process_key]
    return diagram.name if diagram.title is None else str(evaluate(diagram.title, variables))


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """A private copy of what comes from outside; raises Invalid for what cannot be stored."""
    try:
        copied = private_copy(values)
    except ValueError as error:
        raise Invalid(reason=str(error)) from None
    if not isinstance(copied, dict) or any(name.startswith("_") for name in copied):
        raise Invalid(reason="names of variables may not begin with an underscore")
    return copied
