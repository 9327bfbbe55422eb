"""A database that stops answering: clear words meanwhile, no damage, and service again by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from bs4 import BeautifulSoup

from bench import approval_15
from engine.clock import FixedClock
from engine.commands import organisation
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.engine import Engine
from engine.errors import Unavailable
from engine.replay import verify_all
from tests import postgres
from tests.webapp.office import PASSWORD, Office
from webapp.app import create_app
from webapp.settings import WebSettings


@contextmanager
def stopped(address: str, server: str) -> Iterator[None]:
    """The database takes no connection, and those that were open are cut off."""
    name = address.rpartition("/")[2].partition("?")[0]
    with postgres.administrator(server) as connection:
        connection.execute(f'alter database "{name}" allow_connections false'.encode())
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )
        try:
            yield
        finally:
            connection.execute(f'alter database "{name}" allow_connections true'.encode())


@pytest.fixture
def desk(postgres_url: str, clock: FixedClock) -> Iterator[tuple[Office, Task]]:
    """An office on PostgreSQL with one open task."""
    engine = Engine(postgres_url, clock)
    clerk = approval_15.prepare(engine)
    engine.execute(SYSTEM, organisation.add_user, "reader", name="讀者", password=PASSWORD, must_change=False)
    task = approval_15.start(engine, clerk, 1)
    settings = WebSettings(secret_key="a-secret-of-tests-only")
    app = create_app(engine, settings, clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield Office(app=app, engine=engine, clock=clock, watch=clock), task
    engine.close()


def test_pages_and_calls_say_so_and_answer_again_afterwards(
    desk: tuple[Office, Task], postgres_url: str, postgres_server: str
) -> None:
    office, task = desk
    browser = office.stranger()
    browser.post("/login", data={"user_id": "reader", "password": PASSWORD})
    call = {"Authorization": f"Bearer {office.token(approval_15.CLERK)}"}
    with stopped(postgres_url, postgres_server):
        page = browser.get("/inbox")
        problem = office.stranger().get(f"/api/v1/tasks/{task.id}", headers=call)
        ready = office.stranger().get("/ready")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
    said = BeautifulSoup(page.text, "html.parser")
    assert said.h1 is not None
    assert said.h1.text == "系統目前無法使用"
    assert (problem.status_code, problem.json["detail"]) == (503, "資料庫目前沒有回應。")
    assert (ready.status_code, browser.get("/inbox").status_code) == (503, 200)
    assert office.stranger().get(f"/api/v1/tasks/{task.id}", headers=call).status_code == 200


def test_a_completion_that_was_refused_meanwhile_is_sent_again_and_done_once(
    desk: tuple[Office, Task], postgres_url: str, postgres_server: str
) -> None:
    office, task = desk
    clerk, digests = office.engine.actor(approval_15.CLERK), approval_15.form_digests(office.engine)
    with stopped(postgres_url, postgres_server), pytest.raises(Unavailable):
        approval_15.complete(office.engine, clerk, task, 1, digests)
    opened = approval_15.complete(office.engine, clerk, task, 1, digests)
    assert len(opened) == len(approval_15.UNITS)
    reports = office.engine.ask(SYSTEM, lambda reader: list(verify_all(reader)))
    assert all(report.is_proven for report in reports)


def test_a_commit_that_got_no_answer_is_unavailable_and_its_repetition_is_done_once(
    desk: tuple[Office, Task], postgres_url: str, postgres_server: str
) -> None:
    office, task = desk
    cut_off = iter([True])

    def cut(name: str) -> None:
        if name == "written" and next(cut_off, False):
            with postgres.administrator(postgres_server) as connection:
                connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where state like 'idle in%'"
                )

    engine = Engine(postgres_url, office.clock, checkpoint=cut)
    clerk, digests = engine.actor(approval_15.CLERK), approval_15.form_digests(engine)
    with pytest.raises(Unavailable):
        approval_15.complete(engine, clerk, task, 1, digests)
    assert len(approval_15.complete(engine, clerk, task, 1, digests)) == len(approval_15.UNITS)
    reports = engine.ask(SYSTEM, lambda reader: list(verify_all(reader)))
    assert [report.is_proven for report in reports] == [True] * 3
    assert engine.ask(SYSTEM, lambda reader: reader.incidents.latest()) == []
    engine.close()
