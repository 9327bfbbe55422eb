"""An office whose plan is being published: played once, copied for each test."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.clock import FixedClock
from engine.commands.organisation import change_password, reset_password
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests.engine.queries.scene import play
from webapp.app import create_app
from webapp.settings import WebSettings

FIRST, PASSWORD = "Chosen-by-somebody-1", "Correct-horse-7-battery"
READERS = ("sec_handler", "director", "web_owner", "bureau_sec_handler")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The app over the engine, and the instance that runs in it."""

    app: Flask
    engine: Engine
    instance: int

    def client(self, user: str) -> FlaskClient:
        """A browser in which this person has signed in."""
        client = self.app.test_client()
        assert client.post("/login", data={"user_id": user, "password": PASSWORD}).status_code == 302
        return client


@pytest.fixture(scope="session")
def played(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, FixedClock]:
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("office") / "office.db"))
    clock = FixedClock()
    engine = Engine(f"sqlite:///{path}", clock)
    scene = play(engine, clock)
    for user in READERS:
        engine.execute(SYSTEM, reset_password, user, password=FIRST)
        engine.execute(engine.actor(user), change_password, user, old=FIRST, new=PASSWORD, again=PASSWORD)
    engine.close()
    return path, scene.instance, clock


@pytest.fixture
def office(played: tuple[Path, int, FixedClock], tmp_path: Path) -> Iterator[Office]:
    path, instance, clock = played
    engine = Engine(f"sqlite:///{shutil.copy(path, tmp_path / 'office.db')}", clock)
    app = create_app(engine, WebSettings(secret_key="a-secret-of-tests-only"), clock=clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield Office(app=app, engine=engine, instance=instance)
    engine.close()
