"""Editing of lists by submit buttons: add, copy, remove, move up and down; no script is needed."""

from copy import deepcopy
from typing import Any

from engine.domain.form_fields import Field, FieldKind, are_rows


def edit_rows(
    fields: tuple[Field, ...], values: dict[str, Any], operation: str
) -> tuple[dict[str, Any], str]:
    """Carry out an operation such as `copy:actions:2` on a copy of the values.

    Gives the values and the path of the row to open next (`actions/3`). Anything that is no operation of the
    form, or is not allowed for the table, changes nothing.
    """
    verb, _, rest = operation.partition(":")
    path, _, place = rest.partition(":")
    changed = deepcopy(values)
    field, rows = _list_at(fields, changed, path.split("/"))
    if field is None or rows is None or not _is_allowed(field, verb):
        return values, ""
    if verb == "add":
        rows.append({})
        return changed, f"{path}/{len(rows) - 1}"
    if not (place.isascii() and place.isdigit() and len(place) < 6 and int(place) < len(rows)):
        return values, ""
    return changed, _at_row(field, rows, verb, int(place), path)


def _is_allowed(field: Field, verb: str) -> bool:
    if field.read_only:
        return False
    if field.kind is FieldKind.FILES:
        return verb == "remove"
    return verb in ("add", "copy", "remove", "up", "down") and not field.table.fixed_rows


def _at_row(field: Field, rows: list[dict[str, Any]], verb: str, index: int, path: str) -> str:
    match verb:
        case "copy":
            rows.insert(index + 1, _copy_of(field, rows[index]))
            return f"{path}/{index + 1}"
        case "remove":
            rows.pop(index)
            return path
        case "up" if index > 0:
            rows[index - 1], rows[index] = rows[index], rows[index - 1]
            return f"{path}/{index - 1}"
        case "down" if index + 1 < len(rows):
            rows[index + 1], rows[index] = rows[index], rows[index + 1]
            return f"{path}/{index + 1}"
    return f"{path}/{index}"


def _copy_of(field: Field, row: dict[str, Any]) -> dict[str, Any]:
    """A copied row is a new one: what the house gave the old row (its number, say) stays with the old row."""
    given = {child.name for child in field.children if child.read_only}
    return {name: deepcopy(value) for name, value in row.items() if name not in given}


def _list_at(
    fields: tuple[Field, ...], values: dict[str, Any], parts: list[str]
) -> tuple[Field | None, list[dict[str, Any]] | None]:
    """The table (or list of files) at a path, and its rows within the values; an absent list is put there."""
    field = next((f for f in fields if f.name == parts[0]), None)
    if field is None:
        return None, None
    if len(parts) == 1:
        if field.kind not in (FieldKind.TABLE, FieldKind.FILES):
            return None, None
        rows = values.setdefault(field.name, [])
        return (field, rows) if are_rows(rows) else (None, None)
    if field.kind is FieldKind.GROUP:
        inner = values.setdefault(field.name, {})
        return _list_at(field.children, inner, parts[1:]) if isinstance(inner, dict) else (None, None)
    rows = values.get(field.name)
    if len(parts) < 3 or not are_rows(rows) or not parts[1].isdigit() or int(parts[1]) >= len(rows):
        return None, None
    return _list_at(field.children, rows[int(parts[1])], parts[2:])
