"""The stage of the stories, set up once and copied for each of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.engine import Engine
from tests.stories.stage import Stage, build_stage


@pytest.fixture(scope="session")
def stage_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the branch, the workflows and the released plan."""
    path = tmp_path_factory.mktemp("stage") / "planflow.db"
    shutil.copy(sqlite_template, path)
    clock = FixedClock()
    engine = Engine(f"sqlite:///{path}", clock)
    build_stage(engine, clock)
    engine.close()
    return path


@pytest.fixture
def fresh_stage(stage_template: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Stage]:
    """A branch of its own for one story, on the first day of the clock."""
    engine = Engine(f"sqlite:///{shutil.copy(stage_template, tmp_path / 'stage.db')}", clock)
    yield Stage(engine, clock)
    engine.close()
