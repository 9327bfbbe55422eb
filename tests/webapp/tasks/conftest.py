"""The house that the tests of the task page share."""

import pytest

from engine.engine import Engine
from tests.webapp.tasks.house import House, build_house


@pytest.fixture
def house(sqlite_engine: Engine) -> House:
    """A running instance whose first task waits for the metrology unit."""
    return build_house(sqlite_engine)
