"""The demo: an agency, its people, a whole year of their work, and a clock that can be moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from engine.backup import SQLITE, sqlite_path
from engine.clock import TAIPEI, DemoClock, FixedClock
from engine.demo.agency import accounts
from engine.demo.story import BEGINNING, PRESENT, OnTask, make_demo
from engine.demo.time_machine import demo_time
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.settings import Settings
from webapp.cli.running import listen, polling
from webapp.opening import open_engine

DATABASE = "planflow-demo.db"
PASSWORD = "Kaohsiung-Plan-115"  # noqa: S105 - of invented people, in demo databases only


@click.command()
@click.option("--serve/--no-serve", default=True, help="Serve the demo when it is made (the default).")
@click.option("--host", help="The address to listen on (PLANFLOW_HOST).")
@click.option("--port", type=int, help="The port to listen on (PLANFLOW_PORT).")
@click.option("--fresh", is_flag=True, help="Make the demo again, even if there is one.")
def demo(serve: bool, host: str | None, port: int | None, fresh: bool) -> None:
    """Make the demo if there is none, and serve it until Ctrl-C.

    The database is planflow-demo.db in this folder unless PLANFLOW_DATABASE_URL names another one.
    """
    settings = demo_settings()
    if not is_made(settings) or fresh:
        make(settings)
    with opened_demo(settings) as engine:
        for line in account_lines(engine):
            click.echo(line)
        if serve:
            from webapp.wsgi import application_over

            app = application_over(engine, settings, demo=True)
            with polling(engine, settings.model_copy(update={"smtp_host": ""})):
                listen(app, host or settings.host, settings.port if port is None else port, settings.threads)


def demo_settings() -> Settings:
    """The settings, on a database of its own unless one is named."""
    settings = Settings()
    if "database_url" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"database_url": f"{SQLITE}{DATABASE}"})


def is_made(settings: Settings) -> bool:
    """True if the database holds a demo; refused if it holds anything else."""
    if settings.database_url.startswith(SQLITE) and not sqlite_path(settings.database_url).exists():
        return False
    engine = open_engine(settings)
    try:
        engine.upgrade()
        if engine.ask(SYSTEM, demo_time) is not None:
            return True
        if engine.ask(SYSTEM, lambda reader: bool(reader.organisation.users())):
            raise click.ClickException(
                f"{settings.database_url} is in use and no demo; name another database."
            )
        return False
    finally:
        engine.close()


def make(settings: Settings) -> None:
    """Play the year; an SQLite demo takes its name only when it is complete."""
    if not settings.database_url.startswith(SQLITE):
        play(settings.database_url)
        return
    target = sqlite_path(settings.database_url)
    half_done = target.with_name(target.name + ".part")
    for path in files_of(half_done):
        path.unlink(missing_ok=True)
    play(f"{SQLITE}{half_done}")
    for path in files_of(target):
        path.unlink(missing_ok=True)
    half_done.replace(target)


def files_of(database: Path) -> list[Path]:
    """An SQLite database and what lies beside it while it is open."""
    return [database, *(database.with_name(database.name + suffix) for suffix in ("-wal", "-shm"))]


def play(database_url: str) -> None:
    """Make the demo in an empty database, telling how far the year is."""
    clock = FixedClock(BEGINNING)
    engine = Engine(database_url, clock)
    try:
        with telling() as told:
            make_demo(engine, clock, PASSWORD, told)
    finally:
        engine.close()


@contextmanager
def telling() -> Iterator[OnTask]:
    """A bar that follows the days of the year that is played."""
    days = (PRESENT - BEGINNING).days
    shown: list[str] = [""]
    with click.progressbar(
        range(days), label="Playing the year", item_show_func=lambda _item: shown[0]
    ) as bar:

        def told(at: datetime, user_id: str, label: str) -> None:
            shown[0] = f"{at:%Y-%m-%d} {user_id} {label}"
            bar.update(max((at - BEGINNING).days - bar.pos, 0))

        yield told
        bar.update(days - bar.pos)


@contextmanager
def opened_demo(settings: Settings) -> Iterator[Engine]:
    """The engine on the demo; its clock goes on from where it was left."""
    clock = DemoClock()
    engine = open_engine(settings, clock)
    try:
        left_at = engine.ask(SYSTEM, demo_time)
        if left_at is not None:
            clock.move_to(left_at)
        yield engine
    finally:
        engine.close()


def account_lines(engine: Engine) -> Iterator[str]:
    """Who can sign in, and how."""
    yield f"The clock of the demo shows {engine.clock.now().astimezone(TAIPEI):%Y-%m-%d %H:%M}."
    yield f"Password of every account: {PASSWORD}"
    for account, name, title, _role, unit in accounts():
        yield f"  {account:<28} {name}（{title}）{unit}"
