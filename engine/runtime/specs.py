"""Our task specs: SpiffWorkflow's own, with the behaviour that it gets wrong or leaves to Python replaced.

A spec belongs to a deployment and is shared by all its instances and threads: nothing here writes to a spec
after it was built. What concerns one instance lies in the task (a token) or in `task.workflow.run`.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.control import (
    BoundaryEventJoin,
    BoundaryEventSplit,
    BpmnStartTask,
    SimpleBpmnTask,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    CallActivity as SpiffCallActivity,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    ScriptTask as SpiffScriptTask,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    ServiceTask as SpiffServiceTask,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    SubWorkflowTask as SpiffSubProcess,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    UserTask as SpiffUserTask,
)
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from engine.domain.history import EventType
from engine.runtime.decision import DecisionTable
from engine.runtime.diagram import Element
from engine.runtime.driver import Run, StepFailed, increase
from engine.runtime.expression import ExpressionError, compile_expression, compile_script
from engine.runtime.functions import private_copy
from engine.runtime.reasons import explain_table
from engine.runtime.variables import merge

INTERNAL = (BoundaryEventJoin, BoundaryEventSplit, BpmnStartTask, SimpleBpmnTask)


def value_of(task: Any, text: str) -> Any:
    """An expression of a diagram over the variables of a token; a private copy, so that nothing is shared."""
    try:
        return private_copy(compile_expression(text)(task.data))
    except ExpressionError as error:
        raise StepFailed(str(error)) from None
    except ValueError as error:
        raise StepFailed(f"{error}: {text}") from None


class Drawn:
    """A spec that stands in the diagram as `element`; `flow_ids` are the flows that leave it."""

    element: Element
    flow_ids: tuple[str, ...] = ()
    is_join = False
    is_activity = False
    tells = False
    chooses = False  # True where the spec itself picks the children of its tokens

    def flows_taken(self, task: Any) -> tuple[str, ...]:
        """The flows along which a token leaves a completed element."""
        return self.flow_ids

    def passed(self, run: Run, task: Any) -> None:
        """Count a completed element and, where history should show it, tell so."""
        process_key = self.element.process_key
        increase(run.completed, process_key, self.element.id)
        for flow in self.flows_taken(task):
            increase(run.flows, process_key, flow)
        if self.tells:
            run.tell(EventType.ELEMENT_PASSED, task)


class UserTask(Drawn, SpiffUserTask):
    """Waits for a person; READY until `complete`."""

    is_activity = True


class ServiceTask(Drawn, SpiffServiceTask):
    """Waits for the result of an activity, which the command runs in its own transaction."""

    is_activity = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.manual = True

    def _run_hook(self, task: Any) -> bool:
        return True


class ScriptTask(Drawn, SpiffScriptTask):
    """Assigns expressions to top-level variables."""

    is_activity = True

    def _run_hook(self, task: Any) -> bool:
        run = task.workflow.run
        assigned = {}
        for name, expression in compile_script(self.element.script or ""):
            try:
                assigned[name] = private_copy(expression(task.data))
            except ValueError as error:
                raise StepFailed(str(error)) from None
            run.write(task, name, assigned[name])
        run.tell(EventType.ELEMENT_PASSED, task, assigned=assigned)
        return True


class BusinessRuleTask(Drawn, BpmnSpecMixin):
    """Evaluates a decision table; its result stands under the element's id."""

    is_activity = True
    decision: DecisionTable

    def _run_hook(self, task: Any) -> bool:
        run = task.workflow.run
        try:
            ruling = self.decision.evaluate(task.data)
        except ValueError as error:
            raise StepFailed(str(error)) from None
        if run.explains:
            run.reasons.append(explain_table(task, self.decision, ruling))
        run.write(task, self.element.id, ruling.result)
        run.tell(
            EventType.ELEMENT_PASSED, task,
            decision=self.decision.id, rules=list(ruling.rules), result=private_copy(ruling.result),
        )  # fmt: skip
        return True


class _Holder(Drawn):
    """Runs another scope; its variables go in and come out, and the outcome stands under the element's id."""

    is_activity = True
    tells = True
    spec: str

    def start_workflow(self, task: Any) -> None:
        scope = task.workflow.top_workflow.create_subprocess(task, self.spec)
        scope.completed_event.connect(self._on_subworkflow_completed, task)  # type: ignore[attr-defined]
        start = scope.task_tree
        start.data = dict(task.data)
        start.run()

    def update_data(self, task: Any, scope: Any) -> None:
        task.data = dict(scope.last_task.data)
        scope.run.write(task, self.element.id, {"outcome": scope.outcome})

    def passed(self, run: Run, task: Any) -> None:
        super().passed(run, task)
        task.workflow.top_workflow.subprocesses.pop(task.id, None)

    def _on_cancel(self, task: Any) -> None:
        scope = task.workflow.top_workflow.subprocesses.get(task.id)
        if scope is not None:
            scope.cancel()
            task.workflow.top_workflow.subprocesses.pop(task.id, None)


class SubProcess(_Holder, SpiffSubProcess):
    """An embedded sub-process."""


class CallActivity(_Holder, SpiffCallActivity):
    """A call of another process of the deployment."""


class Repetition(Drawn):
    """Multi-instance over a list: children carry their item under its name; what they write comes back.

    The list is frozen when the repetition starts. The item itself stays with its child, so that the next
    round of a loop (where the library stops with “input item already exists”) starts clean.
    """

    is_activity = False
    sequential = False
    task_spec: str
    _wf_spec: Any

    def _update_hook(self, task: Any) -> bool:
        TaskSpec._update_hook(self, task)
        repetition = self.element.repetition
        assert repetition is not None
        assert repetition.collection is not None
        items = value_of(task, repetition.collection)
        if not isinstance(items, list) or None in items:
            raise StepFailed(f"{self.element.id} needs a list without empty items: {repetition.collection}")
        task.internal_data.update(items=items, merged=0)
        if not items:
            return True
        task._set_state(TaskState.STARTED)
        for index in range(1 if self.sequential else len(items)):
            self._create_child(task, index)
        return False

    def _create_child(self, task: Any, index: int) -> None:
        item = task.internal_data["items"][index]
        child = task._add_child(task.workflow.spec.task_specs[self.task_spec], TaskState.WAITING)
        child.triggered = True
        child.internal_data["label"] = str(item) if isinstance(item, str | int) else str(index + 1)
        name = self.element.repetition.item if self.element.repetition else None
        merge(child.data, task.data)
        if name:
            task.workflow.run.write(child, name, private_copy(item))
        child.task_spec._update(child)

    def merge_child(self, workflow: Any, child: Any) -> None:
        """Called when a child completes: take what it wrote, then end, go on, or wait for the others."""
        task, repetition = child.parent, self.element.repetition
        assert repetition is not None
        merge(task.data, child.data, leave_out=repetition.item)
        task.internal_data["merged"] += 1
        done, items = task.internal_data["merged"], task.internal_data["items"]
        if done == len(items) or (repetition.completion and value_of(child, repetition.completion)):
            for other in task.children:
                if other.triggered and other is not child:
                    other.cancel()
            task._set_state(TaskState.READY)
        elif self.sequential:
            self._create_child(task, done)

    def passed(self, run: Run, task: Any) -> None:
        for flow in self.flow_ids:
            increase(run.flows, self.element.process_key, flow)


class ParallelRepetition(Repetition, BpmnSpecMixin):
    """All children at once."""

    def __init__(self, wf_spec: Any, bpmn_id: str, task_spec: str, **options: Any) -> None:
        super().__init__(wf_spec, bpmn_id, description=options.get("description"))
        self.task_spec = task_spec


class SequentialRepetition(ParallelRepetition):
    """One child after the other."""

    sequential = True
