"""Who stands in for whom (職務代理), as one page shows it to those whom it concerns."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.domain.deputy import Deputyship
from engine.domain.deputy_naming import may_name_for
from engine.domain.identity import ROLES, ROLES_APART, Agency, User
from engine.errors import NotFound
from engine.store.unit_of_work import Reader

Pairs = frozenset[tuple[str, str]]
State = Literal["active", "coming", "over", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyshipRow:
    """One deputyship with the names of both, as it stands now."""

    deputyship: Deputyship
    principal: User
    deputy: User
    state: State
    may_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputiesPage:
    """What concerns the reader: own absences, whom they stand in for, and the people below them.

    `principals` are those for whom the reader may name somebody, `candidates` those who may be named,
    `roles` the roles that can be handed on alone.
    """

    own: tuple[DeputyshipRow, ...]
    taken: tuple[DeputyshipRow, ...]
    others: tuple[DeputyshipRow, ...]
    principals: tuple[User, ...]
    candidates: tuple[User, ...]
    roles: tuple[tuple[str, str], ...]
    today: date


def deputies_page(reader: Reader) -> DeputiesPage:
    """The page of the reader; auditors read every deputyship and name nobody."""
    people = {user.id: user for user in reader.organisation.users()}
    pairs = _pairs(reader)
    rows = [_row(reader, each, people, pairs) for each in reversed(reader.deputyships.all())]
    me = reader.actor.user_id
    reads_all = "auditor" in reader.actor.roles
    principals = tuple(u for u in people.values() if u.active and _may_name(reader, u.id, pairs))
    return DeputiesPage(
        own=tuple(r for r in rows if r.principal.id == me),
        taken=tuple(r for r in rows if r.deputy.id == me),
        others=tuple(
            r
            for r in rows
            if me not in (r.principal.id, r.deputy.id)
            and (reads_all or _may_name(reader, r.principal.id, pairs))
        ),
        principals=tuple(sorted(principals, key=lambda user: (user.id != me, user.id))),
        candidates=_candidates(principals, people, pairs) if principals else (),
        roles=tuple((role, ROLES[role].label) for role in ROLES if role in _held(principals, pairs)),
        today=reader.today,
    )


def visible_deputyship(reader: Reader, deputyship_id: int) -> DeputyshipRow:
    """One of those that the page of the reader shows; NotFound for every other."""
    page = deputies_page(reader)
    for row in (*page.own, *page.taken, *page.others):
        if row.deputyship.id == deputyship_id:
            return row
    raise NotFound(kind="deputyship", id=deputyship_id)


def _pairs(reader: Reader) -> dict[str, Pairs]:
    """What everybody holds today."""
    found: dict[str, set[tuple[str, str]]] = {}
    for membership in reader.organisation.all_memberships():
        if membership.is_valid_on(reader.today):
            found.setdefault(membership.user_id, set()).add((membership.role, membership.unit))
    return {user_id: frozenset(held) for user_id, held in found.items()}


def _may_name(reader: Reader, user_id: str, pairs: dict[str, Pairs]) -> bool:
    held = pairs.get(user_id, frozenset())
    if not held or not ROLES_APART.isdisjoint(role for role, _ in held):
        return False
    return may_name_for(reader.actor, user_id, held)


def _held(principals: tuple[User, ...], pairs: dict[str, Pairs]) -> set[str]:
    return {role for user in principals for role, _ in pairs[user.id]}


def _candidates(
    principals: tuple[User, ...], people: dict[str, User], pairs: dict[str, Pairs]
) -> tuple[User, ...]:
    """Whose accounts are open in the agencies of the principals, but for administrators and auditors."""
    agencies = _agencies(principals, pairs)
    return tuple(
        user
        for user in people.values()
        if user.active
        and (held := pairs.get(user.id))
        and ROLES_APART.isdisjoint(role for role, _ in held)
        and not agencies.isdisjoint(_agencies((user,), pairs))
    )


def _agencies(users: tuple[User, ...], pairs: dict[str, Pairs]) -> set[Agency]:
    roles = {role for user in users for role, _ in pairs[user.id]}
    return {agency for role in roles if (agency := ROLES[role].agency) is not None}


def _row(
    reader: Reader, deputyship: Deputyship, people: dict[str, User], pairs: dict[str, Pairs]
) -> DeputyshipRow:
    state = _state(deputyship, reader.today)
    is_own = reader.actor.user_id == deputyship.deputy
    return DeputyshipRow(
        deputyship=deputyship,
        principal=people[deputyship.principal],
        deputy=people[deputyship.deputy],
        state=state,
        may_end=state in ("active", "coming") and (is_own or _may_name(reader, deputyship.principal, pairs)),
    )


def _state(deputyship: Deputyship, today: date) -> State:
    if deputyship.ended_at is not None:
        return "ended"
    if today > deputyship.valid_to:
        return "over"
    return "active" if today >= deputyship.valid_from else "coming"
