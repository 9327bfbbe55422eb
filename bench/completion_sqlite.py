"""Completions in one process on an SQLite file, one thread: the engine without a web server."""

import statistics
import tempfile
import time
from collections import deque
from pathlib import Path

from bench import approval_15, calibration
from bench.proof import prove
from bench.report import Line, Report
from engine.clock import SystemClock
from engine.commands import tasks
from engine.domain.identity import Actor
from engine.engine import Engine


def run(instances: int, rounds: int) -> Report:
    """Play a number of instances through, some rounds of it, and prove the history that came out."""
    with tempfile.TemporaryDirectory() as folder:
        cpu = calibration.cpu_microseconds()
        commits = calibration.sqlite_commits(Path(folder), max(instances * 5, 50))
        engine = Engine(f"sqlite:///{folder}/bench.db", SystemClock())
        try:
            clerk = approval_15.prepare(engine)
            rates, costs = [], []
            for number in range(rounds):
                wall, spent = _round(engine, clerk, range(number * instances, (number + 1) * instances))
                rates.append(instances * approval_15.COMPLETIONS / wall)
                costs.append(spent / (instances * approval_15.COMPLETIONS) * 1e6)
            proof = prove(engine)
        finally:
            engine.close()  # before the file goes: a pooled connection would go on writing into nothing
        size = (Path(folder) / "bench.db").stat().st_size / (instances * rounds)
    rate, cost = statistics.median(rates), statistics.median(costs)
    return Report(
        name="completion-sqlite",
        lines=(
            Line("completions per second", f"{rate:,.0f}", f"{min(rates):,.0f} to {max(rates):,.0f}"),
            Line("commits per second without planflow", f"{commits:,.0f}", "one insert each, same settings"),
            Line("completions per commit", f"{rate / commits:.2f}", "the first by the second"),
            Line(
                "CPU per completion", f"{cost:,.0f} µs", f"{cost / cpu:,.0f} times ten hashes ({cpu:.2f} µs)"
            ),
            Line("bytes per instance", f"{size:,.0f}", "the file by the number of instances"),
        ),
        proof=proof,
    )


def _round(engine: Engine, clerk: Actor, numbers: range) -> tuple[float, float]:
    digests = approval_15.form_digests(engine)
    wall, spent = time.perf_counter(), time.process_time()
    for number in numbers:
        waiting = deque([approval_15.start(engine, clerk, number)])
        while waiting:
            task = waiting.popleft()
            done = engine.execute(
                clerk, tasks.complete, task.id, command_id=f"c:{task.id}", revision=task.revision,
                values=approval_15.values_for(task.element_id, number),
                shown_digest=approval_15.shown(task, digests),
            )  # fmt: skip
            waiting.extend(done.next_tasks)
    return time.perf_counter() - wall, time.process_time() - spent
