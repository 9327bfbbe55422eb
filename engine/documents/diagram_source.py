"""What a BPMN file draws: shapes and edges with kind, name and markers of their elements.

Deployed files were linted; still the parser here opens nothing outside the file, since diagrams are uploaded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
EVENT_SUFFIX = "EventDefinition"
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"})
FARTHEST = 100_000.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of the drawing."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One drawn element. `event` is what triggers an event (timer, …); `repeated` marks multi-instance."""

    element: str
    kind: str
    name: str
    process: str
    box: Box
    label: Box | None = None
    event: str = ""
    interrupting: bool = True
    repeated: str = ""
    expanded: bool = False
    calls: str = ""

    @property
    def is_event(self) -> bool:
        return self.kind in EVENTS

    @property
    def is_gateway(self) -> bool:
        return self.kind in GATEWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One drawn flow with its waypoints."""

    element: str
    kind: str
    name: str
    points: tuple[Point, ...]
    label: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A file as a picture: pools and lanes, frames of sub-processes, other shapes, edges, in file order."""

    pools: tuple[Shape, ...]
    lanes: tuple[Shape, ...]
    frames: tuple[Shape, ...]
    nodes: tuple[Shape, ...]
    edges: tuple[Edge, ...]


def read_drawing(source: bytes) -> Drawing:
    """The drawing of a BPMN file; ValueError when the file is malformed, has a DOCTYPE, or draws nothing."""
    root = read_root(source)
    elements = {e.get("id", ""): e for e in root.iter() if isinstance(e.tag, str) and e.tag.startswith(BPMN)}
    shapes = [
        _shape(drawn, elements[drawn.get("bpmnElement", "")])
        for drawn in root.iter(BPMNDI + "BPMNShape")
        if drawn.get("bpmnElement", "") in elements
    ]
    if not shapes:
        raise ValueError("the file has no diagram")
    placed = ("participant", "lane")
    nodes = [shape for shape in shapes if shape.kind not in placed]
    return Drawing(
        pools=tuple(shape for shape in shapes if shape.kind == "participant"),
        lanes=tuple(shape for shape in shapes if shape.kind == "lane"),
        frames=tuple(shape for shape in nodes if shape.expanded),
        nodes=tuple(shape for shape in nodes if not shape.expanded),
        edges=tuple(_edges(root, elements)),
    )


def read_root(source: bytes) -> etree._Element:
    """The root of a BPMN file, read without opening anything else; ValueError as in `read_drawing`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the file is not well-formed XML: {error.msg}") from None
    if root.getroottree().docinfo.doctype:
        raise ValueError("the file has a document type declaration")
    return root


def _shape(drawn: etree._Element, element: etree._Element) -> Shape:
    kind = kind_of(element)
    repetition = element.find(BPMN + "multiInstanceLoopCharacteristics")
    repeated = (
        "" if repetition is None else "sequential" if repetition.get("isSequential") == "true" else "parallel"
    )
    return Shape(
        element=element.get("id", ""),
        kind=kind,
        name=element.get("name", ""),
        process=_process_of(element),
        box=_box(drawn.find(DC + "Bounds")) or Box(x=0, y=0, width=100, height=80),
        label=_box(drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")),
        event=next(
            (kind_of(e).removesuffix(EVENT_SUFFIX) for e in element if kind_of(e).endswith(EVENT_SUFFIX)), ""
        ),
        interrupting=element.get("cancelActivity", "true") == "true",
        repeated=repeated,
        expanded=kind == "subProcess" and drawn.get("isExpanded", "true") == "true",
        calls=element.get("calledElement", ""),
    )


def _edges(root: etree._Element, elements: dict[str, etree._Element]) -> Iterator[Edge]:
    for drawn in root.iter(BPMNDI + "BPMNEdge"):
        element = elements.get(drawn.get("bpmnElement", ""))
        points = tuple(
            (_number(point.get("x")), _number(point.get("y"))) for point in drawn.iterfind(DI + "waypoint")
        )
        if element is not None and len(points) > 1:
            yield Edge(
                element=element.get("id", ""),
                kind=kind_of(element),
                name=element.get("name", ""),
                points=points,
                label=_box(drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")),
            )


def _process_of(element: etree._Element) -> str:
    if kind_of(element) == "participant":
        return element.get("processRef", "")
    return next((holder.get("id", "") for holder in element.iterancestors(BPMN + "process")), "")


def kind_of(element: etree._Element) -> str:
    """The name of a tag without its namespace."""
    return str(etree.QName(element).localname)


def _box(bounds: etree._Element | None) -> Box | None:
    if bounds is None:
        return None
    return Box(
        x=_number(bounds.get("x")), y=_number(bounds.get("y")),
        width=max(0.0, _number(bounds.get("width"))), height=max(0.0, _number(bounds.get("height"))),
    )  # fmt: skip


def _number(text: str | None) -> float:
    """A coordinate; what is not a number on a page of sensible size is refused."""
    try:
        value = float(text or 0)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or abs(value) > FARTHEST:
        raise ValueError(f"the diagram has a coordinate that cannot be drawn: {text}")
    return value
