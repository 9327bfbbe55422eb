"""Who signs next: nobody signs the same item at two consecutive levels (domain 1.3)."""

from collections.abc import Sequence
from typing import Any

from engine.domain.identity import ANY_UNIT
from engine.store.unit_of_work import Reader

Pool = tuple[str, str]
ABOVE_UNITS: tuple[Pool, ...] = (
    ("sec_chief", ANY_UNIT),
    ("deputy_director", ANY_UNIT),
    ("director", ANY_UNIT),
)


def next_signer(reader: Reader, *pools: Pool) -> dict[str, Any]:
    """The first of the pools in which somebody else can sign what the actor hands on; and the ones before.

    A diagram reads it: `candidates` for planflow:role-from, `excludes` for planflow:excludes. `passed` tells
    who was passed over and why; the last pool never is, because somebody must decide.
    """
    before = reader.actor.user_id
    passed: list[dict[str, str]] = []
    for no, (role, unit) in enumerate(pools[:-1]):
        above = holders(reader, *pools[-1]) if no + 2 == len(pools) else None
        reason = reason_to_skip(holders(reader, role, unit), before, above)
        if reason is None:
            break
        passed.append({"role": role, "unit": unit, "reason": reason})
    role, unit = pools[len(passed)]
    return {"candidates": [[role, unit]], "excludes": [before], "passed": passed}


def holders(reader: Reader, role: str, unit: str) -> frozenset[str]:
    """The present members of a pool."""
    return frozenset(user.id for user in reader.organisation.members(role, unit, reader.today))


def reason_to_skip(own: frozenset[str], before: str, deciding: frozenset[str] | None) -> str | None:
    """Why a level is passed over: it has no holder, or none but one who signs directly before or after it.

    `deciding` are the holders of the last level when it comes next.
    """
    if not own:
        return "no_holder"
    if own == {before}:
        return "same_person_as_before"
    return "same_person_as_next" if own == deciding and len(own) == 1 else None


def unit_signers(unit: str) -> Sequence[Pool]:
    """The levels that may sign what a unit's handler hands on: its chief first."""
    return (("unit_chief", unit), *ABOVE_UNITS)
