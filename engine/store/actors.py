"""From an account to the actor of one moment."""

from engine.domain.identity import Actor, acting
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
    units = reader.organisation.units_among({membership.unit for membership in memberships})
    return acting(user, memberships, units, deputyships)
