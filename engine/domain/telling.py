"""What an event tells, and how that is written down: what follows from the rest of the event is left out.

Histories of versions before 1.2.0 hold everything in full. A full text says the same either way, so a reader
asks for no version: what stands there counts, and only what is missing is filled in.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from engine.domain.canonical import canonical_json

# Types are named by their words here, because the module of events stands on this one.
_OPENED, _COMPLETED, _BRANCHED, _STARTED = "task_opened", "task_completed", "branch_taken", "instance_started"
_PLACED = frozenset({_OPENED, _BRANCHED, "element_passed"})  # effects at an element: they tell the way to it
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
    unsaid = _unsaid(kind, element_id, own)
    if unsaid:
        told = {name: value for name, value in told.items() if name not in unsaid or value != unsaid[name]}
    return _completion_written(told) if kind == _COMPLETED and told.keys() >= _TAKEN_FROM else told


def told_by(kind: str, element_id: str | None, text: str, own: Own | None = None) -> dict[str, Any]:
    """All that an event tells, read from the text that is sealed; ValueError when that is no such thing.

    Without `own`, an effect says nothing of what it shares with its instance.
    """
    read = json.loads(text)
    if not isinstance(read, dict):
        raise ValueError("the content of an event is no object")
    told = _unsaid(kind, element_id, own) | read
    return _completion_told(told) if kind == _COMPLETED else told


def _unsaid(kind: str, element_id: str | None, own: Own | None) -> dict[str, Any]:
    """What goes without saying in an event of a type; made anew each time, for whoever reads it."""
    if kind == _COMPLETED:
        return {"shown_documents": [], "title": ""}
    if kind == _STARTED:
        return {"parent": None}
    if kind not in _PLACED:
        return {}
    unsaid: dict[str, Any] = {"path": element_id}
    if own is not None:
        unsaid["process"] = own.process
    if kind == _BRANCHED:
        unsaid["gateway"] = element_id
    if kind == _OPENED:
        unsaid |= {"due_at": None, "inputs": {}}
        if own is not None:
            unsaid["subject"] = own.title
    return unsaid


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
