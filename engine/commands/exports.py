"""Exports: what leaves the house is recorded in the stream of the person who took it."""

from engine.documents.exported import InstanceHistory
from engine.documents.history_files import FORMATS
from engine.domain.history import EventDraft, EventType
from engine.domain.permission import Action, may_see_instance, require
from engine.errors import FieldError, Invalid, NotFound
from engine.store.unit_of_work import UnitOfWork

__all__ = ["FORMATS", "export_instance", "record_answer_taken"]


def export_instance(uow: UnitOfWork, instance_id: int, *, format_: str) -> bytes:
    """The whole history of an instance in a format of FORMATS; NotFound for what the actor may not see."""
    require(uow.actor, Action.READ_HISTORY)
    instance = uow.instances.get(instance_id)
    if not may_see_instance(uow.actor, instance):
        raise NotFound(kind="process instance", id=instance_id)
    if format_ not in FORMATS:
        raise Invalid((FieldError(path="format", template="Choose one of the options"),))
    parsed = uow.definitions.parsed(instance.deployment_id)
    history = InstanceHistory(
        instance=instance,
        events=tuple(uow.history.events(instance_id)),
        labels={e.id: e.name for p in parsed.processes.values() for e in p.elements.values() if e.name},
        exported_at=uow.now,
    )
    told = {"instance": instance_id, "format": format_, "seq": instance.seq}
    uow.record_note(-uow.actor.number, EventDraft(type=EventType.EXPORTED, data=told))
    return FORMATS[format_](history)


def record_answer_taken(
    uow: UnitOfWork, slug: str, *, format_: str, scope: dict[str, int], rows: int
) -> None:
    """Tell that the answer to a standing question was taken away: over what, how long, and as what."""
    require(uow.actor, Action.AUDIT)
    told = {"question": slug, "format": format_, "scope": scope, "rows": rows}
    uow.record_note(-uow.actor.number, EventDraft(type=EventType.EXPORTED, data=told))
