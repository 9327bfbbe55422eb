"""What the machine can do right now: figures of two runs are comparable only through these."""

import sqlite3
import statistics
import threading
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

CPU_ROUNDS = 5
HASHES = 20_000
ROW = b"x" * 600  # about what a completion writes


def cpu_microseconds() -> float:
    """Microseconds of CPU for ten hashes of a small value: the speed of the machine without planflow."""
    rounds = []
    for _ in range(CPU_ROUNDS):
        began = time.process_time()
        digest = b""
        for _ in range(HASHES):
            digest = sha256(digest + b"planflow").digest()
        rounds.append((time.process_time() - began) / HASHES * 10 * 1e6)
    return statistics.median(rounds)


def sqlite_commits(folder: Path, count: int) -> float:
    """Commits per second of one small insert each, with the settings that planflow uses."""
    with closing(sqlite3.connect(folder / "calibration.db", isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute("create table calibration (id integer primary key, body blob)")
        began = time.perf_counter()
        for _ in range(count):
            connection.execute("begin immediate")
            connection.execute("insert into calibration (body) values (?)", (ROW,))
            connection.execute("commit")
        return count / (time.perf_counter() - began)


def postgres_commits(address: str, count: int, clients: int = 1) -> float:
    """Commits per second of one small insert each, by so many connections at once."""
    url = driver_url(address)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table calibration (id bigserial primary key, body bytea)")

        def insert() -> None:
            with psycopg.connect(url, autocommit=True) as own:
                for _ in range(count // clients):
                    own.execute("insert into calibration (body) values (%s)", (ROW,))

        threads = [threading.Thread(target=insert) for _ in range(clients)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = count // clients * clients / (time.perf_counter() - began)
        connection.execute("drop table calibration")
    return rate


def driver_url(address: str) -> str:
    """The address as the driver itself wants it."""
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
