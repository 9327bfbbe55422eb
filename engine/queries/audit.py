"""What an auditor reads of one instance: events, the state after any of them, and the proof."""

from engine.domain.history import HistoryEvent
from engine.domain.instance import Instance, InstanceView
from engine.domain.permission import Action, is_hidden_from, may, require
from engine.errors import NotFound
from engine.queries.instance_state import view_after
from engine.queries.instances import InstanceLine, index, visible_instance
from engine.replay import VerifyReport, state_after, verify
from engine.store.unit_of_work import Reader

LATEST = 12


def audited_instance(reader: Reader, instance_id: int) -> Instance:
    """The instance, for people who may read its whole history."""
    instance = visible_instance(reader, instance_id)
    require(reader.actor, Action.READ_HISTORY)
    return instance


def latest_instances(reader: Reader) -> tuple[InstanceLine, ...]:
    """The newest instances, for the first page of the auditor's desk."""
    require(reader.actor, Action.AUDIT)
    return index(reader, limit=LATEST).lines


def events_of(reader: Reader, instance_id: int, *, after: int = 0, limit: int = 200) -> list[HistoryEvent]:
    """Events of an instance in order, from number `after` + 1 on."""
    audited_instance(reader, instance_id)
    return reader.history.events(instance_id, after=after, limit=limit)


def state_at(reader: Reader, instance_id: int, seq: int | None) -> tuple[int, InstanceView]:
    """The number of an event and the instance as it stood after it; None asks for the last event.

    NotFound for a number that the history has not reached; ProcessFailed when it cannot be executed so far.
    """
    instance = audited_instance(reader, instance_id)
    past = state_after(reader, instance, instance.seq if seq is None else seq)
    return past.seq, past.view


def present_state(reader: Reader, instance_id: int) -> InstanceView:
    """The instance as it stands, for everybody who may see it."""
    instance = visible_instance(reader, instance_id)
    return view_after(reader, instance, reader.history.events(instance_id))


def proof_of(reader: Reader, instance_id: int) -> VerifyReport:
    """The proof of one instance: chain, anchors, content, re-execution and projections."""
    instance = reader.instances.find(instance_id)
    if instance is not None and is_hidden_from(reader.actor, instance):
        raise NotFound(kind="process instance", id=instance_id)
    if not may(reader.actor, Action.VERIFY):
        audited_instance(reader, instance_id)
    return verify(reader, instance_id)
