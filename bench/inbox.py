"""The inbox over a million open tasks: pages, counts, deep pages and tabs, in the database and over HTTP,
alone and while others write; a search, the overdue list."""

import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from bench import approval_15, calibration, crowd
from bench.calibration import driver_url
from bench.clients import Door, Tally, drive
from bench.completion_http import told
from bench.options import Options
from bench.plans import plans_of, shortened, tables_read_whole
from bench.report import Figure, Report
from bench.server import gunicorn
from bench.visitors import Visitor
from engine.clock import SystemClock
from engine.commands import organisation
from engine.domain.identity import SYSTEM, Actor
from engine.engine import Engine
from engine.jobs.timers import BATCH
from engine.queries.overdue import overdue_report
from engine.queries.search import search
from engine.queries.tasks import COUNTED, View, inbox, inbox_counts
from engine.store.unit_of_work import Reader
from tests import postgres
from webapp.overdue import LINES_OF_A_PAGE

LOOKS = 60
LOOKS_AMONG_WRITERS = 20
DEEP = 40
TABS = {View.OPEN: "first page"}  # every other tab is told by its view
FEW = 1_000
WORDS = {"a common word": "年度成果", "two letters": "77", "a rare word": "第 777", "no such word": "查無"}
PLANS = Path(__file__).parent / "plans"
IN_DATABASE, BY_API, BY_PAGE, AMONG_WRITERS = "in the database", "API", "page", "while others write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that somebody looks at: in the process, and by the addresses of API and page that show it."""

    name: str
    who: str
    ask: Callable[[Reader], object]
    api: str = ""
    page: str = ""


@dataclass(slots=True)
class Answers:
    """How long each question took, by (question, way), which tables its plans read whole, and what failed."""

    seconds: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    read_whole: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def run(options: Options) -> Iterator[Report]:
    """A small office and a large one; the plans of the large one go to a folder."""
    few = _asked(FEW, FEW, options, plans=False)
    many = _asked(options.open_tasks, options.finished_tasks, options, plans=True)
    figures = [_figure(key, seconds, few) for key, seconds in many.seconds.items()]
    ways = dict.fromkeys(way for _, way in many.seconds)
    most = [Figure(f"highest of all, {way}", _highest(many, way), "ms") for way in ways]
    plans = [_indexes_only(many, way) for way in (IN_DATABASE, AMONG_WRITERS)]
    cpu = calibration.cpu_microseconds()
    yield Report(
        name=f"inbox, {options.open_tasks:,} open and {options.finished_tasks:,} finished tasks",
        figures=(*figures, *most, *plans, Figure("ten hashes", cpu, "µs", "how fast the machine was")),
        faults=tuple(sorted(set(many.refused))),
    )


def _figure(key: tuple[str, str], seconds: list[float], few: Answers) -> Figure:
    name, way = key
    ratio = (
        f"; {_p95(seconds) / _p95(few.seconds[key]):.1f} x that of {FEW:,} tasks"
        if key in few.seconds
        else ""
    )
    return Figure(
        f"{name}, {way}",
        _p95(seconds),
        "ms",
        f"median {_median(seconds):.1f}, fastest {min(seconds) * 1e3:.1f}{ratio}",
    )


def _highest(answers: Answers, way: str) -> float:
    return max(_p95(seconds) for (_, used), seconds in answers.seconds.items() if used == way)


def _indexes_only(answers: Answers, way: str) -> Figure:
    found = {name: tables for (name, used), tables in answers.read_whole.items() if used == way and tables}
    told_of = "; ".join(f"{name}: {', '.join(sorted(tables))}" for name, tables in found.items())
    said = f"indexes only: no ({told_of})" if found else "indexes only: yes"
    return Figure(f"plans that read a growing table whole, {way}", len(found), "", said)


def _asked(open_tasks: int, finished: int, options: Options, *, plans: bool) -> Answers:
    with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
        address = postgres.create_database(server, "bench")
        engine = Engine(address, SystemClock())
        try:
            people = crowd.gather(engine, open_tasks=open_tasks, finished_tasks=finished)
            with psycopg.connect(driver_url(address), autocommit=True) as connection:
                connection.execute("vacuum analyze")
            return _answers(engine, people, address, options, plans=plans)
        finally:
            engine.close()


def _answers(engine: Engine, people: crowd.Crowd, address: str, options: Options, *, plans: bool) -> Answers:
    questions, answers = _questions(engine, people), Answers()
    actors = {actor.user_id: actor for actor in (people.wide, people.narrow, people.heavy, SYSTEM)}
    for question in questions:
        answers.seconds[question.name, IN_DATABASE] = _timed(_in_process(engine, actors, question), LOOKS)
        if plans:
            text = plans_of(engine, actors[question.who], question.ask)
            answers.read_whole[question.name, IN_DATABASE] = tables_read_whole(text)
            PLANS.mkdir(exist_ok=True)
            (PLANS / f"{question.name.replace(', ', '-').replace(' ', '-')}.txt").write_text(shortened(text))
    with gunicorn(address) as (port, _):
        for user in (crowd.WIDE, crowd.NARROW, crowd.HEAVY):
            _read_over_http(engine, port, user, questions, answers)
        if plans:
            with _writers(engine, port, options.clients, answers.refused):
                for question in questions:
                    look = _in_process(engine, actors, question)
                    answers.seconds[question.name, AMONG_WRITERS] = _timed(look, LOOKS_AMONG_WRITERS)
                    text = plans_of(engine, actors[question.who], question.ask)
                    answers.read_whole[question.name, AMONG_WRITERS] = tables_read_whole(text)
    return answers


def _in_process(engine: Engine, actors: dict[str, Actor], question: Question) -> Callable[[], object]:
    return lambda: engine.ask(actors[question.who], question.ask)


def _read_over_http(
    engine: Engine, port: int, user: str, questions: list[Question], answers: Answers
) -> None:
    token = engine.execute(SYSTEM, organisation.issue_token, user, label="bench")
    own = [question for question in questions if question.who == user]
    with closing(Visitor(port)) as visitor:
        visitor.show(token)
        for question in (q for q in own if q.api):
            answers.seconds[question.name, BY_API] = _timed(visitor.reads(question.api), LOOKS)
    with closing(Visitor(port)) as visitor:
        visitor.sign_in(user, crowd.PASSWORD)
        for question in (q for q in own if q.page):
            answers.seconds[question.name, BY_PAGE] = _timed(visitor.reads(question.page), LOOKS)


@contextmanager
def _writers(engine: Engine, port: int, clients: int, refused: list[str]) -> Iterator[None]:
    """Clients that complete the tasks of new instances over HTTP until the block ends."""
    token = engine.execute(SYSTEM, organisation.issue_token, approval_15.CLERK, label="writers")
    clerk, ended = engine.actor(approval_15.CLERK), threading.Event()
    door = Door(port=port, token=token, digests=approval_15.form_digests(engine))

    def write() -> None:
        number = 0
        while not ended.is_set():
            drafts = [approval_15.start(engine, clerk, n) for n in range(number, number + clients)]
            number += clients
            tally: Tally = drive(door, told(drafts), clients, mix=False)
            refused.extend(tally.refused)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _questions(engine: Engine, people: crowd.Crowd) -> list[Question]:
    asked: list[Question] = []
    for who, actor in ((crowd.WIDE, people.wide), (crowd.NARROW, people.narrow), (crowd.HEAVY, people.heavy)):
        deep = _deep_cursor(engine, actor, View.OPEN)
        earlier = _deep_cursor(engine, actor, View.DONE)
        asked += [
            Question(
                name=f"{who}, first page and counts", who=who, ask=_first_page,
                api="/api/v1/tasks?view=open", page="/inbox",
            ),
            Question(name=f"{who}, counts", who=who, ask=inbox_counts, page="/inbox/counts"),
            _page(who, f"page {DEEP}", View.OPEN, deep),
            _page(who, f"page {DEEP} of done", View.DONE, earlier),
            *(_page(who, TABS.get(view, str(view)), view) for view in COUNTED),
            *_searches(engine, who, actor),
        ]  # fmt: skip
    return [
        *asked,
        Question(name="overdue list of the branch", who=SYSTEM.user_id, ask=_overdue),
        Question(name="timers that are due", who=SYSTEM.user_id, ask=_due_timers),
        Question(name="history of an instance", who=SYSTEM.user_id, ask=_history),
        Question(name="overdue list of a unit", who=crowd.NARROW, ask=_overdue, page="/overdue"),
    ]


def _overdue(reader: Reader) -> object:
    return overdue_report(reader, limit=LINES_OF_A_PAGE)


def _due_timers(reader: Reader) -> object:
    return reader.timers.first_due_at(reader.now), reader.timers.due(reader.now, BATCH)


def _history(reader: Reader) -> object:
    """All events of one instance, and what one command wrote to it."""
    return reader.history.events(crowd.FIRST_INSTANCE), reader.history.of_command(crowd.FIRST_INSTANCE, "c:0")


def _searches(engine: Engine, who: str, actor: Actor) -> Iterator[Question]:
    """A word of every task, two letters of many, one of a few instances, and one of none."""
    for name, q in WORDS.items():
        yield Question(
            name=f"{who}, {name}", who=who, ask=partial(inbox, q=q), page=f"/search/suggestions?{_asking(q)}"
        )
        yield Question(
            name=f"{who}, {name}, all kinds", who=who, ask=partial(search, q=q), page=f"/search?{_asking(q)}"
        )
    common = WORDS["a common word"]
    deep = _deep_cursor(engine, actor, View.OPEN, common)
    yield Question(
        name=f"{who}, page {DEEP} of a common word", who=who, ask=partial(inbox, q=common, cursor=deep)
    )


def _asking(q: str) -> str:
    return urlencode({"q": q})


def _page(who: str, name: str, view: View, cursor: str | None = None) -> Question:
    where = f"view={view}" + (f"&cursor={cursor}" if cursor else "")
    return Question(
        name=f"{who}, {name}", who=who, ask=lambda reader: inbox(reader, view=view, cursor=cursor),
        api=f"/api/v1/tasks?{where}", page=f"/inbox?{where}",
    )  # fmt: skip


def _first_page(reader: Reader) -> object:
    return inbox(reader), inbox_counts(reader)


def _deep_cursor(engine: Engine, actor: Actor, view: View, q: str = "") -> str | None:
    cursor = None
    for _ in range(DEEP - 1):
        following = engine.ask(actor, partial(inbox, view=view, cursor=cursor, q=q)).next_cursor
        if following is None:
            return cursor
        cursor = following
    return cursor


def _timed(look: Callable[[], object], looks: int) -> list[float]:
    look()
    seconds = []
    for _ in range(looks):
        began = time.perf_counter()
        look()
        seconds.append(time.perf_counter() - began)
    return seconds


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1e3


def _median(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1e3
