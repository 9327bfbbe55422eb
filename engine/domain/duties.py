"""Separation of duties (domain 1.3), asked of a history afterwards: who acted where they must not have.

The rules are told once more here, from what the events say and not from what the program offered then:
nobody acts whom the task excludes; nobody signs at two levels in a row; nobody scores their own unit; and
whoever acted for somebody was that person's deputy at that moment, for a pair that the person held. Each
counts for both names of a deputy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.domain.deputy import Deputyship
from engine.domain.history import EventType, HistoryEvent, Origin
from engine.domain.identity import Membership

OPEN_ROUND, TAKE_BACK = "signoff.open_round", "signoff.take_back"
APPROVALS = frozenset({"approve", "approve_with_changes", "decide"})
Round = tuple[str, str, int]  # owner, subject and number


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When an event happened: the instant, and the day in Taiwan."""

    at: datetime
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One event at which somebody acted who must not have."""

    seq: int
    template: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Who stood in for whom and who held what, at any time."""

    deputyships: Mapping[int, Deputyship]
    memberships: Mapping[str, Sequence[Membership]]

    def held(self, user_id: str, day: date) -> set[tuple[str, str]]:
        """The pairs of role and unit that a person held on a day."""
        return {(m.role, m.unit) for m in self.memberships.get(user_id, ()) if m.is_valid_on(day)}


class _Walk:
    """One walk over a history: what was opened, who set a round in motion, who signed it so far."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.opened: dict[int, dict[str, Any]] = {}
        self.mover: frozenset[str] = frozenset()
        self.rounds: list[tuple[dict[str, Any], frozenset[str]]] = []
        self.signed: dict[Round, dict[int, frozenset[str]]] = {}

    def event(self, event: HistoryEvent, when: Moment) -> Iterator[Breach]:
        told = event.told
        names = frozenset({event.actor} | ({event.on_behalf_of} if event.on_behalf_of else set()))
        if event.type is EventType.TASK_OPENED and event.task_id is not None:
            self.opened[event.task_id] = told
        if event.type is EventType.ACTIVITY_RETURNED:
            if told["activity"] == OPEN_ROUND:
                self.rounds.append((told["result"], self.mover))
            elif told["activity"] == TAKE_BACK and told["result"]["no"] is not None:
                self._take_back(told["result"]["no"])
            return
        if event.on_behalf_of is not None and event.origin is not Origin.EFFECT:
            yield from self._deputy(event, told, when)
        if event.type is EventType.TASK_COMPLETED and event.task_id is not None:
            yield from self._completion(event, names, told, when)
        if event.origin is Origin.CAUSE:
            self.mover = names

    def _completion(
        self, event: HistoryEvent, names: frozenset[str], told: dict[str, Any], when: Moment
    ) -> Iterator[Breach]:
        opened = self.opened.get(event.task_id or 0, {})
        for name in sorted(names.intersection(opened.get("excluded", ()))):
            yield Breach(
                seq=event.seq, template="{name} acted on a task that excludes them", params={"name": name}
            )
        inputs, values = opened.get("inputs", {}), told.get("values", {})
        if inputs.get("next_level") and inputs.get("open_round"):
            yield from self._signature(event, names, inputs, values)
        if inputs.get("scored_unit") and "scores" in values:
            yield from self._score(event, names, inputs["scored_unit"], when)

    def _signature(
        self, event: HistoryEvent, names: frozenset[str], inputs: dict[str, Any], values: dict[str, Any]
    ) -> Iterator[Breach]:
        level, opening = inputs["next_level"], inputs["open_round"]
        signed = self.signed.setdefault((opening["owner"], level["subject"], level["round"]), {})
        below = [no for no in signed if no < level["no"]]
        before = signed[max(below)] if below else self._submitters(opening)
        for name in sorted(names & before):
            template = "{name} signed at two levels in a row, or what they handed in"
            yield Breach(seq=event.seq, template=template, params={"name": name})
        if values.get("decision") in APPROVALS:
            signed[level["no"]] = names
        elif values.get("decision") == "return":
            target = values.get("return_to", "handler")
            first = 0 if target == "handler" else int(target)
            for no in [no for no in signed if no >= first]:
                del signed[no]

    def _take_back(self, first: int) -> None:
        """抽回 undoes the latest signature of the round in effect."""
        opening = self.rounds[-1][0]
        for (owner, _, round_no), signed in self.signed.items():
            if (owner, round_no) == (opening["owner"], opening["round"]):
                for no in [no for no in signed if no >= first]:
                    del signed[no]

    def _submitters(self, opening: dict[str, Any]) -> frozenset[str]:
        return next((by for result, by in reversed(self.rounds) if result == opening), frozenset())

    def _score(self, event: HistoryEvent, names: frozenset[str], unit: str, when: Moment) -> Iterator[Breach]:
        for name in sorted(names):
            if any(own == unit for _, own in self.organisation.held(name, when.day)):
                template = "{name} scored their own unit"
                yield Breach(seq=event.seq, template=template, params={"name": name})

    def _deputy(self, event: HistoryEvent, told: dict[str, Any], when: Moment) -> Iterator[Breach]:
        params = {"name": event.actor, "principal": event.on_behalf_of}
        standing = [
            d
            for d in self._claimed(told)
            if (d.deputy, d.principal) == (event.actor, event.on_behalf_of)
            and d.is_active_at(when.day, when.at)
        ]
        if not standing:
            template = "{name} acted for {principal} without being their deputy at that moment"
            yield Breach(seq=event.seq, template=template, params=params)
        elif event.role is not None and not any(self._was_handed_on(event, d, when) for d in standing):
            template = "{name} acted for {principal} with a role that was not handed on"
            yield Breach(seq=event.seq, template=template, params=params)

    def _claimed(self, told: dict[str, Any]) -> Iterable[Deputyship]:
        """The deputyship that an event names; any, where the event is what the act set going elsewhere."""
        if "deputy" not in told:
            return self.organisation.deputyships.values()
        named = self.organisation.deputyships.get(told["deputy"]["deputyship"])
        return () if named is None else (named,)

    def _was_handed_on(self, event: HistoryEvent, deputyship: Deputyship, when: Moment) -> bool:
        held = self.organisation.held(deputyship.principal, when.day)
        holds = any(role == event.role and event.unit in (None, unit) for role, unit in held)
        return holds and deputyship.covers(str(event.role))


def breaches(events: Sequence[tuple[HistoryEvent, Moment]], organisation: Organisation) -> Iterator[Breach]:
    """Every breach of the separation of duties in the history of one instance, in its order."""
    walk = _Walk(organisation)
    for event, when in events:
        yield from walk.event(event, when)
