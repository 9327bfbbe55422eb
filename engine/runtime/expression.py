"""Expressions of diagrams, tables and forms: an allow-list over Python's syntax, compiled once to closures.

Nothing of Python's object model is reachable: there are no attributes but members of dicts, no calls but
the functions listed here, no repetition of strings or lists, and every value has a size limit (threats
T01, T04, T05).
"""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from engine.runtime.functions import FUNCTIONS, checked_size

MAX_TEXT = 4_000
MAX_DEPTH = 40
MAX_PARTS = 600
MAX_BITS = 256

Scope = Mapping[str, Any]
Closure = Callable[[Scope], Any]


class ExpressionError(ValueError):
    """An expression cannot be read or has no value; the message ends with the expression itself."""


class Expression:
    """A compiled expression: call it with the variables it may read."""

    __slots__ = ("_closure", "names", "text")

    def __init__(self, text: str, closure: Closure, names: frozenset[str]) -> None:
        self.text = text
        self.names = names
        self._closure = closure

    def __call__(self, scope: Scope) -> Any:
        """The value over these variables; raises ExpressionError for unknown names, wrong types and sizes."""
        try:
            return self._closure(scope)
        except (TypeError, ValueError, ZeroDivisionError, OverflowError, RecursionError) as error:
            raise ExpressionError(f"{error}: {self.text}") from None


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Read an expression; raises ExpressionError for anything that is not on the allow-list."""
    stripped = text.strip()
    tree = _read(stripped, "eval")
    return _compiled(tree.body, stripped)


@lru_cache(maxsize=1024)
def compile_script(text: str) -> tuple[tuple[str, Expression], ...]:
    """Read a script: lines of `name = expression` and nothing else."""
    lines = []
    source = text.strip()
    for statement in _read(source, "exec").body:
        if not (
            isinstance(statement, ast.Assign)
            and len(statement.targets) == 1
            and isinstance(statement.targets[0], ast.Name)
        ):
            raise ExpressionError(f"only lines of `name = expression` may stand in a script: {source}")
        name = statement.targets[0].id
        if name.startswith("_") or name == "typename":
            raise ExpressionError(f"“{name}” may not be assigned: {source}")
        lines.append((name, _compiled(statement.value, ast.get_source_segment(source, statement) or source)))
    if not lines:
        raise ExpressionError("the script is empty")
    return tuple(lines)


def evaluate(text: str, scope: Scope) -> Any:
    """Compile (cached) and evaluate in one go."""
    return compile_expression(text)(scope)


def _read(text: str, mode: str) -> Any:
    if not text:
        raise ExpressionError("the expression is empty")
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"the expression is longer than {MAX_TEXT} characters: {text[:60]}…")
    try:
        return ast.parse(text, mode=mode)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError(f"{getattr(error, 'msg', None) or 'cannot be read'}: {text[:200]}") from None


def _compiled(tree: ast.expr, text: str) -> Expression:
    parts = sum(1 for _ in ast.walk(tree))
    if parts > MAX_PARTS:
        raise ExpressionError(f"the expression has too many parts: {text[:200]}")
    names: set[str] = set()
    try:
        return Expression(text, _Compiler(names).compile(tree, 0), frozenset(names))
    except _Refused as refusal:
        raise ExpressionError(f"{refusal}: {text[:200]}") from None


class _Refused(Exception):
    """A part of the syntax that is not on the allow-list."""


def _bounded(value: Any) -> Any:
    """Numbers may not grow without end; other values are checked where they are made."""
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise ValueError("the number is too large")
    return value


def _arithmetic(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        # bool is an int and strings support `*` and `%`: only real numbers may be reckoned with
        for value in (left, right):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise TypeError(f"“{value!r:.40}” is not a number")
        return _bounded(function(left, right))

    return apply


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        checked_size(len(left) + len(right), str)
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        checked_size(len(left) + len(right), list)
        return left + right
    return _plus(left, right)


_plus = _arithmetic(operator.add)
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: _add,
    ast.Sub: _arithmetic(operator.sub),
    ast.Mult: _arithmetic(operator.mul),
    ast.Div: _arithmetic(operator.truediv),
    ast.FloorDiv: _arithmetic(operator.floordiv),
    ast.Mod: _arithmetic(operator.mod),
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


def _member(container: Any, key: Any) -> Any:
    if isinstance(container, dict):
        if key not in container:
            raise ValueError(f"there is no member “{key}” (use get())")
        return container[key]
    if isinstance(container, list) and isinstance(key, int) and not isinstance(key, bool):
        if not -len(container) <= key < len(container):
            raise ValueError(f"the list has no item {key}")
        return container[key]
    raise TypeError(f"“{container!r:.40}” has no members")


class _Compiler:
    """Turns an allowed tree into closures and collects the names that it reads."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def compile(self, tree: ast.expr, depth: int) -> Closure:
        if depth > MAX_DEPTH:
            raise _Refused("the expression is nested too deeply")
        method: Callable[[Any, int], Closure] | None = getattr(self, f"_{type(tree).__name__.lower()}", None)
        if method is None:
            raise _Refused(f"{type(tree).__name__} may not stand in an expression")
        return method(tree, depth + 1)

    def _constant(self, tree: ast.Constant, _: int) -> Closure:
        value = tree.value
        if not (value is None or isinstance(value, str | int | float)):
            raise _Refused(f"{type(value).__name__} may not stand in an expression")
        if isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise _Refused("the number is too large")
        return lambda scope: value

    def _name(self, tree: ast.Name, _: int) -> Closure:
        name = tree.id
        if name.startswith("_"):
            raise _Refused(f"the name “{name}” is reserved")
        self._names.add(name)

        def read(scope: Scope) -> Any:
            try:
                return scope[name]
            except KeyError:
                raise ValueError(f"there is no variable “{name}”") from None

        return read

    def _attribute(self, tree: ast.Attribute, depth: int) -> Closure:
        key = tree.attr
        if key.startswith("_"):
            raise _Refused(f"the name “{key}” is reserved")
        owner = self.compile(tree.value, depth)

        def read(scope: Scope) -> Any:
            value = owner(scope)
            if not isinstance(value, dict):
                raise TypeError(f"“{value!r:.40}” has no member “{key}”")
            return _member(value, key)

        return read

    def _subscript(self, tree: ast.Subscript, depth: int) -> Closure:
        if isinstance(tree.slice, ast.Slice):
            raise _Refused("slices may not stand in an expression")
        owner, key = self.compile(tree.value, depth), self.compile(tree.slice, depth)
        return lambda scope: _member(owner(scope), key(scope))

    def _list(self, tree: ast.List, depth: int) -> Closure:
        items = [self.compile(item, depth) for item in tree.elts]
        return lambda scope: [item(scope) for item in items]

    def _dict(self, tree: ast.Dict, depth: int) -> Closure:
        pairs = []
        for key, value in zip(tree.keys, tree.values, strict=True):
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)) or key.value == "typename":
                raise _Refused("the keys of a dict must be plain texts")
            pairs.append((key.value, self.compile(value, depth)))
        return lambda scope: {key: value(scope) for key, value in pairs}

    def _binop(self, tree: ast.BinOp, depth: int) -> Closure:
        function = _BINARY.get(type(tree.op))
        if function is None:
            raise _Refused(f"the operator {type(tree.op).__name__} may not stand in an expression")
        left, right = self.compile(tree.left, depth), self.compile(tree.right, depth)
        return lambda scope: function(left(scope), right(scope))

    def _unaryop(self, tree: ast.UnaryOp, depth: int) -> Closure:
        operand = self.compile(tree.operand, depth)
        if isinstance(tree.op, ast.Not):
            return lambda scope: not operand(scope)
        if isinstance(tree.op, ast.USub):
            minus = _BINARY[ast.Sub]
            return lambda scope: minus(0, operand(scope))
        raise _Refused(f"the operator {type(tree.op).__name__} may not stand in an expression")

    def _boolop(self, tree: ast.BoolOp, depth: int) -> Closure:
        values = [self.compile(value, depth) for value in tree.values]
        stops_at = isinstance(tree.op, ast.Or)

        def choose(scope: Scope) -> Any:
            result: Any = None
            for value in values:
                result = value(scope)
                if bool(result) is stops_at:
                    break
            return result

        return choose

    def _compare(self, tree: ast.Compare, depth: int) -> Closure:
        first = self.compile(tree.left, depth)
        rest = [
            (_COMPARE[type(op)], self.compile(right, depth))
            for op, right in zip(tree.ops, tree.comparators, strict=True)
        ]

        def compare(scope: Scope) -> Any:
            left = first(scope)
            for function, operand in rest:
                right = operand(scope)
                if not function(left, right):
                    return False
                left = right
            return True

        return compare

    def _ifexp(self, tree: ast.IfExp, depth: int) -> Closure:
        test, then, other = (self.compile(part, depth) for part in (tree.test, tree.body, tree.orelse))
        return lambda scope: then(scope) if test(scope) else other(scope)

    def _call(self, tree: ast.Call, depth: int) -> Closure:
        if not isinstance(tree.func, ast.Name) or tree.func.id not in FUNCTIONS:
            raise _Refused(f"only these functions may be called: {', '.join(sorted(FUNCTIONS))}")
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            raise _Refused("functions take plain arguments only")
        function = FUNCTIONS[tree.func.id]
        arguments = [self.compile(argument, depth) for argument in tree.args]
        return lambda scope: function(*[argument(scope) for argument in arguments])
