"""Which tasks come before others: a row for each task whose priority is not the normal one."""

import sqlalchemy as sa

from engine.domain.priority import Priority
from engine.store import tables
from engine.store.notice_tables import task_priority
from engine.store.repository import Repository

_PRIORITY = task_priority.c


class Priorities(Repository):
    """Priorities of tasks; `InstanceHandle.prioritise` changes one with the note that tells it."""

    def of_task(self, task_id: int) -> Priority:
        """The priority of a task; the normal one if nobody has set another."""
        query = sa.select(_PRIORITY.rank).where(_PRIORITY.task_id == task_id)
        return Priority.of_rank(self.settled.execute(query).scalar() or 0)

    def keep(self, task_id: int, priority: Priority) -> None:
        """Write the priority of a task in the place of the one before."""
        if priority is Priority.NORMAL:
            self.write(sa.delete(task_priority).where(_PRIORITY.task_id == task_id))
            return
        insert = self.insert(task_priority).values(task_id=task_id, rank=priority.rank)
        self.write(insert.on_conflict_do_update(index_elements=["task_id"], set_={"rank": priority.rank}))


def rank_of_task() -> sa.ScalarSelect[int | None]:
    """For the task of the statement around it: the rank of its priority, null for the normal one."""
    query = sa.select(_PRIORITY.rank).where(_PRIORITY.task_id == tables.task.c.id)
    return query.correlate(tables.task).scalar_subquery()
