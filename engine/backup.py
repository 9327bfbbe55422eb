"""Copies of an SQLite database, made while it is in use; PostgreSQL has pg_dump and pg_restore for this."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from engine.errors import Invalid

SQLITE = "sqlite:///"
PAGES_AT_ONCE = 4096
Progress = Callable[[int, int], None]


class NotAnSqliteDatabase(Invalid):
    """Backups are made of SQLite databases only; use pg_dump and pg_restore for PostgreSQL."""


class NotABackup(Invalid):
    """“{path}” is not an intact database of planflow: {reason}."""


def sqlite_path(database_url: str) -> Path:
    """The file of an SQLite database; NotAnSqliteDatabase for any other."""
    if not database_url.startswith(SQLITE) or database_url == SQLITE:
        raise NotAnSqliteDatabase
    return Path(database_url.removeprefix(SQLITE))


def back_up(database_url: str, target: Path, progress: Progress) -> None:
    """Write a complete copy of the database into a file, whatever is being written meanwhile.

    The copy is made beside the target and takes its name only when it proved intact.
    """
    _proven_copy(sqlite_path(database_url), target, progress).replace(target)


def restore(database_url: str, backup: Path, progress: Progress) -> None:
    """Put a backup in the place of the database, which nobody may be using; NotABackup if it is damaged."""
    target = sqlite_path(database_url)
    copy = _proven_copy(backup, target, progress)
    for suffix in ("-wal", "-shm"):  # they belong to the database that is replaced
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    copy.replace(target)


def _proven_copy(source: Path, target: Path, progress: Progress) -> Path:
    if not source.is_file():
        raise NotABackup(path=source, reason="there is no such file")
    copy = target.with_name(target.name + ".part")
    copy.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(copy)) as written:
            read.backup(
                written,
                pages=PAGES_AT_ONCE,
                progress=lambda _status, left, total: progress(total - left, total),
            )
            _require_intact(source, written)
    except (sqlite3.DatabaseError, NotABackup) as error:
        copy.unlink(missing_ok=True)
        raise error if isinstance(error, NotABackup) else NotABackup(path=source, reason=error) from error
    return copy


def _require_intact(path: Path, connection: sqlite3.Connection) -> None:
    verdict = connection.execute("pragma integrity_check").fetchone()[0]
    if verdict != "ok":
        raise NotABackup(path=path, reason=verdict)
    known = connection.execute("select 1 from sqlite_master where name = 'history_event'").fetchone()
    if known is None:
        raise NotABackup(path=path, reason="it holds no history")
