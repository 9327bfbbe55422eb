"""Re-execution: causes per second, and the state at any event of a long history."""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator

from bench import calibration
from bench.many_units import Line
from bench.options import Options
from bench.proof import prove
from bench.report import Figure, Report
from engine.clock import SystemClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import replay
from engine.replay.past import state_after
from engine.store.unit_of_work import Reader

JUMPS = 60


def run(options: Options) -> Iterator[Report]:
    """One instance goes round until its history is as long as asked; it is replayed whole, then jumped in."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(f"sqlite:///{folder}/bench.db", SystemClock())
        try:
            cpu = calibration.cpu_microseconds()
            instance_id, causes = _long_instance(Line(engine), options.events)
            engine.memory.forget()
            whole = [_seconds(engine, _replay, instance_id) for _ in range(options.rounds)]
            events = engine.ask(SYSTEM, lambda reader: reader.instances.get(instance_id).seq)
            lots = random.Random(7)
            places = [lots.randint(1, events) for _ in range(JUMPS)]
            cold = [_cold(engine, instance_id, place) for place in places[:10]]
            engine.memory.forget()
            _seconds(engine, _state_at, instance_id, events)
            warm = [_seconds(engine, _state_at, instance_id, place) for place in places]
            proof = prove(engine)
        finally:
            engine.close()
    rate = causes / statistics.median(whole)
    yield Report(
        name=f"replay, {events:,} events",
        figures=(
            Figure("causes", rate, "/s", f"one thread; ten hashes take {cpu:.2f} µs"),
            Figure("events", events / statistics.median(whole), "/s", "every effect compared"),
            Figure("state at an event, first look", statistics.median(cold) * 1e3, "ms", "as after a start"),
            Figure("slowest first look", max(cold) * 1e3, "ms"),
            Figure("state at an event, later looks", statistics.median(warm) * 1e3, "ms", "any place"),
            Figure("95th of a hundred", statistics.quantiles(warm, n=20)[-1] * 1e3, "ms"),
        ),
        proof=proof,
    )


def _long_instance(line: Line, events: int) -> tuple[int, int]:
    """An instance with so many events; gives its id and how many causes it has."""
    instance_id = line.start(1)
    (task,) = line.open_tasks(instance_id)
    causes = 1
    while line.engine.ask(SYSTEM, lambda reader: reader.instances.get(instance_id).seq) < events:
        for _ in range(2):
            (task,) = line.complete(task, "return")
            causes += 1
    return instance_id, causes


def _replay(reader: Reader, instance_id: int) -> None:
    if replay(reader, instance_id).fault is not None:
        raise RuntimeError("the replay differs from the history")


def _state_at(reader: Reader, instance_id: int, seq: int) -> None:
    state_after(reader, reader.instances.get(instance_id), seq)


def _parsed(reader: Reader, instance_id: int) -> None:
    reader.definitions.parsed(reader.instances.get(instance_id).deployment_id)


def _cold(engine: Engine, instance_id: int, seq: int) -> float:
    engine.memory.forget()
    engine.ask(
        SYSTEM, lambda reader: reader.definitions.parsed(reader.instances.get(instance_id).deployment_id)
    )
    return _seconds(engine, _state_at, instance_id, seq)


def _seconds(engine: Engine, query: object, *arguments: object) -> float:
    began = time.perf_counter()
    engine.ask(SYSTEM, query, *arguments)  # type: ignore[arg-type]
    return time.perf_counter() - began
