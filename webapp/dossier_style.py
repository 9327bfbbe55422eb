"""The style of pictures that are taken away: the rules of diagrams with plain colours, inside the picture."""

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
SHEETS = ("planflow.css", "diagram.css")
_TOKEN = re.compile(r"^\s*--([\w-]+):\s*(.+?);", re.MULTILINE)
_LIGHT = re.compile(r"light-dark\(([^,]+),.*?\)$")
_RULE = re.compile(r"^((?:svg)?\.bp[^{}]*)\{([^{}]*)\}", re.MULTILINE)
_AT_RULE = re.compile(r"@[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_USED = re.compile(r"var\(--([\w-]+)\)")


@cache
def diagram_style() -> str:
    """The rules of diagrams without a variable in them, light and for print, as text for a style element."""
    sheets = [_AT_RULE.sub("", _COMMENT.sub("", (STATIC / sheet).read_text("utf-8"))) for sheet in SHEETS]
    tokens: dict[str, str] = {}
    for name, value in _TOKEN.findall(sheets[0]):
        light = _LIGHT.match(value)
        tokens.setdefault(name, light.group(1) if light else value)
    rules = [
        f"{selector.strip()}{{{body.strip()}}}"
        for sheet in sheets
        for line in sheet.splitlines()
        for selector, body in _RULE.findall(_one_by_one(line))
    ]
    return _USED.sub(lambda used: tokens[used.group(1)], "\n".join(rules))


def _one_by_one(line: str) -> str:
    """A line that holds several rules as one line for each."""
    return re.sub(r"\}\s*(?=\.bp|svg\.bp)", "}\n", line)


def with_style(svg: str) -> bytes:
    """A picture as a file of its own that needs no other one."""
    opening, _, rest = svg.partition(">")
    style = f"<style>{diagram_style()}</style>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}>{style}{rest}'.encode()
