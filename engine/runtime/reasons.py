"""Explains branches and decision tables while they are executed again; commands never ask for it."""

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from engine.domain.reason import BranchReason, Seen, TableInput, TableReason, TableRow, Weighed
from engine.runtime.decision import DecisionTable, Ruling
from engine.runtime.driver import path_of
from engine.runtime.functions import private_copy

Place = tuple[str, ...]


def explain_branch(task: Any, conditions: list[dict[str, Any]], taken: list[str]) -> BranchReason:
    """The reason of a choice that a gateway is about to tell; `conditions` as its event has them."""
    element, run = task.task_spec.element, task.workflow.run
    return BranchReason(
        effect=len(run.effects),
        process_key=element.process_key,
        element_id=element.id,
        path=path_of(task),
        taken=tuple(taken),
        weighed=tuple(
            Weighed(
                flow=told["flow"],
                expression=told["expression"],
                result=told["result"],
                seen=values_seen(told["expression"], task.data),
            )
            for told in conditions
        ),
    )


def explain_table(task: Any, table: DecisionTable, ruling: Ruling) -> TableReason:
    """The reason of a ruling that a business rule task is about to tell."""
    element, run = task.task_spec.element, task.workflow.run
    fitting = [(no, rule) for no, rule in enumerate(table.rules, start=1) if rule.id in ruling.rules]
    return TableReason(
        effect=len(run.effects),
        process_key=element.process_key,
        element_id=element.id,
        path=path_of(task),
        decision=table.name or table.id,
        inputs=tuple(
            TableInput(
                label=column.label or column.expression.text,
                expression=column.expression.text,
                value=private_copy(column.expression(task.data)),
            )
            for column in table.columns
        ),
        rows=tuple(
            TableRow(
                id=rule.id,
                number=no,
                cells=rule.cells,
                gave={
                    output.name: private_copy(cell(task.data))
                    for output, cell in zip(table.outputs, rule.outputs, strict=True)
                },
            )
            for no, rule in fitting
        ),
        of=len(table.rules),
    )


def values_seen(text: str, scope: Mapping[str, Any]) -> tuple[Seen, ...]:
    """Every value that an expression reads, each once, in the order in which it names them."""
    return tuple(
        Seen(name=".".join(place), value=private_copy(_value_at(scope, place))) for place in _places(text)
    )


@lru_cache(maxsize=1024)
def _places(text: str) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(_read(ast.parse(text.strip(), mode="eval").body)))


def _read(tree: ast.AST) -> Iterator[Place]:
    """The longest dotted names in a tree; the names of functions are none."""
    place = _place(tree)
    if place is not None:
        yield place
        return
    for part in ast.iter_child_nodes(tree):
        if not (isinstance(tree, ast.Call) and part is tree.func):
            yield from _read(part)


def _place(tree: ast.AST) -> Place | None:
    if isinstance(tree, ast.Name):
        return (tree.id,)
    if isinstance(tree, ast.Attribute):
        owner, key = _place(tree.value), tree.attr
    elif isinstance(tree, ast.Subscript) and isinstance(tree.slice, ast.Constant):
        owner, key = _place(tree.value), str(tree.slice.value)
    else:
        return None
    return None if owner is None else (*owner, key)


def _value_at(scope: Mapping[str, Any], place: Place) -> Any:
    value: Any = scope
    for key in place:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.lstrip("-").isdigit() and -len(value) <= int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value
