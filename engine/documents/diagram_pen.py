"""The pen of the diagram: SVG elements with classes, never with styles, for a strict content policy."""

from collections.abc import Sequence

from lxml import etree

from engine.documents.diagram_source import Point
from engine.documents.label_text import clean

SVG = "http://www.w3.org/2000/svg"
TIP_LENGTH = 8.0
TIP_HALF = 4.5


def figure(number: float) -> str:
    """A coordinate as short as it can be written."""
    return f"{number:.1f}".rstrip("0").rstrip(".") or "0"


def add(
    parent: etree._Element, tag: str, class_: str = "", text: str | None = None, **attributes: str | float
) -> etree._Element:
    """Append an element; `text` and attribute values are escaped when the tree is written."""
    element = etree.SubElement(parent, f"{{{SVG}}}{tag}")
    if class_:
        element.set("class", class_)
    for name, value in attributes.items():
        element.set(name.rstrip("_").replace("_", "-"), value if isinstance(value, str) else figure(value))
    if text is not None:
        element.text = clean(text)
    return element


def rectangle(
    parent: etree._Element, class_: str, x: float, y: float, width: float, height: float, rx: float = 0
) -> None:
    """A rectangle, with round corners when `rx` says so."""
    drawn = add(parent, "rect", class_, x=x, y=y, width=width, height=height)
    if rx:
        drawn.set("rx", figure(rx))


def circle(parent: etree._Element, class_: str, at: Point, radius: float) -> None:
    """A circle around a point."""
    add(parent, "circle", class_, cx=at[0], cy=at[1], r=radius)


def path(parent: etree._Element, class_: str, commands: str, at: Point | None = None) -> None:
    """A path; `at` moves its own origin there."""
    drawn = add(parent, "path", class_, d=commands)
    if at:
        drawn.set("transform", f"translate({figure(at[0])} {figure(at[1])})")


def polygon(parent: etree._Element, class_: str, points: Sequence[Point]) -> None:
    """A closed polygon."""
    add(parent, "polygon", class_, points=" ".join(f"{figure(x)},{figure(y)}" for x, y in points))


def polyline(parent: etree._Element, class_: str, points: Sequence[Point]) -> None:
    """An open line through points."""
    commands = " L".join(f"{figure(x)} {figure(y)}" for x, y in points)
    add(parent, "path", class_, d=f"M{commands}")


def lines_of_text(
    parent: etree._Element, class_: str, lines: Sequence[str], middle: Point, pitch: float
) -> None:
    """Centred lines of text around a point."""
    x, y = middle
    top = y - pitch * (len(lines) - 1) / 2
    for row, line in enumerate(lines):
        add(parent, "text", class_, line, x=x, y=top + row * pitch)


def arrow_tip(parent: etree._Element, class_: str, before: Point, end: Point) -> None:
    """A filled triangle at the end of a line."""
    dx, dy = end[0] - before[0], end[1] - before[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    ux, uy = dx / length, dy / length
    foot = (end[0] - ux * TIP_LENGTH, end[1] - uy * TIP_LENGTH)
    across = (-uy * TIP_HALF, ux * TIP_HALF)
    polygon(
        parent,
        class_,
        [end, (foot[0] + across[0], foot[1] + across[1]), (foot[0] - across[0], foot[1] - across[1])],
    )
