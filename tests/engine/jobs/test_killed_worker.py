"""A worker that is killed in the middle of a storm of timers: nothing is lost and nothing happens twice."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from bench.timers import firings, prepare, until_all_fired, wait_for_one_moment, workers
from engine.clock import SystemClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import verify_all

TIMERS = 60
# Fires some, and is killed with the next ones written and not yet committed.
DOOMED = """
import os, signal, sys
from engine.engine import Engine
from engine.jobs import timers

def die_at(name, written=iter(range(4))):
    if name == "written" and next(written) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

timers.BATCH = 5
timers.fire_due_timers(Engine(sys.argv[1], checkpoint=die_at))
"""


def doomed(address: str) -> subprocess.Popen[bytes]:
    """A worker that will be killed."""
    root = Path(__file__).parents[3]
    return subprocess.Popen([sys.executable, "-c", DOOMED, address], cwd=root)


def test_another_worker_fires_what_a_killed_one_held(postgres_url: str) -> None:
    engine = Engine(postgres_url, SystemClock())
    clerk = prepare(engine)
    wait_for_one_moment(engine, clerk, TIMERS, engine.clock.now() - timedelta(seconds=1))
    killed = doomed(postgres_url)
    assert killed.wait(60) == -9
    fired_before = firings(postgres_url)
    with workers(postgres_url, 1):
        until_all_fired(postgres_url, 60)
    assert (fired_before, firings(postgres_url)) == ((15, 0), (TIMERS, 0))
    assert all(report.is_proven for report in engine.ask(SYSTEM, lambda reader: list(verify_all(reader))))
    engine.close()


def test_two_workers_of_which_one_is_killed_fire_everything_once(postgres_url: str) -> None:
    engine = Engine(postgres_url, SystemClock())
    clerk = prepare(engine)
    moment = engine.clock.now() - timedelta(seconds=1)
    wait_for_one_moment(engine, clerk, TIMERS, moment)
    with workers(postgres_url, 1):
        killed = doomed(postgres_url)
        assert killed.wait(60) in (-9, 0)  # 0 if the other was faster
        until_all_fired(postgres_url, 60)
    assert firings(postgres_url) == (TIMERS, 0)
    assert all(report.is_proven for report in engine.ask(SYSTEM, lambda reader: list(verify_all(reader))))
    engine.close()
