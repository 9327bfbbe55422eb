"""The figures of a process over many runs: how long its elements take, who is waited for, ways, rework."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.mining.runs import Loop, Run, Visit
from engine.plan.statistics import Duration, duration_of

MICROS_PER_DAY = 86_400_000_000
Days = Callable[[int, int], float]  # the working days between two instants in microseconds


class Shade(StrEnum):
    """What a heat map may show."""

    TIMES = "times"
    DURATIONS = "durations"
    WAITING = "waiting"
    REWORK = "rework"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRun:
    """A run with the instance in which it lies."""

    instance_id: int
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementFigures:
    """One element over all runs. Durations are working days; `calendar` counts every day.

    `waiting` is the part before somebody took it, `working` the part after; whoever completes a task without
    having taken it leaves all of it as waiting. `redone` counts visits that a return opened again, `returned`
    those at which a return was decided.
    """

    element: str
    times: int
    still_open: int = 0
    redone: int = 0
    returned: int = 0
    is_task: bool = False
    duration: Duration | None = None
    calendar: Duration | None = None
    waiting: Duration | None = None
    working: Duration | None = None
    longest: tuple[int, int] | None = None  # instance and event of the longest visit

    def amount(self, shade: Shade) -> float | None:
        """The figure of a heat map; None where there is none."""
        if shade is Shade.TIMES:
            return float(self.times) or None
        if shade is Shade.REWORK:
            return float(self.redone + self.returned) or None
        chosen = self.duration if shade is Shade.DURATIONS else self.waiting
        return chosen.middle if chosen is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFigures:
    """What one person completed in one role and unit, and how long it had been open."""

    user_id: str
    role: str | None
    unit: str | None
    duration: Duration
    elements: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFigures:
    """What waits now for a role and unit, and since how many working days the oldest of it."""

    role: str | None
    unit: str | None
    element: str
    count: int
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A way through the process: its activities in the order in which each was first reached.

    Rework and items side by side are collapsed: an activity stands once. Only ended runs are counted.
    """

    activities: tuple[str, ...]
    count: int
    share: float
    days: float
    instances: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopFigures:
    """How often a return at one element opened another one again, and why."""

    process: str
    sender: str
    target: str
    count: int
    reasons: Mapping[str, int]
    first: tuple[int, int]  # instance and event of the first of them


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFigures:
    """A process over all its runs; `returned` counts runs in which something came back."""

    runs: int
    running: int
    cut_off: int
    returned: int
    duration: Duration | None
    elements: Mapping[str, ElementFigures]
    flows: Mapping[str, int]
    people: tuple[PersonFigures, ...]
    waiting: tuple[OpenFigures, ...]
    variants: tuple[Variant, ...]
    loops: tuple[LoopFigures, ...]


def figures_of(
    runs: Sequence[CountedRun], days: Days, now: int, *, frames: Collection[str] = ()
) -> ProcessFigures:
    """Count the runs of one process; `now` is where what is still open ends for the time being.

    `frames` are its embedded sub-processes: what is inside them stands in a variant, they themselves do not.
    """
    ended = [each for each in runs if each.run.is_whole]
    lengths = [days(each.run.began_at, each.run.ended_at or now) for each in ended]
    return ProcessFigures(
        runs=len(runs),
        running=sum(each.run.ended_at is None for each in runs),
        cut_off=sum(each.run.ended_at is not None and not each.run.is_whole for each in runs),
        returned=sum(any(v.is_redone or v.gave_back for v in each.run.visits) for each in runs),
        duration=duration_of(lengths) if lengths else None,
        elements=_elements(runs, days),
        flows=dict(sum((Counter(each.run.flows) for each in runs), Counter[str]())),
        people=_people(runs, days),
        waiting=_waiting(runs, days, now),
        variants=_variants(ended, days, frames),
        loops=_loops(runs),
    )


def steps_of(amounts: Mapping[str, float], steps: int) -> dict[str, int]:
    """Each amount as a step of a scale from 1 to `steps`, even parts of the largest one."""
    largest = max(amounts.values(), default=0)
    return {
        name: min(steps, 1 + int(amount / largest * steps)) if largest else 1
        for name, amount in amounts.items()
    }


def _elements(runs: Sequence[CountedRun], days: Days) -> dict[str, ElementFigures]:
    passes = sum((Counter(each.run.passes) for each in runs), Counter[str]())
    visits: dict[str, list[tuple[int, Visit]]] = defaultdict(list)
    for each in runs:
        for visit in each.run.visits:
            visits[visit.element].append((each.instance_id, visit))
    return {
        element: _element(element, passes[element], visits.get(element, []), days)
        for element in sorted({*passes, *visits})
    }


def _element(element: str, times: int, visits: list[tuple[int, Visit]], days: Days) -> ElementFigures:
    closed = [(number, v, v.closed_at) for number, v in visits if v.closed_at is not None]
    is_task = any(visit.is_task for _, visit in visits)
    found = ElementFigures(
        element=element, times=times, still_open=len(visits) - len(closed), is_task=is_task,
        redone=sum(visit.is_redone for _, visit in visits),
        returned=sum(visit.gave_back for _, visit in visits),
    )  # fmt: skip
    if not closed:
        return found
    lengths = [days(visit.opened_at, end) for _, visit, end in closed]
    number, longest, _ = max(closed, key=lambda each: (each[2] - each[1].opened_at, -each[0], -each[1].seq))
    found = replace(
        found,
        duration=duration_of(lengths),
        calendar=duration_of([(end - visit.opened_at) / MICROS_PER_DAY for _, visit, end in closed]),
        longest=(number, longest.seq),
    )
    if not is_task:
        return found
    return replace(
        found,
        waiting=duration_of([days(visit.opened_at, visit.taken_at or end) for _, visit, end in closed]),
        working=duration_of([days(visit.taken_at or end, end) for _, visit, end in closed]),
    )


def _people(runs: Sequence[CountedRun], days: Days) -> tuple[PersonFigures, ...]:
    """The slowest median first."""
    lengths: dict[tuple[str, str | None, str | None], list[float]] = defaultdict(list)
    elements: dict[tuple[str, str | None, str | None], Counter[str]] = defaultdict(Counter)
    for each in runs:
        for visit in each.run.visits:
            if visit.by is not None and visit.closed_at is not None:
                key = (visit.by, visit.role, visit.unit)
                lengths[key].append(days(visit.opened_at, visit.closed_at))
                elements[key][visit.element] += 1
    found = [
        PersonFigures(
            user_id=user, role=role, unit=unit, duration=duration_of(own),
            elements=dict(elements[user, role, unit]),
        )
        for (user, role, unit), own in lengths.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda p: (-p.duration.middle, -p.duration.ninetieth, p.user_id)))


def _waiting(runs: Sequence[CountedRun], days: Days, now: int) -> tuple[OpenFigures, ...]:
    """What has waited longest first."""
    since: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for each in runs:
        for visit in each.run.visits:
            if visit.is_task and visit.closed_at is None:
                since[visit.role or "", visit.unit or "", visit.element].append(visit.opened_at)
    found = [
        OpenFigures(
            role=role or None, unit=unit or None, element=element, count=len(own), days=days(min(own), now)
        )
        for (role, unit, element), own in since.items()
    ]
    return tuple(sorted(found, key=lambda o: (-o.days, o.element, o.role or "", o.unit or "")))


def _variants(ended: Sequence[CountedRun], days: Days, frames: Collection[str]) -> tuple[Variant, ...]:
    """The most frequent way first."""
    ways: dict[tuple[str, ...], list[CountedRun]] = defaultdict(list)
    for each in ended:
        reached = dict.fromkeys(v.element for v in each.run.visits if v.element not in frames)
        ways[tuple(reached)].append(each)
    found = [
        Variant(
            activities=way,
            count=len(own),
            share=len(own) / len(ended),
            days=duration_of([days(e.run.began_at, e.run.ended_at or e.run.began_at) for e in own]).middle,
            instances=tuple(sorted({e.instance_id for e in own})),
        )
        for way, own in ways.items()
    ]
    return tuple(sorted(found, key=lambda v: (-v.count, len(v.activities), v.activities)))


def _loops(runs: Iterable[CountedRun]) -> tuple[LoopFigures, ...]:
    """The most frequent return first."""
    found: dict[tuple[str, str, str], list[tuple[int, Loop]]] = defaultdict(list)
    for each in runs:
        for loop in each.run.loops:
            found[loop.process, loop.sender, loop.target].append((each.instance_id, loop))
    told = [
        LoopFigures(
            process=process, sender=sender, target=target, count=len(own),
            reasons=dict(Counter(reason for _, loop in own for reason in loop.reasons or ("",))),
            first=min((number, loop.seq) for number, loop in own),
        )
        for (process, sender, target), own in found.items()
    ]  # fmt: skip
    return tuple(sorted(told, key=lambda each: (-each.count, each.process, each.sender, each.target)))
