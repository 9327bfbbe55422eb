"""The inbox over a million open tasks: first pages and counts, deep pages, a search, the overdue list."""

import http.client
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import calibration, crowd
from bench.calibration import driver_url
from bench.options import Options
from bench.plans import plans_of
from bench.report import Figure, Report
from bench.server import gunicorn
from engine.clock import SystemClock
from engine.commands import organisation
from engine.domain.identity import SYSTEM, Actor
from engine.engine import Engine
from engine.queries.overdue import overdue_report
from engine.queries.tasks import View, inbox, inbox_counts
from engine.store.unit_of_work import Reader
from tests import postgres

LOOKS = 60
DEEP = 40
FEW = 1_000
PLANS = Path(__file__).parent / "plans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that somebody looks at, in the process; `address` asks the same over HTTP."""

    name: str
    who: str
    ask: Callable[[Reader], object]
    address: str = ""


def run(options: Options) -> Iterator[Report]:
    """A small office and a large one; the plans of the large one go to a folder."""
    few = _asked(FEW, FEW, options, plans=False)
    many = _asked(options.open_tasks, options.finished_tasks, options, plans=True)
    cpu = calibration.cpu_microseconds()
    figures = []
    for name, seconds in many.items():
        figures += [
            Figure(name, _p95(seconds), "ms", f"95th of a hundred; median {_median(seconds):.1f}"),
            Figure(f"{name}, by that of {FEW} tasks", _p95(seconds) / _p95(few[name])),
        ]
    yield Report(
        name=f"inbox, {options.open_tasks:,} open and {options.finished_tasks:,} finished tasks",
        figures=(*figures, Figure("ten hashes", cpu, "µs", "how fast the machine was")),
    )


def _asked(open_tasks: int, finished: int, options: Options, *, plans: bool) -> dict[str, list[float]]:
    with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
        address = postgres.create_database(server, "bench")
        engine = Engine(address, SystemClock())
        try:
            people = crowd.gather(engine, open_tasks=open_tasks, finished_tasks=finished)
            with psycopg.connect(driver_url(address), autocommit=True) as connection:
                connection.execute("vacuum analyze")
            questions = _questions(engine, people)
            actors = {crowd.WIDE: people.wide, crowd.NARROW: people.narrow, SYSTEM.user_id: SYSTEM}
            took = {q.name: _timed(lambda q=q: engine.ask(actors[q.who], q.ask)) for q in questions}
            if plans:
                for question in questions:
                    text = plans_of(engine, actors[question.who], question.ask)
                    PLANS.mkdir(exist_ok=True)
                    (PLANS / f"{question.name.replace(', ', '-').replace(' ', '-')}.txt").write_text(text)
            tokens = {
                who: engine.execute(SYSTEM, organisation.issue_token, who, label="bench")
                for who in (crowd.WIDE, crowd.NARROW)
            }
            with gunicorn(address) as (port, _):
                for question in (q for q in questions if q.address):
                    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                        read = _reader(connection, tokens[question.who], question.address)
                        took[f"{question.name}, over HTTP"] = _timed(read)
        finally:
            engine.close()
    return took


def _questions(engine: Engine, people: crowd.Crowd) -> list[Question]:
    asked = []
    for who, actor in ((crowd.WIDE, people.wide), (crowd.NARROW, people.narrow)):
        deep = _deep_cursor(engine, actor)
        asked += [
            Question(name=f"{who}, first page and counts", who=who, ask=_first_page, address="view=open"),
            Question(name=f"{who}, first page", who=who, ask=inbox),
            Question(name=f"{who}, counts", who=who, ask=inbox_counts),
            Question(name=f"{who}, page {DEEP}", who=who, ask=lambda reader, c=deep: inbox(reader, cursor=c)),
            Question(name=f"{who}, overdue", who=who, ask=lambda reader: inbox(reader, view=View.OVERDUE)),
            Question(name=f"{who}, done", who=who, ask=lambda reader: inbox(reader, view=View.DONE)),
            Question(name=f"{who}, search", who=who, ask=lambda reader: inbox(reader, q="第 77")),
            Question(name=f"{who}, search for nothing", who=who, ask=lambda reader: inbox(reader, q="查無")),
        ]
    return [
        *asked, Question(name="overdue list of the branch", who=SYSTEM.user_id, ask=overdue_report)
    ]  # fmt: skip


def _first_page(reader: Reader) -> object:
    return inbox(reader), inbox_counts(reader)


def _deep_cursor(engine: Engine, actor: Actor) -> str | None:
    cursor = None
    for _ in range(DEEP - 1):
        following = engine.ask(actor, lambda reader, c=cursor: inbox(reader, cursor=c)).next_cursor
        if following is None:
            return cursor
        cursor = following
    return cursor


def _reader(connection: http.client.HTTPConnection, token: str, query: str) -> Callable[[], object]:
    def read() -> bytes:
        connection.request("GET", f"/api/v1/tasks?{query}", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(body[:300])
        return body

    return read


def _timed(look: Callable[[], object]) -> list[float]:
    look()
    seconds = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        look()
        seconds.append(time.perf_counter() - began)
    return seconds


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1e3


def _median(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1e3
