"""From an account to the actor of one moment."""

from engine.domain.identity import ROLES, Actor, Agency
from engine.errors import NotFound, NotPermitted
from engine.store.unit_of_work import Reader


def actor_of(reader: Reader, user_id: str) -> Actor:
    """A person with the memberships and the deputyships that are valid on the reader's day."""
    user = reader.organisation.find_user(user_id)
    if user is None:
        raise NotFound(kind="user", id=user_id)
    if not user.active:
        raise NotPermitted
    memberships, deputyships = reader.deputyships.standing(user_id)
    agency_of = {unit.id: unit.agency for unit in reader.organisation.units()}
    agencies: set[Agency] = set()
    for membership in memberships:
        role = ROLES.get(membership.role)
        agency = agency_of.get(membership.unit) or (role.agency if role else None)
        if agency is not None:
            agencies.add(agency)
    return Actor(
        user_id=user.id,
        number=user.number,
        name=user.name,
        title=user.title,
        pairs=frozenset((m.role, m.unit) for m in memberships),
        agencies=frozenset(agencies),
        deputyships=deputyships,
    )
