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


def difference(variables: Variables, inherited: Variables) -> tuple[Variables, list[str]]:
    """What differs from inherited variables, and what is gone; of the stamps only those that differ."""
    if variables.get(STAMPS) is inherited.get(STAMPS):
        return {}, []
    stamps, before = variables.get(STAMPS, {}), inherited.get(STAMPS, {})
    moved = {name: stamp for name, stamp in stamps.items() if before.get(name) != stamp}
    changed: Variables = {name: variables[name] for name in moved}
    changed[STAMPS] = moved
    return changed, [name for name in before if name not in stamps]


def patched(inherited: Variables, changed: Variables, gone: list[str]) -> Variables:
    """The variables that differ in this way from the inherited ones."""
    if not changed and not gone:
        return dict(inherited)
    kept = {name: value for name, value in inherited.items() if name not in gone}
    stamps = {name: stamp for name, stamp in inherited.get(STAMPS, {}).items() if name not in gone}
    return {**kept, **changed, STAMPS: {**stamps, **changed.get(STAMPS, {})}}
