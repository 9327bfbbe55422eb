"""The database itself: its schema, and copies of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from engine import backup as copies
from engine.settings import Settings
from webapp.opening import opened


@click.group()
def db() -> None:
    """Look after the schema of the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest schema; a new database is made."""
    with opened() as engine:
        engine.upgrade()
    click.echo("The database has the newest schema.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy the SQLite database while it is in use."""
    with _progress("Copying") as told:
        copies.back_up(Settings().database_url, file, told)
    click.echo(f"Wrote {file}.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace the present database without asking.")
def restore(file: Path, yes: bool) -> None:
    """Put a backup in the place of the database.

    Stop the server first. For SQLite databases only.
    """
    url = Settings().database_url
    target = copies.sqlite_path(url)
    if target.exists() and not yes:
        click.confirm(f"Replace {target}?", abort=True)
    with _progress("Copying") as told:
        copies.restore(url, file, told)
    with opened() as engine:
        engine.upgrade()
    click.echo(f"Restored {target} from {file}. Run `planflow verify --all` to prove it.")


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    with click.progressbar(length=1, label=label) as bar:

        def told(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield told
