"""Conformance: a recorded history is played on the net of its diagram, token by token.

This is no second replay: it knows nothing of the runtime or of variables, only the drawing. What history
tells has to be something that the drawing allows at that place and moment, and nothing may be left over.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from engine.domain.history import EventType, HistoryEvent, Origin
from engine.mining.branches import follows
from engine.mining.deviation import Conformance, Deviation, Why
from engine.mining.journal import ARMED, HELD, Journal
from engine.mining.net import HOLDERS, RESTLESS, Net, NetElement
from engine.mining.runs import Trace
from engine.mining.tokens import Board, Scope

MOST_DEVIATIONS = 50
_PART = re.compile(r"([^/\[]+)(?:\[(.*?)\])?(?:/|$)")


def conformance(nets: Mapping[str, Net], process: str, events: Sequence[HistoryEvent]) -> Conformance:
    """How a history, whole or as far as it has come, fits the nets of its deployment."""
    return trace(nets, process, events).conformance


def trace(nets: Mapping[str, Net], process: str, events: Sequence[HistoryEvent]) -> Trace:
    """Play a history on the nets of its deployment: how it fits them, and its runs."""
    check = _Check(nets=dict(nets), process=process, began_at=events[0].occurred_at if events else 0)
    for event in events:
        check.play(event)
    check.rest(events[-1].seq if events else 0)
    return Trace(conformance=check.result(), runs=tuple(log.run() for log in check.board.runs))


class _Check:
    """One history being played."""

    def __init__(self, nets: dict[str, Net], process: str, began_at: int) -> None:
        self.board = Board(nets=nets, now=began_at)
        self.journal = Journal()
        self.root = self.board.open("", nets[process], process, None, None)
        self.deviations: list[Deviation] = []
        self.tasks: dict[int, tuple[Scope, NetElement]] = {}
        self.asked: dict[int, tuple[Scope, NetElement] | None] = {}
        self.caught: Counter[str] = Counter()
        self.failed: list[str] = []  # paths of scopes in which an error ended
        self.seq = 0
        self.played = 0
        self.ended = False
        self.cancelled_at: int | None = None

    def play(self, event: HistoryEvent) -> None:
        handler = _HANDLERS.get(event.type)
        if handler is None:
            if event.type in HELD or event.type in ARMED:
                self.journal.note(event, event.told)
            return
        self.seq, self.board.now = event.seq, event.occurred_at
        self.played += 1
        if self.ended:
            self._deviate(self.root, event.element_id or "", Why.AFTER_END)
            return
        if event.origin is Origin.CAUSE:
            self._pause()
        try:
            told = event.told
            self.journal.note(event, told)
            handler(self, event, told)
        except (KeyError, TypeError, ValueError, AttributeError):
            self._wrong(self.root, event.element_id or "", Why.UNREADABLE)

    def rest(self, seq: int) -> None:
        """Where the history has come to: nothing could have gone on by itself, and an end was told."""
        self.seq = seq
        self.journal.still_open(set(self.board.alive()))
        self._nothing_caught()
        if self.ended:
            return
        self._pause()
        if self.played and not self.board.left_in(self.root):
            self._wrong(self.root, "", Why.STOPPED)

    def _pause(self) -> None:
        """Between two causes no token lies where it could go on by itself, and what is over was passed."""
        self._nothing_caught()
        for scope in self.board.alive():
            if scope.holder is not None and not scope.is_late and not self.board.left_in(scope):
                scope.is_late = True
                self.board.remaining += 1
                self._deviate(scope, scope.holder.id, Why.STOPPED)
            for flow, lie in list(scope.tokens.items()):
                element = scope.target(flow)
                if lie > 0 and element.kind in RESTLESS and not element.repeats:
                    scope.tokens[flow] = 0
                    self.board.remaining += lie
                    self._deviate(scope, element.id, Why.STOPPED)

    def result(self) -> Conformance:
        board = self.board
        lost = board.missing / max(board.consumed, 1)
        left = board.remaining / max(board.produced, 1)
        return Conformance(
            fitness=max(0.0, 1 - (lost + left) / 2), events=self.played, deviations=tuple(self.deviations)
        )

    # --- events -----------------------------------------------------------------------------------

    def passed(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """An element was passed: it tells its own path."""
        scope, element = self._place(told["path"], event)
        if element is None:
            self._deviate(scope, event.element_id or "", Why.UNKNOWN)
            return
        if element.kind not in HOLDERS and not element.repeats:
            scope.run.passes[element.id] += 1
        if element.kind in HOLDERS:
            self._end_of(scope, element, event, told["path"])
        elif element.kind == "boundaryEvent":
            self._boundary(scope, element)
        elif element.kind in ("parallelGateway", "inclusiveGateway"):
            self._join(scope, element)
            self.board.put(scope, element.outgoing)
        elif element.repeats:
            if not self.board.begin(scope, element, self.seq):
                self._deviate(scope, element.id, Why.NOT_REACHED)
            self.board.finish(scope, element, self.seq)
        else:
            self._caused(scope, element)
            self._take(scope, element)
            self._leave(scope, element)
            self.journal.caught(scope.run, event)

    def branched(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """A gateway chose: one way, or some of an inclusive one, as its conditions say."""
        scope, element = self._place(told["path"], event)
        if element is None:
            self._deviate(scope, event.element_id or "", Why.UNKNOWN)
            return
        scope.run.passes[element.id] += 1
        if element.kind == "inclusiveGateway":
            self._join(scope, element)
        else:
            self._take(scope, element)
        taken = [str(flow) for flow in told["taken"]]
        if not follows(scope.net, element, taken, told.get("conditions") or []):
            self._wrong(scope, element.id, Why.OTHER_BRANCH)
        elif element.kind == "eventBasedGateway" and not self.caught.get(scope.target(taken[0]).id):
            self._wrong(scope, element.id, Why.NO_CAUSE)
        self.board.put(scope, [flow for flow in taken if flow in element.outgoing])

    def opened(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """A task was opened: something has to lead into it."""
        scope, element = self._place(told["path"], event)
        if element is None or element.kind != "userTask":
            self._deviate(scope, event.element_id or "", Why.UNKNOWN)
            return
        if not self.board.begin(scope, element, event.task_id):
            self._deviate(scope, element.id, Why.NOT_REACHED)
        self.tasks[event.task_id or 0] = scope, element
        self.journal.opened(scope.run, event, told)

    def completed(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """A task was completed: it has to be open."""
        self.journal.completed(event)
        found = self.tasks.pop(event.task_id or 0, None)
        if found is None or not found[0].is_alive:
            self._wrong(found[0] if found else self.root, event.element_id or "", Why.NOT_OPEN)
        elif not self.board.finish(*found, event.task_id):
            self._deviate(found[0], found[1].id, Why.NOT_OPEN)

    def withdrawn(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """A task was withdrawn: whatever ended it has happened before."""
        self.journal.withdrawn(event)
        found = self.tasks.pop(event.task_id or 0, None)
        if found is None:
            self._wrong(self.root, event.element_id or "", Why.NOT_OPEN)
            return
        scope, element = found
        if scope.is_alive and event.task_id in scope.work.get(element.id, ()):
            if not element.stops_early:
                self._wrong(scope, element.id, Why.WITHDRAWN)
            scope.work[element.id].remove(event.task_id)

    def requested(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """A service task was reached; if several like scopes may hold it, the choice is left open."""
        found = self._reached(event.element_id or "")
        number = event.task_id or 0
        if number in self.asked:
            self._wrong(self.root, event.element_id or "", Why.NOT_REACHED)
        elif len(found) > 1:
            self.asked[number] = None
        elif found:
            self.board.begin(*found[0], number)
            self.asked[number] = found[0]
        else:
            self._request_out_of_place(event)

    def returned(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """An activity gave its result: its service task is done."""
        number = event.task_id or 0
        if number not in self.asked:
            self._wrong(self.root, event.element_id or "", Why.NOT_OPEN)
            return
        bound = self.asked.pop(number)
        if bound is not None:
            if not bound[0].is_alive or not self.board.finish(*bound, number):
                self._wrong(bound[0], bound[1].id, Why.NOT_OPEN)
            return
        found = self._reached(event.element_id or "")
        if len(found) == 1:
            self.board.begin(*found[0], number)
            self.board.finish(*found[0], number)
        elif found:
            self.board.credits[event.element_id or ""] += 1
        else:
            self._wrong(self.root, event.element_id or "", Why.NOT_OPEN)

    def happened(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """A timer fell due or a message came: something has to wait for it."""
        own = event.element_id or ""
        if not any(self._waits(scope, own) for scope in self.board.alive()):
            self._wrong(self.root, own, Why.NOT_WAITING)
        self.caught[own] += 1

    def cancelled(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """Cancelled: whatever is open ends where it stands."""
        self.board.clear(self.root)
        self.cancelled_at = event.seq

    def instance_ended(self, event: HistoryEvent, told: dict[str, Any]) -> None:
        """The end: nothing may be left."""
        self._nothing_left(self.root, event.element_id or "")
        self.root.run.ended_at = event.occurred_at
        self.root.run.is_whole = self.cancelled_at is None
        self.ended = True

    # --- moves ------------------------------------------------------------------------------------

    def _take(self, scope: Scope, element: NetElement) -> None:
        if not self.board.take(scope, element):
            self._deviate(scope, element.id, Why.NOT_REACHED)

    def _leave(self, scope: Scope, element: NetElement) -> None:
        if element.kind == "endEvent":
            if "terminate" in element.triggers:
                self.board.clear(scope)
            if "error" in element.triggers:
                self.failed.append(scope.path)
            return
        self.board.put(scope, element.outgoing)

    def _join(self, scope: Scope, gateway: NetElement) -> None:
        """A parallel join takes one token of every flow; an inclusive one all that have come or can come."""
        ways = {flow: self.board.way_along(scope, flow) for flow in gateway.incoming}
        here = [flow for flow, way in ways.items() if way is not None]
        wanted = list(ways) if gateway.kind == "parallelGateway" else here
        for flow in wanted:
            way = self.board.way_along(scope, flow)
            if way is None:
                self.board.consumed += 1
                self.board.missing += 1
            else:
                self.board.go(scope, way)
        if not here or len(here) < len(wanted):
            self._deviate(scope, gateway.id, Why.NOT_REACHED)
        elif gateway.kind == "inclusiveGateway" and self._may_still_come(scope, gateway, set(here)):
            self._wrong(scope, gateway.id, Why.NOT_REACHED)

    def _may_still_come(self, scope: Scope, gateway: NetElement, here: set[str]) -> bool:
        """True if a token elsewhere could come to an empty flow, and to none that has one (BPMN 13.4.3)."""
        places = [name for name in scope.waiting() if name != gateway.id]
        empty = [flow for flow in gateway.incoming if flow not in here]
        return any(
            any(scope.net.leads(place, flow, past=gateway.id) for flow in empty)
            and not any(scope.net.leads(place, flow, past=gateway.id) for flow in here)
            for place in places
        )

    def _boundary(self, scope: Scope, event: NetElement) -> None:
        host = scope.net.elements.get(event.attached_to or "")
        self._caused(scope, event, host)
        way = self.board.way_to(scope, host) if host is not None and not scope.works_at(host) else None
        if host is None or not (scope.works_at(host) or way is not None):
            self._wrong(scope, event.id, Why.NOT_REACHED)
        elif event.interrupting:
            if way is not None:
                self.board.go(scope, way)
            self.board.halt(scope, host)
        self.board.put(scope, event.outgoing)

    def _caused(self, scope: Scope, element: NetElement, host: NetElement | None = None) -> None:
        if element.needs_cause:
            if self.caught[element.id] > 0:
                self.caught[element.id] -= 1
            else:
                self._wrong(scope, element.id, Why.NO_CAUSE)
        elif "error" in element.triggers and host is not None:
            inside = f"{scope.path}/{host.id}" if scope.path else host.id
            if not any(path.startswith(inside) for path in self.failed):
                self._wrong(scope, element.id, Why.NO_CAUSE)

    def _end_of(self, scope: Scope, holder: NetElement, event: HistoryEvent, path: str) -> None:
        """A call or sub-process was passed: its own run is over."""
        inner = next((s for s in self.board.scopes.get(path, ()) if s.above is scope), None)
        if inner is None:
            if not self.board.begin(scope, holder, path):
                self._deviate(scope, holder.id, Why.NOT_REACHED)
            self._wrong(scope, holder.id, Why.NOT_OPEN)
            self.board.finish(scope, holder, path)
            return
        for each in self.board.scopes[path]:
            if each.above is scope and not self.board.left_in(each):
                inner = each
                break
        self._nothing_left(inner, holder.id)
        self.journal.came_back(inner, event)
        self.board.close(inner)
        if inner.run is not scope.run:
            inner.run.is_whole = True
        self.board.finish(scope, holder, path)

    def _nothing_left(self, scope: Scope, element_id: str) -> None:
        left = self.board.left_in(scope)
        if left:
            self.board.remaining += left
            self._deviate(scope, element_id, Why.LEFT_OVER)

    def _nothing_caught(self) -> None:
        """A timer or message lets something go on in the same step, or it came once too often."""
        for own in +self.caught:
            self._wrong(self.root, own, Why.NOT_WAITING)
        self.caught.clear()

    # --- places -----------------------------------------------------------------------------------

    def _place(self, path: str, event: HistoryEvent) -> tuple[Scope, NetElement | None]:
        """The scope and element of a path; calls and sub-processes on the way begin silently."""
        scope = self.root
        parts = list(_PART.finditer(path))
        for part, following in pairwise(parts):
            scope = self._inside(scope, part[1], path[: part.end() - 1], following[1], event)
        return scope, scope.net.at(scope.name, parts[-1][1]) if parts else None

    def _inside(self, scope: Scope, holder_id: str, path: str, next_id: str, event: HistoryEvent) -> Scope:
        """The run of a call or sub-process at a path; like items of a list have like paths."""
        known = [s for s in self.board.scopes.get(path, ()) if s.above is scope]
        fitting = [s for s in known if self._goes_on(s, next_id)]
        if fitting or (known and not self._is_start(known[0], next_id)):
            return (fitting or known)[0]
        holder = scope.net.at(scope.name, holder_id)
        if holder is None or holder.kind not in HOLDERS:
            self._wrong(scope, holder_id, Why.UNKNOWN)
            return scope
        if not self.board.begin(scope, holder, path):
            self._deviate(scope, holder.id, Why.NOT_REACHED)
        if holder.kind == "subProcess":
            inner = self.board.open(path, scope.net, holder.id, holder, scope)
        else:
            net = self.board.nets.get(holder.calls or "", Net(key=holder.calls or ""))
            inner = self.board.open(path, net, net.key, holder, scope)
        self.journal.called(inner, scope.run, holder.id, event)
        return inner

    def _goes_on(self, scope: Scope, element_id: str) -> bool:
        element = scope.net.at(scope.name, element_id)
        return element is not None and (
            scope.works_at(element) or self.board.way_to(scope, element) is not None
        )

    @staticmethod
    def _is_start(scope: Scope, element_id: str) -> bool:
        element = scope.net.at(scope.name, element_id)
        return element is not None and element.kind == "startEvent"

    def _reached(self, element_id: str) -> list[tuple[Scope, NetElement]]:
        """Where a service task of this id could be begun now."""
        found = []
        for scope in self.board.alive():
            element = scope.net.at(scope.name, element_id)
            if element is not None and element.kind == "serviceTask":
                under_way = element.repeats and element.id in scope.done
                if under_way or self.board.way_to(scope, element) is not None:
                    found.append((scope, element))
        return found

    def _request_out_of_place(self, event: HistoryEvent) -> None:
        own = event.element_id or ""
        places = ((scope, scope.net.at(scope.name, own)) for scope in self.board.alive())
        scope, element = next(((s, e) for s, e in places if e is not None), (self.root, None))
        if element is None:
            self._deviate(scope, own, Why.UNKNOWN)
            return
        self.board.begin(scope, element, event.task_id)
        self._deviate(scope, own, Why.NOT_REACHED)
        self.asked[event.task_id or 0] = scope, element

    def _waits(self, scope: Scope, element_id: str) -> bool:
        element = scope.net.at(scope.name, element_id)
        if element is None:
            return False
        host = scope.net.elements.get(element.attached_to or "")
        if host is not None:
            return scope.works_at(host) or self.board.way_to(scope, host) is not None
        if self.board.way_to(scope, element) is not None:
            return True
        sources = (scope.net.elements[scope.net.flows[flow].source] for flow in element.incoming)
        return any(
            source.kind == "eventBasedGateway" and self.board.way_to(scope, source) is not None
            for source in sources
        )

    def _wrong(self, scope: Scope, element_id: str, why: Why) -> None:
        """A deviation that no missing token stands for yet."""
        self.board.consumed += 1
        self.board.missing += 1
        self._deviate(scope, element_id, why)

    def _deviate(self, scope: Scope, element_id: str, why: Why) -> None:
        if len(self.deviations) < MOST_DEVIATIONS:
            self.deviations.append(
                Deviation(
                    seq=self.seq, process=scope.net.key, element=element_id, why=why, waiting=scope.waiting()
                )
            )


_HANDLERS = {
    EventType.ELEMENT_PASSED: _Check.passed,
    EventType.BRANCH_TAKEN: _Check.branched,
    EventType.TASK_OPENED: _Check.opened,
    EventType.TASK_COMPLETED: _Check.completed,
    EventType.TASK_WITHDRAWN: _Check.withdrawn,
    EventType.ACTIVITY_REQUESTED: _Check.requested,
    EventType.ACTIVITY_RETURNED: _Check.returned,
    EventType.TIMER_FIRED: _Check.happened,
    EventType.MESSAGE_RECEIVED: _Check.happened,
    EventType.INSTANCE_CANCELLED: _Check.cancelled,
    EventType.INSTANCE_ENDED: _Check.instance_ended,
}
# What a history has to be read of, to be played and measured.
READ = frozenset(_HANDLERS) | HELD | ARMED
