"""Tokens on a net: where they lie, and the moves that history does not tell by themselves.

Three moves leave no event of their own: that a call or sub-process begins (its first element tells), that a
repetition ends (whatever follows tells), and which of several like scopes a service task belongs to (its
events name no path). They are made when the next event needs them, and only if nothing else explains it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.mining.net import BEGIN, HOLDERS, Net, NetElement
from engine.mining.runs import RunLog


@dataclass(slots=True, eq=False)
class Scope:
    """One run of a process or sub-process: tokens by flow, and what is at work by element."""

    path: str
    net: Net
    name: str
    run: RunLog
    holder: NetElement | None = None
    above: Scope | None = None
    is_alive: bool = True
    is_late: bool = False  # over, but its end was not told in the same step
    tokens: Counter[str] = field(default_factory=lambda: Counter({BEGIN: 1}))
    work: dict[str, list[object]] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)  # repetitions under way: items that are done

    def lies_at(self, element: NetElement) -> bool:
        return any(self.tokens[flow] > 0 for flow in element.incoming)

    def works_at(self, element: NetElement) -> bool:
        return bool(self.work.get(element.id)) or element.id in self.done

    def target(self, flow: str) -> NetElement:
        """The element to which a flow of this scope leads; its start event for the token of the beginning."""
        if flow == BEGIN:
            return next(element for element in self.elements() if element.kind == "startEvent")
        return self.net.elements[self.net.flows[flow].target]

    def elements(self) -> Iterator[NetElement]:
        return (element for element in self.net.elements.values() if element.scope == self.name)

    def waiting(self) -> tuple[str, ...]:
        """The elements at which something waits or is at work, in the order of the file."""
        return tuple(e.id for e in self.elements() if self.lies_at(e) or self.works_at(e))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A token's way onto a flow: what it passes silently, and how it came there."""

    flow: str
    passed: NetElement | None = None
    before: Way | None = None


@dataclass(slots=True)
class Board:
    """All scopes of one instance with their tokens; counts what is consumed, produced and missing."""

    nets: dict[str, Net]
    scopes: dict[str, list[Scope]] = field(default_factory=dict)
    credits: Counter[str] = field(default_factory=Counter)  # service tasks that returned, scope not known yet
    runs: list[RunLog] = field(default_factory=list)
    now: int = 0
    consumed: int = 0
    produced: int = 0
    missing: int = 0
    remaining: int = 0

    def open(self, path: str, net: Net, name: str, holder: NetElement | None, above: Scope | None) -> Scope:
        """Let a process or sub-process begin."""
        if above is not None and name != net.key:
            run = above.run  # a sub-process belongs to the run of the process in which it is drawn
        else:
            run = RunLog(process=net.key, path=path, began_at=self.now)
            self.runs.append(run)
        scope = Scope(path=path, net=net, name=name, run=run, holder=holder, above=above)
        self.scopes.setdefault(path, []).append(scope)
        self.produced += 1
        return scope

    def alive(self) -> Iterator[Scope]:
        return (scope for scopes in list(self.scopes.values()) for scope in list(scopes))

    # --- silent moves -----------------------------------------------------------------------------

    def way_to(self, scope: Scope, element: NetElement, seen: frozenset[str] = frozenset()) -> Way | None:
        """How a token can come to an element with nothing but silent moves; None when it cannot."""
        marked = [flow for flow in element.incoming if scope.tokens[flow] > 0]
        if marked:
            return Way(flow=marked[0])
        ways = (self.way_along(scope, flow, seen) for flow in element.incoming)
        return next((way for way in ways if way is not None), None)

    def way_along(self, scope: Scope, flow_id: str, seen: frozenset[str] = frozenset()) -> Way | None:
        """How a token can come onto a flow with nothing but silent moves."""
        if scope.tokens[flow_id] > 0:
            return Way(flow=flow_id)
        flow = scope.net.flows.get(flow_id)
        source = scope.net.elements.get(flow.source) if flow else None
        if source is None or source.id in seen:
            return None
        if source.repeats and source.id in scope.done:
            return Way(flow=flow_id, passed=source) if self._may_end(scope, source) else None
        is_free = source.repeats or (source.kind == "serviceTask" and self.credits[source.id] > 0)
        before = self.way_to(scope, source, seen | {source.id}) if is_free else None
        return Way(flow=flow_id, passed=source, before=before) if before is not None else None

    @staticmethod
    def _may_end(scope: Scope, element: NetElement) -> bool:
        return not scope.work.get(element.id) or (element.stops_early and scope.done[element.id] > 0)

    def go(self, scope: Scope, way: Way) -> None:
        """Make the silent moves of a way and take its token."""
        if way.before is not None:
            self.go(scope, way.before)
            if way.passed is not None and not way.passed.repeats:
                self.credits[way.passed.id] -= 1
                scope.run.passes[way.passed.id] += 1
        if way.passed is not None:
            if way.passed.id in scope.done:
                self.halt(scope, way.passed)
            self.put(scope, way.passed.outgoing)
        scope.tokens[way.flow] -= 1
        self.consumed += 1

    # --- moves ------------------------------------------------------------------------------------

    def put(self, scope: Scope, flows: Iterable[str]) -> None:
        """Lay a token on each of the flows."""
        for flow in flows:
            scope.tokens[flow] += 1
            scope.run.flows[flow] += 1
            self.produced += 1

    def take(self, scope: Scope, element: NetElement) -> bool:
        """Take a token that leads into an element; False, and one is invented, when there is none."""
        way = self.way_to(scope, element)
        if way is not None:
            self.go(scope, way)
            return True
        self.consumed += 1
        self.missing += 1
        return False

    def begin(self, scope: Scope, element: NetElement, key: object) -> bool:
        """Set an activity to work; False when no token leads into it."""
        fits = True
        if element.repeats and element.id in scope.done:
            fits = not (element.in_turn and scope.work.get(element.id))
            self.missing += not fits
        else:
            fits = self.take(scope, element)
            if element.repeats:
                scope.done[element.id] = 0
        scope.work.setdefault(element.id, []).append(key)
        return fits

    def finish(self, scope: Scope, element: NetElement, key: object) -> bool:
        """End an activity that is at work; False when it is not."""
        scope.run.passes[element.id] += 1
        keys = scope.work.get(element.id, [])
        fits = key in keys
        if fits:
            keys.remove(key)
        else:
            self.consumed += 1
            self.missing += 1
        if element.repeats:
            scope.done[element.id] = scope.done.get(element.id, 0) + 1
        else:
            self.put(scope, element.outgoing)
        return fits

    def halt(self, scope: Scope, element: NetElement) -> None:
        """Stop whatever an activity has at work, with all that runs inside it."""
        scope.work.pop(element.id, None)
        scope.done.pop(element.id, None)
        for inner in [s for s in self.alive() if s.above is scope and s.holder is element]:
            self.close(inner)

    def close(self, scope: Scope) -> None:
        """Take a scope off the board, with all that runs inside it."""
        self.clear(scope)
        if scope.above is None or scope.run is not scope.above.run:
            scope.run.ended_at = self.now
        scope.is_alive = False
        self.scopes[scope.path].remove(scope)

    def clear(self, scope: Scope) -> None:
        """Take every token of a scope away: a terminate end, a cancellation, an interruption."""
        for element in [e for e in scope.elements() if e.kind in HOLDERS and scope.works_at(e)]:
            self.halt(scope, element)
        scope.tokens.clear()
        scope.work.clear()
        scope.done.clear()

    def left_in(self, scope: Scope) -> int:
        """How many tokens are left of a scope that ends; repetitions that may end are none."""
        at_work = sum(len(keys) for keys in scope.work.values())
        unended = sum(1 for id in scope.done if not scope.work.get(id) and scope.net.elements[id].outgoing)
        return scope.tokens.total() + at_work + unended
