"""The house that the tests of the task page share: furnished once, copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.engine import Engine
from tests.webapp.tasks.house import House, furnish, open_house


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """An SQLite file with people, a deployment and a running instance, and the id of that instance."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("house") / "house.db"))
    engine = Engine(f"sqlite:///{path}", FixedClock())
    instance_id = furnish(engine)
    engine.close()
    return path, instance_id


@pytest.fixture
def house(furnished: tuple[Path, int], tmp_path: Path, clock: FixedClock) -> Iterator[House]:
    """A running instance whose first task waits for the metrology unit."""
    path, instance_id = furnished
    engine = Engine(f"sqlite:///{shutil.copy(path, tmp_path / 'house.db')}", clock)
    yield open_house(engine, instance_id)
    engine.close()
