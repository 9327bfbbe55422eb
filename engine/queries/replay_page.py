"""The replay page: one moment of an instance, with everything around it that an auditor asks for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.clock import TAIPEI
from engine.domain.definition import FormDefinition
from engine.domain.history import EventType, HistoryEvent
from engine.domain.identity import Unit, User, role_label
from engine.domain.instance import Instance, OpenedTask
from engine.domain.permission import Action, may
from engine.domain.reason import BranchReason, Reason
from engine.domain.task_notes import UNTOUCHED, Noted
from engine.domain.telling import Own
from engine.errors import NotFound
from engine.queries.audit import audited_instance
from engine.queries.instances import DiagramSource, DrawnProcess, reached_processes, source_of
from engine.queries.replay_changes import Changes, changes_of, writer_of
from engine.queries.replay_outline import Outline, Place, outline, place_of
from engine.queries.timeline import TimelineRow, timeline
from engine.replay import Moment, PastState, VerifyReport, moment_at, verify
from engine.store.unit_of_work import Reader

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment

AROUND = 30  # events that are listed on either side of the moment


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskThen:
    """A task that was open at the moment: who held it, or who might have taken it, and its dates then.

    `how` is the note that put it where it lies; `first_due_on` is there when the date was moved.
    """

    task: OpenedTask
    place: Place
    holder: str | None
    owner: str | None
    how: EventType | None
    wanted: tuple[tuple[str, str], ...]
    due_on: date | None
    first_due_on: date | None
    speed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A flow out of a gateway: its name where it has one, and where it leads."""

    flow: str
    name: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonThen:
    """Why something went as it went: `seq` is the event that tells it; `ways` are all that could be taken."""

    seq: int
    reason: Reason
    name: str
    place: Place
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPage:
    """One moment. Without a state (`moment.after`), `moment.fault` tells why there is none.

    `rows` are the events around it, `cause_seq` is the event whose step it belongs to. `forms` are those of
    the elements whose values the reasons read. `proof` is there when it was asked for.
    """

    instance: Instance
    name: str
    version: int
    moment: Moment
    row: TimelineRow
    rows: tuple[TimelineRow, ...]
    outline: Outline
    cause_seq: int
    people: dict[str, User]
    units: dict[str, Unit]
    tasks: tuple[TaskThen, ...]
    changes: Changes
    reasons: tuple[ReasonThen, ...]
    forms: dict[str, FormDefinition]
    processes: tuple[DrawnProcess, ...]
    diagram: DiagramSource | None
    anchored_at: datetime | None
    proof: VerifyReport | None
    may_ask: bool


def replay_page(
    reader: Reader,
    instance_id: int,
    *,
    at: int | None = None,
    share: int | None = None,
    process: str | None = None,
    proven: bool = True,
) -> ReplayPage:
    """The moment after event `at`, or at a share of the time in thousandths; the last one unless asked.

    NotFound for an instance that the reader may not see, an event or a process that it does not have;
    NotPermitted for who may not read histories. The number of statements does not depend on its length.
    """
    instance = audited_instance(reader, instance_id)
    parsed = reader.definitions.parsed(instance.deployment_id)
    drawn = outline(reader, instance, parsed)
    if at is not None:
        seq = at
    else:
        seq = reader.history.last_seq(instance_id) if share is None else _at_share(drawn, share)
    moment = moment_at(reader, instance, seq)
    rows = _rows_around(reader, instance, parsed, drawn, seq)
    row = next(row for row in rows if row.seq == seq)
    before, after = moment.before, moment.after
    anchor = reader.anchors.first_since(moment.event.occurred_at)
    return ReplayPage(
        instance=instance,
        name=parsed.processes[instance.definition_key].name,
        version=parsed.processes[instance.definition_key].version,
        moment=moment,
        row=row,
        rows=rows,
        outline=drawn,
        cause_seq=moment.events[0].seq,
        people={user.id: user for user in reader.organisation.users()},
        units={unit.id: unit for unit in reader.organisation.units()},
        tasks=tuple(_tasks(parsed, instance, after)) if after else (),
        changes=changes_of(
            reader,
            parsed,
            row.process,
            moment.event,
            (before.view if before else None, after.view if after else None),
        ),
        reasons=tuple(_reasons(parsed, instance, moment)),
        forms=_forms(parsed, moment),
        processes=_processes(parsed, instance, after),
        diagram=_diagram(reader, parsed, instance, moment, process or row.process),
        anchored_at=anchor.made_at if anchor else None,
        proof=verify(reader, instance_id) if proven else None,
        may_ask=may(reader.actor, Action.AUDIT),
    )


def _at_share(drawn: Outline, share: int) -> int:
    """The last event that had happened when this share of the whole time had passed."""
    first, last = drawn.ticks[0].at, drawn.ticks[-1].at
    moment = first + (last - first) * min(max(share, 0), 1000) / 1000
    return max(tick.seq for tick in drawn.ticks if tick.at <= moment)


def _rows_around(
    reader: Reader, instance: Instance, parsed: "ParsedDeployment", drawn: Outline, seq: int
) -> tuple[TimelineRow, ...]:
    """The rows around a moment; a signature is void only once the return that undid it has happened."""
    first = max(0, seq - AROUND - 1)
    events = reader.history.events(instance.id, after=first, to_seq=seq + AROUND)
    past = [event for event in events if event.seq <= seq]
    later = [event for event in events if event.seq > seq]
    return (*_told(parsed, drawn, past, instance.own), *_told(parsed, drawn, later, instance.own))


def _told(
    parsed: "ParsedDeployment", drawn: Outline, events: Sequence[HistoryEvent], own: Own
) -> tuple[TimelineRow, ...]:
    return timeline(parsed, drawn.tasks, events, own, paths=drawn.paths)


def _tasks(parsed: "ParsedDeployment", instance: Instance, after: PastState) -> Iterator[TaskThen]:
    """The open tasks, the most urgent first."""
    for task in sorted(after.view.open_tasks, key=lambda task: (task.due_at is None, task.due_at, task.id)):
        noted = after.notes.get(task.id, UNTOUCHED)
        yield _task(parsed, instance, task, noted)


def _task(parsed: "ParsedDeployment", instance: Instance, task: OpenedTask, noted: Noted) -> TaskThen:
    signoff: Any = task.inputs.get("signoff")
    return TaskThen(
        task=task,
        place=place_of(parsed, instance.definition_key, task.path.rpartition("/")[0]),
        holder=noted.assignee,
        owner=noted.owner,
        how=noted.how,
        wanted=tuple((role_label(c.role), c.unit) for c in task.candidates),
        due_on=_day(task.due_at),
        first_due_on=_day(noted.was_due_at),
        speed=str(signoff.get("speed", "")) if isinstance(signoff, dict) else "",
    )


def _day(at: datetime | None) -> date | None:
    return at.astimezone(TAIPEI).date() if at else None


def _reasons(parsed: "ParsedDeployment", instance: Instance, moment: Moment) -> Iterator[ReasonThen]:
    """Those of the event itself when it is a branch or a decision; else those of its whole step."""
    cause = moment.events[0].seq
    told = [(cause + 1 + reason.effect, reason) for reason in moment.reasons]
    own = [(seq, reason) for seq, reason in told if seq == moment.event.seq]
    for seq, reason in own or told:
        diagram = parsed.diagrams[reason.process_key]
        element = diagram.elements[reason.element_id]
        ways = element.outgoing if isinstance(reason, BranchReason) else ()
        yield ReasonThen(
            seq=seq,
            reason=reason,
            name=element.name,
            place=place_of(parsed, instance.definition_key, reason.path.rpartition("/")[0]),
            ways=tuple(
                Way(flow=flow.id, name=flow.name, target=diagram.elements[flow.target].name) for flow in ways
            ),
        )


def _forms(parsed: "ParsedDeployment", moment: Moment) -> dict[str, FormDefinition]:
    names = {
        seen.name.partition(".")[0]
        for reason in moment.reasons
        if isinstance(reason, BranchReason)
        for one in reason.weighed
        for seen in one.seen
    }
    found = {name: writer_of(parsed, name)[1] for name in names}
    return {name: form for name, form in found.items() if form is not None}


def _processes(
    parsed: "ParsedDeployment", instance: Instance, after: PastState | None
) -> tuple[DrawnProcess, ...]:
    if after is None:
        return ()
    names = {key: process.name for key, process in parsed.processes.items()}
    return reached_processes(instance.definition_key, after.view, names)


def _diagram(
    reader: Reader, parsed: "ParsedDeployment", instance: Instance, moment: Moment, process: str
) -> DiagramSource | None:
    """The diagram of the process that was asked for, else of the one in which the event happened."""
    if process and process not in parsed.processes:
        raise NotFound(kind="process definition", id=process)
    if moment.after is None:
        return None
    return source_of(reader, instance, moment.after.view, process or instance.definition_key)
