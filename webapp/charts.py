"""Charts as shapes: bars, marks and words at their places, to be drawn as SVG by a template.

A chart is 360 units wide, which a phone shows one to one. What a bar means is told by its pattern and by the
number in or beside it, never by its colour alone; the table beside a chart says the same in words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

WIDTH = 360
ROW, BAR = 40, 14
LEAST_FOR_NUMBER = 16
COLUMNS_HEIGHT, COLUMN_GAP = 150, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A rectangle; `kind` names its pattern in the style sheet."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A text at a place; `anchor` is start, middle or end; `kind` is empty, faint or inside."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn, from the back to the front, and how high it is."""

    height: float
    shapes: tuple[Shape, ...]
    words: tuple[Word, ...]


@dataclass(slots=True)
class _Pen:
    shapes: list[Shape] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    def chart(self, height: float) -> Chart:
        return Chart(height=height, shapes=tuple(self.shapes), words=tuple(self.words))

    def head(self, y: float, label: str, told: str) -> None:
        """The line above a bar: what it is of, and its number."""
        self.words.append(Word(x=0, y=y + 13, text=label))
        self.words.append(Word(x=WIDTH, y=y + 13, text=told, anchor="end", kind="faint"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a chart of bars: its label, its number in words, and (kind, amount) of each part."""

    label: str
    told: str
    parts: Sequence[tuple[str, float]]


def stacked(rows: Sequence[Row]) -> Chart:
    """Bars of parts that lie side by side, each part with its number where there is room for it."""
    longest = max((sum(amount for _, amount in row.parts) for row in rows), default=0) or 1
    pen = _Pen()
    for place, row in enumerate(rows):
        x, y = 0.0, place * ROW
        pen.head(y, row.label, row.told)
        for kind, amount in row.parts:
            width = amount / longest * WIDTH
            if width:
                pen.shapes.append(_bar(x, y, width, kind))
            if width >= LEAST_FOR_NUMBER:
                middle = round(x + width / 2, 1)
                pen.words.append(
                    Word(x=middle, y=y + 29.5, text=f"{amount:g}", anchor="middle", kind="inside")
                )
            x += width
    return pen.chart(len(rows) * ROW)


def spans(rows: Iterable[tuple[str, str, float, float]]) -> Chart:
    """(label, number in words, middle, far end): a bar up to the middle, and a thin one up to the far end."""
    found = list(rows)
    longest = max((far for *_, far in found), default=0) or 1
    pen = _Pen()
    for place, (label, told, middle, far) in enumerate(found):
        y, near, end = place * ROW, middle / longest * WIDTH, far / longest * WIDTH
        pen.head(y, label, told)
        pen.shapes.append(_bar(0, y, max(near, 1), "now"))
        if end - near >= 1:
            pen.shapes.append(_bar(near, y + 5, end - near, "thin", height=4))
            pen.shapes.append(_bar(end - 2, y, 2, "thin"))
    return pen.chart(len(found) * ROW)


def columns(rows: Sequence[Row]) -> Chart:
    """Standing bars of parts that lie on one another, from the floor up; what is told stands above each."""
    tallest = max((sum(amount for _, amount in row.parts) for row in rows), default=0) or 1
    step, floor = WIDTH / max(len(rows), 1), COLUMNS_HEIGHT + 20
    pen = _Pen()
    for place, row in enumerate(rows):
        x, y = place * step, float(floor)
        for kind, amount in row.parts:
            height = amount / tallest * COLUMNS_HEIGHT
            y -= height
            if height:
                pen.shapes.append(
                    Shape(
                        x=round(x + COLUMN_GAP / 2, 1), y=round(y, 1), width=round(step - COLUMN_GAP, 1),
                        height=round(height, 1), kind=kind,
                    )
                )  # fmt: skip
        middle = round(x + step / 2, 1)
        pen.words.append(Word(x=middle, y=round(y - 5, 1), text=row.told, anchor="middle"))
        pen.words.append(Word(x=middle, y=floor + 16, text=row.label, anchor="middle", kind="faint"))
    return pen.chart(floor + 22)


def _bar(x: float, y: float, width: float, kind: str, *, height: float = BAR) -> Shape:
    return Shape(x=round(x, 1), y=y + 18, width=round(width, 1), height=height, kind=kind)
