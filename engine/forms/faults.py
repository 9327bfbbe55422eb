"""The faults of entries against the schema of their form, each in words that say what to enter."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from engine.domain.definition import FormDefinition
from engine.domain.form import structural_fault
from engine.domain.form_fields import Field, FieldKind, are_rows, field_at, fields_of, label_of
from engine.errors import FieldError

REQUIRED = "This entry is required"
NOT_OF_THE_FORM = "This field does not belong to the form"
CHOOSE_ONE = "Choose one of the options"
WRONG_FORM = "This entry has the wrong form"
SENT_TWICE = "This entry was sent more than once"
FILE_GONE = "This file is not here any more; please attach it again"
TOO_MANY_ROWS = "Keep at most {limit} row(s)"

_DECIMAL_LENGTH = 30
_CACHE_SIZE = 512
_validators: dict[tuple[str, str], jsonschema_rs.Draft202012Validator] = {}

_BY_FORMAT = {
    "decimal": "Enter a number, such as 120 or 98.5",
    "date": "Enter a date, such as 114/1/24",
    "date-time": "Enter a date and time, such as 114/1/24 10:30",
    "uri": "Enter a web address that begins with https://",
    "person": "Choose a person",
    "unit": "Choose a unit",
}
_BY_TYPE = {
    FieldKind.INTEGER: "Enter a whole number",
    FieldKind.NUMBER: "Enter a number, such as 120 or 98.5",
    FieldKind.BOOLEAN: "Choose yes or no",
    FieldKind.CHOICE: CHOOSE_ONE,
    FieldKind.CHOICES: "Choose from the options",
}
_BY_KEYWORD = {
    "minLength": "Use at least {limit} characters (now {count})",
    "maxLength": "Use at most {limit} characters (now {count})",
    "minimum": "Enter a number of at least {limit}",
    "exclusiveMinimum": "Enter a number greater than {limit}",
    "maximum": "Enter a number of at most {limit}",
    "exclusiveMaximum": "Enter a number smaller than {limit}",
    "multipleOf": "Enter a multiple of {limit}",
    "enum": CHOOSE_ONE,
    "uniqueItems": "Each entry may appear only once",
}
_MIN_ITEMS = {
    FieldKind.FILES: "Attach at least {limit} file(s)",
    FieldKind.TABLE: "Add at least {limit} row(s)",
}
_MAX_ITEMS = {
    FieldKind.FILES: "Attach at most {limit} file(s)",
    FieldKind.TABLE: TOO_MANY_ROWS,
}


def validate_values(form: FormDefinition, values: dict[str, Any]) -> tuple[FieldError, ...]:
    """The faults of values against the form's schema and formats; at most one for each field."""
    fault = structural_fault(values)
    if fault is not None:
        return (FieldError(path=fault[0], template=fault[1]),)
    fields = fields_of(form)
    found = [error for raw in _validator(form).iter_errors(values) for error in _field_errors(fields, raw)]
    return one_each(fields, [*found, *_bound_errors(fields, values, "")])


def compile_schema(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator of a form's schema; ValueError when the schema is wrong or a pattern is not linear."""
    return jsonschema_rs.Draft202012Validator(
        dict(schema), validate_formats=True, formats=_FORMATS, ignore_unknown_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )  # fmt: skip


def one_each(fields: tuple[Field, ...], errors: list[FieldError]) -> tuple[FieldError, ...]:
    """The first fault of each path, with the words by which a person finds it, in the form's order."""
    first: dict[str, FieldError] = {}
    for error in errors:
        label = error.label or label_of(fields, error.path)
        labelled = FieldError(path=error.path, template=error.template, params=error.params, label=label)
        first.setdefault(error.path, labelled)
    return tuple(sorted(first.values(), key=lambda error: _place(fields, error.path)))


def _validator(form: FormDefinition) -> jsonschema_rs.Draft202012Validator:
    key = (form.key, form.digest)
    if key not in _validators:
        if len(_validators) >= _CACHE_SIZE:
            _validators.clear()
        _validators[key] = compile_schema(form.schema)
    return _validators[key]


def _is_decimal(text: str) -> bool:
    whole, point, fraction = text.removeprefix("-").partition(".")
    return len(text) <= _DECIMAL_LENGTH and _are_digits(whole) and (not point or _are_digits(fraction))


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_web_address(text: str) -> bool:
    """Web addresses only: a `javascript:` link in a form would run in somebody else's page."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in text)


def _is_id(text: str) -> bool:
    return 0 < len(text) <= 64 and all(c.isascii() and (c.isalnum() or c in "._-@") for c in text)


_FORMATS = {
    "decimal": _is_decimal,
    "date-time": _is_instant,
    "uri": _is_web_address,
    "person": _is_id,
    "unit": _is_id,
}


def _field_errors(fields: tuple[Field, ...], raw: jsonschema_rs.ValidationError) -> Iterator[FieldError]:
    path = "/".join(str(part) for part in raw.instance_path)
    keyword, limit = raw.kind.name, raw.kind.value
    if keyword == "required":
        yield FieldError(path=_join(path, str(limit)), template=REQUIRED)
    elif keyword in ("additionalProperties", "unevaluatedProperties"):
        yield from (FieldError(path=_join(path, str(name)), template=NOT_OF_THE_FORM) for name in limit)
    elif keyword == "falseSchema":
        yield FieldError(path=path, template=NOT_OF_THE_FORM)
    else:
        template, params = _words(field_at(fields, path), keyword, limit, raw.instance)
        yield FieldError(path=path, template=template, params=params)


def _words(field: Field | None, keyword: str, limit: Any, value: Any) -> tuple[str, dict[str, Any]]:
    kind = field.kind if field else FieldKind.TEXT
    match keyword:
        case "minLength" if value == "":
            return REQUIRED, {}
        case "type" if value is None:
            return REQUIRED, {}
        case "type":
            return _BY_TYPE.get(kind, WRONG_FORM), {}
        case "minItems":
            return _MIN_ITEMS.get(kind, "Choose at least {limit}"), {"limit": limit}
        case "maxItems":
            return _MAX_ITEMS.get(kind, "Choose at most {limit}"), {"limit": limit}
        case "minLength" | "maxLength":
            return _BY_KEYWORD[keyword], {"limit": limit, "count": len(value)}
        case "format":
            return _BY_FORMAT.get(limit, WRONG_FORM), {}
        case "const" if limit is True:
            return "Please confirm this", {}
        case "pattern":
            return _pattern_words(field)
    template = _BY_KEYWORD.get(keyword, "Please check this entry")
    return template, {"limit": limit} if "{limit}" in template else {}


def _pattern_words(field: Field | None) -> tuple[str, dict[str, Any]]:
    """A pattern is told in the form's own words (`x-pattern-text`): regular expressions are for machines."""
    words = field.schema.get("x-pattern-text") if field else None
    return ("Write it like this: {form}", {"form": words}) if words else (WRONG_FORM, {})


def _bound_errors(fields: tuple[Field, ...], values: Mapping[str, Any], at: str) -> Iterator[FieldError]:
    """Faults that the schema library cannot know: limits of decimals, and kinds of files."""
    for field in fields:
        value, path = values.get(field.name), f"{at}{field.name}"
        if field.kind is FieldKind.TABLE and are_rows(value):
            for index, row in enumerate(value):
                yield from _bound_errors(field.children, row, f"{path}/{index}/")
        elif field.kind is FieldKind.GROUP and isinstance(value, dict):
            yield from _bound_errors(field.children, value, f"{path}/")
        elif field.kind is FieldKind.DECIMAL and isinstance(value, str) and _is_decimal(value):
            yield from _decimal_errors(field, path, Decimal(value))
        elif field.kind is FieldKind.FILES and are_rows(value) and not _are_accepted(field, value):
            kinds = ", ".join(field.accept)
            template = "Attach files of these kinds only: {kinds}"
            yield FieldError(path=path, template=template, params={"kinds": kinds})


def _are_accepted(field: Field, files: list[dict[str, Any]]) -> bool:
    endings = {str(item.get("name", "")).rpartition(".")[2].lower() for item in files}
    return not field.accept or endings <= set(field.accept)


def _decimal_errors(field: Field, path: str, value: Decimal) -> Iterator[FieldError]:
    for keyword in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        limit = field.schema.get(f"x-{keyword}")
        if limit is not None and _is_beyond(value, keyword, Decimal(str(limit))):
            yield FieldError(path=path, template=_BY_KEYWORD[keyword], params={"limit": str(limit)})


def _is_beyond(value: Decimal, keyword: str, limit: Decimal) -> bool:
    match keyword:
        case "minimum":
            return value < limit
        case "exclusiveMinimum":
            return value <= limit
        case "maximum":
            return value > limit
        case _:
            return value >= limit


def _place(fields: tuple[Field, ...], path: str) -> list[tuple[int, str]]:
    """Where a path stands in the form: for the order in which faults are told."""
    place: list[tuple[int, str]] = []
    for part in path.split("/"):
        if part.isdigit():
            place.append((int(part), ""))
            continue
        names = [field.name for field in fields]
        known = part in names
        place.append((names.index(part), "") if known else (len(names), part))
        fields = fields[names.index(part)].children if known else ()
    return place


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
