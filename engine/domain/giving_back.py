"""When work comes back (退回): what somebody decided sends it to those who had it before."""

from collections.abc import Mapping
from typing import Any

from engine.domain.history import EventType

# Fields in which people decide, and the decisions by which something goes back to whoever did it.
_DECIDED = ("decision", "result", "outcome")
_BACK = frozenset(
    {"return", "differs", "not_improved", "partly_improved", "ask_units", "return_for_revision"}
)


def gives_back(event_type: EventType, told: Mapping[str, Any]) -> bool:
    """True for a completion, or a message from another agency, by which work comes back.

    A later quarter, a new session or an answered countersign opens the same step again: nothing came back.
    """
    if event_type is EventType.TASK_COMPLETED:
        values = told.get("values", {})
    elif event_type is EventType.MESSAGE_RECEIVED:
        values = told.get("payload", {})
    else:
        return False
    return any(values.get(name) in _BACK for name in _DECIDED if isinstance(values.get(name), str))
