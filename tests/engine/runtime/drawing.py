"""Draws small BPMN files for tests: elements and flows go in, a complete diagram comes out."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from lxml import etree

from engine.domain.definition import SourceFile
from engine.domain.instance import OpenedTask, Step
from engine.errors import DeploymentRefused
from engine.runtime import LiveInstance, ParsedDeployment, parse_deployment

NOW = datetime(2025, 1, 6, 1, 0, tzinfo=UTC)
INSTANCE = 1024
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_SHAPED = [
    "Task",
    "Event",
    "Gateway",
    "subProcess",
    "callActivity",
    "lane",
    "transaction",
    "task",
    "adHocSubProcess",
    "dataStoreReference",
]
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions id="d" targetNamespace="urn:planflow:workflows"'
    f' xmlns:bpmn="{BPMN}" xmlns:planflow="urn:planflow:bpmn"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">'
)


def flow(path: str, condition: str | None = None, name: str | None = None) -> str:
    """`a > b > c` draws two flows; their ids are `a_b` and `b_c` unless one is named."""
    ids = [part.strip() for part in path.split(">")]
    inner = (
        f"<bpmn:conditionExpression><![CDATA[{condition}]]></bpmn:conditionExpression>" if condition else ""
    )
    return "".join(
        f'<bpmn:sequenceFlow id="{name or f"{a}_{b}"}" sourceRef="{a}" targetRef="{b}">'
        f"{inner}</bpmn:sequenceFlow>"
        for a, b in pairwise(ids)
    )


def start(identifier: str = "begin") -> str:
    return f'<bpmn:startEvent id="{identifier}"/>'


def end(*identifiers: str, inner: str = "") -> str:
    return "".join(f'<bpmn:endEvent id="{i}">{inner}</bpmn:endEvent>' for i in identifiers or ("done",))


def user(*identifiers: str, attributes: str = "", inner: str = "", form: str = "decide") -> str:
    return "".join(
        f'<bpmn:userTask id="{i}" name="{i.title()}" planflow:form="{form}" {attributes}>'
        f"{inner}</bpmn:userTask>"
        for i in identifiers
    )


def gateway(kind: str, identifier: str, default: str = "") -> str:
    attribute = f' default="{default}"' if default else ""
    return f'<bpmn:{kind}Gateway id="{identifier}"{attribute}/>'


def script(identifier: str, text: str) -> str:
    return (
        f'<bpmn:scriptTask id="{identifier}"><bpmn:script><![CDATA[{text}]]></bpmn:script></bpmn:scriptTask>'
    )


def each(collection: str, item: str, *, sequential: bool = False, completion: str = "") -> str:
    """The marker of a repetition."""
    stop = f"<bpmn:completionCondition>{completion}</bpmn:completionCondition>" if completion else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:loopDataInputRef>{collection}</bpmn:loopDataInputRef>"
        f'<bpmn:inputDataItem id="item_{item}" name="{item}"/>'
        f"{stop}</bpmn:multiInstanceLoopCharacteristics>"
    )


def message(reference: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{reference}"/>'


def timer(text: str, kind: str = "timeDate") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def boundary(identifier: str, on: str, inner: str, *, interrupting: bool = True, attributes: str = "") -> str:
    return (
        f'<bpmn:boundaryEvent id="{identifier}" attachedToRef="{on}"'
        f' cancelActivity="{str(interrupting).lower()}" {attributes}>'
        f"{inner}</bpmn:boundaryEvent>"
    )


def catch(identifier: str, inner: str, attributes: str = "") -> str:
    return (
        f'<bpmn:intermediateCatchEvent id="{identifier}" {attributes}>{inner}</bpmn:intermediateCatchEvent>'
    )


def process(
    key: str,
    body: str,
    *,
    attributes: str = "",
    before: str = "",
    role: str = "unit_handler",
    shapes: bool = True,
) -> SourceFile:
    """A file with one process; all its elements lie in one lane of the role, and everything has a shape."""
    xml = (
        f'{_HEAD}{before}<bpmn:process id="{key}" name="{key}" isExecutable="true" planflow:agency="branch"'
        f" {attributes}>{body}</bpmn:process></bpmn:definitions>"
    )
    root = etree.fromstring(xml.encode())
    drawn = root.find(f"{{{BPMN}}}process")
    assert drawn is not None
    _add_lane(drawn, role)
    if shapes:
        _add_shapes(root, drawn)
    return SourceFile(name=f"{key}.bpmn", body=etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _add_lane(drawn: Any, role: str) -> None:
    lanes = etree.SubElement(drawn, f"{{{BPMN}}}laneSet", id="lanes")
    lane = etree.SubElement(lanes, f"{{{BPMN}}}lane", id="lane", name=role)
    lane.set("{urn:planflow:bpmn}role", role)
    for element in drawn:
        if element is not lanes and element.get("id") and not element.tag.endswith("sequenceFlow"):
            etree.SubElement(lane, f"{{{BPMN}}}flowNodeRef").text = element.get("id")
    drawn.insert(0, lanes)


def _add_shapes(root: Any, drawn: Any) -> None:
    di, dc, dd = (root.nsmap[prefix] for prefix in ("bpmndi", "dc", "di"))
    plane = etree.SubElement(
        etree.SubElement(root, f"{{{di}}}BPMNDiagram"), f"{{{di}}}BPMNPlane", bpmnElement=drawn.get("id")
    )
    for number, element in enumerate(drawn.iter()):
        tag = etree.QName(element).localname
        if tag == "sequenceFlow":
            edge = etree.SubElement(plane, f"{{{di}}}BPMNEdge", bpmnElement=element.get("id"))
            for x in ("0", "9"):
                etree.SubElement(edge, f"{{{dd}}}waypoint", x=x, y="0")
        elif element.get("id") and tag.endswith(tuple(_SHAPED)):
            shape = etree.SubElement(plane, f"{{{di}}}BPMNShape", bpmnElement=element.get("id"))
            etree.SubElement(shape, f"{{{dc}}}Bounds", x="0", y=str(number * 10), width="9", height="9")


def form(key: str = "decide", *, inputs: str = "[]", variables: str = '["decision"]') -> SourceFile:
    body = (
        f'{{"title": "表單", "inputs": {inputs}, "variables": {variables}, "ui": {{}},'
        ' "schema": {"type": "object", "additionalProperties": false,'
        ' "properties": {"decision": {"type": "string", "title": "決定"},'
        ' "note": {"type": "string", "title": "備註"}}}}'
    )
    return SourceFile(name=f"forms/{key}.json", body=body.encode())


def deployment(*files: SourceFile) -> ParsedDeployment:
    """Parse the files with the form `decide`; a refusal shows its findings."""
    try:
        return parse_deployment((form(), *files))
    except DeploymentRefused as refusal:
        raise AssertionError([f"{f.element}: {f.rule}: {f}" for f in refusal.findings]) from None


def started(parsed: ParsedDeployment, key: str = "p", **variables: Any) -> tuple[LiveInstance, Step]:
    live = LiveInstance.create(parsed, key, INSTANCE)
    return live, live.start(NOW, variables)


def open_ids(live: LiveInstance) -> list[str]:
    """Element ids of the open tasks in the order of their ids."""
    return [task.element_id for task in live.view().open_tasks]


def open_paths(live: LiveInstance) -> list[str]:
    return [task.path for task in live.view().open_tasks]


def the(live: LiveInstance, path: str) -> OpenedTask:
    """The open task at a path."""
    return next(task for task in live.view().open_tasks if task.path == path)


def do(live: LiveInstance, path: str, **variables: Any) -> Step:
    """Complete the open task at a path."""
    return live.complete(NOW, the(live, path).id, variables)


def events(step: Step) -> list[tuple[str, str | None]]:
    """Types and elements of a step's effects."""
    return [(str(event.type), event.element_id) for event in step.effects]
