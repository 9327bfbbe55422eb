"""The fields of a form: one tree, read from its schema and ui hints, to check, draw and read entries."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard

from engine.domain.definition import FormDefinition

NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONG_TEXT = 200
_CACHE_SIZE = 512
_cache: dict[tuple[str, str], tuple["Field", ...]] = {}


class FieldKind(StrEnum):
    """What a field holds; it decides how the field is drawn, read and checked."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"
    FILES = "files"
    GROUP = "group"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A field is shown while its sibling holds one of the values."""

    sibling: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """How the rows of a table are named and edited."""

    summary_columns: tuple[str, ...] = ()
    number: str | None = None
    fixed_rows: bool = False
    add_label: str = ""
    noun: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `path` is dotted without row numbers (`actions.value`); `required` is the schema's own word,
    `may_be_required` is true when a condition of the form can ask for it."""

    name: str
    path: str
    kind: FieldKind
    title: str
    widget: str
    schema: Mapping[str, Any]
    help: str = ""
    required: bool = False
    may_be_required: bool = False
    read_only: bool = False
    hidden: bool = False
    span: int = 6
    phrases: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    choices: tuple[tuple[Any, str], ...] = ()
    choices_name: str | None = None
    accept: tuple[str, ...] = ()
    table: TableOptions = TableOptions()
    children: tuple["Field", ...] = ()

    def is_shown(self, siblings: Mapping[str, Any]) -> bool:
        """True while every condition of the field holds among the values beside it."""
        return all(siblings.get(c.sibling) in c.values for c in self.conditions)


def fields_of(form: FormDefinition) -> tuple[Field, ...]:
    """The fields of a form in the order in which they are shown."""
    key = (form.key, form.digest)
    if key not in _cache:
        if len(_cache) >= _CACHE_SIZE:
            _cache.clear()
        _cache[key] = _Reader(form.schema, form.ui).fields(form.schema, "")
    return _cache[key]


def field_at(fields: tuple[Field, ...], path: str) -> Field | None:
    """The field at a path of values such as `actions/0/value`, or None."""
    found: Field | None = None
    for part in path.split("/"):
        if part.isdigit():
            continue
        found = next((f for f in fields if f.name == part), None)
        if found is None:
            return None
        fields = found.children
    return found


def are_rows(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    """True for what a table or a list of files holds: a list of objects."""
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def label_of(fields: tuple[Field, ...], path: str) -> str:
    """The words by which a person finds the entry at a path: `具體推動作法 2・目標值`."""
    words: list[str] = []
    for part in path.split("/"):
        if part.isdigit():
            if words:
                words[-1] = f"{words[-1]} {int(part) + 1}"
            continue
        found = next((f for f in fields if f.name == part), None)
        if found is None:
            return "・".join([*words, part]) if part else "・".join(words)
        words.append(found.title)
        fields = found.children
    return "・".join(words)


class _Reader:
    """Reads one form; holds what every level needs: definitions, ui hints and conditional requirements."""

    def __init__(self, schema: Mapping[str, Any], ui: Mapping[str, Any]) -> None:
        self._defs: Mapping[str, Any] = schema.get("$defs", {})
        self._ui = ui

    def fields(self, schema: Mapping[str, Any], prefix: str) -> tuple[Field, ...]:
        properties: Mapping[str, Any] = schema.get("properties", {})
        always = set(schema.get("required", ()))
        conditional = set(_conditionally_required(schema))
        return tuple(
            self._field(name, properties[name], prefix, required=name in always, may=name in conditional)
            for name in self._ordered(properties, prefix)
        )

    def _ordered(self, properties: Mapping[str, Any], prefix: str) -> list[str]:
        order = self._ui.get("order", [])
        wanted = order.get(prefix, []) if isinstance(order, dict) else ([] if prefix else order)
        first = [name for name in wanted if name in properties]
        return first + [name for name in properties if name not in first]

    def _hint(self, kind: str, path: str, default: Any) -> Any:
        hints = self._ui.get(kind)
        return hints.get(path, default) if isinstance(hints, dict) else default

    def _field(self, name: str, raw: Mapping[str, Any], prefix: str, *, required: bool, may: bool) -> Field:
        path = f"{prefix}.{name}" if prefix else name
        schema = self._resolved(raw)
        items = self._resolved(schema.get("items", {}))
        hint = self._hint("widgets", path, "") or schema.get("x-widget", "")
        kind = _kind(schema, items, hint)
        source = items if kind is FieldKind.CHOICES else schema
        widget = hint if hint not in ("", "readonly", "hidden") else _default_widget(kind, schema, source)
        told = self._hint("help", path, schema.get("description", ""))
        return Field(
            name=name, path=path, kind=kind, title=schema.get("title", name), widget=widget, schema=schema,
            help=told,
            required=required, may_be_required=may,
            read_only=bool(schema.get("readOnly")) or hint in ("readonly", "hidden"), hidden=hint == "hidden",
            span=self._hint("columns", path, _default_span(kind, widget, bool(told))),
            phrases=tuple(self._hint("phrases", path, ())),
            conditions=_conditions(self._hint("show_if", path, {})),
            choices=_static_choices(source), choices_name=schema.get("x-choices") or source.get("x-choices"),
            accept=tuple(schema.get("x-accept", ())), table=_table_options(self._hint("table", path, {})),
            children=self._children(kind, schema, items, path),
        )  # fmt: skip

    def _children(
        self, kind: FieldKind, schema: Mapping[str, Any], items: Mapping[str, Any], path: str
    ) -> tuple[Field, ...]:
        if kind is FieldKind.TABLE:
            return self.fields(items, path)
        return self.fields(schema, path) if kind is FieldKind.GROUP else ()

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = schema.get("$ref", "")
        if not reference.startswith("#/$defs/"):
            return schema
        target = self._defs.get(reference.removeprefix("#/$defs/"), {})
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def _kind(schema: Mapping[str, Any], items: Mapping[str, Any], hint: str) -> FieldKind:
    types = schema.get("type", "string")
    main = next((t for t in types if t != "null"), "string") if isinstance(types, list) else types
    if main == "array":
        return _array_kind(schema, items, hint)
    if main == "object":
        return FieldKind.GROUP
    if "enum" in schema or "x-choices" in schema or schema.get("format") in ("person", "unit"):
        return FieldKind.CHOICE
    if main in ("integer", "number", "boolean"):
        return FieldKind(main)
    by_format = {"decimal": FieldKind.DECIMAL, "date": FieldKind.DATE, "date-time": FieldKind.DATETIME}
    return by_format.get(schema.get("format", ""), FieldKind.TEXT)


def _array_kind(schema: Mapping[str, Any], items: Mapping[str, Any], hint: str) -> FieldKind:
    if schema.get("format") == "files" or hint == "files":
        return FieldKind.FILES
    if items.get("type") == "object":
        return FieldKind.TABLE
    is_choice = "enum" in items or "x-choices" in schema or "x-choices" in items
    return FieldKind.CHOICES if is_choice or items.get("format") in ("person", "unit") else FieldKind.LINES


def _default_widget(kind: FieldKind, schema: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    if kind is FieldKind.TEXT:
        return "textarea" if schema.get("maxLength", 0) > _LONG_TEXT else "text"
    if kind is FieldKind.CHOICE:
        return "radio" if 0 < len(source.get("enum", ())) <= 4 else "select"
    return {
        FieldKind.INTEGER: "number",
        FieldKind.DATE: "roc_date",
        FieldKind.BOOLEAN: "radio",
        FieldKind.CHOICES: "checkboxes",
        FieldKind.LINES: "textarea",
    }.get(kind, str(kind))


def _default_span(kind: FieldKind, widget: str, has_help: bool) -> int:
    if kind in (FieldKind.TABLE, FieldKind.GROUP, FieldKind.FILES) or widget in ("textarea", "checkboxes"):
        return 12
    is_short = kind in (FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.DECIMAL, FieldKind.DATE)
    return 3 if is_short or widget == "select" or (kind is FieldKind.BOOLEAN and not has_help) else 6


def _static_choices(schema: Mapping[str, Any]) -> tuple[tuple[Any, str], ...]:
    labels: Mapping[str, str] = schema.get("x-labels", {})
    values = [value for value in schema.get("enum", ()) if value is not None]
    return tuple((value, labels.get(str(value), str(value))) for value in values)


def _conditions(show_if: Mapping[str, Any]) -> tuple[Condition, ...]:
    return tuple(
        Condition(sibling=name, values=tuple(wanted) if isinstance(wanted, list) else (wanted,))
        for name, wanted in show_if.items()
    )


def _table_options(hints: Mapping[str, Any]) -> TableOptions:
    return TableOptions(
        summary_columns=tuple(hints.get("summary_columns", ())), number=hints.get("number"),
        fixed_rows=bool(hints.get("fixed_rows")), add_label=hints.get("add", ""), noun=hints.get("noun", ""),
    )  # fmt: skip


def _conditionally_required(schema: Mapping[str, Any]) -> Iterator[str]:
    """Names that some `then`, `else` or branch of the schema asks for."""
    for key in ("then", "else"):
        if key in schema:
            yield from schema[key].get("required", ())
            yield from _conditionally_required(schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield from part.get("required", ())
            yield from _conditionally_required(part)
