"""Gateways that tell which branch they took and why, and joins that know the rounds of a loop."""

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from engine.domain.history import EventType
from engine.runtime.diagram import Flow
from engine.runtime.driver import LIVE, StepFailed
from engine.runtime.reasons import explain_branch
from engine.runtime.specs import Drawn, value_of
from engine.runtime.variables import merge


class Branching(Drawn):
    """An exclusive or inclusive gateway: conditions in the order of the diagram, then the default flow."""

    chooses = True
    first_only = True
    branches: tuple[tuple[Flow, str], ...] = ()

    def _choose(self, task: Any) -> None:
        """Evaluate, keep only the chosen children, and tell the reason of the choice."""
        taken: list[Flow] = []
        default: Flow | None = None
        reasons = []
        for flow, _ in self.branches:
            if flow.condition is None or flow.id == self.element.default:
                default = flow
                continue
            holds = bool(value_of(task, flow.condition))
            reasons.append({"flow": flow.id, "expression": flow.condition, "result": holds})
            if holds:
                taken.append(flow)
                if self.first_only:
                    break
        if not taken and default is not None:
            taken.append(default)
        if not taken:
            raise StepFailed("no condition holds and there is no default flow")
        chosen = [flow.id for flow in taken]
        task.internal_data["taken"] = chosen
        targets = [spec_name for flow, spec_name in self.branches if flow.id in chosen]
        specs = task.workflow.spec.task_specs
        task._sync_children([specs[name] for name in targets], TaskState.FUTURE)
        run = task.workflow.run
        if len(self.branches) > 1:
            if run.explains:
                run.reasons.append(explain_branch(task, reasons, chosen))
            run.tell(EventType.BRANCH_TAKEN, task, gateway=self.element.id, taken=chosen, conditions=reasons)
        else:
            run.tell(EventType.ELEMENT_PASSED, task)

    def flows_taken(self, task: Any) -> tuple[str, ...]:
        return tuple(task.internal_data.get("taken", ()))

    def test(self) -> None:
        TaskSpec.test(self)


class ExclusiveGateway(Branching, BpmnSpecMixin):
    """The first condition that holds."""

    def _run_hook(self, task: Any) -> bool:
        self._choose(task)
        return True


class Joining(Drawn):
    """Collects tokens by incoming flow. Only the latest token waits; it goes on with the variables of all.

    Tokens belong together when their nearest earlier token of this very gateway is the same: the library
    also counts tokens of earlier rounds of a loop, so that tasks behind a join open while branches are still
    at work.
    """

    is_join = True
    element: Any
    name: str
    source_names: frozenset[str]

    def _is_complete(self, task: Any, arrived: dict[str, Any]) -> bool:
        raise NotImplementedError

    def _update_hook(self, task: Any) -> bool:
        round_id = task.internal_data.get("round")
        if round_id is None:
            round_id = task.internal_data["round"] = self._round_of(task)
        key = (self.name, round_id)
        arrived = task.workflow.arrivals.setdefault(key, {})
        source = task.parent.task_spec.name
        superseded = [
            other for other in arrived.values() if other is not task and other.state == TaskState.WAITING
        ]
        arrived[source] = task
        for other in superseded:
            other.cancel()
        if not self._is_complete(task, arrived):
            task._set_state(TaskState.WAITING)
            return False
        task._inherit_data()
        for other in arrived.values():
            merge(task.data, other.parent.data)
        del task.workflow.arrivals[key]
        return True

    def _round_of(self, task: Any) -> int:
        earlier = task.parent
        while earlier is not None and earlier.task_spec is not self:
            earlier = earlier.parent
        return earlier.id if earlier is not None else 0


class ParallelGateway(Joining, BpmnSpecMixin):
    """Waits for one token on each incoming flow and sends one along each outgoing flow."""

    tells = True

    def _is_complete(self, task: Any, arrived: dict[str, Any]) -> bool:
        return len(arrived) == len(self.source_names)


class InclusiveGateway(Branching, Joining, BpmnSpecMixin):
    """Waits while a live token could still bring a token to an empty incoming flow (BPMN 2.0, 13.4.3).

    A token that could as well reach a flow which has a token already does not hold the gateway up.
    """

    first_only = False
    reachable: dict[str, frozenset[str]]

    def _run_hook(self, task: Any) -> bool:
        self._choose(task)
        return True

    def _is_complete(self, task: Any, arrived: dict[str, Any]) -> bool:
        if len(self.source_names) == 1:
            return True
        if task.state != TaskState.WAITING:
            # Its siblings have not moved yet: decide after the whole predecessor was completed
            return False
        here = {id(other) for other in arrived.values()}
        return not any(
            self._may_still_come(other, arrived)
            for other in task.workflow.live.values()
            if id(other) not in here
        )

    def _may_still_come(self, token: Any, arrived: dict[str, Any]) -> bool:
        sources = self.reachable.get(token.task_spec.name, frozenset())
        return bool(sources) and sources.isdisjoint(arrived)


class EndJoin(_EndJoin):
    """Ends a scope when no other token in it is alive; knows them without walking the tree."""

    element = None
    is_join = True
    is_activity = False

    def _update_hook(self, task: Any) -> bool:
        scope = task.workflow
        waiting = [t for t in scope.live.values() if t.task_spec is self and t is not task]
        if len(scope.live) - len(waiting) - (1 if task.state & LIVE else 0) > 0:
            task._set_state(TaskState.WAITING)
            merged = True
        else:
            merged = False
        task._inherit_data()
        for other in waiting:
            merge(task.data, other.data)
            other.cancel()
        return not merged

    def _run_hook(self, task: Any) -> bool:
        return True


class EventBasedGateway(Drawn, BpmnSpecMixin):
    """Waits at its events, which stand as children; the one that happens is the only way on."""

    chooses = True

    def _update_hook(self, task: Any) -> bool:
        if task.internal_data.get("chosen"):
            return True
        BpmnTaskSpec._update_hook(self, task)
        task._sync_children(self.outputs, TaskState.MAYBE)
        task._set_state(TaskState.WAITING)
        for child in task.children:
            child.data = dict(task.data)
            child.task_spec.arm(child)
        return False

    def choose(self, child: Any) -> None:
        """Go on with one of the events that were waited for."""
        task = child.parent
        task.internal_data["chosen"] = child.task_spec.name
        task.task_spec._update(task)

    def _run_hook(self, task: Any) -> bool:
        chosen = task.internal_data["chosen"]
        flows = [flow.id for flow in self.element.outgoing if flow.target == chosen]
        task.internal_data["taken"] = flows
        task._sync_children([task.workflow.spec.task_specs[chosen]], TaskState.FUTURE)
        task.workflow.run.tell(
            EventType.BRANCH_TAKEN, task, gateway=self.element.id, taken=flows, conditions=[]
        )
        return True

    def flows_taken(self, task: Any) -> tuple[str, ...]:
        return tuple(task.internal_data.get("taken", ()))


def reachable_sources(gateway: Any) -> dict[str, frozenset[str]]:
    """For each spec: the sources of incoming flows that a token there can reach."""
    found: dict[str, set[str]] = {}
    for source in gateway.inputs:
        before = [source]
        seen = {gateway.name}
        while before:
            spec = before.pop()
            if spec.name in seen:
                continue
            seen.add(spec.name)
            found.setdefault(spec.name, set()).add(source.name)
            before.extend(spec.inputs)
    return {name: frozenset(sources) for name, sources in found.items()}
