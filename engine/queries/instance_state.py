"""An instance as it is, by its history; and whether its chain holds. The past is `engine.replay.past`."""

from collections.abc import Sequence
from contextlib import suppress

from engine.domain.canonical import GENESIS, chain_digest
from engine.domain.history import HistoryEvent, Origin
from engine.domain.instance import Instance, InstanceView
from engine.domain.task_notes import with_notes
from engine.runtime.live import LiveInstance
from engine.store.unit_of_work import Reader


def present_view(
    reader: Reader, instance: Instance, events: Sequence[HistoryEvent] | None = None
) -> InstanceView:
    """What is open, done and known now; the history is read and executed only when it has moved since."""
    known = reader.memory.views.find(instance.id, instance.head)
    if known is not None:
        return known
    view = view_after(reader, instance, events or reader.history.events(instance.id))
    reader.memory.views.put(instance.id, instance.head, view)
    return view


def view_after(reader: Reader, instance: Instance, events: Sequence[HistoryEvent]) -> InstanceView:
    """What is open, done and known after the last event.

    The picture starts from the snapshot, as commands do. Live instances of commands are left alone.
    """
    seq, live = _from_snapshot(reader, instance)
    for event in events:
        if event.seq > seq and event.origin is Origin.CAUSE:
            live.apply(event)
    return with_notes(live.view(), events)


def _from_snapshot(reader: Reader, instance: Instance) -> tuple[int, LiveInstance]:
    """The instance as its snapshot keeps it, with the number of that event; as it began without one.

    A snapshot of another version of the program is as good as none.
    """
    parsed = reader.definitions.parsed(instance.deployment_id)
    runtime, key = reader.memory.runtime, instance.definition_key
    found = reader.instances.snapshot(instance.id)
    if found is not None and found[0] <= instance.seq:
        with suppress(ValueError):
            return found[0], runtime.restore(parsed, key, instance.id, found[1])
    return 0, runtime.create(parsed, key, instance.id)


def first_broken_link(instance: Instance, events: Sequence[HistoryEvent]) -> int | None:
    """The number of the first event whose digest does not follow from the one before; None when all do.

    A missing tail shows as the event after the last one.
    """
    head = GENESIS
    for place, event in enumerate(events, start=1):
        head = chain_digest(head, event.sealed_json())
        if event.seq != place or event.digest != head:
            return place
    return None if (len(events), head) == (instance.seq, instance.head) else len(events) + 1
