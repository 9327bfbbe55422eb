"""Whether a completion costs what it changes, however wide the instance and however often it went round."""

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

from bench import calibration
from bench.many_units import Line
from bench.options import Options
from bench.proof import prove
from bench.report import Figure, Report
from engine.clock import SystemClock
from engine.domain.task import Task
from engine.engine import Engine

FEW = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one completion used, CPU in µs (median), bytes handed to the disk (mean)."""

    cpu: float
    written: float


def run(options: Options) -> Iterator[Report]:
    """Wide instances against narrow ones, and the last rounds of a loop against its first."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(f"sqlite:///{folder}/bench.db", SystemClock())
        try:
            line, cpu = Line(engine), calibration.cpu_microseconds()
            narrow = [_wide(line, FEW) for _ in range(max(options.units // FEW // 5, 1))]
            wide = [_wide(line, options.units) for _ in range(options.rounds)]
            first, last, faults = _rounds(line, options.units)
            proof = prove(engine)
        finally:
            engine.close()
    few, many = _median(narrow), _median(wide)
    yield Report(
        name="instance-size",
        figures=(
            Figure(f"CPU per completion, {FEW} units", few.cpu, "µs", f"ten hashes take {cpu:.2f} µs"),
            Figure(f"CPU per completion, {options.units} units", many.cpu, "µs"),
            Figure("the second by the first", many.cpu / few.cpu),
            Figure(f"bytes written per completion, {FEW} units", few.written),
            Figure(f"bytes written per completion, {options.units} units", many.written),
            Figure("CPU per completion, first tenth of the rounds", first.cpu, "µs"),
            Figure("CPU per completion, last tenth of the rounds", last.cpu, "µs", f"{options.units} rounds"),
            Figure("the second by the first, rounds", last.cpu / first.cpu),
            Figure("bytes written per completion, first rounds", first.written),
            Figure("bytes written per completion, last rounds", last.written),
        ),
        proof=proof,
        faults=faults,
    )


def _wide(line: Line, units: int) -> Cost:
    """Complete every report of one instance, then its check."""
    instance_id = line.start(units)
    cost, (check,) = _completed(line, line.open_tasks(instance_id))
    line.complete(check)
    return cost


def _rounds(line: Line, rounds: int) -> tuple[Cost, Cost, tuple[str, ...]]:
    """One unit, sent back again and again; the costs of the first and the last tenth of the rounds."""
    instance_id = line.start(1)
    (report,) = line.open_tasks(instance_id)
    costs, faults, tenth = [], [], max(rounds // 10, 1)
    for number in range(1, rounds + 1):
        cost, (check,) = _completed(line, [report])
        costs.append(cost)
        opened = line.complete(check, "return" if number < rounds else "approve")
        if len(opened) != (number < rounds):
            faults.append(f"round {number} opened {len(opened)} tasks")
        report = opened[0] if opened else report
    return _median(costs[:tenth]), _median(costs[-tenth:]), tuple(faults)


def _completed(line: Line, tasks: Sequence[Task]) -> tuple[Cost, tuple[Task, ...]]:
    this, spent, opened = psutil.Process(), [], ()
    before = this.io_counters().write_chars
    for task in tasks:
        began = time.process_time()
        opened = line.complete(task)
        spent.append((time.process_time() - began) * 1e6)
    written = (this.io_counters().write_chars - before) / len(tasks)
    return Cost(cpu=statistics.median(spent), written=written), opened


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        cpu=statistics.median(cost.cpu for cost in costs),
        written=statistics.mean(cost.written for cost in costs),
    )
