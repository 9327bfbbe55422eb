"""What may come next in a process: the user tasks that the diagram reaches from one of its elements."""

from collections import deque
from collections.abc import Iterator, Mapping

from engine.runtime.diagram import Diagram, Element

MANY = 3


def tasks_ahead(diagrams: Mapping[str, Diagram], process_key: str, element_id: str) -> tuple[str, ...]:
    """The labels of the next user tasks, nearest first, at most three; the way decides which of them come."""
    start = diagrams[process_key].elements.get(element_id)
    waiting = deque(_targets(diagrams[process_key], start)) if start else deque()
    seen = {(process_key, element_id)}
    labels: dict[str, None] = {}
    while waiting and len(labels) < MANY:
        diagram, element = waiting.popleft()
        if (diagram.key, element.id) in seen:
            continue
        seen.add((diagram.key, element.id))
        if element.kind == "userTask":
            labels[element.name] = None
            continue
        waiting.extend(_onwards(diagrams, diagram, element))
    return tuple(labels)


def _onwards(
    diagrams: Mapping[str, Diagram], diagram: Diagram, element: Element
) -> Iterator[tuple[Diagram, Element]]:
    called = diagrams.get(element.calls or "")
    if called is not None and called.start is not None:
        yield called, called.start
    elif element.kind == "subProcess":
        first = (e for e in diagram.elements.values() if e.kind == "startEvent" and e.scope == element.id)
        yield from ((diagram, e) for e in first)
    elif element.kind == "endEvent" and element.scope in diagram.elements:
        yield from _targets(diagram, diagram.elements[element.scope])
    else:
        yield from _targets(diagram, element)


def _targets(diagram: Diagram, element: Element) -> Iterator[tuple[Diagram, Element]]:
    for flow in element.outgoing:
        if flow.target in diagram.elements:
            yield diagram, diagram.elements[flow.target]
