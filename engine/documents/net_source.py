"""What a BPMN file says of the order of its elements, read for the checker of conformance.

The runtime reads the same file by a parser of its own; nothing is shared, so that one proves the other.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from lxml import etree

from engine.documents.diagram_source import BPMN, EVENT_SUFFIX, EVENTS, GATEWAYS, kind_of, read_root
from engine.domain.definition import SourceFile
from engine.mining.net import BEGIN, Flow, Net, NetElement

ACTIVITIES = frozenset(
    {
        "userTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask", "subProcess",
        "callActivity",
    }
)  # fmt: skip
ELEMENTS = EVENTS | GATEWAYS | ACTIVITIES


@lru_cache(maxsize=16)
def nets_of(files: tuple[SourceFile, ...]) -> Mapping[str, Net]:
    """The processes of a deployment by key; read once, as deployments never change."""
    drawn = (file for file in files if file.name.endswith(".bpmn"))
    return {net.key: net for file in drawn for net in read_nets(file.body)}


def read_nets(source: bytes) -> tuple[Net, ...]:
    """The processes of a BPMN file as nets; ValueError when it is malformed or has a DOCTYPE."""
    return tuple(_net(process) for process in read_root(source).iterfind(BPMN + "process"))


def _net(process: etree._Element) -> Net:
    flows = {flow.id: flow for flow in map(_flow, process.iter(BPMN + "sequenceFlow"))}
    return Net(
        key=process.get("id", ""),
        name=process.get("name", ""),
        elements={element.id: element for element in _elements(process, flows)},
        flows=flows,
    )


def _flow(flow: etree._Element) -> Flow:
    condition = flow.find(BPMN + "conditionExpression")
    return Flow(
        id=flow.get("id", ""),
        source=flow.get("sourceRef", ""),
        target=flow.get("targetRef", ""),
        name=flow.get("name", ""),
        condition=None if condition is None else (condition.text or "").strip(),
    )


def _elements(holder: etree._Element, flows: dict[str, Flow]) -> Iterator[NetElement]:
    for child in holder:
        if kind_of(child) in ELEMENTS:
            yield _element(child, holder.get("id", ""), flows)
            if kind_of(child) == "subProcess":
                yield from _elements(child, flows)


def _element(element: etree._Element, scope: str, flows: dict[str, Flow]) -> NetElement:
    own, kind = element.get("id", ""), kind_of(element)
    triggers = {
        kind_of(e).removesuffix(EVENT_SUFFIX) for e in element if kind_of(e).endswith(EVENT_SUFFIX)
    } | ({"message"} if kind == "receiveTask" else set())
    loop = element.find(BPMN + "multiInstanceLoopCharacteristics")
    incoming = tuple(flow.id for flow in flows.values() if flow.target == own)
    return NetElement(
        id=own,
        kind=kind,
        name=element.get("name", ""),
        scope=scope,
        incoming=(BEGIN,) if kind == "startEvent" else incoming,
        outgoing=tuple(flow.id for flow in flows.values() if flow.source == own),
        triggers=frozenset(triggers),
        calls=element.get("calledElement"),
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", "true") == "true",
        default=element.get("default"),
        repeats=loop is not None,
        in_turn=loop is not None and loop.get("isSequential") == "true",
        stops_early=loop is not None and loop.find(BPMN + "completionCondition") is not None,
    )
