"""What a form shows and accepts: first values, choices, and the documents that a signature covers."""

import math
import re
from dataclasses import dataclass, field
from typing import Any

from engine.domain.canonical import canonical_json, digest_of

FORBIDDEN_KEY = "typename"
DRAFT_COPY = "_copy"  # beside the values of a draft: the name of the copy in the browser that sent it
MAX_DEPTH = 8
MAX_SIZE = 2 * 1024 * 1024
NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")  # databases refuse NUL, UTF-8 refuses halves of a character
STRANGE_CHARACTER = "This entry holds a character that cannot be stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDocument:
    """A document that the person was shown and whose digest the completion records."""

    label: str
    kind: str
    owner: str
    key: str
    no: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormContent:
    """What stands in a form before the person writes.

    `values`: first values of the fields. `choices`: name -> [(value, label)] for fields with `x-choices`.
    `shown`: documents under the person's eyes. `panels`: read-only parts by name (template partial -> JSON).
    """

    values: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    shown: tuple[ShownDocument, ...] = ()
    panels: dict[str, Any] = field(default_factory=dict)


EMPTY_CONTENT = FormContent()


def shown_digest(task_id: int, form_digest: str, inputs: dict[str, Any], content: FormContent) -> str:
    """The digest of what a person was shown for a task: its form, inputs, first values and documents."""
    return digest_of(
        {
            "task": task_id,
            "form": form_digest,
            "inputs": inputs,
            "values": content.values,
            "panels": content.panels,
            "documents": [[d.owner, d.kind, d.key, d.no, d.digest] for d in content.shown],
        }
    ).hex()


def structural_fault(values: Any) -> tuple[str, str] | None:
    """The first (path, reason) for which values cannot be stored: a forbidden key or character, depth, size.

    The key `typename` is refused at any depth because the workflow library's loader reads it as a type.
    """
    fault = _fault_below(values, "", 0)
    if fault is None and len(canonical_json(values).encode()) > MAX_SIZE:
        return "", "The entries are larger than 2 MB"
    return fault


def _fault_below(value: Any, path: str, depth: int) -> tuple[str, str] | None:
    if depth > MAX_DEPTH:
        return path, "The entries are nested too deeply"
    if isinstance(value, dict):
        if FORBIDDEN_KEY in value:
            return f"{path}/{FORBIDDEN_KEY}".lstrip("/"), "This field name is reserved"
        if any(NOT_STORABLE.search(key) for key in value):
            return path, STRANGE_CHARACTER
        children = [(f"{path}/{key}".lstrip("/"), child) for key, child in value.items()]
    elif isinstance(value, list):
        children = [(f"{path}/{index}".lstrip("/"), child) for index, child in enumerate(value)]
    elif isinstance(value, str):
        return (path, STRANGE_CHARACTER) if NOT_STORABLE.search(value) else None
    else:
        is_no_number = isinstance(value, float) and not math.isfinite(value)
        return (path, "Enter a number, such as 120 or 98.5") if is_no_number else None
    return next((fault for p, child in children if (fault := _fault_below(child, p, depth + 1))), None)
