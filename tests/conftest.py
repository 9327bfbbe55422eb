"""What all tests share: real databases, a clock that stands still, a browser, and a mail box."""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from engine.clock import FixedClock
from tests import postgres
from tests.parts import lacking

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from engine.engine import Engine

WORKFLOWS = Path(__file__).parent.parent / "workflows"
PATIENCE_MS = 30_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture
def clock() -> FixedClock:
    """Stands at 2025-01-06 09:00 in Taipei until a test moves it."""
    return FixedClock()


@pytest.fixture(scope="session")
def run_name(request: pytest.FixtureRequest) -> str:
    """A name of this test run, the same in all processes of pytest-xdist."""
    return str(getattr(request.config, "workerinput", {}).get("testrunuid", uuid.uuid4().hex))[:12]


@pytest.fixture(scope="session")
def postgres_server(run_name: str) -> Iterator[str]:
    """The address of a real PostgreSQL that lives as long as the test run."""
    try:
        with postgres.running_server(run_name) as address:
            yield address
    except postgres.PostgresMissing as error:
        lacking(f"PostgreSQL ({error})", postgres.INSTALL)


def upgraded(address: str) -> str:
    """Bring a database to the newest schema and let go of it."""
    from engine.engine import Engine

    engine = Engine(address, FixedClock())
    engine.upgrade()
    engine.close()
    return address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "planflow.db"
    upgraded(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of an upgraded PostgreSQL database, to be copied."""
    name = f"template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    upgraded(postgres.create_database(postgres_server, name))
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite file with the newest schema."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'planflow.db')}"


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with the newest schema."""
    name = f"t_{uuid.uuid4().hex}"
    yield postgres.create_database(postgres_server, name, postgres_template)
    postgres.drop_database(postgres_server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database: every test that asks for it runs on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def engine(database_url: str, clock: FixedClock) -> Iterator[Engine]:
    """An engine on a fresh database, once on SQLite and once on PostgreSQL."""
    from engine.engine import Engine

    opened = Engine(database_url, clock)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_engine(sqlite_url: str, clock: FixedClock) -> Iterator[Engine]:
    """An engine on a fresh SQLite file, for tests whose subject is not the store."""
    from engine.engine import Engine

    opened = Engine(sqlite_url, clock)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(
        timeout=PATIENCE_MS
    )  # as long as every other wait: a busy machine is no fault of a page
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        lacking("Chromium", "apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Mailbox(MessageHandler):
    """Keeps the mails that the loopback server was given."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message[str, str]] = []

    def handle_message(self, message: Message[str, str]) -> None:
        self.mails.append(message)


@pytest.fixture
def smtp() -> Iterator[tuple[Mailbox, int]]:
    """A mail server on loopback: its box and its port."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    yield box, server.port
    server.stop()


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
