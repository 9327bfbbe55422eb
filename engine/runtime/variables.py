"""Process variables as they travel with tokens: writes are stamped; where tokens meet the newest wins.

SpiffWorkflow merges lists and dicts part by part, so that a branch that never touched a value can undo what
another branch wrote, and list items are lost. Values here are never changed in place: a write replaces the
whole value under its name, which also makes sharing them between tokens harmless.
"""

from typing import Any

STAMPS = "__stamps"
Variables = dict[str, Any]


def write(variables: Variables, name: str, value: Any, stamp: int) -> None:
    """Put a value under a name and remember when; the stamps are replaced, because tokens share them."""
    variables[name] = value
    variables[STAMPS] = {**variables.get(STAMPS, {}), name: stamp}


def merge(into: Variables, other: Variables, leave_out: str | None = None) -> Variables:
    """Take from `other` whatever is newer or missing; `leave_out` names a variable that stays at home."""
    if not into and leave_out is None:
        into.update(other)
        return into
    mine, theirs = into.get(STAMPS, {}), other.get(STAMPS, {})
    if mine is theirs:
        return into
    stamps = dict(mine)
    for name, stamp in theirs.items():
        if name != leave_out and stamp > mine.get(name, -1):
            into[name] = other[name]
            stamps[name] = stamp
    into[STAMPS] = stamps
    return into


def visible(variables: Variables) -> Variables:
    """What expressions' authors and readers know of: everything but the stamps."""
    return {name: value for name, value in variables.items() if name != STAMPS}
