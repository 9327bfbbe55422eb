"""Opening the engine for one command of the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.clock import Clock
from engine.engine import Engine
from engine.settings import Settings
from webapp.wsgi import open_engine


@contextmanager
def opened(settings: Settings | None = None, clock: Clock | None = None) -> Iterator[Engine]:
    """The engine on the database of the settings, closed again at the end."""
    engine = open_engine(settings or Settings(), clock)
    try:
        yield engine
    finally:
        engine.close()
