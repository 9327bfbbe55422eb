"""How long `planflow serve` takes until it answers, and how much memory it holds then and under load."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench import approval_15, calibration
from bench.options import Options
from bench.report import Figure, Report
from bench.server import peak_memory, wait_until_ready
from engine.clock import SystemClock
from engine.engine import Engine
from tests.conftest import free_port


def run(options: Options) -> Iterator[Report]:
    """Start the server of an SQLite database some times."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/bench.db"
        engine = Engine(address, SystemClock())
        approval_15.prepare(engine)
        engine.close()
        cpu = calibration.cpu_microseconds()
        started = [_started(address) for _ in range(options.rounds)]
    seconds = [each[0] for each in started]
    yield Report(
        name="start",
        figures=(
            Figure(
                "first answer of planflow serve", statistics.median(seconds), "s",
                f"{min(seconds):.2f} to {max(seconds):.2f}; ten hashes take {cpu:.2f} µs",
            ),
            Figure("peak memory", statistics.median(each[1] for each in started), "MB", "of its process"),
        ),
    )  # fmt: skip


def _started(address: str) -> tuple[float, float]:
    """Seconds until the first answer, and the megabytes that the process held by then."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("planflow")), "serve", "--port", str(port)]
    settings = {"PLANFLOW_DATABASE_URL": address, "PLANFLOW_SECRET_KEY": uuid.uuid4().hex}
    began = time.perf_counter()
    server = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(port, server)
        return time.perf_counter() - began, peak_memory(psutil.Process(server.pid))
    finally:
        server.terminate()
        server.wait(30)
