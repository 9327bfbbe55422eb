"""Re-execution: recorded causes are fed to the pinned definition at their own time, effects compared."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from engine.domain.canonical import canonical_json
from engine.domain.history import EventDraft, EventType, HistoryEvent, Origin
from engine.domain.reason import Reason
from engine.domain.task_notes import Noted, as_noted, take_note
from engine.domain.telling import Own, written
from engine.errors import EngineError, NotFound
from engine.replay.followed import Followed
from engine.replay.report import Check, Fault, ReplayReport
from engine.runtime.live import LiveInstance
from engine.store.unit_of_work import Reader


@dataclass(slots=True)
class Run(Followed):
    """A re-execution under way: the live instance, the rows that follow from it, and the first fault.

    One that begins at a checkpoint knows the rows of what happened since; `notes` and `state` are whole.
    """

    live: LiveInstance | None = None
    explains: bool = False
    notes: dict[int, Noted] = field(default_factory=dict)  # of tasks that are open
    reasons: tuple[Reason, ...] = ()  # of the last step, where the run explains itself
    last_seq: int = 0
    picture: bytes | None = None  # a snapshot of the moment that was asked for
    fault: Fault | None = None
    pending: deque[EventDraft] = field(default_factory=deque)

    def go_on(self, reader: Reader, event: HistoryEvent) -> None:
        """Go on by one event; after a fault nothing moves any more."""
        if event.type is EventType.INSTANCE_STARTED and self.live is None:
            try:
                self.live = _fresh(reader, event)
                if self.explains:
                    self.live.explain()
            except (EngineError, KeyError, ValueError) as error:
                self.fault = Fault(
                    check=Check.REPLAY,
                    seq=event.seq,
                    template="The pinned definition cannot be read: {reason}",
                    params={"reason": str(error)},
                )
        if self.fault is not None:
            return
        feed = {Origin.CAUSE: self.cause, Origin.EFFECT: self.effect, Origin.NOTE: self.note}[event.origin]
        feed(event)
        if self.fault is None:
            self.last_seq = event.seq

    def close(self) -> None:
        """The history ends here: what still has to follow is missing."""
        if self.fault is None and self.pending:
            self.fault = _missing(self.last_seq, self.pending[0])

    def cause(self, event: HistoryEvent) -> None:
        """Feed one cause."""
        if self.pending:
            self.fault = _missing(event.seq, self.pending[0])
            return
        if self.live is None:
            self.fault = Fault(
                check=Check.REPLAY, seq=event.seq, template="The history does not begin with a start"
            )
            return
        try:
            step = self.live.apply(event)
        except (EngineError, ValueError, KeyError, TypeError) as error:
            self.fault = Fault(
                check=Check.REPLAY,
                seq=event.seq,
                template="The event {type} cannot be carried out again: {reason}",
                params={"type": str(event.type), "reason": getattr(error, "reason", "") or str(error)},
            )
            return
        self.reasons = step.reasons
        self.pending.extend(step.effects)
        for gone in (event.task_id, *step.withdrawn):
            self.notes.pop(gone or 0, None)
        self.follow(event, step)

    def effect(self, event: HistoryEvent) -> None:
        """Compare one recorded effect with the next one that the re-execution gave."""
        if not self.pending:
            self.fault = Fault(
                check=Check.REPLAY,
                seq=event.seq,
                template="The effect {type} was recorded, but nothing leads to it",
                params={"type": str(event.type)},
            )
            return
        assert self.live is not None
        expected, own = self.pending.popleft(), Own(process=self.live.process_key, title=self.live.title)
        for part, recorded, computed in _parts(event, expected, own):
            if recorded != computed:
                self.fault = Fault(
                    check=Check.REPLAY,
                    seq=event.seq,
                    template="The effect {type} was recorded with another {part} than the definition gives",
                    params={
                        "type": str(event.type),
                        "part": part,
                        "recorded": recorded,
                        "computed": computed,
                    },
                )
                return

    def note(self, event: HistoryEvent) -> None:
        """Follow who holds a task, and suspensions."""
        take_note(self.notes, event)
        Followed.note(self, event)  # a dataclass with slots has no plain super()


def replay(reader: Reader, instance_id: int, to_seq: int | None = None) -> ReplayReport:
    """Re-execute an instance up to an event and compare every effect on the way; NotFound without history.

    A moment between a cause and its effects is shown as the cause left it.
    """
    events = reader.history.events(instance_id, to_seq=to_seq)
    if not events:
        raise NotFound(kind="process instance", id=instance_id)
    run = run_events(reader, events, is_whole=to_seq is None)
    return ReplayReport(
        instance_id=instance_id,
        seq=events[-1].seq,
        events=len(events),
        state=as_noted(run.live.view(), run.notes) if run.live is not None and not run.live.broken else None,
        fault=run.fault,
    )


def run_events(
    reader: Reader, events: list[HistoryEvent], *, is_whole: bool = True, picture_at: int | None = None
) -> Run:
    """Re-execute events from the first on, until the first fault; take a snapshot after one, if asked."""
    run = Run()
    for event in events:
        run.go_on(reader, event)
        if run.fault is not None:
            return run
        if event.seq == picture_at and run.live is not None:
            run.picture = run.live.snapshot()
    if is_whole:
        run.close()
    return run


def _fresh(reader: Reader, start: HistoryEvent) -> LiveInstance:
    told: dict[str, Any] = start.told
    parsed = reader.definitions.parsed(told["deployment"])
    return LiveInstance.create(parsed, told["process"], start.stream)


def _parts(event: HistoryEvent, expected: EventDraft, own: Own) -> tuple[tuple[str, object, object], ...]:
    return (
        ("type", str(event.type), str(expected.type)),
        ("element", event.element_id, expected.element_id),
        ("task", event.task_id, expected.task_id),
        ("content", *_contents(event, expected, own)),
    )


def _contents(event: HistoryEvent, expected: EventDraft, own: Own) -> tuple[str, str]:
    """What was recorded and computed: in full where the texts differ, as they do for old histories."""
    computed = canonical_json(written(expected.type, expected.element_id, expected.data, own))
    if event.data == computed:
        return event.data, computed
    try:
        return canonical_json(event.told_in(own)), canonical_json(expected.data)
    except ValueError:
        return event.data, computed


def _missing(seq: int, expected: EventDraft) -> Fault:
    return Fault(
        check=Check.REPLAY,
        seq=seq,
        template="The effect {type} of {element} was not recorded",
        params={"type": str(expected.type), "element": expected.element_id or "-"},
    )
