"""Process instances: read them, lock one, make one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.canonical import GENESIS
from engine.domain.history import FIRST_INSTANCE_ID, HistoryEvent
from engine.domain.instance import Instance, InstanceState
from engine.domain.permission import Sight
from engine.domain.task import instance_of
from engine.errors import NotFound
from engine.store import tables
from engine.store.instance_handle import InstanceHandle, InstancePast
from engine.store.repository import Repository, in_parts
from engine.store.sight import is_covered
from engine.store.tasks import task_from_row

_INSTANCE = tables.process_instance.c
_INSTANCE_COLUMNS = [column.name for column in _INSTANCE if column.name != "start_command_id"]
_TASK_COLUMNS = [column.name for column in tables.task.c]
_WIDTH = len(_INSTANCE_COLUMNS)

_LOAD_TASK = "select {}, {} from load_task(%s) as loaded".format(
    ", ".join(f"(loaded.found_instance).{name}" for name in _INSTANCE_COLUMNS),
    ", ".join(f"(loaded.found_task).{name}" for name in _TASK_COLUMNS),
)
_LOAD_TASK_SQLITE = (
    "select {}, {} from process_instance i left join task t on t.id = ? where i.id = ?".format(
        ", ".join(f"i.{name}" for name in _INSTANCE_COLUMNS), ", ".join(f"t.{name}" for name in _TASK_COLUMNS)
    )
)
_LOAD = f"select {', '.join(_INSTANCE_COLUMNS)} from process_instance where id = "
_INSERT_COLUMNS = [column.name for column in _INSTANCE]
_INSERT = f"insert into process_instance ({', '.join(_INSERT_COLUMNS)}) values "


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceKind:
    """That there are instances of a process of a plan, the first and the last of which began then."""

    definition_key: str
    plan_key: str | None
    first_at: datetime
    last_at: datetime


class Instances(Repository):
    """Process instances."""

    def get(self, instance_id: int) -> Instance:
        """The instance; NotFound when there is none."""
        found = self.find(instance_id)
        if found is None:
            raise NotFound(kind="process instance", id=instance_id)
        return found

    def find(self, instance_id: int) -> Instance | None:
        """The instance, if there is one."""
        return self._first(_INSTANCE.id == instance_id)

    def started_by_command(self, command_id: str) -> Instance | None:
        """The instance that a command of this id started earlier."""
        return self._first(_INSTANCE.start_command_id == command_id)

    def find_running(self, definition_key: str, business_key: str) -> Instance | None:
        """An instance of this definition and business key that has not ended."""
        return self._first(
            sa.and_(
                _INSTANCE.definition_key == definition_key,
                _INSTANCE.business_key == business_key,
                _INSTANCE.ended_at.is_(None),
            )
        )

    def children(self, instance_id: int) -> list[Instance]:
        """The instances that this one asked to start."""
        return self._all(_INSTANCE.parent_id == instance_id)

    def children_of(self, ids: Collection[int], sight: Sight) -> list[Instance]:
        """The instances that any of these asked to start, as far as the sight covers them."""
        wanted = is_covered(sight)
        return [
            found
            for some in in_parts(ids)
            for found in self._all(sa.and_(wanted, _INSTANCE.parent_id.in_(some)))
        ]

    def of_plan(self, plan_key: str) -> list[Instance]:
        """Every instance of one plan, oldest first."""
        return self._all(_INSTANCE.plan_key == plan_key)

    def page(
        self,
        *,
        after: int | None = None,
        limit: int = 50,
        states: tuple[InstanceState, ...] = (),
        definition_key: str | None = None,
        business_key: str | None = None,
        sight: Sight | None = None,
    ) -> list[Instance]:
        """Instances, newest first, with ids below `after`."""
        wanted: list[sa.ColumnElement[bool]] = [] if after is None else [_INSTANCE.id < after]
        if states:
            wanted.append(_INSTANCE.state.in_([int(state) for state in states]))
        if definition_key is not None:
            wanted.append(_INSTANCE.definition_key == definition_key)
        if business_key is not None:
            wanted.append(_INSTANCE.business_key == business_key)
        if sight is not None:
            wanted.append(is_covered(sight))
        query = _select().where(*wanted).order_by(_INSTANCE.id.desc()).limit(limit)
        return [instance_from_row(row) for row in self.settled.execute(query)]

    def matching(
        self,
        sight: Sight,
        *,
        definition_key: str | None = None,
        plan_key: str | None = None,
        span: tuple[datetime, datetime] | None = None,
    ) -> list[Instance]:
        """The instances of a process, of a plan, or started in a span of time that the sight covers."""
        wanted = [is_covered(sight)]
        if definition_key:
            wanted.append(_INSTANCE.definition_key == definition_key)
        if plan_key:
            wanted.append(_INSTANCE.plan_key == plan_key)
        if span:
            first, end = (to_micros(at) for at in span)
            wanted.append(sa.and_(_INSTANCE.started_at >= first, _INSTANCE.started_at < end))
        return self._all(sa.and_(*wanted))

    def kinds(self, sight: Sight) -> list[InstanceKind]:
        """Of which processes and plans there are instances that the sight covers."""
        began = _INSTANCE.started_at
        query = (
            sa.select(_INSTANCE.definition_key, _INSTANCE.plan_key, sa.func.min(began), sa.func.max(began))
            .where(is_covered(sight))
            .group_by(_INSTANCE.definition_key, _INSTANCE.plan_key)
        )
        return [
            InstanceKind(
                definition_key=key, plan_key=plan, first_at=from_micros(first), last_at=from_micros(last)
            )
            for key, plan, first, last in self.settled.execute(query)
        ]

    def of_ids(self, ids: Collection[int]) -> list[Instance]:
        """Those of the instances that there are."""
        return [found for some in in_parts(ids) for found in self._all(_INSTANCE.id.in_(some))]

    def under_way_between(
        self, begin: datetime, end: datetime, *, sight: Sight, limit: int, keys: Collection[str] | None = None
    ) -> list[Instance]:
        """Instances of some definitions that ran at some time of a period, the newest first."""
        wanted = [
            is_covered(sight),
            _INSTANCE.started_at < to_micros(end),
            sa.or_(_INSTANCE.ended_at.is_(None), _INSTANCE.ended_at >= to_micros(begin)),
        ]
        if keys is not None:
            wanted.append(_INSTANCE.definition_key.in_(sorted(keys)))
        query = _select().where(*wanted).order_by(_INSTANCE.id.desc()).limit(limit)
        return [instance_from_row(row) for row in self.settled.execute(query)]

    def hidden_among(self, ids: Collection[int], sight: Sight) -> set[int]:
        """Those of the instances that are restricted to others than the sight covers."""
        wanted = (_INSTANCE.id.in_(sorted(ids)), _INSTANCE.restricted_to != "", ~is_covered(sight))
        return set(self.settled.execute(sa.select(_INSTANCE.id).where(*wanted)).scalars())

    def ids(self) -> list[int]:
        """The ids of all instances."""
        return list(self.settled.execute(sa.select(_INSTANCE.id).order_by(_INSTANCE.id)).scalars())

    def snapshot(self, instance_id: int) -> tuple[int, bytes] | None:
        """The last snapshot: the number of the event after which it was taken, and its bytes."""
        columns = tables.snapshot.c
        row = self.core.execute(
            sa.select(columns.seq, columns.body).where(columns.instance_id == instance_id)
        ).first()
        return (row.seq, row.body) if row else None

    def open_for_task(self, task_id: int) -> InstanceHandle:
        """Lock the instance of a task and read both in one round trip; NotFound without such a task."""
        uow = self.writer
        instance_id = instance_of(task_id)
        if instance_id in uow.handles:
            handle = uow.handles[instance_id]
            handle.task = self.reader.tasks.get(task_id)
            return handle
        transaction = self.transaction
        if transaction.is_sqlite:
            row = transaction.one(_LOAD_TASK_SQLITE, (task_id, instance_id))
        else:
            row = transaction.one(_LOAD_TASK, (task_id,))
        if row is None or row[0] is None or row[_WIDTH] is None:
            raise NotFound(kind="task", id=task_id)
        return self._keep(InstanceHandle(uow, instance_from_row(row[:_WIDTH]), task_from_row(row[_WIDTH:])))

    def open(self, instance_id: int) -> InstanceHandle:
        """Lock an instance; NotFound when there is none."""
        uow = self.writer
        if instance_id in uow.handles:
            uow.current = uow.handles[instance_id]
            return uow.current
        sql = _LOAD + ("?" if self.transaction.is_sqlite else "%s for update")
        row = self.transaction.one(sql, (instance_id,))
        if row is None:
            raise NotFound(kind="process instance", id=instance_id)
        return self._keep(InstanceHandle(uow, instance_from_row(row)))

    def lock_due(self, moment: datetime, *, without: Collection[int], limit: int) -> list[InstanceHandle]:
        """Lock running instances with a timer of exactly this moment, ready to be moved, whatever they hold.

        Those that somebody else has locked are passed over. Four statements, however many they are.
        """
        uow, timer = self.writer, tables.timer.c
        query = (
            _select()
            .join(tables.timer, timer.instance_id == _INSTANCE.id)
            .where(
                timer.due_at == to_micros(moment),
                _INSTANCE.state == int(InstanceState.RUNNING),
                _INSTANCE.id.not_in(without),
            )
            .order_by(timer.task_id)
            .limit(limit)
            .with_for_update(of=tables.process_instance, skip_locked=True)
        )
        found = {row.id: instance_from_row(row) for row in self.settled.execute(query)}
        pasts = self._pasts([i.id for i in found.values() if not uow.memory.live.holds(i.id, i.head)])
        return [self._keep(InstanceHandle(uow, each, past=pasts.get(each.id))) for each in found.values()]

    def _pasts(self, ids: Collection[int]) -> dict[int, InstancePast]:
        if not ids:
            return {}
        query = sa.select(tables.snapshot).where(tables.snapshot.c.instance_id.in_(ids))
        snapshots = {row.instance_id: (row.seq, row.body) for row in self.core.execute(query)}
        causes: dict[int, list[HistoryEvent]] = {each: [] for each in ids}
        for event in self.reader.history.causes_since_snapshots(ids):
            causes[event.stream].append(event)
        return {
            each: InstancePast(snapshot=snapshots.get(each), causes=tuple(found))
            for each, found in causes.items()
        }

    def create(
        self,
        *,
        definition_key: str,
        deployment_id: int,
        agency: str,
        business_key: str = "",
        plan_key: str | None = None,
        parent_id: int | None = None,
        command_id: str | None = None,
        restricted_to: tuple[str, ...] = (),
    ) -> InstanceHandle:
        """A new instance, still without events: record its start before the unit of work ends.

        `command_id` makes a start repeatable: `started_by_command` finds the instance again.
        """
        uow = self.writer
        instance = Instance(
            id=self._next_id(), definition_key=definition_key, business_key=business_key, title="",
            deployment_id=deployment_id, agency=agency, plan_key=plan_key, state=InstanceState.RUNNING,
            revision=0, seq=0, head=GENESIS, causes=0, started_at=uow.now, started_by=uow.actor.user_id,
            parent_id=parent_id, restricted_to=restricted_to,
        )  # fmt: skip
        values = (
            instance.id, definition_key, business_key, "", deployment_id, agency, plan_key,
            int(instance.state),
            0, 0, GENESIS, 0, to_micros(uow.now), uow.actor.user_id, None, parent_id, command_id,
            roles_text(restricted_to),
        )  # fmt: skip
        mark = "?" if self.transaction.is_sqlite else "%s"
        self.transaction.run(f"{_INSERT}({', '.join([mark] * len(values))})", values)
        uow.needs_event()
        return self._keep(InstanceHandle(uow, instance, start_command_id=command_id))

    def _next_id(self) -> int:
        if self.transaction.is_sqlite:
            found = self.transaction.one(
                "select max(coalesce((select max(id) from process_instance), 0) + 1, ?)", (FIRST_INSTANCE_ID,)
            )
        else:
            found = self.transaction.one("select nextval('process_instance_number')")
        assert found is not None
        return int(found[0])

    def _keep(self, handle: InstanceHandle) -> InstanceHandle:
        uow = self.writer
        uow.handles[handle.id] = handle
        uow.current = handle
        return handle

    def _first(self, wanted: sa.ColumnElement[bool]) -> Instance | None:
        row = self.settled.execute(_select().where(wanted).order_by(_INSTANCE.id).limit(1)).first()
        return instance_from_row(row) if row else None

    def _all(self, wanted: sa.ColumnElement[bool]) -> list[Instance]:
        return [
            instance_from_row(row)
            for row in self.settled.execute(_select().where(wanted).order_by(_INSTANCE.id))
        ]


def _select() -> sa.Select[Any]:
    return sa.select(*(_INSTANCE[name] for name in _INSTANCE_COLUMNS))


def instance_from_row(row: Any) -> Instance:
    """An instance from the columns of its table, in their order, without the command id."""
    (
        instance_id, definition_key, business_key, title, deployment_id, agency, plan_key, state, revision,
        seq, head,
        causes, started_at, started_by, ended_at, parent_id, restricted_to,
    ) = row  # fmt: skip
    return Instance(
        id=instance_id, definition_key=definition_key, business_key=business_key, title=title,
        deployment_id=deployment_id, agency=agency, plan_key=plan_key, state=InstanceState(state),
        revision=revision, seq=seq, head=bytes(head), causes=causes, started_at=from_micros(started_at),
        started_by=started_by, ended_at=None if ended_at is None else from_micros(ended_at),
        parent_id=parent_id, restricted_to=tuple(restricted_to.split()),
    )  # fmt: skip


def roles_text(roles: tuple[str, ...]) -> str:
    """Roles as a column keeps them: each between spaces, so that a statement finds a whole one."""
    return f" {' '.join(roles)} " if roles else ""
