"""Decision tables: exactly one rule fits, or all that fit are collected; holes and overlaps are refused."""

from dataclasses import dataclass

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

from engine.domain.definition import SourceFile
from engine.errors import ProcessFailed
from engine.runtime import lint
from engine.runtime.decision import read_decision
from tests.engine.runtime.drawing import deployment, end, flow, process, start, started, user

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'


def table(
    rules: list[tuple[str, ...]],
    *,
    policy: str = "UNIQUE",
    inputs: tuple[str, ...] = ("score",),
    allowed: str = "",
) -> SourceFile:
    """A table of the inputs and one output `grade`; each rule is its cells, the output last."""
    values = f"<inputValues><text>{allowed}</text></inputValues>" if allowed else ""
    columns = "".join(
        f'<input id="i{n}" label="{text}"><inputExpression id="x{n}"><text>{text}</text></inputExpression>'
        f"{values}</input>"
        for n, text in enumerate(inputs)
    )
    rows = "".join(
        f'<rule id="r{n}">'
        + "".join(
            f'<inputEntry id="r{n}c{c}"><text><![CDATA[{cell}]]></text></inputEntry>'
            for c, cell in enumerate(row[:-1])
        )
        + f'<outputEntry id="r{n}o"><text>{row[-1]}</text></outputEntry></rule>'
        for n, row in enumerate(rules, start=1)
    )
    body = (
        f'{HEAD}<decision id="grade_of" name="g"><decisionTable id="t" hitPolicy="{policy}">{columns}'
        f'<output id="o" name="grade"/>{rows}</decisionTable></decision></definitions>'
    )
    return SourceFile(name="grade_of.dmn", body=body.encode())


def read(file: SourceFile):  # type: ignore[no-untyped-def]
    return read_decision(etree.fromstring(file.body), file.name)


def found(file: SourceFile) -> list[tuple[str, str]]:
    return [(finding.rule, str(finding)) for finding in lint((file,))]


GRADES = [(">= 90", '"high"'), ("? >= 60 and ? < 90", '"middle"'), ("< 60", '"low"')]


@pytest.mark.parametrize(
    ("score", "grade", "rule"),
    [(95, "high", "r1"), (90, "high", "r1"), (60, "middle", "r2"), (0, "low", "r3")],
)
def test_the_one_rule_that_fits_decides(score: int, grade: str, rule: str) -> None:
    ruling = read(table(GRADES)).evaluate({"score": score})
    assert (ruling.result, ruling.rules) == ({"grade": grade}, (rule,))


@pytest.mark.parametrize(
    ("cell", "fits"),
    [
        ("-", True),
        ("", True),
        ('"a"', True),
        ('in ["a", "b"]', True),
        ('not in ["a"]', False),
        ('!= "b"', True),
        ('"b"', False),
    ],
)
def test_cells(cell: str, fits: bool) -> None:
    ruling = read(table([(cell, "1")], policy="COLLECT")).evaluate({"score": "a"})
    assert ruling.result == {"grade": [1] if fits else []}


def test_collect_gives_every_rule_that_fits_in_order() -> None:
    ruling = read(table([("> 1", "1"), ("> 2", "2"), ("> 9", "3")], policy="COLLECT")).evaluate({"score": 5})
    assert (ruling.result, ruling.rules) == ({"grade": [1, 2]}, ("r1", "r2"))


def test_no_rule_or_two_rules_of_a_unique_table_are_an_error() -> None:
    with pytest.raises(ValueError, match="0 rules"):
        read(table([("> 9", "1")])).evaluate({"score": 5})
    with pytest.raises(ValueError, match="2 rules"):
        read(table([("> 1", "1"), ("> 2", "2")])).evaluate({"score": 5})


def test_the_bare_library_takes_the_first_of_two_rules_and_gives_nothing_for_none() -> None:
    from tests.engine.runtime.bare import Bare

    task = Bare(process("p", start() + user("a") + end() + flow("begin > a > done")), score=5).ready[0]

    def decide(file: SourceFile) -> dict[str, object]:
        parser = DMNParser(
            None, etree.fromstring(file.body), {"dmn": "https://www.omg.org/spec/DMN/20191111/MODEL/"}
        )
        parser.parse()
        return DMNEngine(parser.decision.decisionTables[0]).result(task)

    assert decide(table([("> 1", "1"), ("> 2", "2")])) == {"grade": 1}
    assert decide(table([("> 9", "1")])) == {}
    assert decide(table([("> 1", "1"), ("> 2", "2")], policy="PRIORITY")) == {"grade": 1}
    assert full_tag("businessRuleTask").endswith("businessRuleTask")


@pytest.mark.parametrize("policy", ["FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "BOGUS"])
def test_other_hit_policies_are_refused(policy: str) -> None:
    assert [rule for rule, _ in found(table(GRADES, policy=policy))] == ["invalid_table"]


@pytest.mark.parametrize(
    "cell", ["[1..5]", '"a", "b"', 'date("2025-01-01")', "__import__('os')", "x.__class__", "null("]
)
def test_cells_that_are_not_expressions_of_ours_are_refused(cell: str) -> None:
    assert [rule for rule, _ in found(table([(cell, "1")]))] == ["invalid_table"]


@pytest.mark.parametrize(
    "body", ["", "<decision id='a' name='a'/>", "<decision id='a' name='a'/><decision id='b' name='b'/>"]
)
def test_a_file_without_exactly_one_table_is_refused(body: str) -> None:
    file = SourceFile(name="grade_of.dmn", body=f"{HEAD}{body}</definitions>".encode())
    assert [rule for rule, _ in found(file)] == ["invalid_table"]


def test_a_table_without_holes_passes() -> None:
    assert found(table(GRADES)) == []


def test_overlapping_rules_are_refused_with_an_example() -> None:
    assert found(table([("> 50", "1"), ("<= 60", "2")])) == [
        ("overlapping_rules", "Two rules fit 50.5: r1, r2")
    ]


def test_a_missing_rule_is_refused_with_an_example() -> None:
    assert found(table([("> 50", "1"), ("< 50", "2")])) == [("missing_rule", "No rule fits 50; add one")]


def test_listed_values_need_no_rule_for_others() -> None:
    rows = [('"a"', "1"), ('"b"', "2")]
    assert found(table(rows))[0] == ("missing_rule", "No rule fits …; add one")
    assert found(table(rows, allowed='"a", "b"')) == []


@dataclass(frozen=True)
class Place:
    """Where a finding points: the element, and the text of the line."""

    rule: str
    element: str
    line: str
    text: str


def faults(file: SourceFile) -> list[Place]:
    lines = file.body.decode().splitlines()
    return [Place(f.rule, f.element, lines[f.line - 1].strip()[:9], str(f)) for f in lint((file,))]


def written(*rules: str, columns: str = "", values: str = "", attributes: str = "") -> SourceFile:
    """A table with one line for each element, so that a line says which element is meant."""
    listed = f"<inputValues><text>{values}</text></inputValues>" if values else ""
    lines = [
        f"{HEAD}",
        '<decision id="grade_of" name="g">',
        f'<decisionTable id="t" {attributes}>',
        '<input id="i0" label="分數"><inputExpression id="x0"><text>score</text></inputExpression>'
        f"{listed}</input>",
        columns or '<output id="o" name="grade"/>',
        *rules,
        "</decisionTable>",
        "</decision>",
        "</definitions>",
    ]
    return SourceFile(name="grade_of.dmn", body="\n".join(lines).encode())


def row(id: str, cell: str, output: str = "1") -> str:
    return (
        f'<rule id="{id}"><inputEntry id="{id}_c"><text><![CDATA[{cell}]]></text></inputEntry>'
        f'<outputEntry id="{id}_o"><text>{output}</text></outputEntry></rule>'
    )


LISTED_OUTPUT = '<output id="o" name="grade"><outputValues><text>1, 2</text></outputValues></output>'
HALVES = (row("low", "< 5"), row("high", ">= 5"))


@pytest.mark.parametrize(
    ("file", "place"),
    [
        (
            written(row("a", "< 5"), row("b", "<= 5"), row("c", "> 5")),
            Place("overlapping_rules", "b", "<rule id=", "Two rules fit 4.5: a, b"),
        ),
        (
            written(row("a", "< 5"), row("b", "> 5")),
            Place("missing_rule", "grade_of", "<decision", "No rule fits 5; add one"),
        ),
        (
            written(row("a", "< -5"), row("b", "> -5")),
            Place("missing_rule", "grade_of", "<decision", "No rule fits -5; add one"),
        ),
        (
            written(row("a", '"x"')),
            Place("missing_rule", "grade_of", "<decision", "No rule fits …; add one"),
        ),
        (
            written(row("a", '"x"'), row("b", '"y"'), row("c", '"z"'), values='"x", "y"'),
            Place("idle_rule", "c", "<rule id=", "No value of the inputs fits this rule; remove it"),
        ),
        (
            written(row("a", "< 5"), row("a", ">= 5")),
            Place("rule_twice", "a", "<rule id=", "Two rules have the id “a”"),
        ),
        (
            written(row("a", "< limit"), row("b", ">= 5")),
            Place(
                "unprovable_rule", "a", "<rule id=",
                "A cell may compare only its own input, not “limit”: given < limit",
            ),
        ),
        (
            written(row("a", "len(?) < 5"), row("b", ">= 5")),
            Place(
                "unprovable_rule", "a", "<rule id=",
                "List the values of the input “分數”, or only compare it: len(given) < 5",
            ),
        ),
        (
            written(row("a", "< 5", "3"), row("b", ">= 5", "2"), columns=LISTED_OUTPUT),
            Place("unlisted_output", "a", "<rule id=", "“grade” gives 3, which its column does not list"),
        ),
        (
            written(*HALVES, attributes='hitPolicy="FIRST"'),
            Place(
                "invalid_table", "t", "<decision",
                "The decision table cannot be used: "
                "Only the hit policies UNIQUE and COLLECT (without aggregation) work",
            ),
        ),
        (
            written(*HALVES, attributes='hitPolicy="COLLECT" aggregation="SUM"'),
            Place(
                "invalid_table", "t", "<decision",
                "The decision table cannot be used: "
                "Only the hit policies UNIQUE and COLLECT (without aggregation) work",
            ),
        ),
        (
            written(*HALVES, columns='<output id="o" name="grade"/><output id="p" name="grade"/>'),
            Place(
                "invalid_table", "t", "<decision",
                "The decision table cannot be used: Two outputs have the same name",
            ),
        ),
        (
            written(*HALVES, values="lowest, highest"),
            Place(
                "invalid_table", "", "<input id",
                "The decision table cannot be used: List plain values, not variables",
            ),
        ),
        (
            written('<rule id="a"><inputEntry id="a_c"><text>1</text></inputEntry></rule>'),
            Place(
                "invalid_table", "a", "<rule id=",
                "The decision table cannot be used: A rule needs one cell for each input and output",
            ),
        ),
    ],
    ids=lambda value: value.rule if isinstance(value, Place) else "",
)  # fmt: skip
def test_a_fault_of_a_table_is_named_with_element_and_line(file: SourceFile, place: Place) -> None:
    assert faults(file) == [place]


def test_a_table_of_another_language_version_is_refused() -> None:
    body = written(*HALVES).body.replace(b"20191111", b"20151101")
    assert [f.text for f in faults(SourceFile(name="grade_of.dmn", body=body))] == [
        "The decision table cannot be used: The file must hold the definitions of DMN 1.3"
    ]


def test_a_decision_needs_an_id() -> None:
    body = written(*HALVES).body.replace(b'id="grade_of"', b'id="grade of"')
    assert [f.text for f in faults(SourceFile(name="grade_of.dmn", body=body))] == [
        "The decision table cannot be used: A decision needs an id of letters, digits and underscores"
    ]


def test_a_decision_stands_in_one_file_only() -> None:
    first = written(*HALVES)
    second = SourceFile(name="again.dmn", body=first.body)
    assert [(f.file, f.rule, str(f)) for f in lint((first, second))] == [
        ("again.dmn", "decision_twice", "Another file holds a decision “grade_of”")
    ]


def test_a_table_that_cannot_be_tried_out_is_refused() -> None:
    names = ("a", "b", "c", "d")
    rows = [(*(f'"{n}{i}"' for i in range(4)), "1") for n in range(14)]
    assert found(table(rows, inputs=names)) == [
        ("table_too_large", "The table has too many combinations of values to be proven; split it")
    ]


def test_a_table_that_collects_may_leave_holes_and_overlap() -> None:
    assert faults(written(row("a", "> 1"), row("b", "> 2"), attributes='hitPolicy="COLLECT"')) == []


def test_calculations_are_proven_over_listed_values() -> None:
    rows = (row("a", "len(?) < 2"), row("b", "len(?) >= 2"))
    assert faults(written(*rows, values='"x", "xy"')) == []


def test_a_business_rule_task_leaves_its_ruling_under_its_id_and_in_the_history() -> None:
    body = start() + '<bpmn:businessRuleTask id="rate" planflow:decision="grade_of"/>' + user("look") + end()
    parsed = deployment(process("p", body + flow("begin > rate > look > done")), table(GRADES))
    live, step = started(parsed, score=75)
    assert live.view().variables["rate"] == {"grade": "middle"}
    assert step.effects[1].data == {
        "process": "p",
        "path": "rate",
        "decision": "grade_of",
        "rules": ["r2"],
        "result": {"grade": "middle"},
    }
    with pytest.raises(ProcessFailed):
        started(parsed, score="many")
