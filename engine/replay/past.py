"""Any moment of an instance: re-executed from its history, from the nearest checkpoint on.

A step or a jump costs at most `EVERY` causes once the way there was gone before. Effects are compared on the
way as in a proof; what a checkpoint spares is proven by `verify`, never by the checkpoint.
"""

from dataclasses import dataclass

from engine.domain.history import HistoryEvent, Origin
from engine.domain.instance import Instance, InstanceState, InstanceView
from engine.domain.reason import Reason
from engine.domain.task_notes import Notes, as_noted
from engine.errors import NotFound, ProcessFailed
from engine.replay.report import Fault
from engine.replay.run import Run
from engine.store.checkpoints import Checkpoint
from engine.store.unit_of_work import Reader

EVERY = 32  # causes between two checkpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class PastState:
    """An instance after its event number `seq`. Inside a step it is shown as its cause left it."""

    seq: int
    state: InstanceState
    view: InstanceView
    notes: Notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One event with the state before and after it.

    `events` are the cause, whose step the event belongs to, and its effects as recorded up to the event, or
    the note alone; `reasons` are those of that step. Where the history cannot be executed up to here, `fault`
    says why, and there is no state.
    """

    event: HistoryEvent
    events: tuple[HistoryEvent, ...]
    before: PastState | None
    after: PastState | None
    reasons: tuple[Reason, ...]
    causes: int  # that were executed to answer this
    fault: Fault | None


def state_after(reader: Reader, instance: Instance, seq: int) -> PastState:
    """The instance after one of its events; NotFound for a number that the history has not reached.

    ProcessFailed when the history cannot be executed up to there, or its effects are not those recorded.
    """
    run, _ = _run_to(reader, instance, seq, explained=False)
    if run.fault is not None:
        raise ProcessFailed(reason=str(run.fault))
    return _state(run, seq)


def moment_at(reader: Reader, instance: Instance, seq: int) -> Moment:
    """One event, what it changed and why; NotFound for a number that the history has not reached."""
    run, events = _run_to(reader, instance, seq - 1, explained=True, to_seq=seq)
    before = _state(run, seq - 1) if run.fault is None and run.live is not None else None
    event = events[-1]
    run.go_on(reader, event)
    if seq == instance.seq:
        run.close()
    return Moment(
        event=event,
        events=_step_of(events),
        before=before,
        after=_state(run, seq) if run.fault is None and run.live is not None else None,
        reasons=run.reasons if event.origin is not Origin.NOTE else (),
        causes=run.causes,
        fault=run.fault,
    )


def _run_to(
    reader: Reader, instance: Instance, seq: int, *, explained: bool, to_seq: int | None = None
) -> tuple[Run, list[HistoryEvent]]:
    """A run after event `seq`, and the events up to `to_seq` that were read for it."""
    last = seq if to_seq is None else to_seq
    if not 1 <= last <= instance.seq:
        raise NotFound(kind="event", id=last)
    run, begun, events = _beginning(reader, instance, seq, last)
    if not events or events[-1].seq != last:
        raise NotFound(kind="event", id=last)
    run.explains = explained
    if run.live is not None and explained:
        run.live.explain()
    since, previous = 0, None
    for event in events:
        if begun < event.seq <= seq:
            if event.origin is Origin.CAUSE and since >= EVERY and previous and not run.pending:
                _keep(reader, instance, run, previous)
                since = 0
            run.go_on(reader, event)
            since += event.origin is Origin.CAUSE
            if run.fault is not None:
                break
        previous = event
    if seq == instance.seq:
        run.close()
    return run, events


def _beginning(
    reader: Reader, instance: Instance, seq: int, last: int
) -> tuple[Run, int, list[HistoryEvent]]:
    """A run at the nearest checkpoint, the number of its event, and the events from that one on."""
    found = reader.memory.checkpoints.latest(instance.id, seq)
    if found is not None:
        events = reader.history.events(instance.id, after=found.seq - 1, to_seq=last)
        if events and events[0].digest == found.digest:
            return _at_checkpoint(reader, instance, found), found.seq, events
        reader.memory.checkpoints.drop(instance.id)
    return Run(), 0, reader.history.events(instance.id, to_seq=last)


def _at_checkpoint(reader: Reader, instance: Instance, found: Checkpoint) -> Run:
    parsed = reader.definitions.parsed(instance.deployment_id)
    runtime, key = reader.memory.runtime, instance.definition_key
    live = runtime.restore(parsed, key, instance.id, found.picture)
    return Run(live=live, state=found.state, notes=dict(found.notes), last_seq=found.seq)


def _keep(reader: Reader, instance: Instance, run: Run, event: HistoryEvent) -> None:
    if run.live is None or event.seq != run.last_seq:
        return
    checkpoint = Checkpoint(
        seq=event.seq, digest=event.digest, picture=run.live.snapshot(), state=run.state,
        notes=dict(run.notes),
    )  # fmt: skip
    reader.memory.checkpoints.put(instance.id, checkpoint)


def _state(run: Run, seq: int) -> PastState:
    if run.live is None:
        raise ProcessFailed(reason="the history does not begin with a start")
    view = as_noted(run.live.view(), run.notes)
    return PastState(seq=seq, state=run.state, view=view, notes=dict(run.notes))


def _step_of(events: list[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """The cause of the last event and its effects up to it; a note stands for itself."""
    event = events[-1]
    if event.origin is Origin.NOTE:
        return (event,)
    first = next((no for no in range(len(events) - 1, -1, -1) if events[no].origin is Origin.CAUSE), 0)
    return tuple(events[first:])
