"""Rules about what is drawn: constructs that SpiffWorkflow ignores, gets wrong or cannot run."""

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from lxml import etree

from engine.errors import LintFinding
from engine.runtime.diagram import FLOW_ELEMENTS
from engine.runtime.parser import schema_fault
from engine.runtime.source import BPMN, BPMNDI, DC, PLANFLOW, bpmn, local_name, namespace

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ALLOWED = frozenset(
    (
        *FLOW_ELEMENTS,
        "sequenceFlow",
        "laneSet",
        "lane",
        "flowNodeRef",
        "documentation",
        "incoming",
        "outgoing",
        "conditionExpression",
        "script",
        "messageEventDefinition",
        "timerEventDefinition",
        "errorEventDefinition",
        "terminateEventDefinition",
        "timeDate",
        "timeDuration",
        "multiInstanceLoopCharacteristics",
        "loopDataInputRef",
        "inputDataItem",
        "completionCondition",
        "textAnnotation",
        "text",
        "association",
        "extensionElements",
    )
)
_REFUSED = {
    "linkEventDefinition": "Draw a sequence flow instead of a link: links are ignored and the way ends",
    "compensateEventDefinition": "Draw the way back instead of compensation: it is ignored",
    "signalEventDefinition": "Use a message instead of a signal",
    "escalationEventDefinition": "Use a message or an error instead of an escalation",
    "conditionalEventDefinition": "Use a gateway with conditions instead of a conditional event",
    "cancelEventDefinition": "Use an error instead of a cancel event",
    "complexGateway": "Use exclusive, parallel or inclusive gateways instead of a complex one",
    "adHocSubProcess": "Draw the order of the steps instead of an ad-hoc sub-process",
    "transaction": "Use a plain sub-process instead of a transaction",
    "task": "Give the task a kind: user, service, script or business rule",
    "manualTask": "Use a user task, so that somebody confirms that it was done",
    "standardLoopCharacteristics": "Draw the loop with a gateway instead of the loop marker",
    "loopCardinality": "Name a list in loopDataInputRef instead of a number of instances",
    "loopDataOutputRef": "Remove the output list: results stand under the element's id",
    "outputDataItem": "Remove the output item: results stand under the element's id",
    "timeCycle": "Use timeDate with a loop drawn in the diagram instead of a cycle",
    "correlationSubscription": "Use planflow:correlation on the message event",
    "dataObject": "Remove the data object: variables travel with the process",
    "dataObjectReference": "Remove the data object: variables travel with the process",
    "dataStoreReference": "Remove the data store: activities read and write documents",
    "ioSpecification": "Remove the inputs and outputs: variables travel with the process",
    "dataInputAssociation": "Remove the data association: variables travel with the process",
    "dataOutputAssociation": "Remove the data association: variables travel with the process",
    "potentialOwner": "Name the role on the lane with planflow:role",
    "humanPerformer": "Name the role on the lane with planflow:role",
    "performer": "Name the role on the lane with planflow:role",
}
_OWN: dict[str, frozenset[str]] = {
    "process": frozenset({"agency", "starters", "start-form", "title", "restricted"}),
    "lane": frozenset({"role"}),
    "userTask": frozenset(
        {"form", "unit", "role", "role-from", "due", "late-after", "extendable", "excludes", "subject"}
    ),
    "serviceTask": frozenset({"activity"}),
    "businessRuleTask": frozenset({"decision"}),
    "intermediateCatchEvent": frozenset({"role", "sender", "form", "correlation"}),
    "boundaryEvent": frozenset({"role", "sender", "form", "correlation"}),
    "receiveTask": frozenset({"role", "sender", "form", "correlation"}),
    "intermediateThrowEvent": frozenset({"correlation", "payload"}),
    "endEvent": frozenset({"correlation", "payload"}),
    "sendTask": frozenset({"correlation", "payload"}),
}


def drawing_rules(name: str, root: etree._Element) -> Iterator[LintFinding]:
    """All rules about one file as XML; the schema comes first, because the others trust its structure."""
    if root.tag != bpmn("definitions"):
        yield _at(name, root, "not_bpmn", "The file is not BPMN 2.0")
        return
    fault = schema_fault(root)
    if fault is not None:
        yield LintFinding(
            file=name,
            element="",
            line=fault[0],
            rule="schema",
            template="The file breaks the BPMN 2.0 schema: {reason}",
            params={"reason": fault[1]},
        )
        return
    yield from _processes(name, root)
    for process in root.iterfind(bpmn("process")):
        yield from _words(name, process)
    yield from _outside(name, root)
    yield from _shapes(name, root)


def _at(name: str, element: etree._Element, rule: str, template: str, **params: str) -> LintFinding:
    return LintFinding(
        file=name,
        element=element.get("id", ""),
        line=element.sourceline or 0,
        rule=rule,
        template=template,
        params=params,
    )


def _processes(name: str, root: etree._Element) -> Iterator[LintFinding]:
    processes = root.findall(bpmn("process"))
    executable = [p for p in processes if p.get("isExecutable") == "true"]
    if len(processes) != 1 or len(executable) != 1:
        yield _at(name, root, "one_process", "Draw exactly one process with isExecutable=true in a file")
    for process in executable:
        stem = PurePosixPath(name).stem
        if process.get("id") != stem:
            yield _at(
                name,
                process,
                "file_name",
                "Name the process “{stem}” like its file, or the file like its process",
                stem=stem,
            )


def _words(name: str, process: etree._Element) -> Iterator[LintFinding]:
    beside: dict[etree._Element, set[str | None]] = {}
    for element in process.iter():
        tag = local_name(element)
        beside[element] = {child.get("id") for child in element}
        if namespace(element) != BPMN:
            yield _at(name, element, "foreign_element", "Remove the element “{tag}”: it is not BPMN", tag=tag)
        elif tag in _REFUSED:
            yield _at(name, element, "refused_element", _REFUSED[tag])
        elif tag not in _ALLOWED and element is not process:
            yield _at(
                name, element, "unknown_element", "Remove the element “{tag}”: nothing runs it", tag=tag
            )
        if tag == "subProcess" and element.get("triggeredByEvent") == "true":
            yield _at(
                name,
                element,
                "event_sub_process",
                "Use a boundary event instead of an event sub-process: it would start at once or never end",
            )
        parent = element.getparent()
        ends = {element.get("sourceRef"), element.get("targetRef")}
        if tag == "sequenceFlow" and parent is not None and not ends <= beside[parent]:
            yield _at(name, element, "flow_leaves_scope", "A flow may not cross the edge of a sub-process")
        yield from _attributes(name, element, tag)


def _attributes(name: str, element: etree._Element, tag: str) -> Iterator[LintFinding]:
    for attribute in element.attrib:
        word = etree.QName(attribute)
        if word.namespace == PLANFLOW:
            if word.localname not in _OWN.get(tag, frozenset()):
                yield _at(
                    name,
                    element,
                    "unknown_attribute",
                    "Remove planflow:{word}: a {tag} has no such attribute",
                    word=word.localname,
                    tag=tag,
                )
        elif word.namespace not in (None, _XSI, BPMN):
            yield _at(
                name,
                element,
                "foreign_attribute",
                "Remove the attribute “{word}”: nothing reads it",
                word=word.localname,
            )
    if any(element.get(word) is not None for word in ("scriptFormat", "language", "expressionLanguage")):
        yield _at(
            name, element, "script_language", "Remove the language: expressions and scripts have only one"
        )


def _outside(name: str, root: etree._Element) -> Iterator[LintFinding]:
    """What may not stand beside the process."""
    for element in root.iter():
        tag = local_name(element)
        if tag in ("correlationKey", "correlationProperty"):
            yield _at(
                name, element, "bpmn_correlation", "Use planflow:correlation on the message event instead"
            )
        elif tag in ("import", "dataStore", "extension"):
            yield _at(name, element, "refused_element", "Remove “{tag}”: nothing reads it", tag=tag)


def _shapes(name: str, root: etree._Element) -> Iterator[LintFinding]:
    shapes = {
        shape.get("bpmnElement")
        for shape in root.iter(f"{{{BPMNDI}}}BPMNShape")
        if shape.find(f"{{{DC}}}Bounds") is not None
    }
    edges = {edge.get("bpmnElement") for edge in root.iter(f"{{{BPMNDI}}}BPMNEdge") if len(edge) > 1}
    drawn_twice = Counter(shape.get("bpmnElement") for shape in root.iter(f"{{{BPMNDI}}}BPMNShape"))
    for process in root.iterfind(bpmn("process")):
        for element in process.iter():
            tag, identifier = local_name(element), element.get("id")
            missing = (tag in FLOW_ELEMENTS or tag == "lane") and identifier not in shapes
            if missing or (tag == "sequenceFlow" and identifier not in edges):
                yield _at(
                    name,
                    element,
                    "not_drawn",
                    "Draw the element: its shape or line is missing in the diagram",
                )
            elif drawn_twice[identifier] > 1:
                yield _at(name, element, "drawn_twice", "Draw the element only once")
