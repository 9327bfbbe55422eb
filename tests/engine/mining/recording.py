"""Histories of small diagrams, as the store would have sealed them."""

import json
from collections.abc import Sequence
from dataclasses import replace

from engine.clock import to_micros
from engine.documents.net_source import nets_of
from engine.domain.canonical import GENESIS
from engine.domain.definition import SourceFile
from engine.domain.history import EventDraft, EventType, HistoryEvent, Signature, origin_of, seal
from engine.domain.instance import Step
from engine.mining.conformance import conformance
from engine.mining.deviation import Conformance
from engine.runtime import LiveInstance
from tests.engine.runtime.drawing import INSTANCE, NOW, deployment


def sealed(causes: Sequence[HistoryEvent], steps: Sequence[Step]) -> list[HistoryEvent]:
    """Causes and what followed from each, in one chain; a cause names the element of its token."""
    elements: dict[int, str] = {}
    events: list[HistoryEvent] = []
    for cause, step in zip(causes, steps, strict=True):
        first = EventDraft(
            type=cause.type, element_id=elements.get(cause.task_id or 0), task_id=cause.task_id,
            data=json.loads(cause.data),
        )  # fmt: skip
        signature = Signature(actor=cause.actor, occurred_at=cause.occurred_at)
        events += seal(INSTANCE, len(events), GENESIS, [first, *step.effects], signature)
        elements |= {e.task_id: e.element_id for e in step.effects if e.task_id and e.element_id}
    return events


class Recorded:
    """A process `p` that is run step by step; `events` is its history so far."""

    def __init__(self, *files: SourceFile, **variables: object) -> None:
        self.nets = nets_of(files)
        self.live = LiveInstance.create(deployment(*files), "p", INSTANCE)
        self.causes = [self._cause(EventType.INSTANCE_STARTED, None, variables=variables)]
        self.steps = [self.live.start(NOW, variables)]

    @staticmethod
    def _cause(kind: EventType, task_id: int | None, **told: object) -> HistoryEvent:
        draft = EventDraft(type=kind, task_id=task_id, data=told)
        return seal(INSTANCE, 0, GENESIS, [draft], Signature(actor="clerk", occurred_at=to_micros(NOW)))[0]

    def do(self, *element_ids: str, **values: object) -> "Recorded":
        """Complete the first open task of each element, one after the other."""
        for element_id in element_ids:
            task = next(t for t in self.live.view().open_tasks if t.element_id == element_id)
            self._step(self._cause(EventType.TASK_COMPLETED, task.id, values=values, variables=values))
        return self

    def receive(self, element_id: str) -> "Recorded":
        """Let the message come for which an element waits."""
        waits = next(s for s in self.live.view().subscriptions if s.element_id == element_id)
        self._step(self._cause(EventType.MESSAGE_RECEIVED, waits.task_id, payload={}))
        return self

    def cancel(self) -> "Recorded":
        self._step(self._cause(EventType.INSTANCE_CANCELLED, None, reason="not needed"))
        return self

    def _step(self, cause: HistoryEvent) -> None:
        self.steps.append(self.live.apply(cause))
        self.causes.append(cause)

    @property
    def events(self) -> list[HistoryEvent]:
        return sealed(self.causes, self.steps)

    def checked(self, events: Sequence[HistoryEvent] | None = None) -> Conformance:
        """The conformance of the history, or of one that was made of it."""
        return conformance(self.nets, "p", self.events if events is None else events)


def renumbered(events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """A made-up history in which events stand at new places."""
    return [replace(event, seq=seq) for seq, event in enumerate(events, start=1)]


def made_up(like: HistoryEvent, kind: EventType, element_id: str, **told: object) -> HistoryEvent:
    """An event that never happened."""
    return replace(
        like, type=kind, origin=origin_of(kind), element_id=element_id, task_id=None, data=json.dumps(told)
    )  # fmt: skip
