"""Ten minutes of an office at work: eight people, two web workers, one worker for timers, PostgreSQL."""

import random
import statistics
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import psutil

from bench import approval_15, calibration
from bench.official import Answer, Official, answers_of, hire, kinds
from bench.options import Options
from bench.proof import prove
from bench.records import faults_of_work
from bench.report import Figure, Report
from bench.server import gunicorn, postmaster_of
from bench.timers import prepare, workers
from engine.clock import SystemClock
from engine.engine import Engine
from tests import postgres

PERIODS = 10
FEW = 12  # so many entries in an inbox are too few: something new is started
WAITING = timedelta(seconds=5)  # how long a timer waits that somebody starts
MEGABYTE = 1 << 20
MINUTE = 60


@dataclass(slots=True)
class Watch:
    """What the processes held in memory at the end of each period, in megabytes, and when that was."""

    ends: list[float] = field(default_factory=list)
    megabytes: dict[str, list[float]] = field(default_factory=dict)

    def look(self, processes: dict[str, list[psutil.Process]]) -> None:
        """Look once at every process; those of the database count together."""
        self.ends.append(time.perf_counter())
        for name, found in processes.items():
            self.megabytes.setdefault(name, []).append(sum(map(_private, found)))


def run(options: Options) -> Iterator[Report]:
    """Let people work for a while, look at memory meanwhile, and compare what they were told with history."""
    with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
        address = postgres.create_database(server, "bench")
        engine = Engine(address, SystemClock())
        try:
            prepare(engine)
            cpu = calibration.cpu_microseconds()
            with gunicorn(address) as (port, program), workers(address, 1) as (worker,):
                officials = hire(engine, port, options.clients)
                began, watch = _work(officials, options.seconds, program, worker, address)
            faults = faults_of_work(address, officials)
            proof = prove(engine)
        finally:
            engine.close()
    answers = answers_of(officials)
    wrong = [answer for answer in answers if not (answer.is_success or answer.is_conflict)]
    yield Report(
        name=f"load, {options.clients} people for {options.seconds} seconds",
        figures=(
            *_counted(answers, options.seconds, cpu),
            *_by_verb(answers),
            *_by_period(answers, began, watch),
            *_memory(watch),
        ),
        proof=proof,
        faults=(*(f"{count} times {kind}" for kind, count in kinds(wrong).items()), *faults),
    )


def _work(
    officials: list[Official], seconds: float, program: psutil.Process, worker: psutil.Popen, address: str
) -> tuple[float, Watch]:
    """Let everybody work; gives when that began, and what the processes held."""
    ended, watch = threading.Event(), Watch()
    threads = [threading.Thread(target=_days_work, args=(each, ended), daemon=True) for each in officials]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    processes = {
        **{f"web worker {n}": [each] for n, each in enumerate(program.children(), start=1)},
        "planflow worker": [worker],
    }
    for _ in range(PERIODS):
        ended.wait(seconds / PERIODS)
        watch.look({**processes, "database": postmaster_of(address).children()})
    ended.set()
    for thread in threads:
        thread.join()
    return began, watch


def _days_work(official: Official, ended: threading.Event) -> None:
    official.sign_in()
    desk = _Desk(official)
    while not ended.is_set():
        desk.turn()
    official.leave()


class _Desk:
    """One person's choices: drawn by lot, the same in every run."""

    def __init__(self, official: Official) -> None:
        self._official = official
        self._lot = random.Random(official.user_id)
        self._known: list[int] = []
        self._started = 0

    def turn(self) -> None:
        """One piece of work."""
        drawn = self._lot.random()
        if drawn < 0.1 or not self._known:
            items = self._official.read_inbox()
            self._known = [item["id"] for item in items]
            if len(items) < FEW:
                self._start()
        elif drawn < 0.14:
            self._start()
        else:
            self._do(self._known.pop(self._lot.randrange(len(self._known))))

    def _start(self) -> None:
        self._started += 1
        number = f"{self._official.user_id}-{self._started}"
        if self._lot.random() < 0.3:
            wake_at = SystemClock().now() + WAITING
            self._official.start("wake_up", number, {"wake_at": wake_at.isoformat()})
        else:
            self._official.start(approval_15.KEY, number, {})

    def _do(self, task_id: int) -> None:
        opened = self._official.open(task_id)
        if not opened.is_success or "complete" not in opened.body["allowed_actions"]:
            return
        task = opened.body
        if self._lot.random() < 0.15:
            claimed = self._official.claim(task_id)
            if not claimed.is_success:
                return
            task = {**task, "revision": claimed.body["revision"]}
        verb, values = self._entered(task)
        if self._lot.random() < 0.15:
            self._official.save_draft(task, values)
        done = self._official.complete(task, values, verb)
        if done.is_success:
            self._known += [following["id"] for following in done.body["next_tasks"]]

    def _entered(self, task: dict[str, object]) -> tuple[str, dict[str, object]]:
        element_id, number = str(task["element_id"]), int(str(task["id"]))
        if element_id in ("approve", "check"):
            is_return = element_id == "approve" and self._lot.random() < 0.2
            return ("return", {"decision": "return"}) if is_return else ("complete", {"decision": "approve"})
        return "complete", approval_15.values_for(element_id, number)


def _counted(answers: list[Answer], seconds: float, cpu: float) -> Iterator[Figure]:
    conflicts = sum(answer.is_conflict for answer in answers)
    yield Figure("answers", len(answers) / seconds, "/s", f"ten hashes take {cpu:.2f} µs")
    yield Figure("honest conflicts", conflicts / max(len(answers), 1) * 100, "%", f"{conflicts}")
    for kind, count in kinds(answers).items():
        yield Figure(f"answers {kind}", count)


def _by_verb(answers: list[Answer]) -> Iterator[Figure]:
    for verb in sorted({answer.verb for answer in answers}):
        seconds = [answer.seconds for answer in answers if answer.verb == verb and answer.is_success]
        if len(seconds) > 1:
            yield _spread(verb, seconds)


def _by_period(answers: list[Answer], began: float, watch: Watch) -> Iterator[Figure]:
    since = began
    for number, until in enumerate(watch.ends, start=1):
        seconds = [answer.seconds for answer in answers if since <= answer.at < until and answer.is_success]
        if len(seconds) > 1:
            yield _spread(f"period {number} of {PERIODS}", seconds)
        since = until


def _spread(label: str, seconds: list[float]) -> Figure:
    median, p95 = statistics.median(seconds) * 1e3, statistics.quantiles(seconds, n=20)[-1] * 1e3
    return Figure(f"{label}, 95th of a hundred", p95, "ms", f"median {median:.1f}, {len(seconds)} answers")


def _memory(watch: Watch) -> Iterator[Figure]:
    """The slope is that of the later half: caches have filled by then."""
    half = len(watch.ends) // 2
    minutes = [(at - watch.ends[0]) / MINUTE for at in watch.ends]
    for name, held in watch.megabytes.items():
        told = " ".join(f"{megabytes:.0f}" for megabytes in held)
        slope = statistics.linear_regression(minutes[half:], held[half:]).slope
        yield Figure(f"memory of {name}", held[-1], "MB", told)
        yield Figure(f"memory of {name}, growth", slope, "MB/min", "of the later half")


def _private(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().uss) / MEGABYTE
    except psutil.NoSuchProcess:
        return 0.0
