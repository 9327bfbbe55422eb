"""The secret link of one's own calendar: make it, make another one, revoke it."""

import secrets

from engine.domain.history import EventDraft, EventType
from engine.errors import NotFound
from engine.store.calendar_links import CalendarLink
from engine.store.unit_of_work import UnitOfWork


def make_link(uow: UnitOfWork) -> str:
    """Make the actor's calendar link; the answer is the only time that its secret is shown.

    A link that the actor had before ends, so that a lost one is replaced at once.
    """
    user_id = uow.actor.user_id
    if before := uow.calendar_links.of_user(user_id):
        _revoke(uow, before)
    secret = secrets.token_urlsafe(32)
    made = EventDraft(type=EventType.CALENDAR_LINK_MADE, data={"user": user_id})
    uow.calendar_links.add(secret, user_id, made)
    return secret


def revoke_link(uow: UnitOfWork) -> None:
    """End the actor's calendar link; NotFound when there is none."""
    link = uow.calendar_links.of_user(uow.actor.user_id)
    if link is None:
        raise NotFound(kind="calendar link", id=uow.actor.user_id)
    _revoke(uow, link)


def _revoke(uow: UnitOfWork, link: CalendarLink) -> None:
    revoked = EventDraft(
        type=EventType.CALENDAR_LINK_REVOKED, data={"user": link.user_id, "link": link.digest}
    )
    uow.calendar_links.revoke(link, revoked)
