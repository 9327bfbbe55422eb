"""Decision tables (DMN): one table per file, hit policy UNIQUE or COLLECT, cells in our own expressions.

The library takes every hit policy for “first match”, finds nothing silently, and reads cells as Python.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from lxml import etree

from engine.runtime.expression import Expression, ExpressionError, compile_expression
from engine.runtime.source import local_name

HIT_POLICIES = ("UNIQUE", "COLLECT")
GIVEN = "given"
MAX_SAMPLES = 20_000
_OPERATOR = re.compile(r"(<=|>=|==|!=|<|>|in\b|not\s+in\b)")
_PLACE = re.compile(r"""\?(?=(?:[^'"]|"[^"]*"|'[^']*')*$)""")


class TableFault(ValueError):
    """A decision table cannot be read; `line` tells where."""

    def __init__(self, message: str, line: int) -> None:
        self.line = line
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An input: its expression, and the allowed values where the table lists them."""

    label: str
    expression: Expression
    allowed: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row; None is a cell that any value fits. Conditions read the value of their column as `given`."""

    id: str
    line: int
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
    output_names: tuple[str, ...]
    rules: tuple[Rule, ...]

    def evaluate(self, scope: Mapping[str, Any]) -> Ruling:
        """Rule on variables; a UNIQUE table raises ValueError unless exactly one rule fits."""
        values = tuple(column.expression(scope) for column in self.columns)
        fitting = [rule for rule in self.rules if rule.fits(values, scope)]
        if self.hit_policy == "COLLECT":
            collected = {
                name: [rule.outputs[index](scope) for rule in fitting]
                for index, name in enumerate(self.output_names)
            }
            return Ruling(rules=tuple(rule.id for rule in fitting), result=collected)
        if len(fitting) != 1:
            raise ValueError(
                f"{len(fitting)} rules of the table “{self.id}” fit {list(values)!r:.200}; it must be one"
            )
        outputs = zip(self.output_names, fitting[0].outputs, strict=True)
        return Ruling(rules=(fitting[0].id,), result={name: output(scope) for name, output in outputs})

    def holes(self) -> Iterator[tuple[tuple[Any, ...], tuple[str, ...]]]:
        """Inputs that not exactly one rule of a UNIQUE table fits, tried over all values that the cells name.

        Cells that read other variables cannot be tried and are passed over.
        """
        if self.hit_policy != "UNIQUE":
            return
        for values in islice(
            product(*(self._samples(index) for index in range(len(self.columns)))), MAX_SAMPLES
        ):
            try:
                fitting = tuple(rule.id for rule in self.rules if rule.fits(values, {}))
            except ExpressionError:
                continue
            if len(fitting) != 1:
                yield values, fitting

    def _samples(self, index: int) -> list[Any]:
        """Values on, between and beside the constants of a column."""
        allowed = self.columns[index].allowed
        if allowed is not None:
            return list(allowed)
        constants: list[Any] = []
        for rule in self.rules:
            condition = rule.conditions[index]
            if condition is not None:
                constants.extend(_constants(condition.text))
        numbers = sorted({c for c in constants if isinstance(c, int | float) and not isinstance(c, bool)})
        around = [v for n in numbers for v in (n - 0.5, n, n + 0.5)]
        texts = sorted({c for c in constants if isinstance(c, str)})
        truths: list[Any] = [True, False] if any(isinstance(c, bool) for c in constants) else []
        return [*around, *texts, *(["…"] if texts else []), *truths] or ["…"]


def _constants(text: str) -> Iterator[Any]:
    import ast

    return (part.value for part in ast.walk(ast.parse(text, mode="eval")) if isinstance(part, ast.Constant))


def read_decision(root: etree._Element, file: str) -> DecisionTable:
    """Read the one table of a file; raises TableFault."""
    decisions = [child for child in root if local_name(child) == "decision"]
    if len(decisions) != 1:
        raise TableFault("A file must hold exactly one decision", root.sourceline or 0)
    decision = decisions[0]
    table = next((child for child in decision if local_name(child) == "decisionTable"), None)
    if table is None:
        raise TableFault("A decision must be a decision table", decision.sourceline or 0)
    policy = table.get("hitPolicy", "UNIQUE").upper()
    if policy not in HIT_POLICIES or table.get("aggregation"):
        raise TableFault(
            "Only the hit policies UNIQUE and COLLECT (without aggregation) work", table.sourceline or 0
        )
    outputs = tuple(child.get("name", "") for child in table if local_name(child) == "output")
    columns = tuple(_column(child) for child in table if local_name(child) == "input")
    if not columns or not outputs or not all(name.isidentifier() for name in outputs):
        raise TableFault("A table needs inputs, and outputs with plain names", table.sourceline or 0)
    rows = [child for child in table if local_name(child) == "rule"]
    return DecisionTable(
        id=decision.get("id", ""),
        name=decision.get("name", ""),
        file=file,
        line=decision.sourceline or 0,
        hit_policy=policy,
        columns=columns,
        output_names=outputs,
        rules=tuple(
            _rule(row, number, len(columns), len(outputs)) for number, row in enumerate(rows, start=1)
        ),
    )


def _text(holder: etree._Element) -> str:
    text = next((child for child in holder if local_name(child) == "text"), None)
    return (text.text or "").strip() if text is not None else ""


def _compile(text: str, line: int) -> Expression:
    try:
        return compile_expression(text)
    except ExpressionError as error:
        raise TableFault(str(error), line) from None


def _column(column: etree._Element) -> Column:
    line = column.sourceline or 0
    expression = next((child for child in column if local_name(child) == "inputExpression"), None)
    values = next((child for child in column if local_name(child) == "inputValues"), None)
    if expression is None:
        raise TableFault("An input needs an expression", line)
    allowed = _compile(f"[{_text(values)}]", line)({}) if values is not None else None
    return Column(
        label=column.get("label", ""),
        expression=_compile(_text(expression), line),
        allowed=tuple(allowed) if allowed is not None else None,
    )


def _rule(row: etree._Element, number: int, inputs: int, outputs: int) -> Rule:
    line = row.sourceline or 0
    conditions = [_condition(_text(child), line) for child in row if local_name(child) == "inputEntry"]
    results = [_compile(_text(child), line) for child in row if local_name(child) == "outputEntry"]
    if len(conditions) != inputs or len(results) != outputs:
        raise TableFault("A rule needs one cell for each input and output", line)
    return Rule(
        id=row.get("id") or str(number), line=line, conditions=tuple(conditions), outputs=tuple(results)
    )


def _condition(cell: str, line: int) -> Expression | None:
    """`-` fits all; `> 3`, `in [...]` compare; `? > 3 and ? < 9` names the value; else equality."""
    if cell in ("", "-"):
        return None
    if _PLACE.search(cell):
        return _compile(_PLACE.sub(GIVEN, cell), line)
    if _OPERATOR.match(cell):
        return _compile(f"{GIVEN} {cell}", line)
    return _compile(f"{GIVEN} == ({cell})", line)
