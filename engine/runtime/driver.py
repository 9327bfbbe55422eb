"""What carries a SpiffWorkflow tree along: ids and order, a queue of ready elements, live tokens.

SpiffWorkflow is changed in one place, once, when this module is imported, and only for workflows that carry a
`run` (a bare workflow behaves as shipped, and tests compare against it):

- `Task.__init__`: ids count up from the instance id, so that a replay gives the same; depth is counted.
- `Task._set_state`: keeps the index of live tokens and the queue. The original builds log extras on each
  change and asks the wall clock; `last_state_change` is a counter here.
- `Task._inherit_data`: newest wins (see variables.py) instead of merging part by part.
- `TaskSpec._predict` and `TaskSpec._on_complete`: the original keeps a tree of all that might ever happen
  and corrects it all the time. Here a token gets its children when it completes, so that the tree holds only
  what happened. tests/engine/runtime/test_equality.py proves both equal on random diagrams and histories.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from engine.domain.history import EventDraft, EventType
from engine.domain.instance import ThrownMessage
from engine.domain.reason import Reason
from engine.domain.task import TASK_BITS
from engine.runtime.variables import merge, write

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment

LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED
MAX_DEPTH = 900
MAX_ADVANCES = 20_000
MAX_IDS = 1 << TASK_BITS


class StepFailed(Exception):
    """A step cannot be carried out; the message says where and why."""


class Run:
    """The running part of one instance: counters, the queue, and what the present step has done so far."""

    def __init__(self, parsed: "ParsedDeployment", instance_id: int) -> None:
        self.parsed = parsed
        self.first_id = instance_id << TASK_BITS
        self.counter = 0
        self.ticks = 0
        self.now: datetime | None = None
        self.current: Any = None
        self.queue: deque[Any] = deque()
        self.touched: dict[int, Any] = {}
        self.effects: list[EventDraft] = []
        self.thrown: list[ThrownMessage] = []
        self.explains = False  # a replay for people asks for reasons, a command never does
        self.reasons: list[Reason] = []
        self.completed: dict[str, dict[str, int]] = {}
        self.cancelled: dict[str, dict[str, int]] = {}
        self.flows: dict[str, dict[str, int]] = {}

    def next_id(self) -> int:
        self.counter += 1
        if self.counter >= MAX_IDS:
            raise StepFailed("the instance has used up its task ids")
        return self.first_id + self.counter

    def tick(self) -> int:
        self.ticks += 1
        return self.ticks

    def begin(self, now: datetime) -> None:
        """Forget the last step and show this instant to timers."""
        self.now = now
        self.current = None
        self.touched = {}
        self.effects = []
        self.thrown = []
        self.reasons = []

    def write(self, task: Any, name: str, value: Any) -> None:
        """Stamp and store a variable on a token."""
        write(task.data, name, value, self.tick())

    def changed(self, task: Any, old: int, new: int) -> None:
        """Keep the indexes after a change of state."""
        spec = task.task_spec
        if new & LIVE:
            task.workflow.live[task.id] = task
            if new == TaskState.READY and not spec.manual:
                self.queue.append(task)
            self.touched[task.id] = task
        elif old & LIVE:
            task.workflow.live.pop(task.id, None)
            self.touched[task.id] = task
            if new != TaskState.COMPLETED:
                self._count_cancelled(spec)
            elif spec.element is not None:
                spec.passed(self, task)

    def _count_cancelled(self, spec: Any) -> None:
        if spec.element is not None and spec.is_activity:
            increase(self.cancelled, spec.element.process_key, spec.element.id)

    def removed(self, task: Any) -> None:
        """A token was taken out of the tree, perhaps without any change of state."""
        if task.workflow.live.pop(task.id, None) is not None:
            self.touched[task.id] = task
            self._count_cancelled(task.task_spec)

    def tell(self, kind: EventType, task: Any, **data: Any) -> None:
        """Note an effect at an element, in the order in which things happen."""
        element = task.task_spec.element
        self.effects.append(
            EventDraft(
                type=kind,
                element_id=element.id,
                data={"process": element.process_key, "path": path_of(task), **data},
            )
        )

    def advance(self) -> None:
        """Run ready elements until only people, activities, timers and messages can move the instance."""
        for _ in range(MAX_ADVANCES):
            if not self.queue:
                return
            task = self.queue.popleft()
            if task.state == TaskState.READY and task.workflow.tasks.get(task.id) is task:
                self.current = task
                task.run()
        raise StepFailed("the process goes round in circles without waiting for anybody")


def increase(counts: dict[str, dict[str, int]], process_key: str, element_id: str) -> None:
    of_process = counts.setdefault(process_key, {})
    of_process[element_id] = of_process.get(element_id, 0) + 1


def path_of(task: Any) -> str:
    """The way to a token through whatever holds it, such as `draft/contribute[kinmen]/edit`."""
    part = _part_of(task)
    scope = task.workflow
    while scope.parent_task_id is not None:
        holder = scope.top_workflow.get_task_from_id(scope.parent_task_id)
        part = f"{_part_of(holder)}/{part}"
        scope = holder.workflow
    return part


def _part_of(task: Any) -> str:
    label = task.internal_data.get("label")
    return f"{task.task_spec.element.id}[{label}]" if label is not None else str(task.task_spec.element.id)


class _Scope:
    """What a process and its sub-processes share: the index of live tokens, and joins in the making."""

    run: Run
    live: dict[int, Any]
    arrivals: dict[tuple[str, int], dict[str, Any]]
    outcome: str | None
    kept: int  # tokens that the last pruning left

    def _start_index(self, run: Run) -> None:
        self.run = run
        self.live = {}
        self.arrivals = {}
        self.outcome = None
        self.kept = 0

    def update_waiting_tasks(self) -> None:
        """Only joins can go on because something else was completed; events are fired by name."""
        for task in [t for t in self.live.values() if t.task_spec.is_join and t.state == TaskState.WAITING]:
            if task.state == TaskState.WAITING and task.id in self.live:
                task.task_spec._update(task)

    def _mark_complete(self, task: Any) -> None:
        self.completed = True

    def _task_completed_notify(self, task: Any) -> None:
        self.last_task = task
        if task.task_spec.name == "End":
            self._mark_complete(task)
        if self.completed:
            self.completed_event(self)  # type: ignore[attr-defined]
        else:
            self.update_waiting_tasks()

    def collect_log_extras(self, extras: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nobody reads them, and the original walks the tree."""
        return extras or {}


class SubScope(_Scope, BpmnSubWorkflow):
    """A running sub-process or called process."""

    def __init__(self, spec: Any, parent_task_id: int, top_workflow: "Instance", **options: Any) -> None:
        self._start_index(top_workflow.run)
        super().__init__(spec, parent_task_id, top_workflow, **options)

    def _task_removed_notify(self, task: Any) -> None:
        self.top_workflow.forget(task)


class Instance(_Scope, BpmnWorkflow):
    """A running process with its sub-processes by the id of the task that holds them."""

    def __init__(self, spec: Any, subprocess_specs: dict[str, Any], run: Run, **options: Any) -> None:
        self._start_index(run)
        super().__init__(spec, subprocess_specs, script_engine=_NO_SCRIPTS, **options)

    def create_subprocess(self, my_task: Any, spec_name: str) -> SubScope:
        scope = SubScope(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = scope
        return scope

    def get_task_from_id(self, task_id: int) -> Any:
        """The token anywhere in the instance, or None."""
        for scope in (self, *self.subprocesses.values()):
            if task_id in scope.tasks:
                return scope.tasks[task_id]
        return None

    def catch(self, event: Any) -> None:
        """Events are delivered by name (messages) or by place (errors), never broadcast in the tree."""

    def _task_removed_notify(self, task: Any) -> None:
        self.forget(task)

    def forget(self, task: Any) -> None:
        """A removed token takes its sub-process with it; the library leaves that running as an orphan."""
        self.run.removed(task)
        scope = self.subprocesses.get(task.id)
        if scope is not None:
            scope.cancel()
            self.subprocesses.pop(task.id, None)

    def scopes(self) -> tuple[Any, ...]:
        return (self, *self.subprocesses.values())


class _NoScripts:
    """Stands where the library would run Python: nothing of a diagram ever reaches it."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        raise StepFailed(f"an expression reached the library: {expression}")

    execute = evaluate


_NO_SCRIPTS = _NoScripts()


def _patch() -> None:
    create: Callable[..., None] = SpiffTask.__init__
    set_state: Callable[[Any, int], None] = SpiffTask._set_state
    inherit: Callable[[Any], None] = SpiffTask._inherit_data
    predict: Callable[..., None] = TaskSpec._predict
    on_complete: Callable[[Any, Any], None] = TaskSpec._on_complete

    def create_with_run_id(
        self: Any,
        workflow: Any,
        task_spec: Any,
        parent: Any = None,
        state: int = TaskState.MAYBE,
        id: Any = None,
    ) -> None:
        run = getattr(workflow, "run", None)
        if run is None:
            create(self, workflow, task_spec, parent, state, id)
            return
        self.depth_in_scope = parent.depth_in_scope + 1 if parent is not None else 0
        if self.depth_in_scope > MAX_DEPTH:
            raise StepFailed(f"the process has come back to the same elements too often (depth {MAX_DEPTH})")
        create(self, workflow, task_spec, parent, state, id if id is not None else run.next_id())
        self.last_state_change = run.ticks

    def set_state_and_index(self: Any, value: int) -> None:
        run = getattr(self.workflow, "run", None)
        if run is None:
            set_state(self, value)
        elif value != self._state:
            old, self._state = self._state, value
            self.last_state_change = run.tick()
            run.changed(self, old, value)

    def predict_nothing(self: Any, my_task: Any, *arguments: Any, **options: Any) -> None:
        if getattr(my_task.workflow, "run", None) is None:
            predict(self, my_task, *arguments, **options)

    def complete_and_branch(self: Any, my_task: Any) -> None:
        if getattr(my_task.workflow, "run", None) is not None and not self.chooses:
            my_task._sync_children(self.outputs, TaskState.FUTURE)
        on_complete(self, my_task)

    def inherit_newest(self: Any) -> None:
        if getattr(self.workflow, "run", None) is None:
            inherit(self)
        else:
            merge(self.data, self.parent.data)

    SpiffTask.__init__ = create_with_run_id
    SpiffTask._set_state = set_state_and_index
    SpiffTask._inherit_data = inherit_newest
    TaskSpec._predict = predict_nothing
    TaskSpec._on_complete = complete_and_branch


_patch()
