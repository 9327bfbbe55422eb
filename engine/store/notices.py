"""Which levels of urging were told for which task, and which tasks have one to be told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.clock import to_micros
from engine.domain.identity import Agency
from engine.domain.task import Task
from engine.store import tables
from engine.store.notice_tables import task_notice
from engine.store.repository import Repository
from engine.store.sight import is_not_so_of_instance
from engine.store.tables import NEVER
from engine.store.tasks import task_from_row

_NOTICE = task_notice.c
# Written into the statement, because a partial index is not found through a parameter.
_IS_OPEN = tables.task.c.state == sa.literal_column("1")
Key = tuple[int, int]  # due_at, task id
FIRST: Key = (-1, -1)

# Open tasks that are owed by some units: those of their pools, and those that somebody holds. One sorted list
# per pair and one per person is read no further than a page needs.
_SHOWN = """{row}.due_at < :now and {row}.late_after_at < :now and ({row}.due_at, {row}.{id}) > (:due, :task)
and (select i.restricted_to = '' and i.agency = 'branch' from process_instance i
where i.id = {row}.{id} >> 20)
order by {row}.due_at, {row}.{id} limit :limit"""
_OF_UNITS = """task.id = any(array(
select f.task_id from candidate_pair p cross join lateral
  (select c.task_id from task_candidate c where c.pair_id = p.id and {of_pool}) f
where p.unit = any(:units)
union all
select f.id from user_account u cross join lateral
  (select t.id from task t where t.assignee = u.id and t.state = 1
   and exists (select 1 from json_array_elements(cast(t.candidates as json)) o where o->>1 = any(:units))
   and {held}) f))""".format(
    of_pool=_SHOWN.format(row="c", id="task_id"), held=_SHOWN.format(row="t", id="id")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Tasks due from `since` until before `until`, and late after `late` at the latest if that is asked."""

    since: datetime
    until: datetime
    late: datetime | None


class Notices(Repository):
    """Told levels: one row per task, day and level, so that no level is told twice."""

    def mark(self, tasks: Iterable[Task], level: int) -> None:
        """Say that a level of these tasks was told, whoever told it; undated tasks are left out."""
        at = to_micros(self.writer.now)
        rows = [
            {"task_id": task.id, "late_after_at": _late(task), "level": level, "told_at": at}
            for task in tasks
            if task.due_at is not None
        ]
        if rows:
            self.writer.settle()  # the tasks may have been opened by this very step
            self.write(self.insert(task_notice).on_conflict_do_nothing(), rows)

    def told(self, task: Task, level: int) -> bool:
        """Whether this level or a higher one was told for the task as it is dated now."""
        wanted = (_NOTICE.task_id == task.id, _NOTICE.late_after_at == _late(task), _NOTICE.level >= level)
        return bool(self.core.execute(sa.select(sa.exists().where(*wanted))).scalar_one())

    def untold(self, level: int, stretch: Stretch, after: Key, limit: int) -> list[Key]:
        """Open tasks of a stretch without that level, by due date: one walk along their due dates."""
        task = tables.task.c
        told = sa.exists().where(
            _NOTICE.task_id == task.id, _NOTICE.late_after_at == task.late_after_at, _NOTICE.level >= level
        )
        query = sa.select(task.due_at, task.id).where(
            _IS_OPEN, task.due_at >= to_micros(stretch.since), task.due_at < to_micros(stretch.until),
            task.late_after_at <= (to_micros(stretch.late) if stretch.late else NEVER),
            sa.tuple_(task.due_at, task.id) > sa.tuple_(*after), ~told,
        )  # fmt: skip
        rows = self.core.execute(query.order_by(task.due_at, task.id).limit(limit))
        return [(row[0], row[1]) for row in rows]

    def late_in_branch(
        self, limit: int, *, after: Key = FIRST, units: Collection[str] | None = None,
        among: Collection[int] | None = None,
    ) -> list[Task]:  # fmt: skip
        """Open tasks of the branch that are overdue now, by due date; none of restricted instances.

        `units` asks for those that a unit of theirs owes, `among` for some of all.
        """
        instance, task, now = tables.process_instance.c, tables.task.c, to_micros(self.reader.now)
        wanted: list[sa.ColumnElement[bool]] = [
            _IS_OPEN, task.due_at < now, task.late_after_at < now,
            sa.tuple_(task.due_at, task.id) > sa.tuple_(*after),
            is_not_so_of_instance(
                sa.or_(instance.restricted_to != "", instance.agency != Agency.BRANCH), task.instance_id
            ),
        ]  # fmt: skip
        if among is not None:
            wanted.append(task.id.in_(sorted(among)))
        if units is not None:
            wanted.append(self._is_of(sorted(units), now, after, limit))
        query = sa.select(tables.task).where(*wanted).order_by(task.due_at, task.id).limit(limit)
        return [task_from_row(row) for row in self.core.execute(query)]

    def _is_of(self, units: list[str], now: int, after: Key, limit: int) -> sa.ColumnElement[bool]:
        if self.transaction.is_sqlite:
            named = (tables.task.c.candidates.contains(f'"{unit}"]', autoescape=True) for unit in units)
            return sa.or_(sa.false(), *named)
        text: Any = sa.text(_OF_UNITS).bindparams(
            sa.bindparam("units", units, ARRAY(sa.Text)), now=now, due=after[0], task=after[1], limit=limit
        )
        return cast("sa.ColumnElement[bool]", text)


def _late(task: Task) -> int:
    late_after_at = task.late_after_at or task.due_at
    return to_micros(late_after_at) if late_after_at else 0
