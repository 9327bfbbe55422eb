"""Decision tables (DMN): one table per file, hit policy UNIQUE or COLLECT, cells in our own expressions.

The library takes every hit policy for “first match”, finds nothing silently, and reads cells as Python.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.runtime.expression import Expression, ExpressionError, compile_expression
from engine.runtime.source import DMN, local_name

HIT_POLICIES = ("UNIQUE", "COLLECT")
GIVEN = "given"
_OPERATOR = re.compile(r"(<=|>=|==|!=|<|>|in\b|not\s+in\b)")
_PLACE = re.compile(r"""\?(?=(?:[^'"]|"[^"]*"|'[^']*')*$)""")


class TableFault(ValueError):
    """A decision table cannot be read; `element` and `line` tell where."""

    def __init__(self, message: str, place: etree._Element) -> None:
        self.element = place.get("id", "")
        self.line = place.sourceline or 0
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An input: its expression, and the allowed values where the table lists them."""

    id: str
    label: str
    line: int
    expression: Expression
    allowed: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """An output: its name, and the allowed values where the table lists them."""

    name: str
    allowed: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row; None is a cell that any value fits. Conditions read the value of their column as `given`.

    `cells` are the conditions as they are written.
    """

    id: str
    line: int
    cells: tuple[str, ...]
    conditions: tuple[Expression | None, ...]
    outputs: tuple[Expression, ...]

    def fits(self, values: tuple[Any, ...], scope: Mapping[str, Any]) -> bool:
        return all(
            condition is None or bool(condition({**scope, GIVEN: value}))
            for condition, value in zip(self.conditions, values, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The rules that fit and what they give."""

    rules: tuple[str, ...]
    result: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """The decision table of one file."""

    id: str
    name: str
    file: str
    line: int
    hit_policy: str
    columns: tuple[Column, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    def evaluate(self, scope: Mapping[str, Any]) -> Ruling:
        """Rule on variables; a UNIQUE table raises ValueError unless exactly one rule fits."""
        values = tuple(column.expression(scope) for column in self.columns)
        fitting = [rule for rule in self.rules if rule.fits(values, scope)]
        if self.hit_policy == "COLLECT":
            collected = {
                output.name: [rule.outputs[index](scope) for rule in fitting]
                for index, output in enumerate(self.outputs)
            }
            return Ruling(rules=tuple(rule.id for rule in fitting), result=collected)
        if len(fitting) != 1:
            raise ValueError(
                f"{len(fitting)} rules of the table “{self.id}” fit {list(values)!r:.200}; it must be one"
            )
        cells = zip(self.outputs, fitting[0].outputs, strict=True)
        return Ruling(rules=(fitting[0].id,), result={output.name: cell(scope) for output, cell in cells})


def read_decision(root: etree._Element, file: str) -> DecisionTable:
    """Read the one table of a file; raises TableFault."""
    if root.tag != f"{{{DMN}}}definitions":
        raise TableFault("The file must hold the definitions of DMN 1.3", root)
    decisions = [child for child in root if local_name(child) == "decision"]
    if len(decisions) != 1:
        raise TableFault("A file must hold exactly one decision", root)
    decision = decisions[0]
    if not decision.get("id", "").isidentifier():
        raise TableFault("A decision needs an id of letters, digits and underscores", decision)
    table = next((child for child in decision if local_name(child) == "decisionTable"), None)
    if table is None:
        raise TableFault("A decision must be a decision table", decision)
    policy = table.get("hitPolicy", "UNIQUE").upper()
    if policy not in HIT_POLICIES or table.get("aggregation"):
        raise TableFault("Only the hit policies UNIQUE and COLLECT (without aggregation) work", table)
    outputs = tuple(_output(child) for child in table if local_name(child) == "output")
    columns = tuple(_column(child) for child in table if local_name(child) == "input")
    names = [output.name for output in outputs]
    if not columns or not outputs or not all(name.isidentifier() for name in names):
        raise TableFault("A table needs inputs, and outputs with plain names", table)
    if len(set(names)) < len(names):
        raise TableFault("Two outputs have the same name", table)
    rows = [child for child in table if local_name(child) == "rule"]
    return DecisionTable(
        id=decision.get("id", ""),
        name=decision.get("name", ""),
        file=file,
        line=decision.sourceline or 0,
        hit_policy=policy,
        columns=columns,
        outputs=outputs,
        rules=tuple(
            _rule(row, number, len(columns), len(outputs)) for number, row in enumerate(rows, start=1)
        ),
    )


def _text(holder: etree._Element) -> str:
    text = next((child for child in holder if local_name(child) == "text"), None)
    return (text.text or "").strip() if text is not None else ""


def _compile(text: str, place: etree._Element) -> Expression:
    try:
        return compile_expression(text)
    except ExpressionError as error:
        raise TableFault(str(error), place) from None


def _column(column: etree._Element) -> Column:
    expression = next((child for child in column if local_name(child) == "inputExpression"), None)
    if expression is None:
        raise TableFault("An input needs an expression", column)
    return Column(
        id=column.get("id", ""),
        label=column.get("label", ""),
        line=column.sourceline or 0,
        expression=_compile(_text(expression), expression),
        allowed=_listed(column, "inputValues"),
    )


def _output(output: etree._Element) -> Output:
    return Output(name=output.get("name", ""), allowed=_listed(output, "outputValues"))


def _listed(holder: etree._Element, tag: str) -> tuple[Any, ...] | None:
    """The values that a column lists, which must be written out."""
    values = next((child for child in holder if local_name(child) == tag), None)
    if values is None:
        return None
    listed = _compile(f"[{_text(values)}]", values)
    if listed.names:
        raise TableFault("List plain values, not variables", values)
    return tuple(listed({}))


def _rule(row: etree._Element, number: int, inputs: int, outputs: int) -> Rule:
    entries = [child for child in row if local_name(child) == "inputEntry"]
    conditions = [_condition(child) for child in entries]
    results = [_compile(_text(child), child) for child in row if local_name(child) == "outputEntry"]
    if len(conditions) != inputs or len(results) != outputs:
        raise TableFault("A rule needs one cell for each input and output", row)
    return Rule(
        id=row.get("id") or str(number),
        line=row.sourceline or 0,
        cells=tuple(_text(child) or "-" for child in entries),
        conditions=tuple(conditions),
        outputs=tuple(results),
    )


def _condition(entry: etree._Element) -> Expression | None:
    """`-` fits all; `> 3`, `in [...]` compare; `? > 3 and ? < 9` names the value; else equality."""
    cell = _text(entry)
    if cell in ("", "-"):
        return None
    if _PLACE.search(cell):
        return _compile(_PLACE.sub(GIVEN, cell), entry)
    if _OPERATOR.match(cell):
        return _compile(f"{GIVEN} {cell}", entry)
    return _compile(f"{GIVEN} == ({cell})", entry)
