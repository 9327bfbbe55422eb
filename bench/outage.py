"""What goes down under load: a worker in a storm of timers, and PostgreSQL, in two ways."""

import random
import signal
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from tempfile import TemporaryFile

import psycopg

from bench import approval_15, calibration
from bench.calibration import driver_url
from bench.official import Answer, Official, answers_of, hire, kinds
from bench.options import Options
from bench.proof import prove
from bench.records import faults_of_work
from bench.report import Figure, Report
from bench.server import gunicorn
from bench.timers import firings, prepare, until_all_fired, wait_for_one_moment, workers
from engine.clock import EPOCH, SystemClock, from_micros
from engine.domain.identity import SYSTEM, Actor
from engine.engine import Engine
from engine.store.unit_of_work import Reader
from tests import postgres

MODES = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
STORM = 10  # so many of the timers of a whole storm
DOWN_SECONDS = 5.0
LOADED_SECONDS = 5.0
PAUSE_SECONDS = 0.05  # of whoever was refused, before the same is sent again
LONGEST = 60
EXPECTED = frozenset({"503 Unavailable", "no answer"})


@dataclass(slots=True)
class Times:
    """When the database went and came, by the clock of the answers."""

    down: float = 0.0
    up: float = 0.0
    up_at: datetime = EPOCH


@dataclass(slots=True)
class Crowd:
    """People who work without a pause, and send again what was refused until it is done."""

    officials: list[Official]
    ended: threading.Event = field(default_factory=threading.Event)

    def work(self, official: Official, number: int) -> None:
        """Start instances and complete what opens until the end; nothing is left half done."""
        waiting: deque[int] = deque()
        while not self.ended.is_set():
            if not waiting:
                number += 1
                waiting.extend(_started(official, f"{official.user_id}-{number}"))
            task = _insisting(partial(official.open, waiting.popleft())).body
            values = approval_15.values_for(task["element_id"], task["id"])
            done = _insisting(partial(official.complete, task, values))
            waiting.extend(following["id"] for following in done.body["next_tasks"])
        official.leave()


def _started(official: Official, number: str) -> list[int]:
    """Start an instance; gives what is open in it."""
    started = _insisting(partial(official.start, approval_15.KEY, number, {})).body["id"]
    whole = _insisting(partial(official.call, "read", "GET", f"/process-instances/{started}"))
    return [task["id"] for task in whole.body["open_tasks"]]


def run(options: Options) -> Iterator[Report]:
    """Kill a worker in a storm; then stop PostgreSQL under load, and start it again."""
    with _office() as (engine, clerk, address):
        yield _killed_worker(engine, clerk, address, max(options.timers // STORM, 2))
    for mode, how in MODES.items():
        with _office() as (engine, clerk, address):
            yield _stopped_database(engine, clerk, address, options.clients, mode, how)


@contextmanager
def _office() -> Iterator[tuple[Engine, Actor, str]]:
    with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
        address = postgres.create_database(server, "bench")
        engine = Engine(address, SystemClock())
        try:
            yield engine, prepare(engine), address
        finally:
            engine.close()


def _killed_worker(engine: Engine, clerk: Actor, address: str, count: int) -> Report:
    wait_for_one_moment(engine, clerk, count, engine.clock.now())
    with workers(address) as (first, _second):
        killed_after = _wait_until(lambda: count // 4 <= firings(address)[0])
        first.kill()
        began = time.perf_counter()
        until_all_fired(address)
        seconds = time.perf_counter() - began
    fired, doubled = firings(address)
    return Report(
        name="outage, a worker killed in a storm of timers",
        figures=(
            Figure("timers fired before the kill", count // 4 if killed_after else 0, "", f"of {count}"),
            Figure("seconds until the other had fired the rest", seconds, "s"),
        ),
        proof=prove(engine),
        faults=(
            *(() if fired == count else (f"{fired} of {count} timers fired",)),
            *((f"{doubled} timers fired twice",) if doubled else ()),
        ),
    )


def _stopped_database(
    engine: Engine, clerk: Actor, address: str, clients: int, mode: str, how: signal.Signals
) -> Report:
    cpu = calibration.cpu_microseconds()
    with (
        TemporaryFile() as log,
        gunicorn(address, log) as (port, _),
        workers(address, 1, log),
    ):
        crowd = Crowd(officials=hire(engine, port, clients))
        due_at = engine.clock.now() + timedelta(seconds=LOADED_SECONDS + DOWN_SECONDS / 2)
        waiting = wait_for_one_moment(engine, clerk, clients * 5, due_at)
        times = outage(crowd, address, how)
        until_all_fired(address, LONGEST)
        log.seek(0)
        traces = log.read().count(b"Traceback")
    answers = answers_of(crowd.officials)
    fired, doubled = firings(address)
    woken_after = (_last_fired_at(address) - times.up_at).total_seconds()
    return Report(
        name=f"outage, PostgreSQL stopped ({mode}) for {DOWN_SECONDS:g} seconds under {clients} people",
        figures=(
            Figure("answers", len(answers), "", f"ten hashes take {cpu:.2f} µs"),
            *(Figure(f"answers {kind}", number) for kind, number in kinds(answers).items()),
            Figure("longest wait for an answer meanwhile", _longest_wait(answers, times) * 1e3, "ms"),
            Figure("seconds until everybody was served again", _recovery(crowd, times), "s"),
            Figure("seconds until all timers had fired", woken_after, "s", f"{len(waiting)}, due meanwhile"),
        ),
        proof=prove(engine),
        faults=(
            *faults_of_outage(engine, address, crowd, waiting),
            *((f"{fired} timers fired, {doubled} twice",) if (fired, doubled) != (len(waiting), 0) else ()),
            *((f"{traces} traces in the log",) if traces else ()),
        ),
    )  # fmt: skip


def outage(crowd: Crowd, address: str, how: signal.Signals) -> Times:
    """Let people work, take the database away for a while, and let them work on."""
    times = Times()
    threads = [
        threading.Thread(target=crowd.work, args=(official, 0), daemon=True) for official in crowd.officials
    ]
    for thread in threads:
        thread.start()
    time.sleep(LOADED_SECONDS)
    times.down = time.perf_counter()
    with postgres.stopped(address, how):
        time.sleep(DOWN_SECONDS)
    times.up, times.up_at = time.perf_counter(), SystemClock().now()
    time.sleep(LOADED_SECONDS)
    crowd.ended.set()
    for thread in threads:
        thread.join(LONGEST)
    if any(thread.is_alive() for thread in threads):
        raise RuntimeError(f"somebody was not served within {LONGEST} seconds")
    return times


def faults_of_outage(engine: Engine, address: str, crowd: Crowd, others: Iterable[int] = ()) -> list[str]:
    """Answers that nobody should have got, work that was lost or doubled, and incidents that were none."""
    refused = [answer for answer in answers_of(crowd.officials) if not answer.is_success]
    unexpected = {kind: count for kind, count in kinds(refused).items() if kind not in EXPECTED}
    incidents = engine.ask(SYSTEM, _incidents)
    return [
        *(f"{count} times {kind}" for kind, count in unexpected.items()),
        *faults_of_work(address, crowd.officials, others),
        *(f"an incident: {reason}" for reason in incidents),
    ]


def _last_fired_at(address: str) -> datetime:
    with psycopg.connect(driver_url(address)) as connection:
        row = connection.execute("select max(occurred_at) from history_event where type = 'timer_fired'")
        return from_micros(row.fetchone()[0])  # type: ignore[index]


def _incidents(reader: Reader) -> list[str]:
    return [incident.reason for incident in reader.incidents.latest()]


def _insisting(send: Callable[[], Answer]) -> Answer:
    """Send again, with the same key, until it is done."""
    ends_at = time.monotonic() + LONGEST
    while not (answer := send()).is_success:
        if answer.kind not in EXPECTED or time.monotonic() > ends_at:
            raise RuntimeError(f"{answer.verb}: {answer.kind} {answer.body}")
        time.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))
    return answer


def _longest_wait(answers: list[Answer], times: Times) -> float:
    return max((a.seconds for a in answers if times.down <= a.at <= times.up), default=0.0)


def _recovery(crowd: Crowd, times: Times) -> float:
    """Seconds from the database's first answer until the last person had an answer that is a success."""
    first = [
        next((a.at for a in official.diary.answers if a.at > times.up and a.is_success), float("inf"))
        for official in crowd.officials
    ]
    return max(first) - times.up


def _wait_until(happened: Callable[[], bool]) -> bool:
    ends_at = time.monotonic() + LONGEST
    while time.monotonic() < ends_at:
        if happened():
            return True
        time.sleep(0.02)
    return False
