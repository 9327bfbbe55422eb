"""The functions that expressions may call: pure, total over JSON values, and bounded in size."""

from collections.abc import Callable
from typing import Any

MAX_TEXT_LENGTH = 100_000
MAX_ITEMS = 10_000
MAX_VALUES = 200_000
_ABSENT = object()


def checked_size(size: int, kind: type) -> None:
    """Raise ValueError when a text or list would become longer than allowed."""
    if size > (MAX_TEXT_LENGTH if kind is str else MAX_ITEMS):
        raise ValueError("the value would become too large")


def private_copy(value: Any) -> Any:
    """A deep copy of a JSON value that shares nothing with it.

    Raises ValueError for what is not JSON, for the reserved key `typename`, for names that begin with an
    underscore at the top, and for values that unfold to more than 200,000 parts (a list that holds itself
    many times over grows without end when it is written down).
    """
    budget = MAX_VALUES

    def copied(part: Any, depth: int) -> Any:
        nonlocal budget
        budget -= 1
        if budget < 0 or depth > 50:
            raise ValueError("the value is too large or nested too deeply")
        if part is None or isinstance(part, str | int | float):
            if part != part or part in (float("inf"), float("-inf")):
                raise ValueError("a number must be finite")
            return part
        if isinstance(part, dict):
            result = {}
            for key, member in part.items():
                if not isinstance(key, str) or key == "typename":
                    raise ValueError(f"the key “{key}” is reserved")
                result[key] = copied(member, depth + 1)
            return result
        if isinstance(part, list | tuple):
            return [copied(item, depth + 1) for item in part]
        raise ValueError(f"{type(part).__name__} is not a JSON value")

    return copied(value, 0)


def _text(value: Any) -> str:
    if value is None or isinstance(value, list | dict):
        raise TypeError("text() takes a text or a number")
    return str(value)


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError("number() takes a text or a number")
    if isinstance(value, str):
        if len(value) > 60:
            raise ValueError("the number is too long")
        result = float(value)
        return int(value) if result.is_integer() and value.strip().lstrip("+-").isdigit() else result
    return value


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is needed")
    return value


def _length(value: Any) -> int:
    if not isinstance(value, str | list | dict):
        raise TypeError("len() takes a text, a list or a dict")
    return len(value)


def _contains(container: Any, item: Any) -> bool:
    if not isinstance(container, str | list | dict):
        raise TypeError("contains() takes a text, a list or a dict")
    return item in container


def _get(container: Any, key: Any, default: Any = None) -> Any:
    if isinstance(container, dict):
        return container.get(key, default)
    if isinstance(container, list) and isinstance(key, int) and not isinstance(key, bool):
        return container[key] if -len(container) <= key < len(container) else default
    return default


def _keys(container: Any) -> list[str]:
    if not isinstance(container, dict):
        raise TypeError("keys() takes a dict")
    return list(container)


def _of_numbers_or_list(function: Callable[[Any], Any]) -> Callable[..., Any]:
    def apply(*values: Any) -> Any:
        return function(_items(values[0]) if len(values) == 1 else list(values))

    return apply


def _first(items: Any, default: Any = None) -> Any:
    return _items(items)[0] if items else default


def _last(items: Any, default: Any = None) -> Any:
    return _items(items)[-1] if items else default


def _pluck(items: Any, key: Any) -> list[Any]:
    return [_get(item, key) for item in _items(items)]


def _where(items: Any, key: Any, value: Any) -> list[Any]:
    return [item for item in _items(items) if _get(item, key) == value]


def _without(items: Any, *unwanted: Any) -> list[Any]:
    return [item for item in _items(items) if item not in unwanted]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": _length,
    "text": _text,
    "number": _number,
    "min": _of_numbers_or_list(min),
    "max": _of_numbers_or_list(max),
    "sorted": lambda items: sorted(_items(items)),
    "contains": _contains,
    "get": _get,
    "keys": _keys,
    "any": lambda items: any(_items(items)),
    "all": lambda items: all(_items(items)),
    "list_of": lambda *items: list(items),
    "first": _first,
    "last": _last,
    "pluck": _pluck,
    "where": _where,
    "without": _without,
}
