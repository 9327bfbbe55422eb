"""From the names and texts that a browser posts to the JSON values of a form; nothing is ignored."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from engine.domain.form_fields import Field, FieldKind, are_rows
from engine.errors import FieldError
from engine.forms.faults import FILE_GONE, NOT_OF_THE_FORM, SENT_TWICE, TOO_MANY_ROWS
from webapp.forms.entries import clean_text, read_entry

# Names that a page adds to those of the form's own fields (which begin with a letter a-z).
PAGE_NAMES = frozenset(
    {
        "csrf_token", "command_id", "_op", "_revision", "_shown_digest", "_paper_reason", "_copy", "_seen",
        "_from", "_after",
    }
)  # fmt: skip
ROW = "_row"
UPLOAD = "_upload"
MAX_ROWS = 500
_DIGEST = re.compile(r"[0-9a-f]{64}")

FileReference = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The values that were posted, and what was posted beside the form or could not be found."""

    values: dict[str, Any]
    errors: tuple[FieldError, ...] = ()


def read_values(
    fields: tuple[Field, ...],
    posted: MultiDict[str, str],
    *,
    first: Mapping[str, Any],
    files: Mapping[str, FileReference],
) -> Reading:
    """Read a posted form.

    `first` are the values that the form was drawn with: read-only entries come from there, never from the
    browser. `files` are the uploads that this person may refer to, by digest. Names that the form does not
    have are faults.
    """
    reader = _Reader(posted=posted, files=files)
    values = reader.group(fields, "", first)
    return Reading(values=values, errors=tuple(reader.all_errors()))


def posted_digests(posted: MultiDict[str, str]) -> frozenset[str]:
    """The digests of uploads that a posted form refers to."""
    found = (value for name in posted for value in posted.getlist(name) if name.endswith("-digest"))
    return frozenset(value for value in found if _DIGEST.fullmatch(value))


def posted_uploads(
    fields: tuple[Field, ...], posted: MultiDict[str, FileStorage]
) -> list[tuple[str, Field, FileStorage]]:
    """The files that came with a posted form: name of the field, field, file; empty inputs are left out."""
    found: list[tuple[str, Field, FileStorage]] = []
    for name in posted:
        path = name.removesuffix(f"-{UPLOAD}")
        wanted = _files_field(fields, path.split("-")) if path != name else None
        if wanted is not None:
            found += [(path, wanted, item) for item in posted.getlist(name) if item.filename]
    return found


def _files_field(fields: tuple[Field, ...], parts: list[str]) -> Field | None:
    found: Field | None = None
    for part in parts:
        if part.isdigit():
            continue
        found = next((f for f in fields if f.name == part), None)
        if found is None:
            return None
        fields = found.children
    return found if found is not None and found.kind is FieldKind.FILES and not found.read_only else None


@dataclass(slots=True, kw_only=True)
class _Reader:
    posted: MultiDict[str, str]
    files: Mapping[str, FileReference]
    used: set[str] = attribute(default_factory=set)
    errors: list[FieldError] = attribute(default_factory=list)

    def all_errors(self) -> Iterator[FieldError]:
        yield from self.errors
        for name in self.posted:
            if name not in self.used and name not in PAGE_NAMES:
                yield FieldError(path=_path(name)[:100], template=NOT_OF_THE_FORM)

    def group(self, fields: tuple[Field, ...], prefix: str, first: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in fields:
            if field.read_only:
                if field.name in first:
                    values[field.name] = first[field.name]
                continue
            value = self._value(field, f"{prefix}{field.name}", first.get(field.name))
            if value is not None or self._must_be_null(field):
                values[field.name] = value
        return values

    def _value(self, field: Field, name: str, first: Any) -> Any:
        """The value of one field, or None when nothing was entered."""
        match field.kind:
            case FieldKind.GROUP:
                return (
                    self.group(field.children, f"{name}-", first if isinstance(first, dict) else {}) or None
                )
            case FieldKind.TABLE:
                return self._kept_list(field, self._rows(field, name, first if are_rows(first) else []))
            case FieldKind.FILES:
                return self._kept_list(field, list(self._files(name)))
            case FieldKind.CHOICES:
                return self._kept_list(field, self._all(field, name))
            case FieldKind.LINES:
                return self._kept_list(field, list(self._lines(name)))
            case FieldKind.BOOLEAN if field.widget == "checkbox":
                return self._one(name) == "true"
        text = self._one(name)
        return read_entry(field, text) if text else None

    def _one(self, name: str) -> str | None:
        given = self.posted.getlist(name)
        self.used.add(name)
        if len(given) > 1:
            self.errors.append(FieldError(path=_path(name), template=SENT_TWICE))
        if not given:
            return None
        return clean_text(given[0])

    def _lines(self, name: str) -> Iterator[str]:
        yield from (line.strip() for line in (self._one(name) or "").split("\n") if line.strip())

    def _all(self, field: Field, name: str) -> list[Any]:
        self.used.add(name)
        by_text = {str(value): value for value, _ in field.choices}
        given = [clean_text(text) for text in self.posted.getlist(name)]
        return [by_text.get(text, text) for text in given if text]

    def _files(self, name: str) -> Iterator[FileReference]:
        for index in self._indices(name):
            digest = self._one(f"{name}-{index}-digest") or ""
            if digest in self.files:
                yield dict(self.files[digest])
            else:
                self.errors.append(FieldError(path=_path(name), template=FILE_GONE))

    def _rows(self, field: Field, name: str, first: list[dict[str, Any]]) -> list[dict[str, Any]]:
        indices = self._indices(name)
        if len(indices) > MAX_ROWS:
            self.errors.append(
                FieldError(path=_path(name), template=TOO_MANY_ROWS, params={"limit": MAX_ROWS})
            )
        return [self._row(field, f"{name}-{index}-", first) for index in indices[:MAX_ROWS]]

    def _row(self, field: Field, prefix: str, first: list[dict[str, Any]]) -> dict[str, Any]:
        """One row; its hidden `_row` tells which row that was shown it was, for its read-only entries."""
        was = self._one(f"{prefix}{ROW}") or ""
        known = was.isascii() and was.isdigit() and int(was[:9]) < len(first)
        if was and not known:
            self.errors.append(FieldError(path=_path(f"{prefix}{ROW}"), template=NOT_OF_THE_FORM))
        return self.group(field.children, prefix, first[int(was)] if known else {})

    def _indices(self, name: str) -> list[int]:
        start = len(name) + 1
        parts = (key[start:].partition("-")[0] for key in self.posted if key.startswith(f"{name}-"))
        return sorted({int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 6})

    @staticmethod
    def _kept_list(field: Field, found: list[Any]) -> list[Any] | None:
        """An empty list counts as no entry, unless the form asks for the list itself."""
        wanted = field.required or (field.kind is FieldKind.TABLE and not field.schema.get("minItems"))
        return found if found or wanted else None

    @staticmethod
    def _must_be_null(field: Field) -> bool:
        types = field.schema.get("type")
        return field.required and isinstance(types, list) and "null" in types


def _path(name: str) -> str:
    return name.rstrip("-").replace("-", "/")
