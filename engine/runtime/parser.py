"""From BPMN to specs: SpiffWorkflow's parser with our spec classes, one time per deployment."""

from threading import Lock
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, BpmnValidator
from SpiffWorkflow.bpmn.parser.event_parsers import EventDefinitionParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    GatewayParser,
    ScriptTaskParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition

from engine.runtime import events, gateways, specs
from engine.runtime.decision import DecisionTable
from engine.runtime.diagram import Diagram, Element

_VALIDATION = Lock()  # an lxml schema keeps the errors of its last validation
_VALIDATOR = BpmnValidator()
CHILD = " [child]"


class _Repeating(TaskParser):
    PARALLEL_MI_CLASS = specs.ParallelRepetition
    SEQUENTIAL_MI_CLASS = specs.SequentialRepetition


class _SubProcessParser(SubWorkflowParser, _Repeating):
    """Embedded sub-processes."""


class _CallActivityParser(CallActivityParser, _Repeating):
    """Call activities."""


class _ScriptTaskParser(ScriptTaskParser, _Repeating):
    """Script tasks."""


class _BranchingParser(GatewayParser):
    """Keeps the flow of each branch, so that history can name it."""

    def connect_outgoing(self, outgoing_task: Any, sequence_flow_node: Any, is_default: bool) -> None:
        self.task.connect(outgoing_task)
        self.task.drawn_branches = [
            *getattr(self.task, "drawn_branches", []), (sequence_flow_node.get("id"), outgoing_task.name)
        ]  # fmt: skip


class _EventParser(EventDefinitionParser, _Repeating):
    """Events keep only whether they wait or terminate; names, timers and codes are read in diagram.py."""

    def create_task(self) -> Any:
        options = dict(self.bpmn_attributes)
        if self.node.tag == full_tag("boundaryEvent"):
            options["cancel_activity"] = self.node.get("cancelActivity", "true") == "true"
        definition = NoneEventDefinition()
        if self.node.find(full_tag("terminateEventDefinition")) is not None:
            definition = TerminateEventDefinition()
        elif self.node.tag == full_tag("boundaryEvent"):
            definition = EventDefinition("")
        task = self.spec_class(self.spec, self.bpmn_id, event_definition=definition, **options)
        if self.node.tag == full_tag("startEvent"):
            self.spec.start.connect(task)
        elif self.node.tag == full_tag("endEvent"):
            task.connect(self.spec.end)
        return task


class _ProcessParser(ProcessParser):
    def create_spec(self) -> Any:
        spec = super().create_spec()
        # The library builds this join inside its own constructor and offers no place to name another class
        spec.end.__class__ = gateways.EndJoin
        return spec


class _Parser(BpmnParser):
    PROCESS_PARSER_CLASS = _ProcessParser
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012
        full_tag("startEvent"): (_EventParser, events.StartEvent),
        full_tag("endEvent"): (_EventParser, events.EndEvent),
        full_tag("intermediateCatchEvent"): (_EventParser, events.CatchEvent),
        full_tag("intermediateThrowEvent"): (_EventParser, events.ThrowEvent),
        full_tag("boundaryEvent"): (_EventParser, events.BoundaryEvent),
        full_tag("sendTask"): (_EventParser, events.SendTask),
        full_tag("receiveTask"): (_EventParser, events.ReceiveTask),
        full_tag("userTask"): (_Repeating, specs.UserTask),
        full_tag("serviceTask"): (_Repeating, specs.ServiceTask),
        full_tag("scriptTask"): (_ScriptTaskParser, specs.ScriptTask),
        full_tag("businessRuleTask"): (_Repeating, specs.BusinessRuleTask),
        full_tag("subProcess"): (_SubProcessParser, specs.SubProcess),
        full_tag("callActivity"): (_CallActivityParser, specs.CallActivity),
        full_tag("exclusiveGateway"): (_BranchingParser, gateways.ExclusiveGateway),
        full_tag("inclusiveGateway"): (_BranchingParser, gateways.InclusiveGateway),
        full_tag("parallelGateway"): (GatewayParser, gateways.ParallelGateway),
        full_tag("eventBasedGateway"): (GatewayParser, gateways.EventBasedGateway),
    }


def schema_fault(root: etree._Element) -> tuple[int, str] | None:
    """The first place (line, message) where a file breaks the BPMN 2.0 schema."""
    with _VALIDATION:
        try:
            _VALIDATOR.validate(root)
        except ValidationException as fault:
            return fault.line_number or 0, str(fault.args[0])
    return None


def build_specs(
    roots: dict[str, etree._Element], diagrams: dict[str, Diagram], decisions: dict[str, DecisionTable]
) -> dict[str, Any]:
    """All specs by name: processes by their key, embedded sub-processes by their element id.

    Raises ValidationException where the library cannot read what the linter let pass.
    """
    parser = _Parser()
    for name, root in roots.items():
        parser.add_bpmn_xml(root, filename=name)
    built: dict[str, Any] = {}
    for key in diagrams:
        built[key] = parser.get_spec(key)
        built.update(parser.get_subprocess_specs(key))
    elements = {
        (element.scope, element.id): element
        for diagram in diagrams.values()
        for element in diagram.elements.values()
    }
    for scope, process_spec in built.items():
        for spec in process_spec.task_specs.values():
            _finish(spec, elements.get((scope, getattr(spec, "bpmn_id", None) or "")), decisions)
    return built


def _finish(spec: Any, element: Element | None, decisions: dict[str, DecisionTable]) -> None:
    """Tie a spec to its element; after this it never changes."""
    spec.element = element
    if element is None:
        spec.is_join = isinstance(spec, BoundaryEventJoin | gateways.EndJoin)
        spec.is_activity = spec.chooses = False
        return
    repeated = spec.name.endswith(CHILD)
    if isinstance(spec, specs.Drawn) and not repeated:
        spec.flow_ids = tuple(flow.id for flow in element.outgoing)
    if isinstance(spec, gateways.ParallelGateway | gateways.InclusiveGateway):
        spec.source_names = frozenset(source.name for source in spec.inputs)
    if isinstance(spec, gateways.Branching):
        flows = {flow.id: flow for flow in element.outgoing}
        spec.branches = tuple((flows[flow], target) for flow, target in getattr(spec, "drawn_branches", []))
    if isinstance(spec, gateways.InclusiveGateway):
        spec.reachable = gateways.reachable_sources(spec)
    if isinstance(spec, events.Catching) and element.kind != "startEvent":
        behind_gateway = any(isinstance(source, gateways.EventBasedGateway) for source in spec.inputs)
        spec.waits = not behind_gateway
    if isinstance(spec, specs.BusinessRuleTask) and element.decision:
        spec.decision = decisions[element.decision]
    if isinstance(spec, specs.Repetition):
        child = spec._wf_spec.task_specs[spec.task_spec]
        child.completed_event.connect(spec.merge_child)
