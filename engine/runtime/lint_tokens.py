"""A rule that plays tokens through a diagram: a join that can be left waiting for ever is refused.

Every choice that gateways, events and interruptions could make is tried, up to a number of situations; a
level of a process with more of them is taken as it is, and the runtime still notices when nothing can move.
"""

from collections.abc import Iterator
from itertools import combinations

from engine.errors import LintFinding
from engine.runtime.diagram import Diagram, Element
from engine.runtime.reading import finding

MAX_SITUATIONS = 4_000
# A situation: the flows on which tokens lie, sorted; a flow may stand twice.
Situation = tuple[str, ...]


def token_rules(diagram: Diagram) -> Iterator[LintFinding]:
    """One finding for each join that some choice leaves waiting for ever."""
    for elements in diagram.scopes().values():
        level = _Level(elements)
        for join_id in sorted(level.stuck_joins()):
            yield finding(
                diagram,
                diagram.elements[join_id],
                "stuck_join",
                "This join can wait for ever: some way to it may end elsewhere or never begin",
            )


class _Level:
    """The elements of one process or sub-process as a game of tokens."""

    def __init__(self, elements: list[Element]) -> None:
        self._elements = {element.id: element for element in elements}
        self._target = {flow.id: flow.target for element in elements for flow in element.outgoing}
        self._interrupts: dict[str, list[Element]] = {}
        self._beside: list[Element] = []
        for element in elements:
            if element.attached_to is not None and element.interrupting:
                self._interrupts.setdefault(element.attached_to, []).append(element)
            elif element.attached_to is not None:
                self._beside.append(element)
        self._reach = {
            element.id: self._sources_reachable(element) for element in elements if _is_or_join(element)
        }

    def stuck_joins(self) -> set[str]:
        """Joins with tokens in a situation in which nothing moves."""
        starts = [e for e in self._elements.values() if e.kind == "startEvent"]
        stuck: set[str] = set()
        for beginning in (*starts, *self._beside):
            stuck |= self._explore(tuple(sorted(flow.id for flow in beginning.outgoing)))
        return stuck

    def _explore(self, beginning: Situation) -> set[str]:
        seen: set[Situation] = {beginning}
        pending = [beginning]
        stuck: set[str] = set()
        while pending and len(seen) < MAX_SITUATIONS:
            situation = pending.pop()
            following = set(self._moves(situation))
            if not following:
                stuck |= {self._target[flow] for flow in situation if self._target[flow] in self._elements}
            for other in following - seen:
                if len(other) <= 2 * len(self._elements) and max(map(other.count, other), default=0) < 3:
                    seen.add(other)
                    pending.append(other)
        return stuck if len(seen) < MAX_SITUATIONS else set()

    def _moves(self, situation: Situation) -> Iterator[Situation]:
        for element_id in {self._target[flow] for flow in situation}:
            element = self._elements.get(element_id)
            if element is None:
                continue
            arrived = [flow.id for flow in element.incoming if flow.id in situation]
            if element.kind == "parallelGateway":
                if len(arrived) == len(element.incoming):
                    yield _moved(situation, arrived, [flow.id for flow in element.outgoing])
            elif _is_or_join(element):
                if not self._may_still_come(element, situation, arrived):
                    yield from self._leave(element, situation, arrived)
            else:
                for flow in arrived:
                    yield from self._leave(element, situation, [flow])

    def _leave(self, element: Element, situation: Situation, arrived: list[str]) -> Iterator[Situation]:
        out = [flow.id for flow in element.outgoing]
        if element.kind == "endEvent":
            ends_all = "terminate" in element.events or "error" in element.events
            yield () if ends_all else _moved(situation, arrived, [])
        elif element.kind == "inclusiveGateway":
            for size in range(1, len(out) + 1):
                for chosen in combinations(out, size):
                    yield _moved(situation, arrived, list(chosen))
        else:
            for flow_id in out:
                yield _moved(situation, arrived, [flow_id])
            for event in self._interrupts.get(element.id, ()):
                yield _moved(situation, arrived, [flow.id for flow in event.outgoing])

    def _may_still_come(self, join: Element, situation: Situation, arrived: list[str]) -> bool:
        """As the runtime decides: a token can reach an empty way, and none that has a token already."""
        for flow in situation:
            if flow in arrived:
                continue
            ways = self._reach[join.id].get(flow, frozenset())
            if ways and ways.isdisjoint(arrived):
                return True
        return False

    def _sources_reachable(self, join: Element) -> dict[str, frozenset[str]]:
        """For each flow: the ways into the join that a token there can reach without passing it."""
        found: dict[str, set[str]] = {}
        for way in join.incoming:
            pending, seen = [way.id], set()
            while pending:
                flow_id = pending.pop()
                if flow_id in seen:
                    continue
                seen.add(flow_id)
                found.setdefault(flow_id, set()).add(way.id)
                pending.extend(self._flows_before(flow_id, join.id))
        return {flow_id: frozenset(ways) for flow_id, ways in found.items()}

    def _flows_before(self, flow_id: str, join_id: str) -> Iterator[str]:
        for element in self._elements.values():
            if element.id != join_id and any(flow.id == flow_id for flow in element.outgoing):
                holder = self._elements.get(element.attached_to or element.id, element)
                yield from (flow.id for flow in holder.incoming)


def _is_or_join(element: Element) -> bool:
    return element.kind == "inclusiveGateway" and len(element.incoming) > 1


def _moved(situation: Situation, taken: list[str], put: list[str]) -> Situation:
    tokens = list(situation)
    for flow_id in taken:
        tokens.remove(flow_id)
    return tuple(sorted([*tokens, *put]))
