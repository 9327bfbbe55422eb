"""What a BPMN file says, as plain values: elements and flows, with our own attributes and lines.

SpiffWorkflow reads the same file into its specs; everything that people, tasks and history need is read here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.runtime.source import bpmn, local_name, own_attribute

EVENTS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
GATEWAYS = ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway")
TASKS = ("userTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask")
ACTIVITIES = (*TASKS, "subProcess", "callActivity")
FLOW_ELEMENTS = (*EVENTS, *GATEWAYS, *ACTIVITIES)
# A sub-process is a scope of its own; its elements still belong to the process in which it is drawn.
_EVENT_SUFFIX = "EventDefinition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sequence flow."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """Multi-instance: one child for each item of a collection."""

    collection: str | None
    item: str | None
    sequential: bool
    completion: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer: `timeDate` (an expression giving ISO text or None) or `timeDuration` (quoted ISO)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A flow element with all that the runtime reads of it; expressions are texts."""

    id: str
    kind: str
    name: str
    line: int
    process_key: str
    scope: str
    lane: str = ""
    role: str | None = None
    form: str | None = None
    unit: str | None = None
    role_from: str | None = None
    due: str | None = None
    late_after: str | None = None
    extendable: bool = False
    excludes: str | None = None
    subject: str | None = None
    activity: str | None = None
    calls: str | None = None
    decision: str | None = None
    script: str | None = None
    correlation: str | None = None
    sender: str | None = None
    payload: str | None = None
    events: tuple[str, ...] = ()
    message: str | None = None
    timer: Timer | None = None
    error: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    repetition: Repetition | None = None
    outgoing: tuple[Flow, ...] = ()
    incoming: tuple[Flow, ...] = ()

    @property
    def writes_variables(self) -> bool:
        """True if the element leaves its result under its own id among the variables."""
        return (self.kind in ACTIVITIES and self.kind not in ("scriptTask", "sendTask")) or (
            "message" in self.events and self.kind in ("intermediateCatchEvent", "boundaryEvent")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """One executable process of one file."""

    key: str
    name: str
    file: str
    line: int
    agency: str
    starters: tuple[str, ...]
    start_form: str | None
    title: str | None
    restricted_to: tuple[str, ...] = ()
    elements: dict[str, Element] = field(default_factory=dict)

    @property
    def start(self) -> Element | None:
        """The start event of the process itself."""
        return next(
            (e for e in self.elements.values() if e.kind == "startEvent" and e.scope == self.key), None
        )

    def scopes(self) -> dict[str, list[Element]]:
        """Elements by the process or sub-process that holds them directly."""
        held: dict[str, list[Element]] = {self.key: []}
        for element in self.elements.values():
            held.setdefault(element.scope, []).append(element)
        return held


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What elements refer to by id: messages and errors of the file, lanes of the process."""

    process_key: str
    messages: dict[str, str]
    errors: dict[str, str]
    lanes: dict[str, etree._Element]


def read_diagrams(root: etree._Element, file: str) -> list[Diagram]:
    """Every executable process of a file."""
    return [
        read_diagram(root, process, file)
        for process in root.iterfind(bpmn("process"))
        if process.get("isExecutable", "true") == "true"
    ]


def read_diagram(root: etree._Element, process: etree._Element, file: str) -> Diagram:
    """One process with its elements, also those inside its embedded sub-processes."""
    key = process.get("id", "")
    reading = _Reading(
        process_key=key,
        messages={m.get("id", ""): m.get("name", "") for m in root.iterfind(bpmn("message"))},
        errors={e.get("id", ""): e.get("errorCode", "") for e in root.iterfind(bpmn("error"))},
        lanes={
            (ref.text or "").strip(): lane
            for lane in process.iter(bpmn("lane"))
            for ref in lane.iterfind(bpmn("flowNodeRef"))
        },
    )
    return Diagram(
        key=key,
        name=process.get("name", key),
        file=file,
        line=process.sourceline or 0,
        agency=own_attribute(process, "agency") or "",
        starters=tuple(
            part.strip() for part in (own_attribute(process, "starters") or "").split(",") if part.strip()
        ),
        start_form=own_attribute(process, "start-form"),
        title=own_attribute(process, "title"),
        restricted_to=tuple((own_attribute(process, "restricted") or "").split()),
        elements={element.id: element for element in _read_scope(process, reading, None)},
    )


def _read_scope(holder: etree._Element, reading: _Reading, lane: etree._Element | None) -> Iterator[Element]:
    outgoing: dict[str, list[Flow]] = {}
    incoming: dict[str, list[Flow]] = {}
    for drawn in holder.iterfind(bpmn("sequenceFlow")):
        flow = _read_flow(drawn)
        outgoing.setdefault(flow.source, []).append(flow)
        incoming.setdefault(flow.target, []).append(flow)
    for child in holder:
        if local_name(child) in FLOW_ELEMENTS:
            identifier = child.get("id", "")
            own_lane = reading.lanes.get(identifier, lane)
            yield _read_element(child, holder.get("id", ""), reading, own_lane, outgoing, incoming)
            if local_name(child) == "subProcess":
                yield from _read_scope(child, reading, own_lane)


def _read_flow(flow: etree._Element) -> Flow:
    condition = flow.find(bpmn("conditionExpression"))
    return Flow(
        id=flow.get("id", ""),
        name=flow.get("name", ""),
        source=flow.get("sourceRef", ""),
        target=flow.get("targetRef", ""),
        condition=(condition.text or "").strip() if condition is not None else None,
        line=flow.sourceline or 0,
    )


def _read_element(
    element: etree._Element,
    scope: str,
    reading: _Reading,
    lane: etree._Element | None,
    outgoing: dict[str, list[Flow]],
    incoming: dict[str, list[Flow]],
) -> Element:
    definitions = [child for child in element if local_name(child).endswith(_EVENT_SUFFIX)]
    identifier = element.get("id", "")
    script = element.find(bpmn("script"))
    own_role = own_attribute(element, "role")
    return Element(
        id=identifier,
        kind=local_name(element),
        name=element.get("name", ""),
        line=element.sourceline or 0,
        process_key=reading.process_key,
        scope=scope,
        lane=lane.get("name", "") if lane is not None else "",
        role=own_role or (own_attribute(lane, "role") if lane is not None else None),
        form=own_attribute(element, "form"),
        unit=own_attribute(element, "unit"),
        role_from=own_attribute(element, "role-from"),
        due=own_attribute(element, "due"),
        late_after=own_attribute(element, "late-after"),
        extendable=own_attribute(element, "extendable") == "true",
        excludes=own_attribute(element, "excludes"),
        subject=own_attribute(element, "subject"),
        activity=own_attribute(element, "activity"),
        calls=element.get("calledElement"),
        decision=own_attribute(element, "decision"),
        script=(script.text or "").strip() if script is not None else None,
        correlation=own_attribute(element, "correlation"),
        sender=own_attribute(element, "sender"),
        payload=own_attribute(element, "payload"),
        events=tuple(local_name(d).removesuffix(_EVENT_SUFFIX) for d in definitions),
        message=_message(element, definitions, reading),
        timer=_timer(definitions),
        error=_error(definitions, reading),
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", "true") == "true",
        default=element.get("default"),
        repetition=_repetition(element),
        outgoing=tuple(outgoing.get(identifier, ())),
        incoming=tuple(incoming.get(identifier, ())),
    )


def _message(element: etree._Element, definitions: list[etree._Element], reading: _Reading) -> str | None:
    for holder in (element, *definitions):
        reference = holder.get("messageRef")
        if reference is not None:
            return reading.messages.get(reference, "")
    return None


def _timer(definitions: list[etree._Element]) -> Timer | None:
    for definition in definitions:
        if local_name(definition) == "timerEventDefinition":
            for child in definition:
                return Timer(kind=local_name(child), text=(child.text or "").strip())
            return Timer(kind="", text="")
    return None


def _error(definitions: list[etree._Element], reading: _Reading) -> str | None:
    for definition in definitions:
        if local_name(definition) == "errorEventDefinition":
            return reading.errors.get(definition.get("errorRef", ""))
    return None


def _repetition(element: etree._Element) -> Repetition | None:
    loop = element.find(bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return None
    collection, item = loop.find(bpmn("loopDataInputRef")), loop.find(bpmn("inputDataItem"))
    completion = loop.find(bpmn("completionCondition"))
    return Repetition(
        collection=(collection.text or "").strip() if collection is not None else None,
        item=(item.get("name") or item.get("id")) if item is not None else None,
        sequential=loop.get("isSequential") == "true",
        completion=(completion.text or "").strip() if completion is not None else None,
    )
