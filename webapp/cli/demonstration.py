"""The demo: an agency, its people, two years of their work, and a clock that can be moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from itertools import groupby
from pathlib import Path

import click

from engine.backup import SQLITE, sqlite_path
from engine.clock import TAIPEI, DemoClock, FixedClock
from engine.demo.agency import UNITS, accounts
from engine.demo.story import BEGINNING, PRESENT, OnTask, make_demo
from engine.demo.time_machine import demo_time
from engine.domain.identity import ROLES, SYSTEM
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
@click.option(
    "--until", "until_on", type=click.DateTime(["%Y-%m-%d"]),
    help="Stop the story on the morning of this day, such as 2026-01-28, when the year 115 begins.",
)  # fmt: skip
def demo(serve: bool, host: str | None, port: int | None, fresh: bool, until_on: datetime | None) -> None:
    """Make the demo if there is none, and serve it until Ctrl-C.

    The database is planflow-demo.db in this folder unless PLANFLOW_DATABASE_URL names another one.
    """
    settings, until = demo_settings(), end_of_story(until_on)
    if not is_made(settings) or fresh:
        make(settings, until)
    elif until_on is not None:
        raise click.ClickException("There is a demo already; --until needs --fresh, which makes it again.")
    with opened_demo(settings) as engine:
        for line in account_lines(engine):
            click.echo(line)
        if serve:
            from webapp.wsgi import application_over

            app = application_over(engine, settings, demo=True)
            with polling(engine, settings.model_copy(update={"smtp_host": ""})):
                listen(app, host or settings.host, settings.port if port is None else port, settings.threads)


def end_of_story(on: datetime | None) -> datetime:
    """The morning on which the story stops: that of the day that is asked for, or of its last one."""
    if on is None:
        return PRESENT
    if not BEGINNING.date() <= on.date() <= PRESENT.date():
        days = f"{BEGINNING:%Y-%m-%d} and {PRESENT:%Y-%m-%d}"
        raise click.BadParameter(f"The story lies between {days}.", param_hint="--until")
    return datetime.combine(on, time(9), TAIPEI)


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


def make(settings: Settings, until: datetime) -> None:
    """Play the story; an SQLite demo takes its name only when it is complete."""
    if not settings.database_url.startswith(SQLITE):
        play(settings.database_url, until)
        return
    target = sqlite_path(settings.database_url)
    half_done = target.with_name(target.name + ".part")
    for path in files_of(half_done):
        path.unlink(missing_ok=True)
    play(f"{SQLITE}{half_done}", until)
    for path in files_of(target):
        path.unlink(missing_ok=True)
    half_done.replace(target)


def files_of(database: Path) -> list[Path]:
    """An SQLite database and what lies beside it while it is open."""
    return [database, *(database.with_name(database.name + suffix) for suffix in ("-wal", "-shm"))]


def play(database_url: str, until: datetime) -> None:
    """Make the demo in an empty database, telling how far the story is."""
    clock = FixedClock(BEGINNING)
    engine = Engine(database_url, clock)
    try:
        with telling(until) as told:
            make_demo(engine, clock, PASSWORD, told, until)
    finally:
        engine.close()


@contextmanager
def telling(until: datetime) -> Iterator[OnTask]:
    """A bar that follows the days that are played."""
    days = (until - BEGINNING).days
    shown: list[str] = [""]
    with click.progressbar(
        range(days), label="Playing the story", item_show_func=lambda _item: shown[0]
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
    """Who can sign in, and how: the accounts of every unit, with name, title and role."""
    yield f"The clock of the demo shows {engine.clock.now().astimezone(TAIPEI):%Y-%m-%d %H:%M}."
    yield f"Password of every account: {PASSWORD}"
    units = {unit.id: unit.label for unit in UNITS}
    everybody = sorted(accounts(), key=lambda entry: list(units).index(entry[4]))
    for unit, members in groupby(everybody, key=lambda entry: entry[4]):
        yield units[unit]
        for account, name, title, role, _ in members:
            label = ROLES[role].label
            yield f"  {account:<27} {name}{'' if title == label else f'（{title}）'} {label}"
