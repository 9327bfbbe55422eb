"""The linter tells a cause once, and not what follows from it."""

import pytest

from engine.domain.definition import SourceFile
from tests.engine.runtime.drawing import end, flow, process, start, user
from tests.engine.runtime.linting import LINE, WORK, drawn, rules


def test_what_lies_behind_a_broken_flow_is_not_told_as_well() -> None:
    ring = user("a", "b", "c", "x") + flow("a > b > c > x > b")
    assert drawn(WORK + LINE + ring) == [("no_incoming", "a")]
    assert drawn(WORK + LINE + user("a", "b", "c") + flow("a > b > a") + flow("b > c > a")) == [
        ("unreachable", "a"),
        ("two_outgoing", "b"),
    ]


@pytest.mark.parametrize(
    ("name", "body", "rule"),
    [
        ("sub.bpmn", b"<bpmn:definitions", "malformed_xml"),
        ("sub.bpmn", b"<definitions/>", "not_bpmn"),
        ("choice.dmn", b"<", "malformed_xml"),
        ("forms/other.json", b"{", "malformed_json"),
        ("forms/other.json", b"{}", "form_without_schema"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_first_and_once(name: str, body: bytes, rule: str) -> None:
    """That others miss what it holds follows from it."""
    users = (
        '<bpmn:callActivity id="x" calledElement="sub"/>'
        '<bpmn:businessRuleTask id="y" planflow:decision="choice"/>' + user("z", form="other")
    )
    drawing = process("a", start() + users + end() + flow("begin > x > y > z > done"))
    missing = {"sub.bpmn": ("unknown_process", "x"), "choice.dmn": ("unknown_decision", "y")}
    others = {**missing, "forms/other.json": ("unknown_form", "z")}
    found = rules(drawing, SourceFile(name=name, body=body))
    assert found[0][0] == rule
    assert [f for f in found if f[0].startswith("unknown_")] == [
        fault for file, fault in others.items() if file != name
    ]
