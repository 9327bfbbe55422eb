"""The history of an instance as rows for people: who did what, where, with what verdict and words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.activities.signoff import DECISIONS
from engine.clock import from_micros
from engine.domain.form_fields import Field, FieldKind, fields_of
from engine.domain.history import EventType, HistoryEvent
from engine.domain.identity import SYSTEM_ACTOR
from engine.domain.task import Task
from engine.domain.telling import Own
from engine.queries.task_page import OPINIONS, RETURNS, VERDICTS

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment

SPOKEN = ("reason", "note")
# Verdicts by which something goes back, beside those that the page of a task knows.
SENT_BACK = RETURNS | {"return_for_revision", "declined", "differs", "not_improved", "supplement"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One event. `verdict` labels what was decided; `is_void`: a later return undid the signature."""

    seq: int
    at: datetime
    type: EventType
    user_id: str
    role: str | None
    unit: str | None
    element: str
    process: str
    task_id: int | None
    verdict: str = ""
    quote: str = ""
    is_return: bool = False
    is_void: bool = False
    is_signature: bool = False
    lasted: timedelta | None = None
    details: Mapping[str, Any]

    @property
    def by_system(self) -> bool:
        return self.user_id == SYSTEM_ACTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What the rows of one instance are read with."""

    parsed: "ParsedDeployment"
    tasks: Mapping[int, Task]
    paths: Mapping[int, str]


def timeline(
    parsed: "ParsedDeployment",
    tasks: Sequence[Task],
    events: Sequence[HistoryEvent],
    own: Own,
    *,
    paths: Mapping[int, str] | None = None,
) -> tuple[TimelineRow, ...]:
    """Every event of one instance as a row, oldest first.

    `paths` are those of the processes that hold the tasks, for events without their openings among them.
    """
    told = [event.told_in(own) for event in events]
    opened = {
        event.task_id: _scope(data.get("path", ""))
        for event, data in zip(events, told, strict=True)
        if event.type is EventType.TASK_OPENED and event.task_id is not None
    }
    reading = _Reading(
        parsed=parsed, tasks={task.id: task for task in tasks}, paths=opened if paths is None else paths
    )
    rows = [_row(reading, event, data) for event, data in zip(events, told, strict=True)]
    return tuple(reversed(list(_voided(reading, rows))))


def _scope(path: str) -> str:
    """The way to the process that holds a task: its path without the task itself."""
    return path.rpartition("/")[0]


def _row(reading: _Reading, event: HistoryEvent, data: dict[str, Any]) -> TimelineRow:
    process, element = _place(reading, event, data)
    task = reading.tasks.get(event.task_id or 0)
    verdict, quote, is_return, is_signature = _said(reading, process, event, data)
    return TimelineRow(
        seq=event.seq,
        at=from_micros(event.occurred_at),
        type=event.type,
        user_id=event.actor,
        role=event.role,
        unit=event.unit,
        element=element,
        process=process,
        task_id=event.task_id,
        verdict=verdict,
        quote=quote,
        is_return=is_return,
        is_signature=is_signature,
        details=data,
        lasted=from_micros(event.occurred_at) - task.opened_at
        if task and event.type is EventType.TASK_COMPLETED
        else None,
    )


def _place(reading: _Reading, event: HistoryEvent, data: dict[str, Any]) -> tuple[str, str]:
    """The process and the name of the element of an event."""
    task = reading.tasks.get(event.task_id or 0)
    key = data.get("process") if isinstance(data.get("process"), str) else None
    key = key or (task.process_key if task else None) or _process_of(reading.parsed, event.element_id)
    process = reading.parsed.processes.get(key or "")
    if process is None:
        return key or "", ""
    element = process.elements.get(event.element_id or "")
    return process.key, element.name if element else process.name


def _process_of(parsed: "ParsedDeployment", element_id: str | None) -> str | None:
    return next((key for key, process in parsed.processes.items() if element_id in process.elements), None)


def _said(
    reading: _Reading, process: str, event: HistoryEvent, data: dict[str, Any]
) -> tuple[str, str, bool, bool]:
    """(label of the verdict, words, whether it is a return, whether it is a signature at all)."""
    if event.type is not EventType.TASK_COMPLETED:
        return "", next((str(data[name]) for name in SPOKEN if data.get(name)), ""), False, False
    values = data.get("values", {})
    quote = next(
        (str(values[name]) for name in OPINIONS if isinstance(values.get(name), str) and values[name]), ""
    )
    name = next((name for name in VERDICTS if isinstance(values.get(name), str) and values[name]), None)
    if name is None:
        return "", quote, False, False
    element = reading.parsed.processes[process].elements.get(event.element_id or "")
    form = reading.parsed.forms.get(element.form or "") if element else None
    label = _label(fields_of(form), name, values[name]) if form else ""
    return label, quote, values[name] in SENT_BACK, True


def _label(fields: tuple[Field, ...], name: str, value: str) -> str:
    field = next((f for f in fields if f.name == name and f.kind is FieldKind.CHOICE), None)
    labels = dict(field.choices) if field else {}
    # A sign-off offers its decisions by the moment, so that its form does not name them.
    return labels.get(value) or DECISIONS.get(value, "")


def _voided(reading: _Reading, rows: list[TimelineRow]) -> Iterator[TimelineRow]:
    """The rows from the last to the first; signatures before a return to the author stay, but void."""
    returned: set[str] = set()
    for row in reversed(rows):
        scope = reading.paths.get(row.task_id or 0, "")
        if row.is_signature and not row.is_return and scope in returned:
            yield replace(row, is_void=True)
            continue
        if row.is_return and _goes_to_the_author(row.details["values"]):
            returned.add(scope)
        yield row


def _goes_to_the_author(values: Mapping[str, Any]) -> bool:
    """A return (退件) to the author voids the round; one to the level before, or a remark, does not."""
    return values.get("decision") == "return" and values.get("return_to", "handler") == "handler"
