from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from webapp.cli import main

Cli = Callable[..., Result]


@pytest.fixture
def cli(sqlite_url: str) -> Cli:
    """Runs `planflow` with the given words on a fresh SQLite file."""

    def run(*words: object, given: str | None = None, **settings: str) -> Result:
        env = {
            "PLANFLOW_DATABASE_URL": sqlite_url,
            **{f"PLANFLOW_{k.upper()}": v for k, v in settings.items()},
        }
        return CliRunner().invoke(main, [str(word) for word in words], input=given, env=env)

    return run
