"""What a completion takes of the entries sent: fields shown, entries open to change, choices offered."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.domain.definition import FormDefinition
from engine.domain.form import FormContent, structural_fault
from engine.domain.form_fields import Field, FieldKind, are_rows, fields_of
from engine.errors import FieldError
from engine.forms.faults import CHOOSE_ONE, one_each, validate_values

NOT_TO_CHANGE = "This entry cannot be changed"

_FILE_KEYS = {"digest", "name", "size", "media_type"}

Choices = Mapping[str, list[tuple[str, str]]]


def accept_values(
    form: FormDefinition, content: FormContent, values: dict[str, Any]
) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
    """The values as they would be recorded, and their faults.

    Read-only entries take the value that was shown; entries of fields that are not shown are dropped.
    """
    fault = structural_fault(values)
    if fault is not None:
        return values, (FieldError(path=fault[0], template=fault[1]),)
    fields = fields_of(form)
    settled = shown_values(fields, _with_read_only(fields, content.values, values))
    errors = [
        *validate_values(form, settled),
        *_read_only_errors(fields, content.values, values, ""),
        *_choice_errors(fields, content.choices, settled, ""),
    ]
    return settled, one_each(fields, errors)


def shown_values(fields: tuple[Field, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those of fields that are not shown beside the others."""
    by_name = {field.name: field for field in fields}
    return {
        name: _shown_below(by_name[name], value) if name in by_name else value
        for name, value in values.items()
        if name not in by_name or by_name[name].is_shown(values)
    }


def files_within(value: Any) -> dict[str, dict[str, Any]]:
    """Every file reference anywhere in a value, by digest."""
    if isinstance(value, dict):
        own = {value["digest"]: value} if value.keys() >= _FILE_KEYS else {}
        return {**own, **{d: ref for child in value.values() for d, ref in files_within(child).items()}}
    if isinstance(value, list | tuple):
        return {d: ref for child in value for d, ref in files_within(child).items()}
    return {}


def file_entries(form: FormDefinition, values: Mapping[str, Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Every file that the values refer to, with the path of its field."""
    return tuple(_file_entries(fields_of(form), values, ""))


def _file_entries(
    fields: tuple[Field, ...], values: Mapping[str, Any], at: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    for field in fields:
        value, path = values.get(field.name), f"{at}{field.name}"
        if field.kind is FieldKind.GROUP and isinstance(value, dict):
            yield from _file_entries(field.children, value, f"{path}/")
        elif field.kind is FieldKind.FILES and are_rows(value):
            yield from ((path, item) for item in value)
        elif field.kind is FieldKind.TABLE and are_rows(value):
            for index, row in enumerate(value):
                yield from _file_entries(field.children, row, f"{path}/{index}/")


def _shown_below(field: Field, value: Any) -> Any:
    if field.kind is FieldKind.TABLE and are_rows(value):
        return [shown_values(field.children, row) for row in value]
    if field.kind is FieldKind.GROUP and isinstance(value, dict):
        return shown_values(field.children, value)
    return value


def _with_read_only(
    fields: tuple[Field, ...], shown: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The values, completed by the read-only entries that were shown and not sent again."""
    kept = dict(values)
    for field in fields:
        if field.read_only:
            if field.name in shown:
                kept.setdefault(field.name, shown[field.name])
        elif field.kind is FieldKind.TABLE and field.table.fixed_rows:
            first, rows = shown.get(field.name), kept.get(field.name)
            if are_rows(first) and are_rows(rows) and len(first) == len(rows):
                pairs = zip(first, rows, strict=True)
                kept[field.name] = [_with_read_only(field.children, was, row) for was, row in pairs]
    return kept


def _read_only_errors(
    fields: tuple[Field, ...], shown: Mapping[str, Any], values: Mapping[str, Any], at: str
) -> Iterator[FieldError]:
    for field in fields:
        path, value, first = f"{at}{field.name}", values.get(field.name), shown.get(field.name)
        if field.read_only:
            if field.name in values and value != first:
                yield FieldError(path=path, template=NOT_TO_CHANGE)
        elif field.kind is FieldKind.TABLE and are_rows(value):
            yield from _row_errors(field, path, first if are_rows(first) else [], value)


def _row_errors(
    field: Field, path: str, first: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> Iterator[FieldError]:
    if not field.table.fixed_rows:
        yield from _moved_row_errors(field, path, first, rows)
    elif len(first) != len(rows):
        yield FieldError(path=path, template="Rows cannot be added or removed here")
    else:
        for index, (was, row) in enumerate(zip(first, rows, strict=True)):
            yield from _read_only_errors(field.children, was, row, f"{path}/{index}/")


def _moved_row_errors(
    field: Field, path: str, first: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> Iterator[FieldError]:
    """Rows may move, so a row's read-only part must be that of some row that was shown, or be absent."""
    fixed = [child.name for child in field.children if child.read_only]
    known = [_part(row, fixed) for row in first]
    for index, row in enumerate(rows):
        part = _part(row, fixed)
        if part and part not in known:
            yield FieldError(path=f"{path}/{index}/{next(iter(part))}", template=NOT_TO_CHANGE)


def _part(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def _choice_errors(
    fields: tuple[Field, ...], choices: Choices, values: Mapping[str, Any], at: str
) -> Iterator[FieldError]:
    """A fault for each entry that is none of the choices offered for this task."""
    for field in fields:
        value, path, offered = values.get(field.name), f"{at}{field.name}", field.choices_name
        if field.kind is FieldKind.TABLE and are_rows(value):
            for index, row in enumerate(value):
                yield from _choice_errors(field.children, choices, row, f"{path}/{index}/")
        elif field.kind is FieldKind.GROUP and isinstance(value, dict):
            yield from _choice_errors(field.children, choices, value, f"{path}/")
        elif offered is not None and offered in choices and value is not None and not field.read_only:
            allowed = [key for key, _ in choices[offered]]
            if any(chosen not in allowed for chosen in (value if isinstance(value, list) else [value])):
                yield FieldError(path=path, template=CHOOSE_ONE)
