"""The desk of the API over a copy of a prepared office: `desk` to change, `shared_desk` to look at."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import approval_15
from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests.engine.commands.office import Office, open_office
from tests.webapp.api.desk import Desk, open_desk, staff


@pytest.fixture(scope="session")
def office_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the office, to be copied."""
    path = tmp_path_factory.mktemp("api") / "office.db"
    engine = Engine(f"sqlite:///{path}", FixedClock())
    open_office(engine)
    engine.execute(SYSTEM, staff)
    engine.close()
    return path


def opened(path: Path) -> Iterator[Desk]:
    clock = FixedClock()
    engine = Engine(f"sqlite:///{path}", clock)
    office = Office(engine, engine.actor(approval_15.CLERK), approval_15.form_digests(engine))
    yield open_desk(office, clock)
    engine.close()


@pytest.fixture
def desk(office_file: Path, tmp_path: Path) -> Iterator[Desk]:
    """A copy of the office with its API."""
    yield from opened(Path(shutil.copy(office_file, tmp_path / "office.db")))


@pytest.fixture(scope="module")
def shared_desk(office_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One copy for a module of tests that change nothing the others look at."""
    yield from opened(Path(shutil.copy(office_file, tmp_path_factory.mktemp("desk") / "office.db")))
