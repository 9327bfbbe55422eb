"""A BPMN diagram as SVG, with what an instance did: done, active, not reached, skipped, returned, not taken.

Colours and strokes come from the style sheet by class; the picture holds no style, script or outside address.
The words are the caller's (`DiagramWords`), so that the picture speaks the language of the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from engine.documents.diagram_icons import (
    draw_collapsed_mark,
    draw_event_mark,
    draw_gateway_mark,
    draw_meter,
    draw_repetition,
    draw_seal,
    draw_task_mark,
)
from engine.documents.diagram_pen import (
    SVG,
    add,
    arrow_tip,
    circle,
    lines_of_text,
    polygon,
    polyline,
    rectangle,
)
from engine.documents.diagram_source import Box, Drawing, Edge, Point, Shape, read_drawing
from engine.documents.label_text import clean, wrap
from engine.domain.instance import ElementMark

LABEL_SIZE, LABEL_PITCH = 13.0, 16.0
SMALL_SIZE, SMALL_PITCH = 12.0, 15.0
HEAD_WIDTH = 30.0
HEAD_PITCH = 15.0
MARGIN = 6.0
OUTSIDE_LABEL_WIDTH = 92.0
FRAME_LABEL_HEIGHT = 20.0
HEAT_LEVELS, FLOW_WIDTHS = 5, 4
# A flow that leads back and whose name says one of these is a return (退件), not a plain loop.
RETURN_WORDS = ("退", "補正", "再請", "不符", "未改善")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramWords:
    """What the picture says beside the names of its elements."""

    title: str = ""
    times: str = "{name} × {count}"
    states: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramProgress:
    """What an instance did in one process. `notes` = a short second line (holder and age, counts).

    `here` is the element that the reader looks at, which gets a frame of its own.
    """

    here: str = ""
    marks: Mapping[str, ElementMark] = field(default_factory=dict)
    flows: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramHeat:
    """The figures of many instances: `levels` of elements from 1 (least) to HEAT_LEVELS, and the `notes` that
    say the figure. `widths` of flows from 1 to FLOW_WIDTHS, by `counts`; a flow without one was never taken.
    """

    levels: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    widths: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """One picture in the making."""

    drawing: Drawing
    progress: DiagramProgress | None
    heat: DiagramHeat | None
    words: DiagramWords
    links: Mapping[str, str]
    prefix: str

    def state(self, element: str) -> str:
        """The class of an element: plain without an instance; its heat; or active, done, skip, wait."""
        if self.heat is not None and element in self.heat.levels:
            return f"heat lv{self.heat.levels[element]}"
        if self.progress is None:
            return "plain"
        mark = self.progress.marks.get(element, ElementMark())
        if mark.active:
            return "active"
        if mark.completed:
            return "done"
        return "skip" if mark.cancelled else "wait"


def draw_diagram(
    source: bytes,
    *,
    prefix: str = "bp",
    progress: DiagramProgress | None = None,
    heat: DiagramHeat | None = None,
    words: DiagramWords | None = None,
    links: Mapping[str, str] | None = None,
) -> str:
    """The diagram of a BPMN file as an SVG element: an instance's `progress`, a `heat` map, or bare.

    `links` maps process keys to addresses: their call activities carry them. `prefix` keeps ids
    of several pictures in one page apart. Raises ValueError when the file is malformed, has a DOCTYPE or
    draws nothing.
    """
    drawing = read_drawing(source)
    sheet = _Sheet(
        drawing=drawing, progress=progress, heat=heat, words=words or DiagramWords(), links=links or {},
        prefix=prefix,
    )  # fmt: skip
    root = _root(sheet)
    for pool in drawing.pools:
        _draw_pool(root, pool)
    for lane in drawing.lanes:
        _draw_lane(root, lane)
    for frame in drawing.frames:
        _draw_frame(root, frame, sheet)
    for edge in drawing.edges:
        _draw_edge(root, edge, sheet)
    for shape in sorted(drawing.nodes, key=lambda shape: shape.kind == "boundaryEvent"):
        _draw_node(root, shape, sheet)
    for shape in drawing.nodes:
        if shape.is_event or shape.is_gateway:
            _label_outside(root, shape, sheet)
    for edge in drawing.edges:
        _label_edge(root, edge, sheet)
    for shape in drawing.nodes:
        if progress is not None and shape.element == progress.here:
            box = shape.box
            rectangle(root, "here", box.x - 6, box.y - 6, box.width + 12, box.height + 12, rx=9)
    return etree.tostring(root, encoding="unicode")


def _root(sheet: _Sheet) -> etree._Element:
    box = _extent(sheet.drawing)
    root = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
    root.set("class", "bp")
    root.set("viewBox", f"{box.x:.0f} {box.y:.0f} {box.width:.0f} {box.height:.0f}")
    root.set("width", f"{box.width:.0f}")
    root.set("height", f"{box.height:.0f}")
    root.set("role", "img")
    root.set("aria-labelledby", f"{sheet.prefix}-title")
    add(root, "title", "", sheet.words.title or _name_of(sheet.drawing), id=f"{sheet.prefix}-title")
    return root


def _name_of(drawing: Drawing) -> str:
    return next((pool.name for pool in drawing.pools if pool.process), "")


def _extent(drawing: Drawing) -> Box:
    shapes = (*drawing.pools, *drawing.lanes, *drawing.frames, *drawing.nodes)
    labels = [shape.label for shape in shapes] + [edge.label for edge in drawing.edges]
    boxes = [shape.box for shape in shapes] + [label for label in labels if label]
    points = [point for edge in drawing.edges for point in edge.points]
    left = min([box.x for box in boxes] + [x for x, _ in points]) - MARGIN
    top = min([box.y for box in boxes] + [y for _, y in points]) - MARGIN
    right = max([box.right for box in boxes] + [x for x, _ in points]) + MARGIN
    bottom = max([box.bottom for box in boxes] + [y for _, y in points]) + MARGIN
    return Box(x=left, y=top, width=right - left, height=bottom - top)


def _draw_pool(root: etree._Element, pool: Shape) -> None:
    box = pool.box
    if pool.process:
        rectangle(root, "bp-lane", box.x, box.y, box.width, box.height)
        _draw_head(root, pool)
    else:
        rectangle(root, "bp-outside", box.x, box.y, box.width, box.height)
        add(root, "text", "t2", pool.name, x=box.middle[0], y=box.middle[1])


def _draw_lane(root: etree._Element, lane: Shape) -> None:
    rectangle(root, "bp-lane", lane.box.x, lane.box.y, lane.box.width, lane.box.height)
    _draw_head(root, lane)


def _draw_head(root: etree._Element, shape: Shape) -> None:
    """The strip at the left of a pool or lane with its name in upright vertical Chinese."""
    box = shape.box
    rectangle(root, "bp-lanehead", box.x, box.y, HEAD_WIDTH, box.height)
    room = max(1.0, (box.height - 8) / HEAD_PITCH)
    columns = wrap(shape.name, width=room * HEAD_PITCH, size=HEAD_PITCH, lines=2)
    for number, column in enumerate(columns):
        x = box.x + HEAD_WIDTH / 2 + (len(columns) - 1 - 2 * number) * HEAD_PITCH / 2
        add(root, "text", "lanename", column, x=x, y=box.middle[1])


def _draw_frame(root: etree._Element, frame: Shape, sheet: _Sheet) -> None:
    group = _group(root, frame, sheet, "frame ")
    box = frame.box
    rectangle(group, "node", box.x, box.y, box.width, box.height, rx=8)
    name = wrap(frame.name, width=box.width - 24, size=LABEL_SIZE, lines=1)
    for line in name:
        add(group, "text", "framename", line, x=box.x + 10, y=box.y + FRAME_LABEL_HEIGHT / 2 + 3)
    draw_repetition(group, frame)
    draw_seal(group, sheet.state(frame.element), (box.right - 1, box.y + 1))


def _draw_edge(root: etree._Element, edge: Edge, sheet: _Sheet) -> None:
    if edge.kind == "messageFlow":
        polyline(root, "edge msg", edge.points)
        circle(root, "msgstart", edge.points[0], 4)
        arrow_tip(root, "tip open", edge.points[-2], edge.points[-1])
        return
    if edge.kind != "sequenceFlow":
        polyline(root, "edge note", edge.points)
        return
    look = _look(edge, sheet)
    group = add(root, "g", "flow", data_element=edge.element)
    polyline(group, f"edge {look}".strip(), edge.points)
    arrow_tip(group, f"tip {look}".strip(), edge.points[-2], edge.points[-1])


def _look(edge: Edge, sheet: _Sheet) -> str:
    """The class of a flow: `no` when not taken, `back` when something was returned on it, or its width."""
    if sheet.heat is not None:
        width = sheet.heat.widths.get(edge.element, 0)
        return f"w{width}" if width else "no"
    if sheet.progress is None:
        return ""
    if not sheet.progress.flows.get(edge.element, 0):
        return "no"
    return "back" if _is_return(edge) else ""


def _is_return(edge: Edge) -> bool:
    return any(word in edge.name for word in RETURN_WORDS)


def _draw_node(root: etree._Element, shape: Shape, sheet: _Sheet) -> None:
    group = _group(root, shape, sheet)
    if shape.is_event:
        _draw_event(group, shape, sheet.state(shape.element))
    elif shape.is_gateway:
        _draw_gateway(group, shape)
    else:
        _draw_activity(group, shape, sheet)


def _group(root: etree._Element, shape: Shape, sheet: _Sheet, extra: str = "") -> etree._Element:
    """The group of a shape: id, class of its state, a title that tells name and state, and its link."""
    state = sheet.state(shape.element)
    group = add(root, "g", extra + state, id=f"{sheet.prefix}-{shape.element}", data_element=shape.element)
    address = sheet.links.get(shape.calls) if shape.calls else None
    if address is not None:
        # A picture may hold no link of its own (it is one image to a screen reader): the page offers the same
        # addresses as tabs, and its script lets a click on the shape go there.
        group.set("data-href", address)
    words = (shape.name, sheet.words.states.get(state, ""), _note(shape, sheet))
    add(group, "title", "", "，".join(word for word in words if word))
    return group


def _note(shape: Shape, sheet: _Sheet) -> str:
    told = sheet.heat or sheet.progress
    return clean(told.notes.get(shape.element, "")) if told else ""


def _draw_event(group: etree._Element, shape: Shape, state: str) -> None:
    at, radius = shape.box.middle, min(shape.box.width, shape.box.height) / 2
    circle(group, "node ending" if shape.kind == "endEvent" else "node", at, radius)
    if shape.kind in ("intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"):
        circle(group, "ring" if shape.interrupting else "ring beside", at, radius - 3.5)
    draw_event_mark(group, shape)
    if state == "active":
        draw_seal(group, state, (shape.box.right - 3, shape.box.y + 3))


def _draw_gateway(group: etree._Element, shape: Shape) -> None:
    box = shape.box
    x, y = box.middle
    corners: list[Point] = [(x, box.y), (box.right, y), (x, box.bottom), (box.x, y)]
    polygon(group, "node", corners)
    draw_gateway_mark(group, shape)


def _draw_activity(group: etree._Element, shape: Shape, sheet: _Sheet) -> None:
    box, state = shape.box, sheet.state(shape.element)
    rectangle(
        group,
        "node calling" if shape.kind == "callActivity" else "node",
        box.x,
        box.y,
        box.width,
        box.height,
        rx=5,
    )
    draw_task_mark(group, shape)
    foot = 12.0 if shape.repeated or shape.kind == "subProcess" else 0.0
    note = _note(shape, sheet)
    small = wrap(note, width=box.width - 8, size=SMALL_SIZE, lines=2) if note else []
    room = int((box.height - foot - 6 - SMALL_PITCH * len(small)) // LABEL_PITCH)
    lines = wrap(shape.name, width=box.width - 10, size=LABEL_SIZE, lines=max(1, min(4, room)))
    _text_inside(group, shape, lines, small, foot)
    if shape.kind == "subProcess":
        draw_collapsed_mark(group, shape)
    else:
        draw_repetition(group, shape)
    draw_seal(group, state, (box.right - 1, box.y + 1))
    if sheet.heat is not None and shape.element in sheet.heat.levels:
        draw_meter(group, sheet.heat.levels[shape.element], HEAT_LEVELS, (box.right - 4, box.y + 4))


def _text_inside(
    group: etree._Element, shape: Shape, lines: list[str], small: list[str], foot: float
) -> None:
    box = shape.box
    height = LABEL_PITCH * len(lines) + SMALL_PITCH * len(small)
    top = box.y + max(2.0, (box.height - foot - height) / 2)
    # One or two lines stand clear of the mark in the corner by themselves; more of them begin below it.
    middle = top + LABEL_PITCH * len(lines) / 2
    lines_of_text(group, "", lines, (box.middle[0], middle), LABEL_PITCH)
    if small:
        below = top + LABEL_PITCH * len(lines) + SMALL_PITCH * len(small) / 2
        lines_of_text(group, "t2", small, (box.middle[0], below), SMALL_PITCH)


def _label_outside(root: etree._Element, shape: Shape, sheet: _Sheet) -> None:
    if not shape.name:
        return
    lines = wrap(shape.name, width=_label_width(shape.label), size=SMALL_SIZE, lines=3)
    note = _note(shape, sheet)
    lines += wrap(note, width=OUTSIDE_LABEL_WIDTH, size=SMALL_SIZE, lines=1) if note else []
    x = shape.label.middle[0] if shape.label else shape.box.middle[0]
    top = shape.label.y if shape.label else shape.box.bottom + 4
    middle = top + SMALL_PITCH * len(lines) / 2
    lines_of_text(root, f"nlab {sheet.state(shape.element)}", lines, (x, middle), SMALL_PITCH)


def _label_width(label: Box | None) -> float:
    return max(label.width + 4, 40.0) if label else OUTSIDE_LABEL_WIDTH


def _label_edge(root: etree._Element, edge: Edge, sheet: _Sheet) -> None:
    if not edge.name:
        return
    look = _look(edge, sheet) if edge.kind == "sequenceFlow" else "msg"
    is_counted = look == "back" or (sheet.heat is not None and look.startswith("w"))
    counts = sheet.heat.counts if sheet.heat else sheet.progress.flows if sheet.progress else {}
    taken = counts.get(edge.element, 0)
    name = sheet.words.times.format(name=edge.name, count=taken) if is_counted else edge.name
    at = edge.label.middle if edge.label else _half_way(edge.points)
    width = max(_label_width(edge.label), OUTSIDE_LABEL_WIDTH if is_counted else 0.0)
    lines_of_text(
        root, f"elab {look}".strip(), wrap(name, width=width, size=SMALL_SIZE, lines=2), at, SMALL_PITCH
    )


def _half_way(points: tuple[Point, ...]) -> Point:
    """The middle of the longest piece of a line."""
    pieces = list(pairwise(points))
    (ax, ay), (bx, by) = max(
        pieces, key=lambda piece: abs(piece[1][0] - piece[0][0]) + abs(piece[1][1] - piece[0][1])
    )
    return (ax + bx) / 2, (ay + by) / 2
