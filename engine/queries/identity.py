"""Who stands behind a token, and whether the organisation has changed since it was asked last."""

from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.identity import Actor
from engine.errors import NotFound, NotPermitted, NotSignedIn
from engine.store.actors import actor_of
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHolder:
    """The person of a token, and when the token ends."""

    actor: Actor
    expires_at: datetime | None


def organisation_epoch(reader: Reader) -> tuple[int, date]:
    """What people hold can only differ when this differs: the last event of the organisation, and the day."""
    return reader.history.organisation_seq(), reader.today


def actor_of_token(reader: Reader, token: str) -> TokenHolder:
    """The person who holds a token; NotSignedIn for tokens unknown, revoked, over, or of closed accounts."""
    stored = reader.accounts.find_token(token)
    if stored is None or not stored.is_valid_at(reader.now):
        raise NotSignedIn
    try:
        return TokenHolder(actor=actor_of(reader, stored.user_id), expires_at=stored.expires_at)
    except (NotFound, NotPermitted) as error:
        raise NotSignedIn from error
