"""One database, SQLite or PostgreSQL: connections, transactions, and a hook that sees every statement.

Both drivers run without transactions of their own (SQLite `isolation_level=None`, psycopg `autocommit`), so
that BEGIN and COMMIT are ours: SQLite writers take the write lock at once (a read that later wants to write
would lose updates), and PostgreSQL sends BEGIN together with the first statement.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import psycopg
import sqlalchemy as sa

from engine.errors import TransientConflict, Unavailable

Row = tuple[Any, ...]
StatementHook = Callable[[str], None]
BUSY_SECONDS = 15


class Database:
    """Opens connections and transactions; `on_statement` is told every statement but BEGIN and COMMIT."""

    def __init__(self, url: str, on_statement: StatementHook | None = None, pool_size: int = 16) -> None:
        parsed = sa.make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.on_statement = on_statement
        # SQLite has one writer: threads of one process queue here instead of sleeping in its busy handler.
        self.write_lock: AbstractContextManager[Any] = threading.Lock() if self.is_sqlite else nullcontext()
        options: dict[str, Any] = {"isolation_level": None} if self.is_sqlite else {"autocommit": True}
        self.core = sa.create_engine(
            parsed, connect_args=options, pool_size=pool_size, max_overflow=pool_size, poolclass=sa.QueuePool
        )
        if self.is_sqlite:
            sa.event.listen(self.core, "connect", _prepare_sqlite)
        if on_statement is not None:
            sa.event.listen(self.core, "before_cursor_execute", self._tell)

    def _tell(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self.on_statement is not None:
            self.on_statement(statement)

    def close(self) -> None:
        """Close every pooled connection."""
        self.core.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"pragma {pragma}").close()


class Transaction:
    """One transaction on one pooled connection; nothing is sent before the first statement.

    On PostgreSQL, BEGIN travels with the first statement of driver SQL and `queue`d statements with the
    next one or
    with COMMIT: several statements in one message of the simple protocol cost one round trip and less CPU
    than a pipeline of prepared ones.

    Raises Unavailable when no server answers.
    """

    def __init__(self, database: Database, *, write: bool) -> None:
        self.database = database
        self.is_sqlite = database.is_sqlite
        self._hook = database.on_statement
        self._write = write
        self._begun = False
        self._commit_sent = False
        self._queued: list[str] = []
        try:
            self._pooled = database.core.raw_connection()
        except (psycopg.OperationalError, sa.exc.OperationalError) as error:
            raise Unavailable from error
        self.raw: Any = self._pooled.dbapi_connection
        self._core: sa.Connection | None = None

    @property
    def _begin_sql(self) -> str:
        if self.is_sqlite:
            return "begin immediate" if self._write else "begin"
        return "begin" if self._write else "begin isolation level repeatable read read only"

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            if self.is_sqlite:
                self.raw.execute(self._begin_sql)
            else:
                self._queued.append(self._begin_sql)

    def _cursor(self) -> Any:
        return psycopg.ClientCursor(self.raw)

    def _send_queued(self) -> None:
        if self._queued:
            statements, self._queued = self._queued, []
            self._cursor().execute(";".join(statements))

    def run(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """One statement of driver SQL; gives the driver's cursor."""
        self._begin()
        if self._hook is not None:
            self._hook(sql)
        if self.is_sqlite:
            return self.raw.execute(sql, values)
        cursor = self._cursor()
        statements, self._queued = [*self._queued, cursor.mogrify(sql, values)], []
        cursor.execute(";".join(statements))
        for _ in statements[1:]:
            cursor.nextset()
        return cursor

    def queue(self, sql: str, values: Sequence[Any]) -> None:
        """A statement of PostgreSQL whose result nobody needs: it travels with the next one or the commit."""
        self._begin()
        if self._hook is not None:
            self._hook(sql)
        self._queued.append(self._cursor().mogrify(sql, values))

    def send(self) -> None:
        """Let the database do what is queued, so that it fails here if it has to."""
        if not self.is_sqlite:
            self._send_queued()

    def wait_at_most(self, milliseconds: int) -> None:
        """Wait no longer for a lock that somebody else holds: then the database fails, as after a lost race.

        SQLite, which has one writer, waits as it does everywhere.
        """
        if not self.is_sqlite:
            self.queue("set local lock_timeout = %s", (milliseconds,))

    def let_go_after(self, milliseconds: int) -> None:
        """Undo everything and let go of all locks if this process asks nothing for so long: it is frozen."""
        if not self.is_sqlite:
            self.queue("set local idle_in_transaction_session_timeout = %s", (milliseconds,))

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """One statement of SQLite for many rows; no rows, no statement."""
        if rows:
            self._begin()
            if self._hook is not None:
                self._hook(sql)
            self.raw.executemany(sql, rows)

    def one(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a statement of driver SQL."""
        row: Row | None = self.run(sql, values).fetchone()
        return row

    def one_alone(self, sql: str) -> Row | None:
        """The first row of a read that needs no transaction around it: one round trip instead of three."""
        if self._hook is not None:
            self._hook(sql)
        row: Row | None = self.raw.execute(sql).fetchone()
        return row

    @property
    def core(self) -> sa.Connection:
        """The same transaction for SQLAlchemy Core; off the hot path."""
        self._begin()
        self._send_queued()
        if self._core is None:
            self._core = sa.Connection(self.database.core, connection=self._pooled)
        return self._core

    def commit(self) -> None:
        """Make it durable. Called by the engine only."""
        if not self._begun:
            return
        if self.is_sqlite:
            self.raw.execute("commit")
        else:
            statements, self._queued, self._commit_sent = [*self._queued, "commit"], [], True
            self._cursor().execute(";".join(statements))
        self._begun = False

    @property
    def is_broken(self) -> bool:
        """True if the server closed the connection before a commit was sent: all can be tried again."""
        return not self.is_sqlite and not self._commit_sent and bool(self.raw.closed)

    @property
    def is_in_doubt(self) -> bool:
        """True if the server closed the connection with a commit on its way: nobody knows if it came."""
        return not self.is_sqlite and self._commit_sent and bool(self.raw.closed)

    def roll_back(self) -> None:
        """Undo everything; a broken connection has nothing to undo."""
        self._queued = []
        if not self._begun:
            return
        self._begun = False
        try:
            self.raw.rollback()
        except (psycopg.Error, sqlite3.Error):
            self._throw_away()

    def release(self) -> None:
        """Give the connection back to the pool, or throw it away when the server has closed it."""
        if not self.is_sqlite and self.raw.closed:
            self._throw_away()
        self._pooled.close()

    def _throw_away(self) -> None:
        if self._pooled.is_valid:  # Core throws it away by itself when a statement of its own has failed
            self._pooled.invalidate()


_RACED_COLUMNS = ("start_command_id", "history_event.stream", "document_version.owner", "deployment.digest")
_TRANSIENT_SQLSTATES = frozenset({"40001", "40P01", "55P03"})


def is_transient(error: BaseException) -> bool:
    """True if the same command may succeed when it is run again: lost races, deadlocks, a busy SQLite."""
    if isinstance(error, TransientConflict):
        return True
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        error = error.orig
    if isinstance(error, sqlite3.OperationalError):
        return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    if isinstance(error, psycopg.errors.UniqueViolation):
        return _lost_a_race(error.diag.constraint_name or "")
    if isinstance(error, sqlite3.IntegrityError):
        return any(column in str(error) for column in _RACED_COLUMNS)
    return isinstance(error, psycopg.Error) and error.sqlstate in _TRANSIENT_SQLSTATES


def is_repeated_command(error: BaseException) -> bool:
    """True if a stream holds an event of a command with this id already."""
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        error = error.orig
    if isinstance(error, psycopg.errors.UniqueViolation):
        return error.diag.constraint_name == "uq_history_event_command"
    return isinstance(error, sqlite3.IntegrityError) and "history_event.command_id" in str(error)


def _lost_a_race(constraint: str) -> bool:
    """Unique keys that two honest commands may both reach for: the second one looks again."""
    return constraint in (
        "uq_process_instance_start_command_id",
        "uq_user_account_number",
        "pk_user_account",
        "uq_history_event_command",
        "pk_history_event",
        "pk_document_version",
        "pk_deployment",
        "uq_deployment_digest",
        "pk_letter",
        "uq_letter_issuer_prefix_number",
    )
