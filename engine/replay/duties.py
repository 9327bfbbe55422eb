"""Separation of duties over a history, as a part of its proof; the rules are those of `domain/duties`."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from engine.clock import TAIPEI, from_micros
from engine.domain.duties import Moment, Organisation, breaches
from engine.domain.history import HistoryEvent
from engine.domain.identity import Membership
from engine.replay.report import Check, Fault
from engine.store.unit_of_work import Reader


class Duties:
    """The organisation over time, read once for all instances of a proof."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @cached_property
    def _organisation(self) -> Organisation:
        memberships: dict[str, list[Membership]] = {}
        for membership in self._reader.organisation.all_memberships():
            memberships.setdefault(membership.user_id, []).append(membership)
        deputyships = {each.id: each for each in self._reader.deputyships.all()}
        return Organisation(deputyships=deputyships, memberships=memberships)

    def faults(self, events: Sequence[HistoryEvent]) -> Iterator[Fault]:
        """What somebody did who must not have."""
        timed = [(event, _moment(event)) for event in events]
        for breach in breaches(timed, self._organisation):
            yield Fault(check=Check.DUTIES, seq=breach.seq, template=breach.template, params=breach.params)


def _moment(event: HistoryEvent) -> Moment:
    at = from_micros(event.occurred_at)
    return Moment(at=at, day=at.astimezone(TAIPEI).date())
