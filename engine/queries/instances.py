"""Process instances: the page of one, and the list of those that the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from engine.activities.cancelling import may_withdraw
from engine.clock import TAIPEI
from engine.domain.history import EventType, HistoryEvent
from engine.domain.identity import Unit, User, role_label
from engine.domain.instance import ElementMark, Instance, InstanceState, InstanceView, Subscription
from engine.domain.permission import Action, may, may_see_instance, may_send, sight_of
from engine.domain.task import Task, TaskState
from engine.errors import NotFound
from engine.forms import files_within
from engine.queries.instance_state import first_broken_link, present_view
from engine.queries.open_tasks import OpenTask, owed_by_due_date
from engine.queries.timeline import TimelineRow, timeline
from engine.queries.working_time import Span, working_days_in
from engine.replay import state_after
from engine.store.unit_of_work import Reader

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody who acted, in one role; as a deputy, with the event's word about whose place it was."""

    user: User
    role_label: str
    unit_label: str
    deputy: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """How long one step took in all its rounds, in working days."""

    label: str
    times: int
    days: float
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnProcess:
    """One process that this instance runs through, to choose its diagram."""

    key: str
    name: str
    is_reached: bool
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDocument:
    """A version of a document that this instance wrote, or that its people were shown."""

    kind: str
    key: str
    no: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePage:
    """Everything that the page of an instance shows. `broken_link` is None while its chain holds.

    `rests_since` is the incident for which something that is due has not happened.
    """

    instance: Instance
    name: str
    view: InstanceView
    tasks: tuple[Task, ...]
    open_tasks: tuple[OpenTask, ...]
    rows: tuple[TimelineRow, ...]
    people: dict[str, User]
    units: dict[str, Unit]
    participants: tuple[Participant, ...]
    stages: tuple[StageTime, ...]
    processes: tuple[DrawnProcess, ...]
    documents: tuple[RecordedDocument, ...]
    acted_on: tuple[RecordedDocument, ...]
    files: tuple[dict[str, Any], ...]
    actions: tuple[Subscription, ...]
    action_labels: dict[str, str]
    waits: tuple[str, ...]
    rests_since: TimelineRow | None
    broken_link: int | None
    days_running: float
    may_cancel: bool
    is_own: bool
    original_due: dict[int, date]  # of the open tasks whose due date was extended
    may_suspend: bool
    may_urge: bool
    may_try_again: bool
    may_see_variables: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramSource:
    """A diagram to draw: the BPMN file of a process, with what the instance did in it."""

    process: str
    source: bytes
    marks: dict[str, ElementMark]
    flows: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceLine:
    """One instance in a list."""

    instance: Instance
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceList:
    """A page of instances, newest first; `next_after` asks for the following page."""

    lines: tuple[InstanceLine, ...]
    next_after: int | None
    definitions: tuple[tuple[str, str], ...]


def visible_instance(reader: Reader, instance_id: int) -> Instance:
    """The instance; NotFound also for those who may not know of it."""
    instance = reader.instances.find(instance_id)
    if instance is None or not may_see_instance(reader.actor, instance):
        raise NotFound(kind="process instance", id=instance_id)
    reader.looks_at(instance)
    return without_hidden_parents(reader, [instance])[0]


def without_hidden_parents(reader: Reader, found: Sequence[Instance]) -> list[Instance]:
    """The instances, without the number of a restricted one that set them going for whom it is hidden.

    Their sealed histories are not touched: those who read them whole read that number as it was sealed.
    """
    parents = {instance.parent_id for instance in found if instance.parent_id is not None}
    hidden = reader.instances.hidden_among(parents, sight_of(reader.actor)) if parents else set()
    return [replace(one, parent_id=None) if one.parent_id in hidden else one for one in found]


def page(reader: Reader, instance_id: int) -> InstancePage:
    """One instance as it stands; NotFound when there is none or the reader may not see it."""
    instance = visible_instance(reader, instance_id)
    events = reader.history.events(instance_id)
    tasks = reader.tasks.of_instance(instance_id)
    parsed = reader.definitions.parsed(instance.deployment_id)
    people = {user.id: user for user in reader.organisation.users()}
    units = {unit.id: unit for unit in reader.organisation.units()}
    view = present_view(reader, instance, events)
    rows = timeline(parsed, tasks, events, instance.own)
    open_tasks = owed_by_due_date(reader, [task for task in tasks if task.is_open], people)
    names = {key: process.name for key, process in parsed.processes.items()}
    may_steer = not instance.state.has_ended
    return InstancePage(
        instance=instance,
        name=names[instance.definition_key],
        view=view,
        tasks=tuple(tasks),
        open_tasks=open_tasks,
        rows=rows,
        people=people,
        units=units,
        participants=_participants(rows, people, units),
        stages=_stages(reader, tasks),
        processes=reached_processes(instance.definition_key, view, names),
        documents=_documents(rows),
        acted_on=_acted_on(rows),
        files=_files(rows),
        actions=_actions(reader, view),
        action_labels={
            s.element_id: parsed.processes[s.process_key].elements[s.element_id].name
            for s in view.subscriptions
        },
        waits=_waits(parsed, view),
        rests_since=_rests_since(reader, instance, view, rows),
        broken_link=first_broken_link(instance, events),
        days_running=working_days_in(
            [(instance.started_at, instance.ended_at or reader.now)], reader.calendar
        ),
        may_cancel=may_steer
        and (may(reader.actor, Action.CANCEL_INSTANCE) or may_withdraw(reader, instance)),
        is_own=instance.started_by == reader.actor.user_id,
        original_due=_original_due(rows),
        may_suspend=may_steer and may(reader.actor, Action.SUSPEND_INSTANCE),
        may_urge=may_steer and may(reader.actor, Action.URGE),
        may_try_again=may(reader.actor, Action.TRY_AGAIN),
        may_see_variables=may(reader.actor, Action.READ_HISTORY),
    )


def diagram(
    reader: Reader, instance_id: int, *, process: str | None = None, at: int | None = None
) -> DiagramSource:
    """The diagram of a process of the instance, now or after event `at`; NotFound for what does not exist."""
    instance = visible_instance(reader, instance_id)
    parsed = reader.definitions.parsed(instance.deployment_id)
    key = process or instance.definition_key
    if key not in parsed.processes:
        raise NotFound(kind="process definition", id=key)
    view = present_view(reader, instance) if at is None else state_after(reader, instance, at).view
    return source_of(reader, instance, view, key)


def source_of(reader: Reader, instance: Instance, view: InstanceView, process: str) -> DiagramSource:
    """The diagram of a process for a view that is there already."""
    parsed = reader.definitions.parsed(instance.deployment_id)
    return DiagramSource(
        process=process,
        source=parsed.diagram(process),
        marks=view.marks.get(process, {}),
        flows=view.flows.get(process, {}),
    )


def index(
    reader: Reader,
    *,
    after: int | None = None,
    states: tuple[InstanceState, ...] = (),
    definition_key: str | None = None,
    business_key: str | None = None,
    limit: int = PAGE_SIZE,
) -> InstanceList:
    """The instances that the reader may see, newest first."""
    sight = sight_of(reader.actor)
    found = reader.instances.page(
        after=after, limit=limit + 1, states=states, definition_key=definition_key, business_key=business_key,
        sight=sight,
    )  # fmt: skip
    known = reader.definitions.all_latest()
    names = {process.key: process.name for process in known}
    return InstanceList(
        lines=tuple(
            InstanceLine(instance=i, name=names.get(i.definition_key, i.definition_key))
            for i in without_hidden_parents(reader, found[:limit])
        ),
        next_after=found[limit - 1].id if len(found) > limit else None,
        definitions=tuple(
            (process.key, process.name) for process in known if process.agency in sight.agencies
        ),
    )


def history(
    reader: Reader, instance_id: int, *, after: int = 0, limit: int | None = None
) -> Sequence[HistoryEvent]:
    """Events of an instance in order, from number `after` + 1 on; NotFound when the reader may not see it."""
    visible_instance(reader, instance_id)
    return reader.history.events(instance_id, after=after, limit=limit)


def _participants(
    rows: Sequence[TimelineRow], people: dict[str, User], units: dict[str, Unit]
) -> tuple[Participant, ...]:
    """Who acted, each role once, in the order of their first act."""
    seen: dict[tuple[str, str | None, str | None], Participant] = {}
    for row in rows:
        user = people.get(row.user_id)
        if user is not None and row.role is not None:
            unit, deputy = units.get(row.unit or ""), row.details.get("deputy")
            seen.setdefault(
                (user.id, row.role, row.unit),
                Participant(
                    user=user,
                    role_label=role_label(row.role),
                    unit_label=unit.label if unit else "",
                    deputy=deputy,
                ),
            )
    return tuple(seen.values())


def _stages(reader: Reader, tasks: Sequence[Task]) -> tuple[StageTime, ...]:
    """The time of each step, the longest first; tasks of one step that lay side by side count once."""
    spans: dict[str, list[Span]] = {}
    open_labels: set[str] = set()
    for task in tasks:
        if task.state is TaskState.WITHDRAWN:
            continue
        spans.setdefault(task.label, []).append((task.opened_at, task.closed_at or reader.now))
        if task.is_open:
            open_labels.add(task.label)
    found = [
        StageTime(
            label=label,
            times=len(own),
            days=working_days_in(own, reader.calendar),
            is_open=label in open_labels,
        )
        for label, own in spans.items()
    ]
    return tuple(sorted(found, key=lambda stage: -stage.days))


def reached_processes(main: str, view: InstanceView, names: dict[str, str]) -> tuple[DrawnProcess, ...]:
    """The instance's own process first, then those that it called, in the order of their names."""
    active = {key for key, marks in view.marks.items() if any(mark.active for mark in marks.values())}
    reached = [main, *sorted(key for key in view.marks if key != main and key in names)]
    return tuple(
        DrawnProcess(key=key, name=names[key], is_reached=key in view.marks, is_active=key in active)
        for key in reached
    )


def _documents(rows: Sequence[TimelineRow]) -> tuple[RecordedDocument, ...]:
    """The latest version of every document that the instance wrote, the newest first."""
    latest: dict[tuple[str, str], RecordedDocument] = {}
    for row in rows:
        for ref in row.details.get("documents", ()):
            place = (ref["kind"], ref["key"])
            latest.pop(place, None)
            latest[place] = RecordedDocument(
                kind=ref["kind"], key=ref["key"], no=ref["no"], digest=ref["digest"]
            )
    return tuple(reversed(latest.values()))


def _acted_on(rows: Sequence[TimelineRow]) -> tuple[RecordedDocument, ...]:
    """The latest version of every document of others that people were shown when they acted."""
    written = {(ref["kind"], ref["key"]) for row in rows for ref in row.details.get("documents", ())}
    latest: dict[tuple[str, str, str], RecordedDocument] = {}
    for row in rows:
        for owner, kind, key, no, digest in row.details.get("shown_documents", ()):
            if (kind, key) not in written:
                latest[owner, kind, key] = RecordedDocument(kind=kind, key=key, no=no, digest=digest)
    return tuple(latest.values())


def _files(rows: Sequence[TimelineRow]) -> tuple[dict[str, Any], ...]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found |= files_within([row.details.get(part) for part in ("values", "files", "paper")])
    return tuple(reversed(found.values()))


def _original_due(rows: Sequence[TimelineRow]) -> dict[int, date]:
    """The first due date of each task that was extended, by what its first extension says it was."""
    first: dict[int, date] = {}
    for row in rows:
        if row.type is EventType.TASK_EXTENDED and row.task_id is not None:
            was_due_at = datetime.fromisoformat(row.details["was_due_at"])
            first.setdefault(row.task_id, was_due_at.astimezone(TAIPEI).date())
    return first


def _actions(reader: Reader, view: InstanceView) -> tuple[Subscription, ...]:
    """What the reader may do now beside tasks: send a message that waits for them or one of their roles."""
    return tuple(s for s in view.subscriptions if may_send(reader.actor, s))


def _rests_since(
    reader: Reader, instance: Instance, view: InstanceView, rows: Sequence[TimelineRow]
) -> TimelineRow | None:
    """The last incident of a running instance with a timer that is due, until the cause is mended."""
    if instance.state is not InstanceState.RUNNING or not any(t.due_at <= reader.now for t in view.timers):
        return None
    return next((row for row in reversed(rows) if row.type is EventType.INCIDENT_RAISED), None)


def _waits(parsed: Any, view: InstanceView) -> tuple[str, ...]:
    """The names of what is waited for: messages that no person of this office sends, then times."""
    names = {
        element.id: element.name
        for process in parsed.processes.values()
        for element in process.elements.values()
    }
    messages = [names.get(s.element_id, s.name) for s in view.subscriptions if not s.is_for_people]
    timers = [names.get(t.element_id, "") for t in view.timers]
    return tuple(dict.fromkeys(name for name in (*messages, *timers) if name))
