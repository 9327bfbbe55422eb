"""What a template needs to draw a form: each field with its name, text, options, fault and rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.domain.form_fields import Field, FieldKind, are_rows
from webapp.forms.entries import show_entry
from webapp.forms.reading import UPLOAD

Choices = Mapping[str, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a field."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRow:
    """One row of a table: its closed line and its fields."""

    index: int
    name: str
    path: str
    number: str
    cells: tuple[str, ...]
    origin: str
    is_open: bool
    faults: int
    is_complete: bool
    fields: tuple["Drawn", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One field as it stands on a page. `name` is what the browser posts; it is also the id of the input."""

    field: Field
    name: str
    path: str
    value: Any
    text: str
    words: str
    error: str
    options: tuple[Option, ...] = ()
    rows: tuple[DrawnRow, ...] = ()
    fields: tuple["Drawn", ...] = ()
    files: tuple[dict[str, Any], ...] = ()

    @property
    def is_optional(self) -> bool:
        """Only what nobody can ask for is marked as optional."""
        return not (self.field.required or self.field.may_be_required or self.field.schema.get("minItems"))

    @property
    def upload_name(self) -> str:
        return f"{self.name}-{UPLOAD}"

    @property
    def described_by(self) -> str:
        """The ids of the fault and the help that belong to the input."""
        ids = [f"e-{self.name}" if self.error else "", f"h-{self.name}" if self.field.help else ""]
        return " ".join(part for part in ids if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What all levels of one form need: faults that are told, faults that are only known, the open row."""

    errors: Mapping[str, str]
    unfinished: frozenset[str]
    choices: Choices
    yes_no: tuple[str, str]
    open_row: str


def draw(
    fields: tuple[Field, ...],
    values: Mapping[str, Any],
    *,
    first: Mapping[str, Any],
    choices: Choices,
    errors: Mapping[str, str],
    unfinished: frozenset[str],
    yes_no: tuple[str, str],
    open_row: str = "",
) -> tuple[Drawn, ...]:
    """The fields of a form with these values.

    `errors` are told beside the fields (path to words). `unfinished` are paths of faults that are not told
    yet: they only keep a row from being called complete.
    """
    page = _Page(
        errors=errors, unfinished=unfinished, choices=choices, open_row=open_row,
        yes_no=yes_no,
    )  # fmt: skip
    return _draw_all(page, fields, values, first, "", "")


def as_read_only(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The same fields, to be shown and not to be filled in."""
    return tuple(
        replace(f, read_only=True, help=f.help if f.read_only else "", children=as_read_only(f.children))
        for f in fields
    )


def _draw_all(
    page: _Page,
    fields: tuple[Field, ...],
    values: Mapping[str, Any],
    first: Mapping[str, Any],
    name: str,
    path: str,
) -> tuple[Drawn, ...]:
    return tuple(
        _draw(
            page,
            field,
            values.get(field.name),
            first.get(field.name),
            f"{name}{field.name}",
            f"{path}{field.name}",
        )
        for field in fields
        if not field.hidden and (not field.read_only or field.is_shown(values))
        if _may_appear(field, fields, values)
    )


def _may_appear(field: Field, fields: tuple[Field, ...], values: Mapping[str, Any]) -> bool:
    """False when the page itself can never make a condition true: it depends on an entry that is told."""
    told = {sibling.name for sibling in fields if sibling.read_only}
    return all(values.get(c.sibling) in c.values for c in field.conditions if c.sibling in told)


def _draw(page: _Page, field: Field, value: Any, first: Any, name: str, path: str) -> Drawn:
    rows = _rows(page, field, value, first, name, path) if field.kind is FieldKind.TABLE else ()
    inner: tuple[Drawn, ...] = ()
    if field.kind is FieldKind.GROUP:
        inside, was = value if isinstance(value, dict) else {}, first if isinstance(first, dict) else {}
        inner = _draw_all(page, field.children, inside, was, f"{name}-", f"{path}/")
    return Drawn(
        field=field, name=name, path=path, value=value, text=show_entry(field, value),
        words=words_of(field, value, page.choices, page.yes_no), error=page.errors.get(path, ""),
        options=_options(page, field, value), rows=rows, fields=inner,
        files=tuple(value) if field.kind is FieldKind.FILES and are_rows(value) else (),
    )  # fmt: skip


def _rows(page: _Page, field: Field, value: Any, first: Any, name: str, path: str) -> tuple[DrawnRow, ...]:
    rows = value if are_rows(value) else []
    origins = first if are_rows(first) else []
    opened = _open_index(page, rows, path)
    return tuple(
        _row(page, field, index, row, origins, f"{name}-{index}-", f"{path}/{index}", is_open=index == opened)
        for index, row in enumerate(rows)
    )


def _open_index(page: _Page, rows: list[dict[str, Any]], path: str) -> int:
    """One row is open: the one asked for, else the first with a fault that is told, else a single row."""
    asked = page.open_row.removeprefix(f"{path}/").partition("/")[0]
    if page.open_row.startswith(f"{path}/") and asked.isdigit():
        return int(asked)
    faulty = (i for i in range(len(rows)) if any(e.startswith(f"{path}/{i}/") for e in page.errors))
    return next(faulty, 0 if len(rows) == 1 else -1)


def _row(
    page: _Page, field: Field, index: int, row: dict[str, Any], origins: list[dict[str, Any]], name: str,
    path: str, *, is_open: bool,
) -> DrawnRow:  # fmt: skip
    origin = _origin(field, index, row, origins)
    was = origins[int(origin)] if origin else {}
    by_name = {child.name: child for child in field.children}
    cells = tuple(
        words_of(by_name[c], row.get(c), page.choices, page.yes_no)
        for c in field.table.summary_columns
        if c in by_name
    )
    number = by_name.get(field.table.number or "")
    named = words_of(number, row.get(number.name), page.choices, page.yes_no) if number else ""
    return DrawnRow(
        index=index, name=name, path=path, origin=origin, is_open=is_open, cells=cells,
        number=named or str(index + 1),
        faults=sum(1 for e in page.errors if e.startswith(f"{path}/") or e == path),
        is_complete=not any(e.startswith(f"{path}/") for e in page.unfinished),
        fields=_draw_all(page, field.children, row, was, name, f"{path}/"),
    )  # fmt: skip


def _origin(field: Field, index: int, row: dict[str, Any], origins: list[dict[str, Any]]) -> str:
    """The row that was shown first and whose read-only entries this row carries, as a number; or nothing."""
    if field.table.fixed_rows:
        return str(index) if index < len(origins) else ""
    given = [child.name for child in field.children if child.read_only]
    part = {n: row[n] for n in given if n in row}
    if not part:
        return ""
    return next(
        (str(i) for i, was in enumerate(origins) if {n: was[n] for n in given if n in was} == part), ""
    )


def _options(page: _Page, field: Field, value: Any) -> tuple[Option, ...]:
    chosen = {show_entry(field, v) for v in (value if isinstance(value, list) else [value]) if v is not None}
    if field.kind is FieldKind.BOOLEAN:
        return tuple(
            Option(value="true" if answer else "false", label=word, chosen=value is answer)
            for answer, word in zip((True, False), page.yes_no, strict=True)
        )
    if field.kind not in (FieldKind.CHOICE, FieldKind.CHOICES):
        return ()
    offered = [(str(key), label) for key, label in _offered(field, page.choices)]
    # An entry that is offered no more stays visible: it must not vanish from the draft unseen.
    lost = [(text, text) for text in sorted(chosen) if text and text not in {key for key, _ in offered}]
    return tuple(Option(value=key, label=label, chosen=key in chosen) for key, label in [*offered, *lost])


def words_of(field: Field, value: Any, choices: Choices, yes_no: tuple[str, str]) -> str:
    """A value as people read it: the label of a choice, an ROC date, yes or no."""
    if value is None or value == "":
        return ""
    if field.kind is FieldKind.BOOLEAN and isinstance(value, bool):
        return yes_no[0] if value else yes_no[1]
    many = value if isinstance(value, list) else [value]
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        labels = {str(key): label for key, label in _offered(field, choices)}
        return "、".join(labels.get(str(chosen), str(chosen)) for chosen in many)
    if are_rows(value):
        return "、".join(str(row.get("name", row.get("title", ""))) for row in value)
    return "、".join(str(part) for part in many) if isinstance(value, list) else show_entry(field, value)


def _offered(field: Field, choices: Choices) -> list[tuple[Any, str]]:
    if field.choices_name is not None and field.choices_name in choices:
        return list(choices[field.choices_name])
    return list(field.choices)
