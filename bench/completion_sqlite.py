"""Completions in one process on an SQLite file, one thread: the engine without a web server."""

import resource
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from bench import approval_15, calibration, whole_state
from bench.options import Options
from bench.proof import prove
from bench.report import Figure, Report
from engine.clock import SystemClock
from engine.domain.identity import Actor
from engine.engine import Engine


def run(options: Options) -> Iterator[Report]:
    """Play a number of instances through, some rounds of it, and prove the history that came out."""
    instances = options.instances
    with tempfile.TemporaryDirectory() as folder:
        cpu = calibration.cpu_microseconds()
        commits = calibration.sqlite_commits(Path(folder), max(instances * 5, 50))
        usual = whole_state.sqlite_rate(Path(folder), max(instances // 10, 1))
        engine = Engine(f"sqlite:///{folder}/bench.db", SystemClock())
        try:
            clerk = approval_15.prepare(engine)
            rates, costs = [], []
            for number in range(options.rounds):
                wall, spent = _round(engine, clerk, range(number * instances, (number + 1) * instances))
                rates.append(instances * approval_15.COMPLETIONS / wall)
                costs.append(spent / (instances * approval_15.COMPLETIONS) * 1e6)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            proof = prove(engine)
        finally:
            engine.close()  # before the file goes: a pooled connection would go on writing into nothing
        size = (Path(folder) / "bench.db").stat().st_size / (instances * options.rounds)
    rate, cost = statistics.median(rates), statistics.median(costs)
    yield Report(
        name="completion-sqlite",
        figures=(
            Figure("completions", rate, "/s", f"{min(rates):,.0f} to {max(rates):,.0f}"),
            Figure("commits without planflow", commits, "/s", "one insert each, same settings"),
            Figure("completions per commit", rate / commits, "", "the first by the second"),
            Figure("whole state serialised and committed", usual, "/s", "the library alone"),
            Figure("completions by whole-state ones", rate / usual, "", "the first by the one before"),
            Figure("CPU per completion", cost, "µs", f"{cost / cpu:,.0f} times ten hashes ({cpu:.2f} µs)"),
            Figure("bytes per instance", size, "", "the file by the number of instances"),
            Figure("peak memory", peak, "MB", "of this process"),
        ),
        proof=proof,
    )


def _round(engine: Engine, clerk: Actor, numbers: range) -> tuple[float, float]:
    digests = approval_15.form_digests(engine)
    wall, spent = time.perf_counter(), time.process_time()
    for number in numbers:
        waiting = deque([approval_15.start(engine, clerk, number)])
        while waiting:
            waiting.extend(approval_15.complete(engine, clerk, waiting.popleft(), number, digests))
    return time.perf_counter() - wall, time.process_time() - spent
