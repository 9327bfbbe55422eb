"""What differs between two readings of one form: its read-only parts (panels), field by field, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What tells two rows of a table apart, the first that every row has and no two rows share.
_KEYS: tuple[tuple[str, ...], ...] = (
    ("key",), ("id",), ("action_id", "unit", "indicator"), ("action", "unit", "indicator"), ("person",),
    ("element", "label"), ("unit", "finding"), ("unit",), ("name",), ("label",),
)  # fmt: skip
# What a row is called: the first of each group that it has.
_NAMES = (
    ("action_id", "action", "id"),
    ("unit_label", "label", "person", "name", "unit"),
    ("indicator", "finding"),
)
# Parts of rows that name them, or that only the program needs.
_NOT_TOLD = frozenset({"key", "id_of_unit", "digest"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One field that differs: its keys and the names of its rows from the outside in, and what stood there.

    None stands for something that was not there.
    """

    names: tuple[str, ...]
    before: Any
    after: Any


def diff_shown(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[ShownChange, ...]:
    """Every difference in the order of the later reading, what is gone last; an empty field is no field."""
    return tuple(_of_fields((), before, after))


def _of_fields(
    names: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[ShownChange]:
    for key in dict.fromkeys((*after, *before)):
        if key not in _NOT_TOLD:
            # A title says what its part is about: it is told under the name of the part.
            inner = names if key == "title" and names else (*names, key)
            yield from _of_values(inner, before.get(key), after.get(key))


def _of_values(names: tuple[str, ...], before: Any, after: Any) -> Iterator[ShownChange]:
    if _is_empty(before) and _is_empty(after):
        return
    if _are_fields(before) and _are_fields(after):
        yield from _of_fields(names, before, after)
    elif _are_rows(before) or _are_rows(after):
        yield from _of_rows(names, _rows(before), _rows(after))
    elif before != after:
        yield ShownChange(names=names, before=_told(before), after=_told(after))


def _of_rows(
    names: tuple[str, ...], before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[ShownChange]:
    keys = next((keys for keys in _KEYS if _tell_apart(keys, before) and _tell_apart(keys, after)), None)
    was, now = _by_key(keys, before), _by_key(keys, after)
    for key in dict.fromkeys((*now, *was)):
        row, old = now.get(key), was.get(key)
        inner = (*names, _name_of(row or old or {}) or str(key[0]))
        if row is not None and old is not None:
            yield from _of_fields(inner, old, row)
        else:
            yield ShownChange(names=inner, before=old, after=row)


def _tell_apart(keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> bool:
    found = [tuple(str(row.get(key, "")) for key in keys) for row in rows]
    return all(row.get(keys[0]) for row in rows) and len(set(found)) == len(found)


def _by_key(
    keys: tuple[str, ...] | None, rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """Rows that nothing tells apart are compared in their order."""
    if keys is None:
        return {(str(no),): row for no, row in enumerate(rows, start=1)}
    return {tuple(str(row.get(key, "")) for key in keys): row for row in rows}


def _name_of(row: Mapping[str, Any]) -> str:
    parts = (next((row[name] for name in group if row.get(name)), "") for group in _NAMES)
    return " ".join(str(part) for part in parts if part)


def _told(value: Any) -> Any:
    return None if _is_empty(value) else value


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {}, ())


def _is_file(value: Mapping[str, Any]) -> bool:
    return "digest" in value and "name" in value


def _are_fields(value: Any) -> bool:
    return isinstance(value, Mapping) and not _is_file(value)


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_are_fields(row) for row in value)


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return list(value) if _are_rows(value) else []
