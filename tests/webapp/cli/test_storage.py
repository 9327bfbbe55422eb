import sqlite3
from contextlib import closing
from pathlib import Path

from tests.webapp.cli.conftest import Cli
from tests.webapp.cli.test_accounts import PASSWORD


def test_a_new_database_is_made(cli: Cli, tmp_path: Path) -> None:
    made = cli("db", "upgrade", database_url=f"sqlite:///{tmp_path}/new.db")
    listed = cli("user", "list", database_url=f"sqlite:///{tmp_path}/new.db")
    assert (made.exit_code, listed.exit_code, listed.output) == (0, 0, "")


def test_a_backup_brings_back_what_it_held(cli: Cli, tmp_path: Path) -> None:
    saved = cli("backup", tmp_path / "copy.db")
    cli("user", "add", "wang", "--name", "王小明", "--password", PASSWORD)
    restored = cli("restore", tmp_path / "copy.db", "--yes")
    assert (saved.exit_code, restored.exit_code, cli("user", "list").output) == (0, 0, "")


def test_a_restore_asks_before_it_replaces(cli: Cli, tmp_path: Path) -> None:
    cli("backup", tmp_path / "copy.db")
    cli("user", "add", "wang", "--name", "王小明", "--password", PASSWORD)
    refused = cli("restore", tmp_path / "copy.db", given="n\n")
    assert (refused.exit_code, cli("user", "list").output) == (1, "wang\t王小明\tactive\t\n")


def test_a_file_that_is_no_backup_is_refused(cli: Cli, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("create table something (x integer)")
    refused = cli("restore", tmp_path / "other.db", "--yes")
    assert refused.exit_code == 1
    assert "is not an intact database of planflow: it holds no history" in refused.output


def test_a_backup_of_postgresql_is_refused(cli: Cli, tmp_path: Path) -> None:
    refused = cli("backup", tmp_path / "copy.db", database_url="postgresql+psycopg://nowhere/x")
    assert refused.exit_code == 1
    assert "use pg_dump and pg_restore for PostgreSQL" in refused.output
