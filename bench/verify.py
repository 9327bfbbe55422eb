"""The proof of many histories: chains alone, and everything together."""

import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterator

from bench import approval_15, calibration
from bench.many_units import Line
from bench.options import Options
from bench.proof import Proof, prove
from bench.report import Figure, Report
from engine.clock import SystemClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay.chain import chain_fault
from engine.store.unit_of_work import Reader


def run(options: Options) -> Iterator[Report]:
    """Play instances, then prove them some times."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(f"sqlite:///{folder}/bench.db", SystemClock())
        try:
            _play(Line(engine), options.instances)
            cpu = calibration.cpu_microseconds()
            chains, faults = [], 0
            for _ in range(options.rounds):
                seconds, faults = engine.ask(SYSTEM, _chains)
                chains.append(seconds)
            whole, proof = [], Proof(streams=0, events=0, bad=0)
            for _ in range(options.rounds):
                began = time.perf_counter()
                proof = prove(engine)
                whole.append(time.perf_counter() - began)
        finally:
            engine.close()
    yield Report(
        name=f"verify, {proof.streams:,} streams",
        figures=(
            Figure("events, chain", proof.events / statistics.median(chains), "/s", "read and hashed"),
            Figure("events, everything", proof.events / statistics.median(whole), "/s",
                   "chain, anchors, content, replay, rows, duties"),
            Figure("ten hashes", cpu, "µs", "how fast the machine was"),
        ),
        proof=proof,
        faults=(f"{faults} broken chains",) if faults else (),
    )  # fmt: skip


def _play(line: Line, instances: int) -> None:
    digests = approval_15.form_digests(line.engine)
    for number in range(instances):
        waiting = deque([approval_15.start(line.engine, line.clerk, number)])
        while waiting:
            waiting.extend(approval_15.complete(line.engine, line.clerk, waiting.popleft(), number, digests))


def _chains(reader: Reader) -> tuple[float, int]:
    began, faults = time.perf_counter(), 0
    for stream in reader.history.streams():
        head = reader.history.head(stream)
        faults += chain_fault(stream, reader.history.stored_rows(stream), head) is not None
    return time.perf_counter() - began, faults
