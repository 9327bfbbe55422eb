"""Fixtures of the stories: `stage` begins at the scene that a test asks for by the name of its fixture.

A module lists its scenes in `SCENES`: name of the fixture that gives the cycle -> how the scene is played.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import FixedClock
from tests.stories.scenes import Scenes, cycle_of
from tests.stories.stage import Stage


@pytest.fixture(scope="session")
def scenes(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return Scenes(sqlite_template, tmp_path_factory.mktemp("scenes"))


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
    opened.engine.close()


@pytest.fixture
def cycle(stage: Stage) -> int:
    """The cycle of the test's scene."""
    return cycle_of(stage)
