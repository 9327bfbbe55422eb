"""The list of looks and refusals, taken away: that is a look as well."""

from engine.domain.history import EventDraft, EventType
from engine.domain.permission import Action, require
from engine.store.unit_of_work import UnitOfWork


def tell_looks_taken(uow: UnitOfWork, *, rows: int) -> None:
    """Record that the actor takes the list of looks away."""
    require(uow.actor, Action.AUDIT)
    told = {"looks": rows, "format": "csv"}
    uow.record_note(-uow.actor.number, EventDraft(type=EventType.EXPORTED, data=told))
