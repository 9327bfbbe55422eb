"""How many bytes a finished instance leaves behind, by table and index, on SQLite and on PostgreSQL."""

import sqlite3
import tempfile
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg

from bench import approval_15
from bench.calibration import driver_url
from bench.options import Options
from bench.proof import Proof, prove
from bench.report import Figure, Report
from engine.clock import SystemClock
from engine.engine import Engine
from tests import postgres

TIDIED = 10  # times
LEAST = 10  # bytes per instance: what is smaller does not grow with the instances


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table or an index with its size; the index of a primary key is one of its own."""

    table: str
    name: str
    size: int


Sizes = Callable[[], list[Relation]]

_SQLITE = """
select m.tbl_name, s.name, sum(s.pgsize) from dbstat s join sqlite_schema m on m.name = s.name
group by m.tbl_name, s.name
"""
# The part of a table that lies out of line counts with it.
_POSTGRESQL = """
select t.relname, c.relname, pg_table_size(c.oid)
from pg_class c
join pg_namespace s on s.oid = c.relnamespace and s.nspname = 'public'
left join pg_index i on i.indexrelid = c.oid
join pg_class t on t.oid = coalesce(i.indrelid, c.oid)
where c.relkind in ('r', 'i')
"""


def run(options: Options) -> Iterator[Report]:
    """Play instances through on either database and tell what grew; PostgreSQL also written anew."""
    yield _on_sqlite(options.instances)
    yield from _on_postgresql(options.instances)


def _on_sqlite(instances: int) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.db"
        before, proof = _played(f"sqlite:///{file}", instances, lambda: _sqlite_sizes(file))
        after = _sqlite_sizes(file)
    return _report("storage, SQLite", before, after, instances, proof)


def _on_postgresql(instances: int) -> Iterator[Report]:
    with postgres.running_server(uuid.uuid4().hex[:12], durable=True) as server:
        address = postgres.create_database(server, "bench")
        before, proof = _played(
            address, instances, lambda: _postgresql_sizes(address), lambda: _vacuum(address, "vacuum")
        )
        grown = _postgresql_sizes(address)
        yield _report("storage, PostgreSQL, vacuumed on the way", before, grown, instances, proof)
        _vacuum(address, "vacuum full")
        compact = _postgresql_sizes(address)
        yield _report("storage, PostgreSQL, written anew", before, compact, instances, None)


def _played(
    url: str, instances: int, sizes: Sizes, tidy: Callable[[], None] = lambda: None
) -> tuple[list[Relation], Proof]:
    """The sizes before the first instance, and the proof of all of them after the last one.

    `tidy` is done ten times on the way, as autovacuum would within minutes; a run lasts seconds.
    """
    engine = Engine(url, SystemClock())
    try:
        clerk = approval_15.prepare(engine)
        tidy()
        before, digests = sizes(), approval_15.form_digests(engine)
        for number in range(instances):
            if number % max(instances // TIDIED, 1) == 0:
                tidy()
            waiting = deque([approval_15.start(engine, clerk, number)])
            while waiting:
                waiting.extend(approval_15.complete(engine, clerk, waiting.popleft(), number, digests))
        return before, prove(engine)
    finally:
        engine.close()


def _vacuum(address: str, how: LiteralString) -> None:
    with psycopg.connect(driver_url(address), autocommit=True) as connection:
        connection.execute(how)


def _sqlite_sizes(file: Path) -> list[Relation]:
    connection = sqlite3.connect(file)
    try:
        return [Relation(table=t, name=n, size=s) for t, n, s in connection.execute(_SQLITE)]
    finally:
        connection.close()


def _postgresql_sizes(address: str) -> list[Relation]:
    with psycopg.connect(driver_url(address)) as connection:
        return [Relation(table=t, name=n, size=s) for t, n, s in connection.execute(_POSTGRESQL)]


def _report(
    name: str, before: list[Relation], after: list[Relation], instances: int, proof: Proof | None
) -> Report:
    empty = {relation.name: relation.size for relation in before}
    grown = [
        (r.table, r.name, (r.size - empty.get(r.name, 0)) / instances)
        for r in sorted(after, key=lambda r: (r.table, r.name != r.table, r.name))
    ]
    whole = Figure("bytes per instance", sum(size for *_, size in grown), "", f"{instances} instances")
    parts = (
        Figure(f"  {part}", size, "", "" if part == table else f"index of {table}")
        for table, part, size in grown
        if size >= LEAST
    )
    return Report(name=name, figures=(whole, *parts), proof=proof)
