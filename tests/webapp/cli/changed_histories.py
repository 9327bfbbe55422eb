"""Histories that did not happen so: made of real ones, to see whether the checker finds them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from engine.documents.net_source import nets_of
from engine.domain.history import EventType, HistoryEvent
from engine.mining.conformance import conformance
from engine.store.unit_of_work import Reader
from tests.engine.mining.recording import renumbered
from tests.engine.mining.test_random_conformance import PLAYED

MOST_PLACES = 4  # of one history; spread over all of it
Events = Sequence[HistoryEvent]


def _spread(places: Sequence[int]) -> Sequence[int]:
    return places[:: max(1, len(places) // MOST_PLACES)][:MOST_PLACES]


def _played(events: Events) -> Sequence[int]:
    return _spread([at for at, event in enumerate(events) if event.type in PLAYED])


def _completed(events: Events) -> list[int]:
    return [at for at, event in enumerate(events) if event.type is EventType.TASK_COMPLETED]


def _skipped(events: Events) -> Iterator[list[HistoryEvent]]:
    return ([*events[:at], *events[at + 1 :]] for at in _played(events))


def _extra(events: Events) -> Iterator[list[HistoryEvent]]:
    return ([*events[: at + 1], *events[at:]] for at in _played(events))


def _swapped(events: Events) -> Iterator[list[HistoryEvent]]:
    pairs = [(a, b) for a, b in pairwise(_completed(events)) if events[a].element_id != events[b].element_id]
    for place in _spread(range(len(pairs))):
        a, b = pairs[place]
        yield [*events[:a], events[b], *events[a + 1 : b], events[a], *events[b + 1 :]]


def _ended_early(events: Events) -> Iterator[list[HistoryEvent]]:
    ends = [event for event in events if event.type is EventType.INSTANCE_ENDED]
    return ([*events[:at], end] for end in ends for at in _spread(_completed(events)))


CHANGES: dict[str, Callable[[Events], Iterator[list[HistoryEvent]]]] = {
    "ended early": _ended_early, "extra": _extra, "skipped": _skipped, "swapped": _swapped,
}  # fmt: skip


def unfound_changes(
    reader: Reader, change: Callable[[Events], Iterator[list[HistoryEvent]]]
) -> list[tuple[str, int]]:
    """The processes and instances of which a changed history passed for one that its diagram allows."""
    unfound, tried = [], 0
    for number in reader.instances.ids():
        instance = reader.instances.get(number)
        nets = nets_of(tuple(reader.definitions.parsed(instance.deployment_id).sources.values()))
        for made_up in change(reader.history.events(number)):
            tried += 1
            if conformance(nets, instance.definition_key, renumbered(made_up)).is_complete:
                unfound.append((instance.definition_key, number))
    assert tried
    return unfound
