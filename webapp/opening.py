"""Opening the engine on the database of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.clock import Clock
from engine.engine import Engine
from engine.settings import Settings


def open_engine(settings: Settings, clock: Clock | None = None) -> Engine:
    """The engine on the database of the settings."""
    return Engine(
        settings.database_url, clock, snapshot_every=settings.snapshot_every, cache_size=settings.cache_size
    )


@contextmanager
def opened(settings: Settings | None = None, clock: Clock | None = None) -> Iterator[Engine]:
    """The engine on the database of the settings, closed again at the end."""
    engine = open_engine(settings or Settings(), clock)
    try:
        yield engine
    finally:
        engine.close()
