from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from engine.clock import FixedClock
from engine.engine import Engine
from tests.engine.queries.scene import Scene, play


@pytest.fixture(scope="module")
def scene(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One scene for all tests of a module, which only read it."""
    path = copy(sqlite_template, tmp_path_factory.mktemp("scene") / "planflow.db")
    clock = FixedClock()
    engine = Engine(f"sqlite:///{path}", clock)
    yield play(engine, clock)
    engine.close()
