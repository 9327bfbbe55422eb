"""The office that the tests of commands work in."""

import pytest

from engine.engine import Engine
from tests.engine.commands.office import Office, open_office


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    return open_office(sqlite_engine)


@pytest.fixture
def both(engine: Engine) -> Office:
    """The office on SQLite and on PostgreSQL."""
    return open_office(engine)
