"""The marks of BPMN inside shapes: the kind of task, gateway or event, drawn from an origin of their own."""

from lxml import etree

from engine.documents.diagram_pen import add, circle, path, polygon
from engine.documents.diagram_source import Point, Shape

# From the top left corner of a field of 14 × 14.
TASK_MARKS = {
    "userTask": "M7 1.5a2.7 2.7 0 1 1 0 5.4a2.7 2.7 0 1 1 0-5.4zM1.5 13c0-3.5 2.4-5 5.5-5s5.5 1.5 5.5 5z",
    "serviceTask": "M7 4.5a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5zM7 1v2M7 11v2M1 7h2M11 7h2M2.8 2.8l1.4 1.4"
    "M9.8 9.8l1.4 1.4M2.8 11.2l1.4-1.4M9.8 4.2l1.4-1.4",
    "scriptTask": "M2.5 1h9v12h-9zM5 4h4M5 7h4M5 10h4",
    "businessRuleTask": "M1 2h12v10h-12zM1 5h12M5 5v7",
    "sendTask": "M1 2.5h12v9h-12zM1 3l6 5 6-5",
    "receiveTask": "M1 2.5h12v9h-12zM1 3l6 5 6-5",
    "callActivity": "M5 2h-3v10h10v-3M8 2h4v4M12 2l-6 6",
}
# Around the middle of the shape.
GATEWAY_MARKS = {
    "exclusiveGateway": "M-5.5-5.5 5.5 5.5M5.5-5.5-5.5 5.5",
    "parallelGateway": "M-8 0h16M0-8v16",
}
EVENT_MARKS = {
    "timer": "M0-5v5l3.5 2.5M0-8.5v1.5M0 7v1.5M-8.5 0h1.5M7 0h1.5",
    "message": "M-7-4.5h14v9h-14zM-7-4.5 0 1 7-4.5",
    "error": "M-6 6l3-9 5 5 4-8-3 11-5-5z",
    "signal": "M0-6.5 6.5 5h-13z",
    "escalation": "M0-7 5 6 0 1.5-5 6z",
}
THROWN = {
    "message": "M-7-4.5h14l-7 5.5zM-7-2.5v7h14v-7l-7 5.5z",
}
METER_PITCH, METER_HEIGHT = 7.0, 6.0
CALL_TASK_MARK = "callActivity"


def draw_task_mark(group: etree._Element, shape: Shape) -> None:
    """The kind of a task, in its upper left corner."""
    mark = TASK_MARKS.get(shape.kind)
    if mark:
        path(group, "mk fine", mark, (shape.box.x + 5, shape.box.y + 5))


def draw_repetition(group: etree._Element, shape: Shape) -> None:
    """Three strokes at the foot of what is done once for each item: upright together, level one by one."""
    x, y = shape.box.middle[0], shape.box.bottom - 12
    if shape.repeated == "parallel":
        path(group, "mk", "M-4 0v8M0 0v8M4 0v8", (x, y))
    elif shape.repeated == "sequential":
        path(group, "mk", "M-5 0h10M-5 4h10M-5 8h10", (x, y))


def draw_collapsed_mark(group: etree._Element, shape: Shape) -> None:
    """The plus of a sub-process whose inside is not drawn."""
    path(group, "mk", "M-6-6h12v12h-12zM-3.5 0h7M0-3.5v7", (shape.box.middle[0], shape.box.bottom - 9))


def draw_gateway_mark(group: etree._Element, shape: Shape) -> None:
    """The kind of a gateway."""
    at = shape.box.middle
    if shape.kind in GATEWAY_MARKS:
        path(group, "mk bold", GATEWAY_MARKS[shape.kind], at)
    elif shape.kind == "inclusiveGateway":
        circle(group, "mk bold", at, 8)
    else:
        circle(group, "mk", at, 12)
        polygon(group, "mk", _pentagon(at))


def draw_event_mark(group: etree._Element, shape: Shape) -> None:
    """The trigger of an event: hollow when it waits, filled when it sends or ends."""
    at, kind = shape.box.middle, shape.event
    sends = shape.kind in ("endEvent", "intermediateThrowEvent")
    if kind == "terminate":
        circle(group, "mk full", at, 8)
    elif sends and kind in THROWN:
        path(group, "mk full fine", THROWN[kind], at)
    elif kind in EVENT_MARKS:
        if kind == "timer":
            circle(group, "mk", at, 8.5)
        path(group, "mk full" if sends else "mk", EVENT_MARKS[kind], at)


def draw_seal(group: etree._Element, state: str, at: Point) -> None:
    """The seal at the corner of a shape: ✓ done, › active, – skipped; nothing otherwise."""
    x, y = at
    if state == "done":
        circle(group, "seal", at, 8)
        add(group, "path", "tickmark", d=f"m{x - 4:.1f} {y:.1f} 3 3 5-6")
    elif state == "active":
        circle(group, "seal", at, 9)
        add(group, "path", "tickmark", d=f"m{x - 2:.1f} {y - 4:.1f} 5 4-5 4")
    elif state == "skip":
        circle(group, "seal", at, 8)
        add(group, "path", "tickmark", d=f"M{x - 4:.1f} {y:.1f}h8")


def draw_meter(group: etree._Element, level: int, levels: int, at: Point) -> None:
    """A row of boxes that ends at a point, as many of them full as the level says: heat without colour."""
    x, y = at
    for number in range(levels):
        left = x - (levels - number) * METER_PITCH
        kind = "meter full" if number < level else "meter"
        add(group, "rect", kind, x=left, y=y, width=METER_PITCH - 2, height=METER_HEIGHT)


def _pentagon(at: Point) -> list[Point]:
    x, y = at
    return [(x, y - 7), (x + 6.7, y - 2.2), (x + 4.1, y + 5.7), (x - 4.1, y + 5.7), (x - 6.7, y - 2.2)]
