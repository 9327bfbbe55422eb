"""Rules about decision tables: that every input finds exactly one rule is tried out, not believed."""

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

from engine.errors import LintFinding
from engine.runtime.decision import GIVEN, DecisionTable, Rule
from engine.runtime.expression import Expression, ExpressionError

MAX_TRIED = 20_000
# What may compare an input whose values are not listed: then values beside the constants try everything.
_COMPARISONS = (
    ast.Expression, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.boolop, ast.unaryop, ast.cmpop, ast.Name,
    ast.Constant, ast.List, ast.Tuple, ast.expr_context,
)  # fmt: skip


def decision_rules(table: DecisionTable) -> Iterator[LintFinding]:
    """All rules about one table."""
    yield from _names(table)
    yield from _outputs(table)
    unprovable = list(_unprovable(table))
    yield from unprovable or _coverage(table)


def decision_twice(table: DecisionTable) -> LintFinding:
    """A second file with a decision of that id."""
    return _finding(table, None, "decision_twice", "Another file holds a decision “{key}”", key=table.id)


def _names(table: DecisionTable) -> Iterator[LintFinding]:
    """The history names rules by their ids."""
    for name, times in Counter(rule.id for rule in table.rules).items():
        if times > 1:
            again = next(rule for rule in reversed(table.rules) if rule.id == name)
            yield _finding(table, again, "rule_twice", "Two rules have the id “{key}”", key=name)


def _outputs(table: DecisionTable) -> Iterator[LintFinding]:
    """A cell that is written out gives one of the values that its column lists."""
    for rule in table.rules:
        for output, cell in zip(table.outputs, rule.outputs, strict=True):
            if output.allowed is not None and not cell.names and _value(cell) not in output.allowed:
                yield _finding(
                    table,
                    rule,
                    "unlisted_output",
                    "“{name}” gives {text}, which its column does not list",
                    name=output.name,
                    text=cell.text,
                )


def _unprovable(table: DecisionTable) -> Iterator[LintFinding]:
    """What hinders a proof of a UNIQUE table: other variables, calculations, or too many values."""
    if table.hit_policy != "UNIQUE":
        return
    for rule in table.rules:
        for column, condition in zip(table.columns, rule.conditions, strict=True):
            if condition is None:
                continue
            if other := sorted(condition.names - {GIVEN}):
                yield _finding(
                    table,
                    rule,
                    "unprovable_rule",
                    "A cell may compare only its own input, not “{name}”: {text}",
                    name=other[0],
                    text=condition.text,
                )
            elif column.allowed is None and not _compares(condition):
                yield _finding(
                    table,
                    rule,
                    "unprovable_rule",
                    "List the values of the input “{name}”, or only compare it: {text}",
                    name=column.label or column.expression.text,
                    text=condition.text,
                )
    if prod(len(_samples(table, index)) for index in range(len(table.columns))) > MAX_TRIED:
        yield _finding(
            table,
            None,
            "table_too_large",
            "The table has too many combinations of values to be proven; split it",
        )


def _coverage(table: DecisionTable) -> Iterator[LintFinding]:
    """Inputs of a UNIQUE table that not exactly one rule fits, and rules that no input fits."""
    fitted: set[str] = set()
    for values in product(*(_samples(table, index) for index in range(len(table.columns)))):
        fitting = [rule for rule in table.rules if _fits(rule, values)]
        fitted.update(rule.id for rule in fitting)
        if len(fitting) != 1 and table.hit_policy == "UNIQUE":
            yield _hole(table, values, fitting)
            return
    for rule in table.rules:
        if rule.id not in fitted and table.hit_policy == "UNIQUE":
            yield _finding(table, rule, "idle_rule", "No value of the inputs fits this rule; remove it")


def _hole(table: DecisionTable, values: tuple[Any, ...], fitting: list[Rule]) -> LintFinding:
    words = ", ".join(str(value) for value in values)
    if fitting:
        rules = ", ".join(rule.id for rule in fitting)
        template = "Two rules fit {values}: {rules}"
        return _finding(table, fitting[1], "overlapping_rules", template, values=words, rules=rules)
    return _finding(table, None, "missing_rule", "No rule fits {values}; add one", values=words)


def _fits(rule: Rule, values: tuple[Any, ...]) -> bool:
    try:
        return rule.fits(values, {})
    except ExpressionError:  # a text where the cell expects a number fits no rule
        return False


def _samples(table: DecisionTable, index: int) -> list[Any]:
    """The listed values of a column, else values on, between and beside its constants."""
    allowed = table.columns[index].allowed
    if allowed is not None:
        return list(allowed)
    cells = (rule.conditions[index] for rule in table.rules)
    constants = [constant for cell in cells if cell is not None for constant in _constants(cell)]
    numbers = sorted({c for c in constants if isinstance(c, int | float) and not isinstance(c, bool)})
    around = [v for n in numbers for v in (n - 0.5, n, n + 0.5)]
    texts = sorted({c for c in constants if isinstance(c, str)})
    truths: list[Any] = [True, False] if any(isinstance(c, bool) for c in constants) else []
    nothing = [None] if None in constants else []
    return [*around, *texts, *(["…"] if texts else []), *truths, *nothing] or ["…"]


def _constants(cell: Expression) -> Iterator[Any]:
    """The values written in a cell, with their signs."""
    parts = list(ast.walk(_tree(cell)))
    negated = {id(p.operand) for p in parts if isinstance(p, ast.UnaryOp) and isinstance(p.op, ast.USub)}
    for part in parts:
        if isinstance(part, ast.Constant):
            value: Any = part.value
            yield -value if id(part) in negated and isinstance(value, int | float) else value


def _compares(cell: Expression) -> bool:
    return all(isinstance(part, _COMPARISONS) for part in ast.walk(_tree(cell)))


def _tree(cell: Expression) -> ast.Expression:
    return ast.parse(cell.text, mode="eval")


def _value(cell: Expression) -> Any:
    try:
        return cell({})
    except ExpressionError:
        return None


def _finding(
    table: DecisionTable, rule: Rule | None, fault: str, template: str, /, **params: Any
) -> LintFinding:
    """A finding at a rule, or at the decision itself."""
    return LintFinding(
        file=table.file,
        element=rule.id if rule is not None else table.id,
        line=rule.line if rule is not None else table.line,
        rule=fault,
        template=template,
        params=params,
    )
