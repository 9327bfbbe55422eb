"""Rules about the way of tokens: what would be dropped, always taken, or waited for in vain."""

from collections import Counter
from collections.abc import Iterable, Iterator

from engine.errors import LintFinding
from engine.runtime.diagram import ACTIVITIES, Diagram, Element
from engine.runtime.reading import Reading, finding

MAX_ELEMENTS = 300
_BRANCHING = ("exclusiveGateway", "inclusiveGateway")
_MAY_SPLIT = (*_BRANCHING, "parallelGateway", "eventBasedGateway")
_WAITING_ACTIVITIES = ("userTask", "receiveTask", "subProcess", "callActivity")
_CATCHABLE = ("message", "timer")


def flow_rules(reading: Reading, diagram: Diagram) -> Iterator[LintFinding]:
    """All rules about the flows of one process and its sub-processes."""
    for scope, elements in diagram.scopes().items():
        if len(elements) > MAX_ELEMENTS:
            yield finding(
                diagram,
                None,
                "too_many_elements",
                "Split the process: more than {limit} elements in one level",
                limit=MAX_ELEMENTS,
            )
            continue
        yield from _scope_rules(diagram, scope, elements)
    for element in diagram.elements.values():
        yield from _element_rules(diagram, element)
        if element.kind == "endEvent" and "error" in element.events:
            yield from _error_rules(reading, diagram, element)


def _scope_rules(diagram: Diagram, scope: str, elements: list[Element]) -> Iterator[LintFinding]:
    here = {element.id: element for element in elements}
    starts = [element for element in elements if element.kind == "startEvent"]
    if len(starts) != 1:
        place = diagram.elements.get(scope)
        yield finding(
            diagram, place, "one_start", "Draw exactly one start event in each process and sub-process"
        )
    if not any(element.kind == "endEvent" for element in elements):
        yield finding(diagram, diagram.elements.get(scope), "no_end", "Draw an end event")
    for element in elements:
        twice = [t for t, count in Counter(flow.target for flow in element.outgoing).items() if count > 1]
        for target in twice:
            yield finding(
                diagram,
                element,
                "double_flow",
                "Draw only one flow to “{target}” and join the conditions with “or”",
                target=target,
            )
    reached = _reach(here, starts)
    for element in _cut_off(here, reached) if starts else ():
        words = "Connect the element: no flow leads to it, nobody gets there"
        yield finding(diagram, element, "unreachable", words)
    for element in elements:
        if element.kind in ("parallelGateway", "inclusiveGateway") and len(element.incoming) > 1:
            without = _reach(here, starts, avoid=element.id)
            if any(flow.source not in without for flow in element.incoming if flow.source in reached):
                yield finding(
                    diagram,
                    element,
                    "join_waits_for_itself",
                    "Lead the loop back to before the split: this join would wait for itself",
                )


def _cut_off(here: dict[str, Element], reached: set[str]) -> Iterator[Element]:
    """Where to mend what nobody reaches: its first elements. What lies behind them is reached by them.

    Those without any incoming flow are told by a rule of their own.
    """
    left = [element for element in here.values() if element.id not in reached]
    behind = {flow.target for element in left for flow in element.outgoing}
    first = [element for element in left if element.id not in behind and element.attached_to is None]
    yield from (element for element in first if element.incoming)
    covered = _reach(here, first)
    for element in left:
        if element.id not in covered and element.attached_to is None:  # a ring: any of its elements will do
            yield element
            covered |= _reach(here, [element])


def _reach(here: dict[str, Element], starts: Iterable[Element], avoid: str | None = None) -> set[str]:
    """The elements that a token can reach; boundary events are reached with their activity."""
    attached: dict[str, list[str]] = {}
    for element in here.values():
        if element.attached_to is not None:
            attached.setdefault(element.attached_to, []).append(element.id)
    reached: set[str] = set()
    pending = [element.id for element in starts]
    while pending:
        current = pending.pop()
        if current in reached or current not in here or current == avoid:
            continue
        reached.add(current)
        pending.extend(flow.target for flow in here[current].outgoing)
        pending.extend(attached.get(current, ()))
    return reached


def _element_rules(diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    yield from _degree_rules(diagram, element)
    if element.kind in _BRANCHING:
        yield from _branching_rules(diagram, element)
    else:
        for flow in element.outgoing:
            if flow.condition is not None:
                yield finding(
                    diagram,
                    flow,
                    "condition_ignored",
                    "Put a gateway before the condition: here it would be ignored",
                )
        if element.default is not None:
            yield finding(
                diagram, element, "default_ignored", "Remove the default flow: only gateways have one"
            )
    if element.kind == "eventBasedGateway":
        yield from _event_gateway_rules(diagram, element)
    if element.kind == "boundaryEvent":
        yield from _boundary_rules(diagram, element)
    yield from _event_rules(diagram, element)


def _degree_rules(diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    if element.kind in ("startEvent", "boundaryEvent"):
        if element.incoming:
            yield finding(diagram, element, "incoming_flow", "No flow may lead to this event")
    elif not element.incoming:
        yield finding(diagram, element, "no_incoming", "Connect the element: no flow leads to it")
    if element.kind == "endEvent":
        if element.outgoing:
            yield finding(diagram, element, "outgoing_flow", "No flow may leave an end event")
    elif not element.outgoing:
        yield finding(diagram, element, "no_outgoing", "Connect the element: the process would stop here")
    if len(element.outgoing) > 1 and element.kind not in _MAY_SPLIT:
        yield finding(diagram, element, "two_outgoing", "Put a gateway behind the element to split its way")


def _branching_rules(diagram: Diagram, gateway: Element) -> Iterator[LintFinding]:
    if len(gateway.outgoing) == 1:
        if gateway.outgoing[0].condition is not None:
            yield finding(
                diagram, gateway.outgoing[0], "lonely_condition", "Remove the condition of the only flow"
            )
        return
    flows = {flow.id: flow for flow in gateway.outgoing}
    if gateway.default not in flows:
        yield finding(diagram, gateway, "no_default", "Mark one outgoing flow as the default")
    for flow in gateway.outgoing:
        if flow.id == gateway.default and flow.condition is not None:
            yield finding(diagram, flow, "default_condition", "Remove the condition of the default flow")
        elif flow.id != gateway.default and not flow.condition:
            yield finding(
                diagram, flow, "no_condition", "Give the flow a condition, or mark it as the default"
            )


def _event_gateway_rules(diagram: Diagram, gateway: Element) -> Iterator[LintFinding]:
    targets = [diagram.elements[flow.target] for flow in gateway.outgoing if flow.target in diagram.elements]
    if len(targets) < 2:
        yield finding(
            diagram, gateway, "lonely_event", "An event-based gateway needs two or more events behind it"
        )
    for target in targets:
        if target.kind not in ("intermediateCatchEvent", "receiveTask"):
            yield finding(
                diagram, target, "not_an_event", "Only catch events may stand behind an event-based gateway"
            )
        elif len(target.incoming) > 1:
            yield finding(
                diagram, target, "shared_event", "Only the gateway itself may lead to an event behind it"
            )
    if sum(1 for target in targets if target.timer is not None) > 1:
        yield finding(
            diagram,
            gateway,
            "two_timers",
            "Keep only the earlier of the timers: the second would never fire in time",
        )
    messages = Counter(target.message for target in targets if target.message is not None)
    if any(count > 1 for count in messages.values()):
        yield finding(
            diagram,
            gateway,
            "same_message",
            "Two events behind one gateway may not wait for the same message",
        )


def _boundary_rules(diagram: Diagram, event: Element) -> Iterator[LintFinding]:
    activity = diagram.elements.get(event.attached_to or "")
    if activity is None or activity.kind not in ACTIVITIES or activity.scope != event.scope:
        yield finding(diagram, event, "not_attached", "Attach the event to an activity of the same level")
        return
    if activity.kind not in _WAITING_ACTIVITIES:
        yield finding(
            diagram,
            event,
            "boundary_on_automatic",
            "Remove the event: the activity never waits, it would never happen",
        )
    if "error" in event.events:
        if activity.kind not in ("subProcess", "callActivity"):
            yield finding(
                diagram, event, "error_on_task", "Only sub-processes and call activities end with errors"
            )
        if not event.interrupting:
            yield finding(diagram, event, "error_not_interrupting", "An error event always interrupts")


def _event_rules(diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    allowed: dict[str, tuple[str, ...]] = {
        "startEvent": ("message",) if element.scope == diagram.key else (),
        "endEvent": ("message", "error", "terminate"),
        "intermediateCatchEvent": _CATCHABLE,
        "intermediateThrowEvent": ("message",),
        "boundaryEvent": (*_CATCHABLE, "error"),
    }
    if element.kind not in allowed:
        return
    if len(element.events) > 1:
        yield finding(diagram, element, "two_events", "An event may have only one kind")
    for kind in element.events:
        if kind not in allowed[element.kind]:
            yield finding(
                diagram, element, "event_kind", "This event may not be of the kind “{kind}”", kind=kind
            )
    if element.kind in ("intermediateCatchEvent", "boundaryEvent") and not element.events:
        yield finding(diagram, element, "event_kind", "Tell what the event waits for: a message or a timer")


def _error_rules(reading: Reading, diagram: Diagram, end: Element) -> Iterator[LintFinding]:
    """An error must be caught around every place where its scope runs."""
    if not end.error:
        yield finding(diagram, end, "no_error_code", "Give the error a code")
        return
    for holder_diagram, holder in _holders_without_catch(reading, diagram, end.scope, end.error, frozenset()):
        yield finding(
            holder_diagram,
            holder,
            "error_not_caught",
            "Catch the error “{code}” with a boundary event here",
            code=end.error,
        )


def _holders_without_catch(
    reading: Reading, diagram: Diagram, scope: str, code: str, seen: frozenset[str]
) -> Iterator[tuple[Diagram, Element]]:
    if scope in seen:
        return
    holders = [
        (other, element)
        for other in reading.diagrams.values()
        for element in other.elements.values()
        if (other is diagram and element.id == scope and scope != diagram.key)
        or (scope == diagram.key and element.calls == scope)
    ]
    for other, holder in holders:
        catches = any(
            event.attached_to == holder.id and "error" in event.events and event.error in (None, "", code)
            for event in other.elements.values()
        )
        if catches:
            continue
        if holder.scope == other.key and not any(
            element.calls == other.key for d in reading.diagrams.values() for element in d.elements.values()
        ):
            yield other, holder
        else:
            yield from _holders_without_catch(reading, other, holder.scope, code, seen | {scope})
