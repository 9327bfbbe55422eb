"""Refused attempts: they are written down in the stream of the person who made them."""

from engine.domain.history import EventDraft, EventType
from engine.store.unit_of_work import UnitOfWork

LONGEST_PLACE = 200


def record_denial(uow: UnitOfWork, *, place: str) -> None:
    """Record that the actor was refused at a place (method and path); what lies there is not told."""
    denied = EventDraft(type=EventType.ACCESS_DENIED, data={"place": place[:LONGEST_PLACE]})
    uow.record_note(-uow.actor.number, denied)
