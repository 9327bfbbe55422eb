"""The stage of the stories, set up once and copied for each of them.

`fresh_stage` holds the released plan of 114. `stage` holds the plan of 115 at the scene that a test asks
for by the name of its fixture: a module lists its scenes in `SCENES`, fixture name -> how it is played.
Whatever a story played, its histories are then held against their diagrams.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.engine import Engine
from tests.stories import screeners
from tests.stories.proofs import check_conformance
from tests.stories.scenes import Scenes, cycle_of
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
def altered() -> None:
    """For a story that changes histories behind the program's back: they are no longer what happened."""


@pytest.fixture
def fresh_stage(
    request: pytest.FixtureRequest, stage_template: Path, tmp_path: Path, clock: FixedClock
) -> Iterator[Stage]:
    """A branch of its own for one story, on the first day of the clock."""
    engine = Engine(f"sqlite:///{shutil.copy(stage_template, tmp_path / 'stage.db')}", clock)
    yield Stage(engine, clock)
    if "altered" not in request.fixturenames:
        check_conformance(engine)
    engine.close()


@pytest.fixture(scope="session")
def scenes(stage_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    """The scenes of the plan of 115 that this run has played."""
    return Scenes(stage_template, tmp_path_factory.mktemp("scenes"))


@pytest.fixture
def stage(
    request: pytest.FixtureRequest, scenes: Scenes, tmp_path: Path, clock: FixedClock
) -> Iterator[Stage]:
    """The plan of 115 at the scene of the test, or on its first morning."""
    known = getattr(request.module, "SCENES", {})
    name = next((name for name in known if name in request.fixturenames), None)
    scene = f"{request.module.__name__}.{name}" if name else "year"
    opened = scenes.open(scene, known[name] if name else None, tmp_path / "scene.db", clock)
    yield opened
    if "altered" not in request.fixturenames:
        check_conformance(opened.engine)
    opened.engine.close()


@pytest.fixture
def cycle(stage: Stage) -> int:
    """The cycle of the test's scene."""
    return cycle_of(stage)


@pytest.fixture
def surveyed(stage: Stage) -> int:
    """The screening of the test's scene."""
    return screeners.screening_of(stage)


@pytest.fixture
def collected(stage: Stage) -> int:
    """The screening of the test's scene."""
    return screeners.screening_of(stage)


@pytest.fixture
def grouped(stage: Stage) -> int:
    """The screening of the test's scene."""
    return screeners.screening_of(stage)


@pytest.fixture
def scored(stage: Stage) -> int:
    """The screening of the test's scene."""
    return screeners.screening_of(stage)
