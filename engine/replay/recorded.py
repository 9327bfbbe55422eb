"""Instances as they were recorded up to a moment.

Effects are believed here and not executed again: the proof of an instance compares them with a re-execution,
and its rows are those that this reading gives. So the past costs what is read, not what happened.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from engine.clock import from_micros, to_micros
from engine.domain.history import ORIGIN_BY_TYPE, EventDraft, EventType, HistoryEvent, Origin, Signature
from engine.domain.instance import Instance, OpenedTask, Step
from engine.domain.priority import Priority
from engine.domain.task import Task, instance_of
from engine.domain.task_notes import HOLDING
from engine.domain.telling import Own
from engine.replay.followed import Followed
from engine.runtime.live import title_of
from engine.store.instance_handle import task_of
from engine.store.past import Past
from engine.store.unit_of_work import Reader

_CAUSES = frozenset(t for t, origin in ORIGIN_BY_TYPE.items() if origin is Origin.CAUSE)
_OF_TASK = HOLDING | {EventType.TASK_OPENED, EventType.TASK_EXTENDED, EventType.TASK_PRIORITISED}
# What makes rows; whatever else a history tells changes none.
_TOLD = (
    _CAUSES
    | _OF_TASK
    | {
        EventType.TASK_WITHDRAWN,
        EventType.INSTANCE_ENDED,
        EventType.INSTANCE_SUSPENDED,
        EventType.INSTANCE_RESUMED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastInstance:
    """An instance and its open tasks at a moment; `seq` and `head` are those of its last event before it.

    `name` is what its process was called in the definition that it is pinned to; `returned` are the tasks
    that came back to those who had done them, `first_due` the dates of extended ones before that.
    """

    instance: Instance
    name: str
    tasks: tuple[Task, ...]
    returned: frozenset[int]
    first_due: dict[int, datetime]
    priorities: dict[int, Priority]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTask:
    """A task that was open at a moment, as far as its own events tell, with its instance as it began."""

    task: Task
    instance: Instance


def open_tasks_at(reader: Reader, at: datetime) -> list[PastTask]:
    """Every task that was open at a moment: one statement, whatever was open.

    Who sent it, and whether it came back, is told by `instances_at` for those that are shown.
    """
    events = Past(reader).of_open_tasks(to_micros(at), _OF_TASK)
    instances: dict[int, Instance] = {}
    found = Followed()
    for event in events:
        if event.type is EventType.INSTANCE_STARTED:
            instances[event.stream] = _begun(reader, event)
        elif event.type is EventType.TASK_OPENED:
            draft = EventDraft(type=event.type, data={})
            found.rows.add(draft, _step((event,), instances[event.stream].own), _signature(event))
        else:
            found.note(event)
    return [
        PastTask(task=task_of(instance_of(number), row), instance=instances[instance_of(number)])
        for number, row in found.rows.opened.items()
    ]


def living_at(reader: Reader, at: datetime, *, before: int | None, limit: int) -> list[int]:
    """The numbers of instances that were open at a moment, newest first, below `before`."""
    return Past(reader).living(to_micros(at), before=before, limit=limit)


def instances_at(reader: Reader, ids: Collection[int], at: datetime) -> dict[int, PastInstance]:
    """Instances with their open tasks as they stood at a moment: two statements, however many there are."""
    if not ids:
        return {}
    past, micros = Past(reader), to_micros(at)
    events, heads = past.events(ids, micros, _TOLD), past.heads(ids, micros)
    found = {}
    for stream, told in groupby(events, key=lambda event: event.stream):
        history = list(told)
        own = _begun(reader, history[0]).own
        found[stream] = _past(reader, history, recorded(history, own), heads[stream])
    return found


def recorded(events: Iterable[HistoryEvent], own: Own) -> Followed:
    """The rows of one instance by its causes, the effects that were recorded of each, and its notes."""
    found = Followed()
    cause: HistoryEvent | None = None
    effects: list[HistoryEvent] = []
    for event in events:
        if event.origin is Origin.EFFECT:
            effects.append(event)
            continue
        if cause is not None:
            found.follow(cause, _step(effects, own))
            cause = None
        if event.origin is Origin.CAUSE:
            cause, effects = event, []
        else:
            found.note(event)
    if cause is not None:
        found.follow(cause, _step(effects, own))
    return found


def _step(effects: Sequence[HistoryEvent], own: Own) -> Step:
    return Step(
        opened=tuple(OpenedTask.told(e, own) for e in effects if e.type is EventType.TASK_OPENED),
        withdrawn=tuple(e.task_id for e in effects if e.type is EventType.TASK_WITHDRAWN and e.task_id),
        ended=any(e.type is EventType.INSTANCE_ENDED for e in effects),
    )


def _past(
    reader: Reader, history: list[HistoryEvent], found: Followed, head: tuple[int, bytes]
) -> PastInstance:
    extended = {e.task_id for e in history if e.type is EventType.TASK_EXTENDED}
    instance = _begun(reader, history[0], found, head)
    first_due = {
        task.id: task.due_at
        for task in (OpenedTask.told(e, instance.own) for e in history if e.type is EventType.TASK_OPENED)
        if task.id in extended and task.due_at is not None
    }
    tasks = (task_of(history[0].stream, row) for row in found.rows.opened.values())
    diagrams = reader.definitions.parsed(instance.deployment_id).diagrams
    return PastInstance(
        instance=instance,
        name=diagrams[instance.definition_key].name,
        tasks=tuple(task for task in tasks if task.is_open),
        returned=frozenset(found.returned),
        first_due=first_due,
        priorities=found.priorities,
    )


def _begun(
    reader: Reader, start: HistoryEvent, found: Followed | None = None,
    head: tuple[int, bytes] | None = None,
) -> Instance:  # fmt: skip
    """The instance that an event started; as far as `found` has followed it, else as it began."""
    told: dict[str, Any] = start.told
    found = found or Followed()
    parsed = reader.definitions.parsed(told["deployment"])
    seq, digest = head or (start.seq, start.digest)
    return Instance(
        id=start.stream, definition_key=told["process"], business_key=told["business_key"],
        title=title_of(parsed, told["process"], told["variables"]), deployment_id=told["deployment"],
        agency=told["agency"], plan_key=told["plan_key"], state=found.state, revision=0, seq=seq, head=digest,
        causes=found.causes, started_at=from_micros(start.occurred_at), started_by=start.actor,
        ended_at=None if found.ended_at is None else from_micros(found.ended_at), parent_id=told["parent"],
        restricted_to=parsed.diagrams[told["process"]].restricted_to,
    )  # fmt: skip


def _signature(event: HistoryEvent) -> Signature:
    return Signature(actor=event.actor, occurred_at=event.occurred_at)
