"""The web application as a Linux server runs it, and what its processes use."""

import http.client
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil
import psycopg

from bench.calibration import driver_url
from tests.conftest import free_port

WORKERS, THREADS = 2, 4
MEGABYTE = 1024


@contextmanager
def gunicorn(address: str, log: IO[bytes] | None = None) -> Iterator[tuple[int, psutil.Process]]:
    """Serve a database with two workers of four threads; gives the port and the first process."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", str(WORKERS), "--threads",
        str(THREADS), "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--keep-alive", "30",
        "webapp.wsgi:application()",
    ]  # fmt: skip
    settings = {"PLANFLOW_DATABASE_URL": address, "PLANFLOW_SECRET_KEY": uuid.uuid4().hex}
    server = subprocess.Popen(command, env={**os.environ, **settings}, stderr=log)
    try:
        wait_until_ready(port, server)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(30)


def wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    """Ask until something answers; RuntimeError when nothing does within a minute."""
    for _ in range(6000):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {server.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/api/v1/me")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()
    raise RuntimeError("the server did not answer within a minute")


def cpu_seconds(address: str, program: psutil.Process) -> float:
    """CPU that the workers and the database have used so far."""
    return used(program.children(recursive=True)) + database_cpu_seconds(address)


def used(processes: Iterable[psutil.Process]) -> float:
    """CPU seconds that these processes have used so far."""
    return sum(map(_used, processes))


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0  # the database ends processes of its own, such as those that vacuum
    return float(times.user + times.system)


def database_cpu_seconds(address: str) -> float:
    """CPU that the living processes of the database have used so far."""
    return used(postmaster_of(address).children(recursive=True))


def postmaster_of(address: str) -> psutil.Process:
    """The first process of the database."""
    with psycopg.connect(driver_url(address)) as connection:
        row = connection.execute("select pg_backend_pid()").fetchone()
        assert row is not None
        postmaster = psutil.Process(row[0]).parent()
    assert postmaster is not None
    return postmaster


def peak_memory(program: psutil.Process) -> float:
    """Megabytes that the largest process of a program ever held."""
    return max(map(_high_water, [program, *program.children(recursive=True)]))


def _high_water(process: psutil.Process) -> float:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / MEGABYTE


def database_bytes(address: str, *, compact: bool = False) -> int:
    """The size of a database, as it grew or after it was written anew."""
    with psycopg.connect(driver_url(address), autocommit=True) as connection:
        if compact:
            connection.execute("vacuum full")
        row = connection.execute("select pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])
