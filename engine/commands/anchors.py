"""Anchors: seal the heads of all streams together."""

from engine.domain.permission import Action, require
from engine.store.anchors import Anchor
from engine.store.unit_of_work import UnitOfWork


def make_anchor(uow: UnitOfWork) -> Anchor:
    """Make an anchor: the Merkle root over all stream heads, so that a tail that is cut off later shows."""
    require(uow.actor, Action.MAKE_ANCHOR)
    return uow.anchors.make()
