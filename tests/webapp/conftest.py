"""The agency of the demo as a fixture: people, a plan of 114 with a letter, the cycle of 115 just begun."""

import shutil
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.demo.story import START_OF_115, begin_demo, start_cycle
from engine.demo.time_machine import keep_time
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests.webapp.office import PASSWORD, Office, open_office, record_plan


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the agency, to be copied."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    clock = FixedClock()
    engine = Engine(f"sqlite:///{path}", clock)
    begin_demo(engine, clock, PASSWORD)
    engine.execute(SYSTEM, record_plan)
    clock.move_to(START_OF_115)
    start_cycle(engine, 115)
    engine.execute(SYSTEM, keep_time, START_OF_115)
    engine.close()
    return path


@pytest.fixture
def office(demo_file: Path, tmp_path: Path) -> Iterator[Office]:
    """A copy of the agency with its pages, on the morning of 115/01/28."""
    yield from opened(Path(shutil.copy(demo_file, tmp_path / "office.db")))


@pytest.fixture(scope="module")
def shared_office(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One copy of the agency for a whole module of tests that do not change what the others look at."""
    yield from opened(Path(shutil.copy(demo_file, tmp_path_factory.mktemp("office") / "office.db")))


def opened(path: Path) -> Iterator[Office]:
    """The office over a database, closed in the end."""
    clock = FixedClock(START_OF_115.astimezone(UTC))
    engine = Engine(f"sqlite:///{path}", clock)
    yield open_office(engine, clock)
    engine.close()


@pytest.fixture
def demo_copy(demo_file: Path, tmp_path: Path) -> str:
    """The address of a copy of the agency, for a test that opens it in its own way."""
    return f"sqlite:///{shutil.copy(demo_file, tmp_path / 'copy.db')}"
