"""The usual way, for comparison: the library's own loop, its whole state serialised and committed."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

from bench import approval_15
from bench.calibration import driver_url
from engine.domain.definition import SourceFile
from tests.engine.runtime.bare import Bare

Save = Callable[[int, str], None]


def sqlite_rate(folder: Path, instances: int) -> float:
    """Completions per second with an SQLite file."""
    with closing(sqlite3.connect(folder / "whole_state.db", isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute("create table state (id integer primary key, body text)")

        def save(number: int, body: str) -> None:
            connection.execute("insert or replace into state (id, body) values (?, ?)", (number, body))

        return _rate(save, instances)


def postgres_rate(address: str, instances: int) -> float:
    """Completions per second with one connection to PostgreSQL."""
    statement = (
        "insert into whole_state (id, body) values (%s, %s)"
        " on conflict (id) do update set body = excluded.body"
    )
    with psycopg.connect(driver_url(address), autocommit=True) as connection:
        connection.execute("create table whole_state (id bigint primary key, body text)")
        rate = _rate(lambda number, body: connection.execute(statement, (number, body)), instances)
        connection.execute("drop table whole_state")
    return rate


def _rate(save: Callable[[int, str], object], instances: int) -> float:
    path = approval_15.WORKFLOWS / "approval_15.bpmn"
    source = SourceFile(name=path.name, body=path.read_bytes())
    serializer = BpmnWorkflowSerializer()
    began, done = time.perf_counter(), 0
    for number in range(instances):
        bare = Bare(source, key=approval_15.KEY)
        save(number, serializer.serialize_json(bare.workflow))
        while bare.ready:
            for element_id in bare.open_ids():
                bare.do(element_id, **approval_15.values_for(element_id, number))
                save(number, serializer.serialize_json(bare.workflow))
                done += 1
    return done / (time.perf_counter() - began)
