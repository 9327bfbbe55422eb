"""The engine: opens the database, remembers parsed definitions and live instances, hands out units of work.

A door calls `execute` with a command or `ask` with a query. Here, and nowhere else in the repository, is a
commit.
"""

import random
import time
import traceback
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from engine.clock import Clock, SystemClock
from engine.domain.identity import SYSTEM, Actor
from engine.domain.sensitive import SensitiveLook
from engine.errors import EngineError, KeyUsedBefore, ProcessFailed, TransientConflict, Unavailable
from engine.plan.calendar import load_calendars
from engine.runtime.deployment import parse_once
from engine.runtime.live import LiveInstance
from engine.store.actors import actor_of
from engine.store.database import (
    Database,
    StatementHook,
    Transaction,
    is_repeated_command,
    is_transient,
)
from engine.store.memory import Memory, RuntimeDoor
from engine.store.unit_of_work import Reader, UnitOfWork

P = ParamSpec("P")
T = TypeVar("T")
MAX_TRIES = 8
FIRST_PAUSE_SECONDS = 0.004

# Told at: begin, written, after commit. A test kills the process there.
Checkpoint = Callable[[str], None]


class Engine:
    """One database and its caches, for all threads of one process."""

    def __init__(
        self,
        database_url: str,
        clock: Clock | None = None,
        *,
        snapshot_every: int = 64,
        cache_size: int = 500,
        on_statement: StatementHook | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.database = Database(database_url, on_statement)
        runtime = RuntimeDoor(
            parse=parse_once,
            create=LiveInstance.create,
            restore=LiveInstance.restore,
        )
        self.memory = Memory(runtime, cache_size=cache_size, snapshot_every=snapshot_every)
        self._checkpoint = checkpoint or _pass

    def execute(
        self,
        actor: Actor,
        command: Callable[Concatenate[UnitOfWork, ...], T],
        /,
        *args: Any,
        command_id: str | None = None,
        **kwargs: Any,
    ) -> T:
        """Run a command in one transaction, as one actor, at one instant, and make it durable.

        Lost races are run again; an id that another command has used is KeyUsedBefore. Whatever else is not
        an error of this program's own (and ProcessFailed) is written down as an incident in a second
        transaction, and raised as ProcessFailed with its number. Unavailable when no server answers, also
        when a commit got no answer: whoever sends the command again with its id is told what became of it.
        """
        name = f"{command.__module__}.{command.__qualname__}"
        for attempt in range(MAX_TRIES):
            try:
                return self._run(actor, name, command_id, lambda uow: command(uow, *args, **kwargs))
            except Exception as error:
                if not is_transient(error):
                    raise
                if attempt and is_repeated_command(error):
                    raise KeyUsedBefore from error  # a command that answers its repetition has looked by now
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt * random.random())  # noqa: S311 - only spreads the tries
        raise TransientConflict

    def _run(self, actor: Actor, name: str, command_id: str | None, command: Callable[[UnitOfWork], T]) -> T:
        failure: ProcessFailed | None = None
        with self.database.write_lock:
            self._checkpoint("begin")
            transaction = Transaction(self.database, write=True)
            uow = UnitOfWork(self.memory, transaction, actor, self.clock.now(), command_id)
            try:
                answer = command(uow)
                uow.prepare()
                self._commit(uow)
                return answer
            except Exception as error:
                if transaction.is_broken:
                    self.database.close()  # the other pooled connections are likely to be dead as well
                    raise TransientConflict from error
                if transaction.is_in_doubt:
                    self.database.close()
                    uow.abandon()
                    raise Unavailable from error
                transaction.roll_back()
                uow.abandon()
                if is_transient(error) or (
                    isinstance(error, EngineError) and not isinstance(error, ProcessFailed)
                ):
                    raise
                failure = error if isinstance(error, ProcessFailed) else _failed(error)
            finally:
                transaction.release()
        raise self._with_incident(actor, name, uow, failure) from failure.__cause__ or failure

    def _commit(self, uow: UnitOfWork) -> None:
        """Write what was recorded and commit, in one round trip where the database can."""
        uow.write()
        self._checkpoint("written")
        uow.transaction.commit()
        self._checkpoint("after commit")
        uow.committed()

    def ask(
        self, actor: Actor, query: Callable[Concatenate[Reader, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query on one picture of the database; nothing is locked and nothing is written."""
        return self.look(actor, query, *args, **kwargs)[0]

    def look(
        self, actor: Actor, query: Callable[Concatenate[Reader, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> tuple[T, set[SensitiveLook]]:
        """Like `ask`, and what the answer shows that is kept among few."""
        for is_last in (False, True):
            transaction = Transaction(self.database, write=False)
            reader = Reader(self.memory, transaction, actor, self.clock.now())
            try:
                return query(reader, *args, **kwargs), reader.looks
            except Exception:
                if is_last or not transaction.is_broken:
                    raise
                self.database.close()
            finally:
                transaction.roll_back()
                transaction.release()
        raise TransientConflict

    def actor(self, user_id: str) -> Actor:
        """A person with the memberships that are valid today; NotFound, or NotPermitted when disabled."""
        return self.ask(SYSTEM, actor_of, user_id)

    def upgrade(self) -> None:
        """Bring the database to the newest schema; a new one gets the office calendars that are shipped."""
        from engine.store import schema  # brings Alembic, which every other start of a process can do without

        with self.database.write_lock:
            transaction = Transaction(self.database, write=True)
            try:
                schema.upgrade(transaction.core)
                uow = UnitOfWork(self.memory, transaction, SYSTEM, self.clock.now())
                _import_shipped_calendars(uow)
                uow.prepare()
                self._commit(uow)
            except BaseException:
                transaction.roll_back()
                raise
            finally:
                transaction.release()

    def close(self) -> None:
        """Close every connection and forget everything."""
        self.memory.forget()
        self.database.close()

    def _with_incident(
        self, actor: Actor, name: str, uow: UnitOfWork, failure: ProcessFailed
    ) -> ProcessFailed:
        handle, refusal = uow.current, failure.refusal
        named = refusal.instance_id if refusal else handle.id if handle else None

        def note_incident(second: UnitOfWork) -> int:
            return second.incidents.add(
                instance_id=named,
                task_id=uow.current_task_id if handle and handle.id == named else None,
                command=name,
                reason=failure.reason,
                refusal=refusal,
                trace="".join(traceback.format_exception(failure.__cause__ or failure)),
            )

        number = self.execute(actor, note_incident)
        return ProcessFailed(failure.reason, refusal=refusal, incident=number)


def _import_shipped_calendars(uow: UnitOfWork) -> None:
    if not uow.calendars.tables():
        for year, table in load_calendars().items():
            uow.calendars.save(year, table)


def _failed(error: Exception) -> ProcessFailed:
    failure = ProcessFailed(f"{type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure


def _pass(_name: str) -> None:
    """The checkpoint of everyday use."""
