"""Which levels of urging were told for which task, and which tasks have one to be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.clock import EPOCH, to_micros
from engine.domain.identity import Agency
from engine.domain.task import Task
from engine.store import tables
from engine.store.notice_tables import task_notice
from engine.store.repository import Repository
from engine.store.tables import NEVER
from engine.store.tasks import task_from_row

_NOTICE = task_notice.c
Key = tuple[int, int]  # due_at, task id
_NO_LEVEL = 99  # that nobody ever tells, so that nothing is left out for having been told

# {row} is a candidate of the pool or a held task; {id} its task's id.
_WANTED = """{row}.due_at >= :since and {row}.due_at < :until and {row}.late_after_at <= :late
and ({row}.due_at, {row}.{id}) > (:due, :task)
and not exists (select 1 from task_notice n where n.task_id = {row}.{id}
and n.late_after_at = {row}.late_after_at and n.level >= :level)
order by {row}.due_at, {row}.{id} limit :limit"""
_POOL = "where c.pair_id = p.id and " + _WANTED.format(row="c", id="task_id")
_HELD = "where t.assignee = u.id and t.state = 1 and " + _WANTED.format(row="t", id="id")
UNTOLD_SQLITE = (
    f"select c.due_at, c.task_id from candidate_pair p cross join task_candidate c {_POOL}",
    f"select t.due_at, t.id from user_account u cross join task t {_HELD}",
)
UNTOLD_POSTGRESQL = (
    "select f.due_at, f.task_id from candidate_pair p cross join lateral"
    f" (select c.due_at, c.task_id from task_candidate c {_POOL}) f order by 1, 2 limit :limit",
    "select f.due_at, f.id from user_account u cross join lateral"
    f" (select t.due_at, t.id from task t {_HELD}) f order by 1, 2 limit :limit",
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
        """Open tasks of a stretch without that level, by due date: pooled ones and held ones.

        Walks one sorted list per pair and one per person, so it never passes what is due later.
        """
        values = {
            "since": to_micros(stretch.since), "until": to_micros(stretch.until),
            "late": to_micros(stretch.late) if stretch.late else NEVER,
            "level": level, "due": after[0], "task": after[1],
            "limit": limit,
        }  # fmt: skip
        statements = UNTOLD_SQLITE if self.transaction.is_sqlite else UNTOLD_POSTGRESQL
        found = {(row[0], row[1]) for text in statements for row in self.core.execute(sa.text(text), values)}
        return sorted(found)[:limit]

    def late_in_branch(self, limit: int) -> list[Task]:
        """Open tasks of the branch that are overdue now, by due date; none of restricted instances."""
        now = self.reader.now
        stretch = Stretch(since=EPOCH, until=now, late=now)
        keys = self.untold(_NO_LEVEL, stretch, (-1, -1), limit)
        instance, task = tables.process_instance.c, tables.task.c
        query = (
            sa.select(tables.task)
            .join(tables.process_instance, instance.id == task.instance_id)
            .where(
                task.id.in_([task_id for _, task_id in keys]), instance.restricted_to == "",
                instance.agency == Agency.BRANCH, task.late_after_at < to_micros(now),
            )
            .order_by(task.due_at, task.id)
        )  # fmt: skip
        return [task_from_row(row) for row in self.core.execute(query)]


def _late(task: Task) -> int:
    late_after_at = task.late_after_at or task.due_at
    return to_micros(late_after_at) if late_after_at else 0
