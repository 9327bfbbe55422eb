"""Reads of personal lists: who looked at which one is told in the stream of the reader (domain 8.15)."""

from engine.domain.history import EventDraft, EventType
from engine.domain.permission import Action, require
from engine.store.unit_of_work import UnitOfWork


def record_reading_of_rewards(uow: UnitOfWork, edition: str) -> None:
    """Tell that the actor read the reward lists of an edition."""
    require(uow.actor, Action.READ_REWARDS)
    read = EventDraft(type=EventType.SENSITIVE_READ, data={"kind": "reward_list", "edition": edition})
    uow.record_note(-uow.actor.number, read)
