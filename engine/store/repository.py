"""What every repository shares: the reader that it belongs to, and the way to the writer."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.domain.task import TASK_BITS
from engine.store.database import Transaction

if TYPE_CHECKING:
    from engine.store.unit_of_work import Reader, UnitOfWork

K = TypeVar("K", int, bytes)
# So many values stand in one statement; databases have a limit.
VALUES_AT_ONCE = 500


class Repository:
    """One noun of the store; methods that write go through `writer`."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    @property
    def writer(self) -> UnitOfWork:
        """The unit of work; a read-only reader refuses."""
        return self.reader.as_unit_of_work()

    def write(self, statement: sa.Executable, values: Any = None) -> sa.CursorResult[Any]:
        """Execute a writing statement; a read-only reader refuses."""
        self.reader.as_unit_of_work()
        return self.core.execute(statement, values)

    def insert(self, table: sa.Table) -> Any:
        """An insert of the database's own dialect, which knows `on conflict`."""
        return sqlite.insert(table) if self.transaction.is_sqlite else postgresql.insert(table)

    @property
    def settled(self) -> sa.Connection:
        """The connection for reads of instances' rows: what was recorded so far is written first."""
        self.reader.settle()
        return self.core

    @property
    def core(self) -> sa.Connection:
        return self.reader.transaction.core

    @property
    def transaction(self) -> Transaction:
        return self.reader.transaction


def of_instance(task_id: sa.ColumnElement[int], instance_id: int) -> sa.ColumnElement[bool]:
    """Rows whose task id belongs to an instance: a range of the primary key needs no other index."""
    first = instance_id << TASK_BITS
    return task_id.between(first, first + (1 << TASK_BITS) - 1)


def in_parts(ids: Collection[K]) -> Iterator[list[K]]:
    """Keys in their order, each once, in lists that one statement can hold."""
    ordered = sorted(set(ids))
    for first in range(0, len(ordered), VALUES_AT_ONCE):
        yield ordered[first : first + VALUES_AT_ONCE]


def stored_bytes(value: Any) -> bytes:
    """The bytes that a column holds.

    SQLite keeps text or a number as well, if somebody edits a row by hand; those are other bytes than the
    program wrote, never a reason to give up a proof.
    """
    return str(value).encode() if isinstance(value, str | int | float | None) else bytes(value)
