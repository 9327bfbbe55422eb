"""Breaking Chinese labels into lines that stay inside a shape."""

import re
from math import ceil
from unicodedata import combining, east_asian_width

WIDE = 1.0
NARROW = 0.56
NO_LINE_START = frozenset("，。、；：？！）」』】〕〉》…—％,.;:?!)]}%")
NO_LINE_END = frozenset("（「『【〔〈《([{")
ELLIPSIS = "…"
# Latin words and numbers stay whole; every other character may stand alone.
_PIECE = re.compile(r"[A-Za-z0-9_.,/%:+-]+|\s+|.", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without characters that XML cannot hold, and with single spaces."""
    return " ".join(without_controls(text).split())


def without_controls(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _CONTROL.sub("", text)


def width_of(text: str) -> float:
    """The width in em, as the usual sans-serif fonts draw it."""
    return sum(
        0 if combining(letter) else WIDE if east_asian_width(letter) in "WFA" else NARROW for letter in text
    )


def wrap(text: str, *, width: float, size: float, lines: int) -> list[str]:
    """At most `lines` lines of at most `width` pixels in a font of `size` pixels, about equally long.

    What does not fit ends in an ellipsis; the whole text stands in the title of the shape.
    """
    limit = width / size
    pieces = _pieces(clean(text), limit)
    wanted = max(1, ceil(sum(map(width_of, pieces)) / limit))
    for share in range(wanted, lines + 1):
        # A line somewhat longer than the average lets all lines end at about the same place.
        balanced = _fill(pieces, min(limit, sum(map(width_of, pieces)) / share + WIDE))
        if len(balanced) <= share:
            return balanced
    filled = _fill(pieces, limit)
    return filled if len(filled) <= lines else [*filled[: lines - 1], _shortened(filled[lines - 1 :], limit)]


def _pieces(text: str, limit: float) -> list[str]:
    """What may not be torn apart: words, and characters with the punctuation that belongs to them."""
    pieces: list[str] = []
    for piece in _PIECE.findall(text):
        glued = pieces and (piece in NO_LINE_START or pieces[-1][-1] in NO_LINE_END)
        if glued:
            pieces[-1] += piece
        elif width_of(piece) > limit:
            pieces.extend(piece)
        else:
            pieces.append(piece)
    return pieces


def _fill(pieces: list[str], limit: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and width_of((lines[-1] + piece).rstrip()) > limit:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.strip() for line in lines if line.strip()]


def _shortened(rest: list[str], limit: float) -> str:
    text = "".join(rest)
    while text and width_of(text + ELLIPSIS) > limit:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS
