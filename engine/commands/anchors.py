"""Anchors: seal the heads of all streams together, and take them away."""

from engine.domain.history import EventDraft, EventType
from engine.domain.permission import Action, require
from engine.store.anchors import Anchor
from engine.store.unit_of_work import UnitOfWork


def make_anchor(uow: UnitOfWork) -> Anchor:
    """Make an anchor: the Merkle root over all stream heads, so that a tail that is cut off later shows."""
    require(uow.actor, Action.MAKE_ANCHOR)
    return uow.anchors.make()


def tell_export(uow: UnitOfWork, *, number: int | None = None) -> None:
    """Record that the actor takes anchors away, one or all; NotFound when there is no such anchor."""
    require(uow.actor, Action.AUDIT)
    told = {"anchors": "all" if number is None else uow.anchors.get(number).id, "format": "json"}
    uow.record_note(-uow.actor.number, EventDraft(type=EventType.EXPORTED, data=told))
