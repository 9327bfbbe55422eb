"""What an event tells, and how that is written down: what follows from the rest of the event is left out.

Histories of versions before 1.2.0 hold everything in full. A full text says the same either way, so a reader
asks for no version: what stands there counts, and only what is missing is filled in.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from engine.domain.canonical import canonical_json

# What most events of a type would say; types are named by their words, because their module stands on this.
_USUAL: dict[str, dict[str, Any]] = {
    "task_opened": {"due_at": None, "inputs": {}},
    "task_completed": {"shown_documents": [], "title": ""},
    "instance_started": {"parent": None},
}
# Effects at an element tell the way to it: for the process of the instance itself, the element alone.
_PLACED = frozenset({"task_opened", "element_passed", "branch_taken"})
_OWN_NAME = ("path", "gateway")
_OPENED, _COMPLETED = "task_opened", "task_completed"
_OTHER = object()
_TAKEN_FROM = frozenset({"values", "variables"})
_HEX, _SHORT = 64, 43  # characters of a SHA-256


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What most effects of one instance would say again: the key of its own process, and its title."""

    process: str
    title: str


def written(
    kind: str, element_id: str | None, told: dict[str, Any], own: Own | None = None
) -> dict[str, Any]:
    """What is sealed of all that an event of a type tells; `own` is told by the start of its instance."""
    usual = _USUAL.get(kind)
    if usual is not None:
        told = {name: value for name, value in told.items() if name not in usual or value != usual[name]}
    if kind in _PLACED:
        told = {n: value for n, value in told.items() if n not in _OWN_NAME or value != element_id}
        if own is not None:
            same = _own(kind, own)
            told = {name: value for name, value in told.items() if value != same.get(name, _OTHER)}
    return _completion_written(told) if kind == _COMPLETED and told.keys() >= _TAKEN_FROM else told


def told_by(kind: str, element_id: str | None, text: str, own: Own | None = None) -> dict[str, Any]:
    """All that an event tells, read from the text that is sealed; ValueError when that is no such thing.

    Without `own`, an effect says nothing of what it shares with its instance.
    """
    read = json.loads(text)
    if not isinstance(read, dict):
        raise ValueError("the content of an event is no object")
    told: dict[str, Any] = {**_USUAL.get(kind, {}), **read}
    if kind in _PLACED:
        told.setdefault("path", element_id)
        if own is not None:
            told = {**_own(kind, own), **told}
    if kind == "branch_taken":
        told.setdefault("gateway", element_id)
    return _completion_told(told) if kind == _COMPLETED else told


def _own(kind: str, own: Own) -> dict[str, str]:
    return {"process": own.process, "subject": own.title} if kind == _OPENED else {"process": own.process}


def _completion_written(told: dict[str, Any]) -> dict[str, Any]:
    """Of the variables, what differs from what was entered: which values went on, if not all, and results."""
    rest, values, shown = dict(told), told["values"], told.get("shown")
    variables = rest.pop("variables")
    taken = [name for name, value in variables.items() if name in values and _is_same(values[name], value)]
    results = {name: value for name, value in variables.items() if name not in taken}
    if len(taken) < len(values):
        rest["taken"] = sorted(taken)
    if results:
        rest["results"] = results
    if shown is not None and len(shown) == _HEX:
        rest["shown"] = urlsafe_b64encode(bytes.fromhex(shown)).decode().rstrip("=")
    return rest


def _is_same(entered: Any, went_on: Any) -> bool:
    """The same as sealed: to Python 1, 1.0 and True are equal."""
    return entered is went_on or canonical_json(entered) == canonical_json(went_on)


def _completion_told(told: dict[str, Any]) -> dict[str, Any]:
    if "variables" not in told and "values" in told:
        values = told["values"]
        taken, results = told.pop("taken", values), told.pop("results", {})
        try:
            told["variables"] = {name: values[name] for name in taken} | results
        except (KeyError, TypeError) as error:
            raise ValueError("the content of a completion does not hold together") from error
    shown = told.get("shown")
    if isinstance(shown, str) and len(shown) == _SHORT:
        told["shown"] = urlsafe_b64decode(shown + "=").hex()
    return told
