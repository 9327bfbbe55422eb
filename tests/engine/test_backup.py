import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.backup import NotABackup, NotAnSqliteDatabase, back_up, restore, sqlite_path


def make_database(path: Path, events: int) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table history_event (seq integer)")
        connection.executemany("insert into history_event values (?)", [(n,) for n in range(events)])
        connection.commit()
    return f"sqlite:///{path}"


def events_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        count: int = connection.execute("select count(*) from history_event").fetchone()[0]
    return count


def told(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def test_a_backup_holds_every_committed_event_while_the_database_is_open(tmp_path: Path) -> None:
    url = make_database(tmp_path / "planflow.db", 3)
    with closing(sqlite3.connect(tmp_path / "planflow.db")) as user:
        user.execute("insert into history_event values (4)")
        user.commit()
        back_up(url, tmp_path / "copy.db", told)
    assert events_in(tmp_path / "copy.db") == 4


def test_progress_ends_with_all_pages(tmp_path: Path) -> None:
    url = make_database(tmp_path / "planflow.db", 3)
    seen: list[tuple[int, int]] = []
    back_up(url, tmp_path / "copy.db", lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]


def test_a_restore_replaces_the_database_and_what_its_log_held(tmp_path: Path) -> None:
    url = make_database(tmp_path / "planflow.db", 3)
    back_up(url, tmp_path / "copy.db", told)
    with closing(sqlite3.connect(tmp_path / "planflow.db")) as user:
        user.execute("delete from history_event")
        user.commit()
    restore(url, tmp_path / "copy.db", told)
    assert events_in(tmp_path / "planflow.db") == 3


def test_a_damaged_backup_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    url = make_database(tmp_path / "planflow.db", 3)
    (tmp_path / "broken.db").write_bytes(b"not a database" * 100)
    with pytest.raises(NotABackup):
        restore(url, tmp_path / "broken.db", told)
    assert events_in(tmp_path / "planflow.db") == 3


def test_a_database_without_history_is_no_backup(tmp_path: Path) -> None:
    url = make_database(tmp_path / "planflow.db", 3)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("create table something (x integer)")
    with pytest.raises(NotABackup, match="it holds no history"):
        restore(url, tmp_path / "other.db", told)


def test_a_missing_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotABackup, match="there is no such file"):
        restore(f"sqlite:///{tmp_path}/planflow.db", tmp_path / "nowhere.db", told)


def test_other_databases_are_sent_to_their_own_tools() -> None:
    with pytest.raises(NotAnSqliteDatabase):
        sqlite_path("postgresql+psycopg://planflow")
