"""Looks at what is kept among few: who looked is told in the stream of the reader (domain 8.15)."""

from collections.abc import Iterable

from engine.domain.history import EventDraft, EventType
from engine.domain.sensitive import SensitiveLook
from engine.store.unit_of_work import UnitOfWork


def record_looks(uow: UnitOfWork, looks: Iterable[SensitiveLook]) -> None:
    """Tell what the actor was shown; the queries that showed it have checked the right to."""
    for look in sorted(looks, key=lambda look: (look.kept, str(look.key))):
        uow.record_note(-uow.actor.number, EventDraft(type=EventType.SENSITIVE_READ, data=look.told))
