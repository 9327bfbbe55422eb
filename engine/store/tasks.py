"""Tasks, and the numbers of candidate pairs. Pages of the inbox are made in `engine/queries`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.clock import from_micros
from engine.domain.history import EventType
from engine.domain.task import Candidate, Task, TaskState
from engine.errors import NotFound
from engine.store import tables
from engine.store.extended import original_due_at, told_of_extension
from engine.store.repository import Repository, in_parts, of_instance
from engine.store.tables import NEVER

if TYPE_CHECKING:
    from engine.store.unit_of_work import Reader

NOBODY = "[]"

_PAIRS_SQLITE = (
    "select p.role, p.unit, p.id from json_each(?) e join candidate_pair p"
    " on p.role = json_extract(e.value, '$[0]') and p.unit = json_extract(e.value, '$[1]')"
)
_PAIRS_POSTGRESQL = (
    "select p.role, p.unit, p.id from json_array_elements(%s::json) e join candidate_pair p"
    " on p.role = e->>0 and p.unit = e->>1"
)


class Tasks(Repository):
    """Tasks, open and closed."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._never_candidates: set[tuple[str, str]] = set()  # as far as this reader has seen

    def get(self, task_id: int) -> Task:
        """The task; NotFound when there is none."""
        found = self.find(task_id)
        if found is None:
            raise NotFound(kind="task", id=task_id)
        return found

    def find(self, task_id: int) -> Task | None:
        """The task, if there is one."""
        row = self.settled.execute(sa.select(tables.task).where(tables.task.c.id == task_id)).first()
        return task_from_row(row) if row else None

    def given_pairs(self, task: Task) -> tuple[Candidate, ...]:
        """The pairs that the process gave a task, whoever distributes it while it is handed back."""
        if not task.is_handed_back:
            return task.candidates
        last = self.reader.history.of_task(task.id, EventType.TASK_HANDED_BACK)[-1]
        return tuple(Candidate(role=role, unit=unit) for role, unit in last.told["from"])

    def first_due_of(self, tasks: Iterable[Task]) -> dict[int, datetime]:
        """The first due dates of those tasks that were extended, in one statement."""
        due = {task.id: task.due_at for task in tasks}
        query = sa.select(tables.task.c.id, told_of_extension()).where(tables.task.c.id.in_(due))
        found = {row[0]: original_due_at(row[1], due[row[0]]) for row in self.settled.execute(query)}
        return {task_id: first for task_id, first in found.items() if first is not None}

    def of_instance(self, instance_id: int) -> list[Task]:
        """Every task of an instance, in the order in which they were opened."""
        query = sa.select(tables.task).where(of_instance(tables.task.c.id, instance_id))
        rows = self.settled.execute(query.order_by(tables.task.c.id))
        return [task_from_row(row) for row in rows]

    def of_instances(self, instance_ids: Collection[int]) -> list[Task]:
        """Every task of several instances, in the order of instances and in their own."""
        column = tables.task.c.id
        return [
            task_from_row(row)
            for some in in_parts(instance_ids)
            for row in self.settled.execute(
                sa.select(tables.task)
                .where(sa.or_(*(of_instance(column, number) for number in some)))
                .order_by(column)
            )
        ]

    def held_by(self, user_id: str) -> list[Task]:
        """The open tasks that a person holds, or has delegated."""
        columns = tables.task.c
        query = sa.select(tables.task).where(
            columns.state == int(TaskState.OPEN),
            sa.or_(columns.assignee == user_id, columns.owner == user_id),
        )
        return [task_from_row(row) for row in self.settled.execute(query.order_by(columns.id))]

    def open_excluding(self, user_id: str) -> list[Task]:
        """The open tasks of all instances that a person may not take, whatever their roles (迴避)."""
        exclusion = tables.task_exclusion.c
        return self._open(
            tables.task.c.id.in_(sa.select(exclusion.task_id).where(exclusion.user_id == user_id))
        )

    def open_of_instance(self, instance_id: int) -> list[Task]:
        """The open tasks of an instance."""
        return self._open(of_instance(tables.task.c.id, instance_id))

    def all_open(self) -> list[Task]:
        """The open tasks of all instances."""
        return self._open()

    def pairs_known(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The numbers of those pairs that ever were candidates."""
        pairs = set(pairs)
        known = self.reader.memory.pair_ids(pairs)
        missing = pairs - known.keys() - self._never_candidates
        if missing:
            found = self._select_pairs(missing)
            self._never_candidates |= missing - found.keys()
            self.reader.remember_pairs(found)
            known |= found
        return known

    def pairs_numbered(self, pairs: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The numbers of pairs; pairs that were never candidates get one."""
        known = self.pairs_known(pairs)
        missing = pairs - known.keys()
        if missing:
            rows = [{"role": role, "unit": unit} for role, unit in sorted(missing)]
            self.write(self.insert(tables.candidate_pair).on_conflict_do_nothing(), rows)
            self._never_candidates -= missing
            known |= self.pairs_known(missing)
        return known

    def _open(self, *wanted: sa.ColumnElement[bool]) -> list[Task]:
        columns = tables.task.c
        query = sa.select(tables.task).where(columns.state == int(TaskState.OPEN), *wanted)
        return [task_from_row(row) for row in self.settled.execute(query.order_by(columns.id))]

    def _select_pairs(self, pairs: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
        # Driver SQL with one parameter: a person may hold hundreds of pairs, and every page asks for them.
        sql = _PAIRS_SQLITE if self.transaction.is_sqlite else _PAIRS_POSTGRESQL
        rows = self.transaction.run(sql, (json.dumps(sorted(pairs), ensure_ascii=False),))
        return {(role, unit): number for role, unit, number in rows}


def task_from_row(row: Any) -> Task:
    """A task from the columns of its table, in their order."""
    (
        task_id, instance_id, process_key, element_id, _path, label, subject, state, revision, candidates,
        inputs,
        assignee, owner, due_at, opened_at, sent_by, closed_at, closed_by, _was_returned, late_after_at,
        excluded,
    ) = row  # fmt: skip
    return Task(
        id=task_id, instance_id=instance_id, process_key=process_key, element_id=element_id, label=label,
        subject=subject, state=TaskState(state), revision=revision,
        candidates=tuple(Candidate(role=role, unit=unit) for role, unit in json.loads(candidates)),
        assignee=assignee, owner=owner, due_at=None if due_at == NEVER else from_micros(due_at),
        opened_at=from_micros(opened_at), sent_by=sent_by,
        late_after_at=None if late_after_at == NEVER else from_micros(late_after_at),
        excluded=() if excluded == NOBODY else tuple(json.loads(excluded)),
        closed_at=None if closed_at is None else from_micros(closed_at), closed_by=closed_by,
        inputs=json.loads(inputs),
    )  # fmt: skip
