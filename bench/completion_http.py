"""Completions over HTTP: gunicorn with two workers of four threads, PostgreSQL, clients that keep alive."""

import http.client
import json
import os
import queue
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import psycopg

from bench import approval_15, calibration
from bench.proof import prove
from bench.report import Line, Report
from engine.clock import SystemClock
from engine.commands import organisation
from engine.domain.form import EMPTY_CONTENT, shown_digest
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests import postgres
from tests.conftest import free_port

WORKERS, THREADS = 2, 4
Waiting = queue.Queue[dict[str, Any]]


@dataclass(slots=True)
class Tally:
    """What the clients saw: how long each completion took, and every answer that was not a success."""

    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def run(instances: int, clients: int, *, mix: bool) -> Report:
    """Complete every task of some instances. With `mix` any client takes any task, so that instances wander
    between the workers; without it a client stays with its own instances."""
    with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
        address = postgres.create_database(server, "bench")
        commits = calibration.postgres_commits(address, max(instances * 5, 50))
        cpu = calibration.cpu_microseconds()
        engine = Engine(address, SystemClock())
        try:
            clerk = approval_15.prepare(engine)
            token = engine.execute(SYSTEM, organisation.issue_token, approval_15.CLERK, label="bench")
            first = [approval_15.start(engine, clerk, number) for number in range(instances)]
            waiting = [
                {"id": task.id, "element_id": task.element_id, "revision": task.revision} for task in first
            ]
            digests = approval_15.form_digests(engine)
            with gunicorn(address) as (port, program):
                before = cpu_seconds(address, program)
                tally, wall = drive(port, token, digests, waiting, clients, mix=mix)
                spent = cpu_seconds(address, program) - before
            proof = prove(engine)
        finally:
            engine.close()
    done = len(tally.seconds)
    if done < 2:
        raise RuntimeError(f"Nothing was completed: {tally.refused[:1]}")
    rate, cost = done / wall, spent / done * 1e6
    centiles = statistics.quantiles(tally.seconds, n=100)
    return Report(
        name=f"completion-http, {clients} clients, {'any task' if mix else 'own instances'}",
        lines=(
            Line(
                "completions per second", f"{rate:,.0f}", f"{done} of {instances * approval_15.COMPLETIONS}"
            ),
            Line("answers that refused", f"{len(tally.refused)}", "; ".join(sorted(set(tally.refused)))),
            Line("median, 95th of a hundred", f"{centiles[49] * 1e3:.1f}, {centiles[94] * 1e3:.1f} ms"),
            Line("commits per second without planflow", f"{commits:,.0f}", "one insert each, one connection"),
            Line("completions per commit", f"{rate / commits:.2f}", "the first by the second"),
            Line("CPU of ten hashes", f"{cpu:.2f} µs", "how fast the machine was"),
            Line(
                "CPU per completion",
                f"{cost:,.0f} µs",
                f"server and database; {cost / cpu:,.0f} times ten hashes",
            ),
        ),
        proof=proof,
    )


@contextmanager
def gunicorn(address: str) -> Iterator[tuple[int, psutil.Process]]:
    """The web application as a Linux server runs it."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", str(WORKERS), "--threads",
        str(THREADS), "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--keep-alive", "30",
        "webapp.wsgi:application()",
    ]  # fmt: skip
    settings = {"PLANFLOW_DATABASE_URL": address, "PLANFLOW_SECRET_KEY": uuid.uuid4().hex}
    server = subprocess.Popen(command, env={**os.environ, **settings})
    try:
        _wait_until_ready(port, server)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(30)


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"gunicorn ended with exit code {server.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/api/v1/me")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("gunicorn did not answer within a minute")


def cpu_seconds(address: str, program: psutil.Process) -> float:
    """CPU that the workers and the database have used so far."""
    url = address.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as connection:
        row = connection.execute("select pg_backend_pid()").fetchone()
        assert row is not None
        postmaster = psutil.Process(row[0]).parent()
        assert postmaster is not None
        processes = [*program.children(recursive=True), *postmaster.children(recursive=True)]
        times = [process.cpu_times() for process in processes]
    return sum(t.user + t.system for t in times)


def drive(
    port: int, token: str, digests: dict[str, str], first: list[dict[str, Any]], clients: int, *, mix: bool
) -> tuple[Tally, float]:
    """Let the clients complete tasks until none is left; gives what they saw and how long it took."""
    shared: Waiting = queue.Queue()
    queues: list[Waiting] = [shared if mix else queue.Queue() for _ in range(clients)]
    for number, task in enumerate(first):
        queues[number % clients].put(task)
    tally = Tally()
    threads = [
        threading.Thread(target=_client, args=(port, token, digests, waiting, tally), daemon=True)
        for waiting in queues
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for waiting in set(queues):
        waiting.join()
    wall = time.perf_counter() - began
    for waiting in queues:
        waiting.put({})
    for thread in threads:
        thread.join()
    return tally, wall


def _client(port: int, token: str, digests: dict[str, str], waiting: Waiting, tally: Tally) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    while task := waiting.get():
        element_id, task_id = task["element_id"], task["id"]
        digest = digests[approval_15.kind_of(element_id)]
        body = {
            "values": approval_15.values_for(element_id, task_id),
            "revision": task["revision"],
            "shown_digest": shown_digest(task_id, digest, {}, EMPTY_CONTENT),
        }
        began = time.perf_counter()
        key = {"Idempotency-Key": f"c:{task_id}"}
        connection.request("POST", f"/api/v1/tasks/{task_id}/complete", json.dumps(body), headers | key)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == 200:
            tally.seconds.append(time.perf_counter() - began)
            for following in json.loads(text)["next_tasks"]:
                waiting.put(following)
        else:
            tally.refused.append(f"{answer.status} {text[:200]!r}")
        waiting.task_done()
    connection.close()
