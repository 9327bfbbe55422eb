"""Workers that are killed in the middle of a storm of timers: nothing is lost and nothing happens twice."""

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from bench import approval_15
from bench.many_units import DEFINITIONS
from engine.clock import SystemClock
from engine.commands import definitions, instances
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.jobs.timers import fire_due_timers
from engine.replay import verify_all
from engine.store.unit_of_work import Reader

TIMERS = 150
PATIENCE = 60


def fired(reader: Reader) -> Counter[int]:
    """How often each instance was woken."""
    return Counter(
        event.stream
        for stream in reader.history.streams()
        for event in reader.history.events(stream)
        if event.type is EventType.TIMER_FIRED
    )


def test_timers_fire_once_each_although_workers_are_killed(postgres_url: str) -> None:
    engine = Engine(postgres_url, SystemClock())
    clerk = approval_15.prepare(engine)
    engine.execute(SYSTEM, definitions.deploy, approval_15.files_in(DEFINITIONS))
    moment = (engine.clock.now() - timedelta(seconds=1)).isoformat()
    waiting = {
        engine.execute(
            clerk, instances.start, definition_key="wake_up", business_key=f"wake_up:{number}",
            variables={"wake_at": moment},
        )
        for number in range(TIMERS)
    }  # fmt: skip
    for killed_after in (5, TIMERS // 2):
        worker = subprocess.Popen(
            [str(Path(sys.executable).with_name("planflow")), "worker"],
            env={**os.environ, "PLANFLOW_DATABASE_URL": postgres_url},
            stdout=subprocess.DEVNULL,
        )
        for _ in range(PATIENCE * 100):
            if sum(engine.ask(SYSTEM, fired).values()) >= killed_after:
                break
            time.sleep(0.01)
        worker.kill()
        worker.wait()
    fire_due_timers(engine)
    assert engine.ask(SYSTEM, fired) == dict.fromkeys(waiting, 1)
    assert all(report.is_proven for report in engine.ask(SYSTEM, lambda reader: list(verify_all(reader))))
    engine.close()
