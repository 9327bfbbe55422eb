"""A process as a net: elements, and flows on which tokens lie. Nothing of the runtime is asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BEGIN = "@begin"  # the place of the token with which a process or sub-process starts
HOLDERS = frozenset({"callActivity", "subProcess"})
WORKED = frozenset({"userTask", "serviceTask"})
CATCHING = frozenset({"intermediateCatchEvent", "boundaryEvent", "receiveTask"})
TOLD = frozenset({"timer", "message"})  # what makes a waiting event happen is told by a cause of its own
# Elements that go on by themselves at once: a history never rests before them.
RESTLESS = frozenset(
    {
        "userTask", "scriptTask", "businessRuleTask", "sendTask", "exclusiveGateway",
        "intermediateThrowEvent", "endEvent", "startEvent", "callActivity", "subProcess",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sequence flow; `condition` is the expression as it stands in the file."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetElement:
    """An element. `scope` is the process or sub-process that holds it; flows go by their ids.

    `triggers`: timer, message, error, terminate, … of an event. `repeats`: once for each item of a list, one
    after the other if `in_turn`, until a condition holds if `stops_early`.
    """

    id: str
    kind: str
    name: str = ""
    scope: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    triggers: frozenset[str] = frozenset()
    calls: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    repeats: bool = False
    in_turn: bool = False
    stops_early: bool = False

    @property
    def needs_cause(self) -> bool:
        """True where a timer or a message has to come before the element is passed."""
        return self.kind in CATCHING and bool(self.triggers & TOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """One process with all its elements, also those inside its sub-processes."""

    key: str
    name: str = ""
    elements: Mapping[str, NetElement] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)

    def at(self, scope: str, element_id: str) -> NetElement | None:
        """The element of this id that stands directly in a scope."""
        element = self.elements.get(element_id)
        return element if element is not None and element.scope == scope else None

    def boundaries(self, host: str) -> tuple[NetElement, ...]:
        """The events at the edge of an activity."""
        return tuple(element for element in self.elements.values() if element.attached_to == host)

    def leads(self, element_id: str, flow_id: str, *, past: str) -> bool:
        """True if a token that leaves an element can come to a flow without passing the element `past`."""
        seen, before = {past}, [element_id]
        while before:
            source = before.pop()
            if source in seen:
                continue
            seen.add(source)
            element = self.elements[source]
            ways = [*element.outgoing, *(f for b in self.boundaries(source) for f in b.outgoing)]
            if flow_id in ways:
                return True
            before.extend(self.flows[way].target for way in ways)
        return False
