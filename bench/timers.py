"""Timers that fall due at one moment: two workers on PostgreSQL, while somebody reads the inbox."""

import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import psutil
import psycopg

from bench import approval_15, calibration
from bench.calibration import driver_url
from bench.many_units import DEFINITIONS
from bench.options import Options
from bench.proof import prove
from bench.report import Figure, Report
from bench.server import database_cpu_seconds, gunicorn, used
from engine.clock import SystemClock
from engine.commands import definitions, instances, organisation
from engine.domain.identity import SYSTEM, Actor
from engine.engine import Engine
from tests import postgres

WORKERS = 2
LONGEST = 600
HEAD_START = timedelta(seconds=6)  # for the workers, and for the inbox before the storm
PROBE = 20


def run(options: Options) -> Iterator[Report]:
    """Start instances that wait for one moment, let it come, and count what fired."""
    count = options.timers
    with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
        address = postgres.create_database(server, "bench")
        engine = Engine(address, SystemClock())
        try:
            clerk = prepare(engine)
            token = engine.execute(SYSTEM, organisation.issue_token, approval_15.CLERK, label="bench")
            cpu = calibration.cpu_microseconds()
            moment = engine.clock.now() + HEAD_START + 2 * count * _time_of_a_start(engine, clerk)
            wait_for_one_moment(engine, clerk, count, moment)
            is_late = engine.clock.now() > moment
            with gunicorn(address) as (port, _), workers(address) as started:
                with _Reading(port, token) as before:
                    time.sleep(max(0.0, (moment - engine.clock.now()).total_seconds()))
                burnt = _burnt(address, started)
                with _Reading(port, token) as meanwhile:
                    until_all_fired(address)
                seconds = (engine.clock.now() - moment).total_seconds()
                burnt = tuple(b - a for a, b in zip(burnt, _burnt(address, started), strict=True))
            fired, doubled = firings(address)
            proof = prove(engine)
        finally:
            engine.close()
    faults = ["the moment came before all instances waited for it"] if is_late else []
    faults += [] if fired == count else [f"{fired} of {count} timers fired"]
    faults += [f"{doubled} timers fired twice"] if doubled else []
    yield Report(
        name=f"timers, {WORKERS} workers",
        figures=(
            Figure("seconds from the moment to the last firing", seconds, "s", f"{count} at one moment"),
            Figure("timers", count / seconds, "/s", f"ten hashes take {cpu:.2f} µs"),
            Figure("CPU per firing, workers", burnt[0] / count * 1e6, "µs"),
            Figure("CPU per firing, database", burnt[1] / count * 1e6, "µs", "reading the inbox included"),
            Figure("inbox before, 95th of a hundred", _p95(before.seconds), "ms", _pages(before)),
            Figure("inbox meanwhile, 95th of a hundred", _p95(meanwhile.seconds), "ms", _pages(meanwhile)),
        ),
        proof=proof,
        faults=tuple(faults),
    )


def prepare(engine: Engine) -> Actor:
    """The schema, the clerk, and a process that waits for a moment; gives the clerk."""
    clerk = approval_15.prepare(engine)
    engine.execute(SYSTEM, definitions.deploy, approval_15.files_in(DEFINITIONS))
    return clerk


def wait_for_one_moment(engine: Engine, clerk: Actor, count: int, moment: datetime) -> set[int]:
    """Start so many instances that wait for a moment; gives their numbers."""
    return {
        engine.execute(
            clerk, instances.start, definition_key="wake_up", business_key=f"wake_up:{number}",
            variables={"wake_at": moment.isoformat()},
        )
        for number in range(count)
    }  # fmt: skip


def _time_of_a_start(engine: Engine, clerk: Actor) -> timedelta:
    """How long it takes to start one, so that the moment does not come before all wait for it."""
    began = time.perf_counter()
    for number in range(PROBE):
        approval_15.start(engine, clerk, number)
    return timedelta(seconds=(time.perf_counter() - began) / PROBE)


@contextmanager
def workers(address: str, count: int = WORKERS, log: IO[bytes] | None = None) -> Iterator[list[psutil.Popen]]:
    """So many `planflow worker`, until the block ends; one that was killed is not missed."""
    command = [str(Path(sys.executable).with_name("planflow")), "worker"]
    env = {**os.environ, "PLANFLOW_DATABASE_URL": address}
    started = [psutil.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=log) for _ in range(count)]
    try:
        yield started
    finally:
        for each in started:
            if each.poll() is None:
                each.terminate()
        for each in started:
            each.wait(30)


def until_all_fired(address: str, longest: float = LONGEST) -> None:
    """Wait until no timer is left; RuntimeError when that takes too long."""
    ends_at = time.monotonic() + longest
    with psycopg.connect(driver_url(address), autocommit=True) as connection:
        while time.monotonic() < ends_at:
            if connection.execute("select 1 from timer limit 1").fetchone() is None:
                return
            time.sleep(0.1)
    raise RuntimeError(f"not all timers fired within {longest} seconds")


def firings(address: str) -> tuple[int, int]:
    """How many timers the histories tell of, and how many of them more than once."""
    sql = "select count(*), count(*) - count(distinct task_id) from history_event where type = 'timer_fired'"
    with psycopg.connect(driver_url(address)) as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def _burnt(address: str, started: list[psutil.Popen]) -> tuple[float, ...]:
    return used(started), database_cpu_seconds(address)


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1e3


def _pages(reading: "_Reading") -> str:
    return f"{len(reading.seconds)} pages over HTTP"


class _Reading:
    """Somebody who opens the inbox again and again for as long as the block runs."""

    def __init__(self, port: int, token: str) -> None:
        self.seconds: list[float] = []
        self._port, self._token = port, token
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "_Reading":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while len(self.seconds) < 2 or not self._ended.is_set():
            began = time.perf_counter()
            connection.request(
                "GET", "/api/v1/tasks?view=open", headers={"Authorization": f"Bearer {self._token}"}
            )
            connection.getresponse().read()
            self.seconds.append(time.perf_counter() - began)
            self._ended.wait(0.02)
        connection.close()
