"""PostgreSQL stopped under load and started again: plain words meanwhile, and nothing lost afterwards."""

import signal
import uuid
from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryFile

import pytest

from bench import outage
from bench.official import answers_of, hire, kinds
from bench.outage import Crowd, faults_of_outage
from bench.server import gunicorn
from bench.timers import firings, prepare, until_all_fired, wait_for_one_moment, workers
from engine.clock import SystemClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import verify_all
from tests import postgres
from tests.parts import lacking


@pytest.fixture
def own_database() -> Iterator[str]:
    """A database on a server of its own, which keeps what it acknowledged."""
    try:
        with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
            yield postgres.create_database(server, "outage")
    except postgres.PostgresMissing as error:
        lacking(f"PostgreSQL ({error})", postgres.INSTALL)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_people_and_timers_go_on_by_themselves(
    own_database: str, how: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "LOADED_SECONDS", 1.0)
    monkeypatch.setattr(outage, "DOWN_SECONDS", 1.0)
    monkeypatch.setenv("PLANFLOW_POLL_SECONDS", "0.2")
    engine = Engine(own_database, SystemClock())
    clerk = prepare(engine)
    with (
        TemporaryFile() as log,
        gunicorn(own_database, log) as (port, _),
        workers(own_database, 1, log) as (worker,),
    ):
        crowd = Crowd(officials=hire(engine, port, 3))
        due_at = engine.clock.now() + timedelta(seconds=1.5)
        waiting = wait_for_one_moment(engine, clerk, 5, due_at)
        outage.outage(crowd, own_database, how)
        until_all_fired(own_database, outage.LONGEST)
        assert worker.poll() is None
        log.seek(0)
        assert b"Traceback" not in log.read()
    answered = kinds(answers_of(crowd.officials))
    assert answered.keys() - {"no answer"} == {"200", "201", "503 Unavailable"}
    assert faults_of_outage(engine, own_database, crowd, waiting) == []
    assert firings(own_database) == (5, 0)
    reports = engine.ask(SYSTEM, lambda reader: list(verify_all(reader)))
    assert [str(fault) for report in reports for fault in report.faults] == []
    engine.close()
