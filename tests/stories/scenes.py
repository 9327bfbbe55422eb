"""Moments in the life of the plan of 115, played once in a test run and copied for every test."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests.stories import actors
from tests.stories.stage import Stage

Play = Callable[[Stage], object]


@dataclass(slots=True)
class Scenes:
    """SQLite files by scene, each with the instant at which it ends."""

    template: Path
    folder: Path
    played: dict[str, tuple[Path, datetime]] = field(default_factory=dict)

    def open(self, name: str, play: Play | None, path: Path, clock: FixedClock) -> Stage:
        """The stage at the end of a scene, on a database of its own."""
        if name not in self.played:
            self.played[name] = self._play(name, play)
        source, at = self.played[name]
        clock.move_to(at)
        return Stage(Engine(f"sqlite:///{shutil.copy(source, path)}", clock), clock)

    def _play(self, name: str, play: Play | None) -> tuple[Path, datetime]:
        path, clock = self.folder / f"{name}.db", FixedClock()
        engine = Engine(f"sqlite:///{shutil.copy(self.template, path)}", clock)
        stage = actors.begin_year(Stage(engine, clock))
        if play is not None:
            play(stage)
        engine.close()
        return path, clock.now()


def cycle_of(stage: Stage) -> int:
    """The one cycle that the scene has played."""
    found = stage.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(actors.KEY))
    return next(instance.id for instance in found if instance.definition_key == "annual_plan_lifecycle")
