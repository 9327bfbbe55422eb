"""Audit runs as their pages show them, and the findings about which somebody was asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain.audit_run import AuditFinding, AuditRun, Member, draw
from engine.domain.history import HistoryEvent
from engine.domain.identity import User
from engine.domain.instance import Instance
from engine.domain.permission import Action, may, may_see_instance, require, sight_of
from engine.errors import NotFound
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPage:
    """What a new run can be drawn from: stages with their names, units, and how many processes there are."""

    stages: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str], ...]
    processes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One process of a sample, as it was when it was drawn, with the findings about it."""

    member: Member
    instance: Instance
    stage: str
    units: tuple[str, ...]
    findings: tuple[AuditFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """A run with its sample; `is_repeated` when seed and population give the same sample again."""

    run: AuditRun
    population: tuple[Member, ...]
    sample: tuple[Drawn, ...]
    stages: Mapping[str, str]
    units: Mapping[str, str]
    people: Mapping[str, User]
    is_repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPage:
    """What a finding is attached to: the process, the entry, and who took part."""

    run: AuditRun
    instance: Instance
    event: HistoryEvent
    participants: tuple[User, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFinding:
    """A finding about which the reader was asked; no title of a process that the reader may not know of."""

    finding: AuditFinding
    run: AuditRun
    title: str
    may_answer: bool


def audit_runs(reader: Reader) -> tuple[AuditRun, ...]:
    """Every run, the newest first."""
    require(reader.actor, Action.AUDIT)
    return tuple(reversed(reader.audits.runs().values()))


def draw_page(reader: Reader) -> DrawPage:
    """The criteria that a new run can have."""
    require(reader.actor, Action.AUDIT)
    names = _stage_names(reader)
    members = reader.audits.members(sight_of(reader.actor))
    units = {unit for member in members for unit in member.units}
    return DrawPage(
        stages=tuple((key, names.get(key, key)) for key in sorted({member.stage for member in members})),
        units=tuple((unit.id, unit.label) for unit in reader.organisation.units() if unit.id in units),
        processes=len(members),
    )


def run_page(reader: Reader, run_no: int) -> RunPage:
    """One run; what is restricted of its sample counts as looked at."""
    require(reader.actor, Action.AUDIT)
    run = reader.audits.run(run_no)
    population = reader.audits.population_of(run)
    members = {member.instance: member for member in population}
    instances = {instance.id: instance for instance in reader.instances.of_ids(run.drawn)}
    names, units = _stage_names(reader), {unit.id: unit.label for unit in reader.organisation.units()}
    for instance in instances.values():
        reader.looks_at(instance)
    return RunPage(
        run=run,
        population=population,
        sample=tuple(
            Drawn(
                member=members[number],
                instance=instances[number],
                stage=names.get(members[number].stage, members[number].stage),
                units=tuple(units.get(unit, unit) for unit in members[number].units),
                findings=tuple(finding for finding in run.findings if finding.instance == number),
            )
            for number in run.drawn
        ),
        stages=names,
        units=units,
        people={user.id: user for user in reader.organisation.users()},
        is_repeated=draw(run.seed, population, run.criteria) == run.drawn,
    )


def finding_page(reader: Reader, run_no: int, instance_id: int, seq: int | None) -> FindingPage:
    """The entry to which a finding is to be attached, the last one unless one is named.

    NotFound for a process that was not drawn, and for an entry that its history does not have.
    """
    require(reader.actor, Action.AUDIT)
    run = reader.audits.run(run_no)
    if instance_id not in run.drawn:
        raise NotFound(kind="process instance", id=instance_id)
    instance = reader.instances.get(instance_id)
    reader.looks_at(instance)
    number = instance.seq if seq is None else seq
    event = reader.history.find(instance_id, number)
    if event is None:
        raise NotFound(kind="event", id=number)
    people = {user.id: user for user in reader.organisation.users()}
    took = sorted(reader.audits.took_part(instance_id))
    return FindingPage(
        run=run,
        instance=instance,
        event=event,
        participants=tuple(people[name] for name in took if name in people),
    )


def findings_about(reader: Reader, instance_id: int) -> tuple[tuple[AuditRun, AuditFinding], ...]:
    """The findings about a process with their runs, for auditors; nobody else is told that there are any."""
    if not may(reader.actor, Action.AUDIT):
        return ()
    runs = reader.audits.runs().values()
    return tuple(
        (run, finding) for run in runs for finding in run.findings if finding.instance == instance_id
    )


def own_findings(reader: Reader) -> tuple[OwnFinding, ...]:
    """The findings about which the reader was asked, those that wait for an answer first."""
    me = reader.actor.user_id
    asked = [
        (run, finding)
        for run in reader.audits.runs().values()
        for finding in run.findings
        if me in finding.asked
    ]
    seen = {
        instance.id: instance
        for instance in reader.instances.of_ids([finding.instance for _, finding in asked])
        if may_see_instance(reader.actor, instance)
    }
    found = [
        OwnFinding(
            finding=finding,
            run=run,
            title=seen[finding.instance].title if finding.instance in seen else "",
            may_answer=finding.waits_for(me),
        )
        for run, finding in asked
    ]
    return tuple(sorted(found, key=lambda own: (not own.may_answer, -own.finding.no)))


def _stage_names(reader: Reader) -> dict[str, str]:
    return {process.key: process.name for process in reader.definitions.all_latest()}
