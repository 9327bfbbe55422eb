"""The cycle of 115 in Chromium, from the letter of the bureau to the archive, by the accounts of the demo."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from engine.clock import FixedClock
from engine.demo.player import Player
from engine.demo.story import begin_demo
from engine.demo.time_machine import keep_time
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceState
from engine.engine import Engine
from engine.replay import verify
from tests.webapp.cycle_desk import Desks
from tests.webapp.cycle_entries import ENTRIES, PLAN_KEY
from tests.webapp.cycle_moments import year
from tests.webapp.cycle_year import Year
from tests.webapp.office import PASSWORD, record_plan
from webapp.app import create_app
from webapp.settings import WebSettings

# A year of work: some forty pages are filled in by hand, on a machine that may be busy.
pytestmark = pytest.mark.timeout(1500)
FIRST_MORNING = datetime.fromisoformat("2026-01-06T09:00:00+08:00")


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which an app answers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def engine_115(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The agency on the first working morning of 115, with the released plan of 114."""
    clock = FixedClock()
    engine = Engine(f"sqlite:///{tmp_path_factory.mktemp('year') / 'year.db'}", clock)
    begin_demo(engine, clock, PASSWORD)
    engine.execute(SYSTEM, record_plan)
    clock.move_to(FIRST_MORNING)
    engine.execute(SYSTEM, keep_time, FIRST_MORNING)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def lived(engine_115: Engine, chromium: Browser) -> Iterator[Year]:
    """The year after it was lived through."""
    clock = engine_115.clock
    assert isinstance(clock, FixedClock)
    app = create_app(engine_115, WebSettings(secret_key="a-secret-of-tests-only", demo=True), FixedClock())
    player = Player(engine_115, clock, ENTRIES, {}, engine_115.ask(SYSTEM, lambda reader: reader.calendar))
    with served(app) as address:
        desks = Desks(chromium, address, "cycle")
        one = Year(engine_115, clock, app, desks, player)
        one.begin()
        for moment in year():
            one.live(moment)
        yield one
        desks.leave()


def test_at_every_step_exactly_the_owed_accounts_have_the_task(lived: Year) -> None:
    assert lived.owed == [moment.owed for moment in year()]


def test_the_plan_is_closed_and_nothing_is_left_to_do(lived: Year) -> None:
    instances = lived.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(PLAN_KEY))
    state = lived.engine.ask(SYSTEM, lambda reader: reader.documents.get(PLAN_KEY, "plan_state"))
    assert ({instance.state for instance in instances}, state.body["state"], lived.open_tasks()) == (
        {InstanceState.COMPLETED}, "closed", [],
    )  # fmt: skip


def test_every_history_of_the_year_is_proven(lived: Year) -> None:
    instances = lived.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(PLAN_KEY))
    faults = [lived.engine.ask(SYSTEM, verify, instance.id).faults for instance in instances]
    assert faults == [()] * len(instances)


def test_no_page_of_the_year_has_a_barrier(lived: Year) -> None:
    assert lived.desks.violations == []


def test_no_response_lets_inline_scripts_run_and_no_page_breaks_the_policy(lived: Year) -> None:
    assert (lived.desks.unsafe, lived.desks.told) == ([], [])
