"""The process view: what all histories of a process say of time, waiting, ways, rework and conformance.

Read are the sealed histories themselves. What one gave is remembered under its head, so that only histories
that have moved since are read again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from engine.clock import TAIPEI, from_micros, to_micros
from engine.documents.net_source import nets_of
from engine.domain.instance import Instance
from engine.domain.permission import Action, require, sight_of
from engine.errors import NotFound
from engine.mining.conformance import READ, trace
from engine.mining.deviation import Conformance, Deviation
from engine.mining.figures import CountedRun, ElementFigures, ProcessFigures, figures_of
from engine.mining.net import Net
from engine.mining.runs import Run, Trace
from engine.plan.statistics import Duration, duration_of
from engine.queries.statistics import reason_labels
from engine.queries.working_time import WorkingDays
from engine.store.definitions import DeployedProcess
from engine.store.unit_of_work import Reader

MOST_INSTANCES = 500
MOST_EVENTS = 20_000  # of histories that are read by one statement
STEPS = frozenset({"userTask", "callActivity"})
ALWAYS = (date(1970, 1, 1), date(2900, 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days in which the runs that count began; None where it is open."""

    since: date | None = None
    until: date | None = None

    def covers(self, at: int) -> bool:
        day = from_micros(at).astimezone(TAIPEI).date()
        return (self.since or ALWAYS[0]) <= day <= (self.until or ALWAYS[1])

    def bounds(self) -> tuple[datetime, datetime]:
        """The first instant, and the first one after."""
        first, last = self.since or ALWAYS[0], self.until or ALWAYS[1]
        return _midnight(first), _midnight(last + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLine:
    """One process in the list. `called`: how many of its runs other processes called."""

    key: str
    name: str
    agency: str
    runs: int
    called: int
    duration: Duration | None
    returned: int
    fitness: float
    deviating: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessList:
    """Every process that has run; `is_cut` tells that only the newest instances were counted."""

    lines: tuple[ProcessLine, ...]
    instances: int
    fitness: float
    deviating: int
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedInstance:
    """One instance with how it conforms; `deviations` are those in the process that is looked at."""

    instance: Instance
    runs: int
    conformance: Conformance
    deviations: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessView:
    """A process over all runs of a period, drawn by the version `deployment`."""

    key: str
    name: str
    agency: str
    deployment: int
    deployments: tuple[int, ...]
    source: bytes
    net: Net
    labels: Mapping[str, Mapping[str, str]]
    reasons: Mapping[str, str]
    people: Mapping[str, str]
    units: Mapping[str, str]
    figures: ProcessFigures
    called: int
    checked: tuple[CheckedInstance, ...]
    is_cut: bool

    @property
    def fitness(self) -> float:
        """The mean over the instances; 1.0 where every one conforms, or none is there."""
        return _mean([each.conformance.fitness for each in self.checked])

    @property
    def slowest(self) -> ElementFigures | None:
        """The task or called process that takes longest, by its median; None where none was completed."""
        found = (
            (each.duration.middle, each.duration.ninetieth, each)
            for each in self.figures.elements.values()
            if each.duration is not None and self._is_step(each.element)
        )
        return max(found, key=lambda each: each[:2], default=(0, 0, None))[2]

    def _is_step(self, element: str) -> bool:
        return element in self.net.elements and self.net.elements[element].kind in STEPS

    @property
    def deviating(self) -> tuple[CheckedInstance, ...]:
        return tuple(each for each in self.checked if not each.conformance.is_complete)


def process_list(reader: Reader, period: Period | None = None) -> ProcessList:
    """Every process with runs in a period, the most frequent first. It names no instance and no person."""
    require(reader.actor, Action.AUDIT)
    wanted = period or Period()
    found, is_cut = _instances(reader, wanted, None)
    traces = _traces(reader, found)
    runs: dict[str, list[tuple[Instance, Run]]] = {}
    for instance in found:
        for run in traces[instance.id].runs:
            if wanted.covers(run.began_at):
                runs.setdefault(run.process, []).append((instance, run))
    known = {process.key: process for process in reader.definitions.all_latest()}
    days = WorkingDays(reader.calendar)
    lines = [_line(known[key], own, traces, days) for key, own in runs.items() if key in known]
    checked = [traces[instance.id].conformance for instance in found]
    return ProcessList(
        lines=tuple(sorted(lines, key=lambda line: (line.called == line.runs, -line.runs, line.key))),
        instances=len(found),
        fitness=_mean([each.fitness for each in checked]),
        deviating=sum(not each.is_complete for each in checked),
        is_cut=is_cut,
    )


def process_view(
    reader: Reader, key: str, period: Period | None = None, deployment: int | None = None
) -> ProcessView:
    """One process over all its runs of a period, of one version if asked.

    Restricted instances among them are looked at. NotFound for a process, or a version of it, that was
    never deployed.
    """
    require(reader.actor, Action.AUDIT)
    wanted = period or Period()
    latest = reader.definitions.latest(key)
    nets = _nets_of_deployments(reader)
    if deployment is not None and key not in nets.get(deployment, {}):
        raise NotFound(kind="process definition", id=key)
    found, is_cut = _instances(reader, wanted, _reaching(nets, key))
    traces = _traces(reader, found)
    counted = [
        (instance, run)
        for instance in found
        for run in traces[instance.id].runs
        if run.process == key and wanted.covers(run.began_at)
    ]
    versions = tuple(sorted({instance.deployment_id for instance, _ in counted}))
    counted = [(i, run) for i, run in counted if deployment in (None, i.deployment_id)]
    shown = deployment or max(versions, default=latest.deployment_id)
    for instance, _ in counted:
        reader.looks_at(instance)
    days = WorkingDays(reader.calendar)
    net = nets[shown][key]
    return ProcessView(
        key=key,
        name=net.name,
        agency=latest.agency,
        deployment=shown,
        deployments=versions,
        source=reader.definitions.parsed(shown).diagram(key),
        net=net,
        labels={k: {e.id: e.name for e in n.elements.values()} for k, n in nets[shown].items()},
        reasons=reason_labels(reader),
        people={user.id: user.name for user in reader.organisation.users()},
        units={unit.id: unit.label for unit in reader.organisation.units()},
        figures=figures_of(
            [CountedRun(instance_id=instance.id, run=run) for instance, run in counted],
            lambda begin, end: days.between(from_micros(begin), from_micros(end)),
            to_micros(reader.now),
            frames=[e.id for e in net.elements.values() if e.kind == "subProcess"],
        ),
        called=sum(bool(run.path) for _, run in counted),
        checked=_checked(counted, traces, key),
        is_cut=is_cut,
    )


def _checked(
    counted: Sequence[tuple[Instance, Run]], traces: Mapping[int, Trace], key: str
) -> tuple[CheckedInstance, ...]:
    """Those that deviate first, then the newest."""
    runs: dict[int, int] = {}
    for instance, _ in counted:
        runs[instance.id] = runs.get(instance.id, 0) + 1
    found = [
        CheckedInstance(
            instance=instance,
            runs=runs[number],
            conformance=traces[number].conformance,
            deviations=tuple(d for d in traces[number].conformance.deviations if d.process == key),
        )
        for number, instance in {instance.id: instance for instance, _ in counted}.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.conformance.is_complete, -each.instance.id)))


def _line(
    process: DeployedProcess, runs: Sequence[tuple[Instance, Run]], traces: Mapping[int, Trace],
    days: WorkingDays,
) -> ProcessLine:  # fmt: skip
    lengths = [
        days.between(from_micros(run.began_at), from_micros(run.ended_at))
        for _, run in runs
        if run.is_whole and run.ended_at is not None
    ]
    checked = {instance.id: traces[instance.id].conformance for instance, _ in runs}
    return ProcessLine(
        key=process.key,
        name=process.name,
        agency=process.agency,
        runs=len(runs),
        called=sum(bool(run.path) for _, run in runs),
        duration=duration_of(lengths) if lengths else None,
        returned=sum(any(v.is_redone or v.gave_back for v in run.visits) for _, run in runs),
        fitness=_mean([each.fitness for each in checked.values()]),
        deviating=sum(any(d.process == process.key for d in each.deviations) for each in checked.values()),
    )


def _instances(reader: Reader, period: Period, keys: frozenset[str] | None) -> tuple[list[Instance], bool]:
    begin, end = period.bounds()
    found = reader.instances.under_way_between(
        begin, end, sight=sight_of(reader.actor), limit=MOST_INSTANCES + 1, keys=keys
    )
    return found[:MOST_INSTANCES], len(found) > MOST_INSTANCES


def _traces(reader: Reader, instances: Sequence[Instance]) -> dict[int, Trace]:
    """What each history gave; those that have moved since they were read last are read, many at once."""
    memory, found, unread = reader.memory.traces, {}, []
    for instance in instances:
        known = memory.find(instance.id, instance.head)
        if known is None:
            unread.append(instance)
        else:
            found[instance.id] = known
    for part in _parts(unread):
        found.update(_read(reader, part))
        for instance in part:
            memory.put(instance.id, instance.head, found[instance.id])
    return found


def _read(reader: Reader, instances: Sequence[Instance]) -> Iterator[tuple[int, Trace]]:
    by_id = {instance.id: instance for instance in instances}
    events = groupby(reader.history.of_streams(by_id, READ), key=lambda event: event.stream)
    for number, own in events:
        instance = by_id.pop(number)
        nets = _nets(reader, instance.deployment_id)
        yield number, trace(nets, instance.definition_key, [e for e in own if e.seq <= instance.seq])
    for number, instance in by_id.items():
        yield number, trace(_nets(reader, instance.deployment_id), instance.definition_key, [])


def _parts(instances: Sequence[Instance]) -> Iterator[list[Instance]]:
    """Instances in parts of about so many events as one statement should read."""
    part: list[Instance] = []
    for instance in instances:
        part.append(instance)
        if sum(each.seq for each in part) >= MOST_EVENTS:
            yield part
            part = []
    if part:
        yield part


def _nets(reader: Reader, deployment_id: int) -> Mapping[str, Net]:
    return nets_of(tuple(reader.definitions.parsed(deployment_id).sources.values()))


def _nets_of_deployments(reader: Reader) -> dict[int, Mapping[str, Net]]:
    return {number: _nets(reader, number) for number, *_ in reader.definitions.deployments()}


def _reaching(nets: Mapping[int, Mapping[str, Net]], key: str) -> frozenset[str]:
    """The processes in whose instances a process may run: itself, and whatever calls it in some version."""
    callers: dict[str, set[str]] = {}
    for of_deployment in nets.values():
        for net in of_deployment.values():
            for element in net.elements.values():
                if element.calls:
                    callers.setdefault(element.calls, set()).add(net.key)
    found, before = {key}, [key]
    while before:
        new = callers.get(before.pop(), set()) - found
        found |= new
        before.extend(new)
    return frozenset(found)


def _mean(fits: Sequence[float]) -> float:
    return sum(fits) / len(fits) if fits else 1.0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), TAIPEI)
