"""Completions over HTTP: gunicorn with two workers of four threads, PostgreSQL, clients that keep alive."""

import statistics
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil

from bench import approval_15, calibration, whole_state
from bench.clients import Door, Tally, drive
from bench.options import Options
from bench.proof import prove
from bench.report import Figure, Report
from bench.server import cpu_seconds, database_bytes, gunicorn, peak_memory
from engine.clock import SystemClock
from engine.commands import organisation
from engine.domain.identity import SYSTEM, Actor
from engine.domain.task import Task
from engine.engine import Engine
from engine.store.unit_of_work import Reader
from tests import postgres

PARALLEL = len(approval_15.UNITS)


@dataclass(slots=True)
class Bench:
    """A server that runs, and the numbers of the instances that were started on it."""

    engine: Engine
    clerk: Actor
    address: str
    door: Door
    program: psutil.Process
    started: int = 0

    def begin(self, count: int) -> list[Task]:
        """Start instances; gives the first task of each."""
        numbers = range(self.started, self.started + count)
        self.started += count
        return [approval_15.start(self.engine, self.clerk, number) for number in numbers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of sending completions, and how many of them it sends."""

    name: str
    send: Callable[[Bench, int], Tally]
    instances: int


def run(options: Options) -> Iterator[Report]:
    """Every way, some rounds of each, on one server; the last report has the proof of all of them."""
    ways = _ways(options)
    with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
        address = postgres.create_database(server, "bench")
        engine = Engine(address, SystemClock())
        try:
            clerk = approval_15.prepare(engine)
            token = engine.execute(SYSTEM, organisation.issue_token, approval_15.CLERK, label="bench")
            machine = _machine(address, options)
            empty = database_bytes(address)
            with gunicorn(address) as (port, program):
                door = Door(port=port, token=token, digests=approval_15.form_digests(engine))
                bench = Bench(engine=engine, clerk=clerk, address=address, door=door, program=program)
                for way in ways:
                    yield _measured(bench, way, options.rounds, machine)
                memory = peak_memory(program)
            grown = (database_bytes(address) - empty) / bench.started
            proof = prove(engine)
        finally:
            engine.close()
        compact = (database_bytes(address, compact=True) - empty) / bench.started
    yield Report(
        name="completion-http, what it leaves",
        figures=(
            Figure("bytes per instance", grown, "", f"{bench.started} instances, as the database grew"),
            Figure("bytes per instance, written anew", compact, "", "after vacuum full"),
            Figure("peak memory of a worker", memory, "MB"),
        ),
        proof=proof,
    )


def _ways(options: Options) -> tuple[Way, ...]:
    clients, instances = options.clients, options.instances

    def own(bench: Bench, count: int) -> Tally:
        return drive(bench.door, told(bench.begin(count)), clients, mix=False)

    def mixed(bench: Bench, count: int) -> Tally:
        return drive(bench.door, told(bench.begin(count)), clients, mix=True)

    def alone(bench: Bench, count: int) -> Tally:
        return drive(bench.door, told(bench.begin(count)), 1, mix=False)

    def together(bench: Bench, count: int) -> Tally:
        return contend(bench, count, clients)

    return (
        Way(name=f"{clients} clients, own instances", send=own, instances=instances),
        Way(name=f"{clients} clients, any task", send=mixed, instances=instances),
        Way(name="1 client", send=alone, instances=max(instances // 4, 1)),
        Way(
            name=f"{clients} clients on the {PARALLEL} tasks of one instance", send=together,
            instances=max(instances // 5, 1),
        ),
    )  # fmt: skip


def told(tasks: list[Task]) -> list[dict[str, Any]]:
    """Tasks as the API tells them."""
    return [{"id": t.id, "element_id": t.element_id, "revision": t.revision} for t in tasks]


def contend(bench: Bench, instances: int, clients: int) -> Tally:
    """Bring instances to their parallel part by one client, then let all clients loose on each in turn."""
    whole = Tally()
    for draft in bench.begin(instances):
        drive(bench.door, told([draft]), 1, mix=False, follow=False)
        opened = bench.engine.ask(
            bench.clerk, lambda reader, i=draft.instance_id: reader.tasks.open_of_instance(i)
        )
        tally = drive(bench.door, told(opened), clients, mix=True, follow=False)
        whole.seconds += tally.seconds
        whole.refused += tally.refused
        whole.wall += tally.wall
    return whole


def open_tasks(reader: Reader, instance_id: int) -> list[Task]:
    """The open tasks of an instance."""
    return reader.tasks.open_of_instance(instance_id)


def _machine(address: str, options: Options) -> dict[str, float]:
    count = max(options.instances * 5, 50)
    return {
        "commits": calibration.postgres_commits(address, count),
        "commits of clients": calibration.postgres_commits(address, count, options.clients),
        "whole state": whole_state.postgres_rate(address, max(options.instances // 10, 1)),
        "cpu": calibration.cpu_microseconds(),
    }


def _measured(bench: Bench, way: Way, rounds: int, machine: dict[str, float]) -> Report:
    tallies, costs = [], []
    for _ in range(rounds):
        before = cpu_seconds(bench.address, bench.program)
        tally = way.send(bench, way.instances)
        costs.append((cpu_seconds(bench.address, bench.program) - before) / max(len(tally.seconds), 1) * 1e6)
        tallies.append(tally)
    rates = [len(tally.seconds) / tally.wall for tally in tallies]
    rate, cost = statistics.median(rates), statistics.median(costs)
    centiles = [statistics.quantiles(tally.seconds, n=100) for tally in tallies]
    commits, usual = machine["commits of clients"], machine["whole state"]
    return Report(
        name=f"completion-http, {way.name}",
        figures=(
            Figure("completions", rate, "/s", f"{min(rates):,.0f} to {max(rates):,.0f}"),
            Figure("median", statistics.median(c[49] for c in centiles) * 1e3, "ms"),
            Figure("95th of a hundred", statistics.median(c[94] for c in centiles) * 1e3, "ms"),
            Figure("commits without planflow, 1 client", machine["commits"], "/s", "one insert each"),
            Figure("commits without planflow, all clients", commits, "/s", "one insert each"),
            Figure("completions per commit of all clients", rate / commits),
            Figure("whole state serialised and committed", usual, "/s", "the library alone, in process"),
            Figure("completions by whole-state ones", rate / usual),
            Figure(
                "CPU per completion", cost, "µs",
                f"server and database; {cost / machine['cpu']:,.0f} x ten hashes ({machine['cpu']:.2f} µs)",
            ),
        ),
        faults=tuple(sorted({refused for tally in tallies for refused in tally.refused})),
    )  # fmt: skip
