"""From an account to the actor of one moment."""

from engine.domain.identity import ROLES, Actor, Agency
from engine.errors import NotFound, NotPermitted
from engine.store.unit_of_work import Reader


def actor_of(reader: Reader, user_id: str) -> Actor:
    """A person with the memberships that are valid on the reader's day."""
    user = reader.organisation.find_user(user_id)
    if user is None:
        raise NotFound(kind="user", id=user_id)
    if not user.active:
        raise NotPermitted
    memberships = [m for m in reader.organisation.memberships(user_id) if m.is_valid_on(reader.today)]
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
    )
