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
from datetime import timedelta
from pathlib import Path

import psycopg

from bench import approval_15, calibration
from bench.calibration import driver_url
from bench.many_units import DEFINITIONS
from bench.options import Options
from bench.proof import prove
from bench.report import Figure, Report
from bench.server import gunicorn
from engine.clock import SystemClock
from engine.commands import definitions, instances, organisation
from engine.domain.identity import SYSTEM, Actor
from engine.engine import Engine
from tests import postgres

WORKERS = 2
LONGEST = 600


def run(options: Options) -> Iterator[Report]:
    """Start instances that wait for one moment, let it come, and count what fired."""
    with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
        address = postgres.create_database(server, "bench")
        engine = Engine(address, SystemClock())
        try:
            clerk = approval_15.prepare(engine)
            engine.execute(SYSTEM, definitions.deploy, approval_15.files_in(DEFINITIONS))
            token = engine.execute(SYSTEM, organisation.issue_token, approval_15.CLERK, label="bench")
            cpu = calibration.cpu_microseconds()
            _wait_for_one_moment(engine, clerk, options.timers)
            with gunicorn(address) as (port, _):
                reading = _Reading(port, token)
                with workers(address):
                    seconds = _until_all_fired(address, options.timers)
                inbox = reading.end()
            fired, doubled = _fired(address)
            proof = prove(engine)
        finally:
            engine.close()
    faults = [] if fired == options.timers else [f"{fired} of {options.timers} timers fired"]
    faults += [f"{doubled} timers fired twice"] if doubled else []
    yield Report(
        name=f"timers, {WORKERS} workers",
        figures=(
            Figure("seconds until all had fired", seconds, "s", f"{options.timers} at one moment"),
            Figure("timers", options.timers / seconds, "/s", f"ten hashes take {cpu:.2f} µs"),
            Figure("inbox meanwhile, 95th of a hundred", statistics.quantiles(inbox, n=20)[-1] * 1e3, "ms",
                   f"{len(inbox)} pages over HTTP"),
        ),
        proof=proof,
        faults=tuple(faults),
    )  # fmt: skip


def _wait_for_one_moment(engine: Engine, clerk: Actor, count: int) -> None:
    """Start instances whose timer is due already: nobody fires it before a worker comes."""
    moment = (engine.clock.now() - timedelta(seconds=1)).isoformat()
    for number in range(count):
        engine.execute(
            clerk, instances.start, definition_key="wake_up", business_key=f"wake_up:{number}",
            variables={"wake_at": moment},
        )  # fmt: skip


@contextmanager
def workers(address: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many `planflow worker` as the bench has, until the block ends."""
    command = [str(Path(sys.executable).with_name("planflow")), "worker"]
    settings = {"PLANFLOW_DATABASE_URL": address, "PLANFLOW_POLL_SECONDS": "1"}
    env = {**os.environ, **settings}
    started = [subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) for _ in range(WORKERS)]
    try:
        yield started
    finally:
        for each in started:
            each.terminate()
        for each in started:
            each.wait(30)


def _until_all_fired(address: str, count: int) -> float:
    began = time.perf_counter()
    with psycopg.connect(driver_url(address), autocommit=True) as connection:
        while time.perf_counter() - began < LONGEST:
            row = connection.execute("select count(*) from timer").fetchone()
            if row is not None and row[0] == 0:
                return time.perf_counter() - began
            time.sleep(0.2)
    raise RuntimeError(f"not all of {count} timers fired within {LONGEST} seconds")


def _fired(address: str) -> tuple[int, int]:
    """How many timers the histories tell of, and how many of them more than once."""
    sql = "select count(*), count(*) - count(distinct task_id) from history_event where type = 'timer_fired'"
    with psycopg.connect(driver_url(address)) as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


class _Reading:
    """Somebody who opens the inbox again and again."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._seconds: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def end(self) -> list[float]:
        """Stop; gives how long each page took."""
        self._ended.set()
        self._thread.join()
        return self._seconds

    def _read(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while not self._ended.is_set():
            began = time.perf_counter()
            connection.request(
                "GET", "/api/v1/tasks?view=open", headers={"Authorization": f"Bearer {self._token}"}
            )
            connection.getresponse().read()
            self._seconds.append(time.perf_counter() - began)
            time.sleep(0.02)
        connection.close()
