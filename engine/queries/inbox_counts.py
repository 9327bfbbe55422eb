"""How many tasks each list of an inbox has, up to a cap, in few statements.

What a person holds is read once and told apart here. The lists of pools are counted by one statement that
stops in each list, and over all lists, as soon as it has seen enough: a count needs no order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.domain.task import TaskState
from engine.queries.inbox_filters import Filters
from engine.queries.inbox_pages import (
    FIRST,
    Pool,
    asked_of,
    is_in_state,
    is_told,
    keys_of,
    numbers_of,
    wanted_pairs,
)
from engine.store import tables
from engine.store.unit_of_work import Reader

# So many tasks in one hand are read at once; whoever holds more has them counted list by list.
HELD_AT_ONCE = 400
# So many candidate rows are read for each task that is counted: a task may have several of the pairs.
_ROWS_PER_TASK = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the lists ask of a task that somebody holds."""

    task_id: int
    due_at: int
    late_after_at: int
    was_returned: bool
    element_id: str

    def is_within(self, filters: Filters) -> bool:
        """True if the filters of a view admit the task."""
        return (
            filters.due_from <= self.due_at < filters.due_until
            and filters.late_from <= self.late_after_at < filters.late_until
            and (self.was_returned or not filters.returned_only)
            and filters.element_id in (None, self.element_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolList:
    """One list that is counted: of a pool, by dates, without some tasks."""

    pool: Pool
    filters: Filters
    without: frozenset[int] = frozenset()


def tasks_held(reader: Reader) -> list[Held] | None:
    """The open tasks that the actor holds; None if they are more than are read at once."""
    task = tables.task.c
    query = sa.select(task.id, task.due_at, task.late_after_at, task.was_returned, task.element_id)
    query = query.where(task.assignee == reader.actor.user_id, is_in_state(TaskState.OPEN), is_told(reader))
    query = query.order_by(task.due_at, task.id).limit(HELD_AT_ONCE + 1)
    rows = reader.transaction.core.execute(query).all()
    if len(rows) > HELD_AT_ONCE:
        return None
    return [
        Held(
            task_id=row[0], due_at=row[1], late_after_at=row[2], was_returned=bool(row[3]), element_id=row[4]
        )
        for row in rows
    ]


_COUNT = """
select %(no_{no})s, count(*), count(distinct task_id) from (
  select c.task_id from unnest(%(pairs_{no})s::bigint[]) p cross join lateral (
    select task_id from task_candidate l
    where pair_id = p and due_at >= %(from_{no})s and due_at < %(until_{no})s{asked}
      and task_id <> all(%(without_{no})s::bigint[])
      and not exists (select 1 from task_exclusion x
                      where x.task_id = l.task_id and x.user_id = any(%(who_{no})s))
    order by due_at, task_id limit %(each)s) c
  limit %(all)s) rows_{no}
"""


def count_lists(reader: Reader, lists: Mapping[str, PoolList], cap: int) -> dict[str, int]:
    """How many tasks some lists of pools have, up to the cap; on PostgreSQL in one statement."""
    counts = {} if reader.transaction.is_sqlite else _counted_together(reader, lists, cap)
    return {
        name: counts[name] if name in counts else _counted_alone(reader, wanted, cap)
        for name, wanted in lists.items()
    }


def _counted_alone(reader: Reader, wanted: PoolList, cap: int) -> int:
    keys = keys_of(reader, wanted.pool, wanted.filters, FIRST, cap + len(wanted.without))
    return min(cap, sum(task_id not in wanted.without for _, task_id in keys))


def _counted_together(reader: Reader, lists: Mapping[str, PoolList], cap: int) -> dict[str, int]:
    """Every count but those for which the rows did not suffice: tasks of very many of the pairs."""
    counts, parts = dict.fromkeys(lists, 0), []
    values: dict[str, Any] = {"each": cap, "all": _ROWS_PER_TASK * cap}
    for no, (name, wanted) in enumerate(lists.items()):
        pairs = numbers_of(reader, wanted_pairs(reader.actor, wanted.pool))
        if pairs:
            parts.append(_COUNT.format(no=no, asked=asked_of(wanted.filters, wanted.pool, "l")))
            values |= {
                f"no_{no}": name, f"pairs_{no}": pairs, f"from_{no}": wanted.filters.due_from,
                f"until_{no}": wanted.filters.due_until, f"without_{no}": sorted(wanted.without),
                f"who_{no}": [wanted.pool.actor, wanted.pool.principal],
            }  # fmt: skip
    if not parts:
        return counts
    for name, rows, tasks in reader.transaction.run(" union all ".join(parts), values):
        if tasks < cap and rows == values["all"]:
            del counts[name]
        else:
            counts[name] = min(cap, tasks)
    return counts
