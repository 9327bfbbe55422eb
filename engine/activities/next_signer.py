"""Who signs next: nobody signs at two consecutive levels (domain 1.3), not as a deputy either."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from engine.domain.identity import ANY_UNIT
from engine.store.unit_of_work import Reader, UnitOfWork

Pool = tuple[str, str]
ABOVE_UNITS: tuple[Pool, ...] = (
    ("sec_chief", ANY_UNIT),
    ("deputy_director", ANY_UNIT),
    ("director", ANY_UNIT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signers:
    """Who signs at a level today; `deputies` are those of them who do so in somebody's place."""

    people: frozenset[str]
    deputies: frozenset[str] = frozenset()


def next_signer(reader: Reader, *pools: Pool) -> dict[str, Any]:
    """The first of the pools in which somebody else can sign what the actor hands on; and the ones before.

    A diagram reads it: `candidates` for planflow:role-from, `excludes` for planflow:excludes, which are the
    actor and in whose place the actor acted. `passed` tells who was passed over and why; the last pool never
    is, because somebody must decide.
    """
    before = reader.identities
    passed: list[dict[str, str]] = []
    for no, (role, unit) in enumerate(pools[:-1]):
        above = signing(reader, *pools[-1], decides=True) if no + 2 == len(pools) else None
        reason = reason_to_skip(signing(reader, role, unit), before, above)
        if reason is None:
            break
        passed.append({"role": role, "unit": unit, "reason": reason})
    role, unit = pools[len(passed)]
    return {"candidates": [[role, unit]], "excludes": list(before), "passed": passed}


def holders(reader: Reader, role: str, unit: str) -> frozenset[str]:
    """The present members of a pool."""
    return frozenset(user.id for user in reader.organisation.members(role, unit, reader.today))


def signing(
    reader: Reader, role: str, unit: str, *, recused: Collection[str] = (), decides: bool = False
) -> Signers:
    """Who signs in a pool today: its members who are not recused, or whoever stands in for one of them.

    Only a deputy who may decide takes the place of one who `decides`.
    """
    members = holders(reader, role, unit).difference(recused)
    deputies = {
        d.principal: d.deputy
        for d in reader.deputyships.active_for(members)
        if d.covers(role) and (d.may_decide or not decides) and d.deputy not in recused
    }
    people = frozenset(deputies.get(member, member) for member in members)
    return Signers(people=people, deputies=frozenset(deputies.values()))


def reason_to_skip(own: Signers, before: Collection[str], deciding: Signers | None) -> str | None:
    """Why a level is passed over: nobody signs there, or nobody but who signs directly before or after it.

    `before` are who acted on the level before and, if it was a deputy, in whose place; `deciding` are those
    who sign at the last level when it comes next. The reason says so when a deputyship makes them the same.
    """
    if not own.people:
        return "no_holder"
    if own.people.issubset(before):
        return "same_deputy_as_before" if own.deputies or len(before) > 1 else "same_person_as_before"
    if deciding is None or own.people != deciding.people or len(own.people) > 1:
        return None
    return "same_deputy_as_next" if own.deputies or deciding.deputies else "same_person_as_next"


def unit_signers(unit: str) -> Sequence[Pool]:
    """The levels that may sign what a unit's handler hands on: its chief first."""
    return (("unit_chief", unit), *ABOVE_UNITS)


def signature(uow: UnitOfWork) -> dict[str, Any]:
    """Who signs, in whose place, and whether on paper, as every document of a signature keeps it."""
    actor, acting_for = uow.actor, uow.acting_for
    return {
        "signed_by": actor.user_id,
        "name": actor.name,
        "title": actor.title,
        **({"signed_for": acting_for.principal, "deputy": acting_for.json()} if acting_for else {}),
        **({"on_paper": True} if uow.is_on_paper else {}),
    }


def signed_ids(uow: UnitOfWork) -> dict[str, Any]:
    """Who signed and in whose place, for the diagram: `signers` are both, for planflow:excludes."""
    return {"signed_by": uow.actor.user_id, "signers": list(uow.identities)}
