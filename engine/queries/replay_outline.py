"""The outline of a history: a tick for each event, its tasks, and the rounds that returns ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.clock import from_micros
from engine.domain.history import EventType, HistoryEvent, Origin, origin_of
from engine.domain.instance import Instance, OpenedTask
from engine.domain.task import Task
from engine.queries.timeline import TimelineRow, timeline
from engine.store.instance_handle import task_of
from engine.store.step_rows import TaskRow
from engine.store.unit_of_work import Reader

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment

BY_ITSELF = frozenset({EventType.ACTIVITY_RETURNED, EventType.TIMER_FIRED})


class Look(StrEnum):
    """How a tick looks: something done, a return, a note beside the run, or what followed by itself."""

    DONE = "done"
    RETURN = "return"
    NOTE = "note"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One event on the line of time."""

    seq: int
    at: datetime
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in an instance something happens: the names of what was called, and the item of each call."""

    names: tuple[tuple[str, str], ...]  # (name, item); no item where nothing runs side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A piece of work from its beginning to the return that superseded it, or as far as it has come.

    `returned` is the return; without one the round is the latest of its place.
    """

    place: Place
    no: int
    first_seq: int
    last_seq: int
    signatures: int
    returned: TimelineRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A whole history at a glance; `tasks` as they were opened, `paths` of the processes that hold them."""

    ticks: tuple[Tick, ...]
    tasks: tuple[Task, ...]
    paths: dict[int, str]
    rounds: tuple[Round, ...]


def outline(reader: Reader, instance: Instance, parsed: "ParsedDeployment") -> Outline:
    """Two statements, whatever the length, and none while the history stands still; what events tell is read
    only of tasks.
    """
    known: Outline | None = reader.memory.outlines.find(instance.id, instance.head)
    if known is None:
        known = _outline(reader, instance, parsed)
        reader.memory.outlines.put(instance.id, instance.head, known)
    return known


def _outline(reader: Reader, instance: Instance, parsed: "ParsedDeployment") -> Outline:
    told = reader.history.of_types(instance.id, EventType.TASK_OPENED, EventType.TASK_COMPLETED)
    opened = [
        (event, OpenedTask.told(event, instance.own)) for event in told if event.type is EventType.TASK_OPENED
    ]
    tasks = [_task(instance.id, event, task) for event, task in opened]
    paths = {task.id: task.path.rpartition("/")[0] for _, task in opened}
    rows = timeline(parsed, tasks, told, instance.own, paths=paths)
    returns = {row.seq for row in rows if row.is_return}
    return Outline(
        ticks=tuple(
            Tick(seq=seq, at=from_micros(at), look=Look.RETURN if seq in returns else _look(type_))
            for seq, type_, at in reader.history.instants(instance.id)
        ),
        tasks=tuple(tasks),
        paths=paths,
        rounds=tuple(_rounds(instance, parsed, paths, rows)),
    )


def _task(instance_id: int, event: HistoryEvent, opened: OpenedTask) -> Task:
    return task_of(instance_id, TaskRow(opened=opened, opened_at=event.occurred_at, sent_by=event.actor))


def _look(type_: EventType) -> Look:
    match origin_of(type_):
        case Origin.NOTE:
            return Look.NOTE
        case Origin.CAUSE if type_ not in BY_ITSELF:
            return Look.DONE
    return Look.EFFECT


def _rounds(
    instance: Instance, parsed: "ParsedDeployment", paths: Mapping[int, str], rows: Sequence[TimelineRow]
) -> list[Round]:
    """The rounds of every place at which something was returned, in the order in which they began."""
    by_path: dict[str, list[TimelineRow]] = {}
    for row in rows:
        by_path.setdefault(paths.get(row.task_id or 0, ""), []).append(row)
    found: list[Round] = []
    for path, own in by_path.items():
        if any(_ends_round(row) for row in own):
            found += _rounds_at(place_of(parsed, instance.definition_key, path), own)
    return sorted(found, key=lambda one: one.first_seq)


def _rounds_at(place: Place, rows: Sequence[TimelineRow]) -> list[Round]:
    found: list[Round] = []
    current: list[TimelineRow] = []
    for row in rows:
        current.append(row)
        if _ends_round(row):
            found.append(_round(place, len(found) + 1, current, row))
            current = []
    if current:
        found.append(_round(place, len(found) + 1, current, None))
    return found


def _round(place: Place, no: int, rows: Sequence[TimelineRow], returned: TimelineRow | None) -> Round:
    return Round(
        place=place,
        no=no,
        first_seq=rows[0].seq,
        last_seq=rows[-1].seq,
        signatures=sum(row.is_signature and not row.is_return for row in rows),
        returned=returned,
    )


def _ends_round(row: TimelineRow) -> bool:
    """A return to whoever made it; one to the level before goes on within the round."""
    values: Mapping[str, object] = row.details.get("values", {})
    return row.is_return and values.get("return_to", "handler") == "handler"


def place_of(parsed: "ParsedDeployment", process_key: str, path: str) -> Place:
    """A path such as `draft_plan/contribute[kinmen]` in names; the process itself where it is empty."""
    if not path:
        return Place(names=((parsed.processes[process_key].name, ""),))
    names: list[tuple[str, str]] = []
    key: str | None = process_key
    for part in path.split("/"):
        element_id, _, rest = part.partition("[")
        process = parsed.processes.get(key or "")
        element = process.elements.get(element_id) if process else None
        names.append((element.name if element else element_id, rest.removesuffix("]")))
        key = element.calls or key if element else key
    return Place(names=tuple(names))
