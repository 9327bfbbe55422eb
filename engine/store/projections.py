"""The rows of one instance that follow from its history: read them all, or write them all again."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.domain.task import TaskState
from engine.store import tables
from engine.store.notice_tables import task_notice, task_priority
from engine.store.repository import Repository, of_instance
from engine.store.search_tables import task_text
from engine.store.step_rows import (
    StepRows,
    TaskRow,
    candidates_json,
    excluded_json,
    inputs_json,
)

Columns = dict[str, Any]
_TASK = tables.task.c
# Not from history: how often the row was written.
_BESIDE_HISTORY = ("revision",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionRows:
    """Rows by table, each a dict of its columns, keyed by what tells the rows of a table apart."""

    instance: Columns
    tasks: dict[int, Columns]
    candidates: frozenset[tuple[str, str, int, int, int]]  # role, unit, due_at, late_after_at, task id
    exclusions: frozenset[tuple[int, str]]  # task id, user id
    priorities: frozenset[tuple[int, int]]  # task id, rank
    timers: dict[int, Columns]
    subscriptions: dict[int, Columns]
    unsought: frozenset[int] = frozenset()  # tasks whose words the search does not know: none


class Projections(Repository):
    """Projections of instances."""

    def of_instance(self, instance_id: int) -> ProjectionRows:
        """The rows as they are stored."""
        pair, candidate = tables.candidate_pair.c, tables.task_candidate.c
        # Closed tasks must have no candidates, so they are looked for by every task of the instance.
        found = self.settled.execute(
            sa.select(pair.role, pair.unit, candidate.due_at, candidate.late_after_at, candidate.task_id)
            .join(tables.candidate_pair, pair.id == candidate.pair_id)
            .where(of_instance(candidate.task_id, instance_id))
        )
        exclusion = tables.task_exclusion
        excluded = self.settled.execute(
            sa.select(exclusion).where(of_instance(exclusion.c.task_id, instance_id))
        )
        kept = self.settled.execute(
            sa.select(task_priority).where(of_instance(task_priority.c.task_id, instance_id))
        )
        instance = self._rows(tables.process_instance, tables.process_instance.c.id == instance_id, "id")
        return ProjectionRows(
            instance={k: v for k, v in instance.get(instance_id, {}).items() if k not in _BESIDE_HISTORY},
            tasks=self._rows(tables.task, of_instance(tables.task.c.id, instance_id), "id"),
            candidates=frozenset(tuple(row) for row in found),
            exclusions=frozenset((row.task_id, row.user_id) for row in excluded),
            priorities=frozenset((row.task_id, row.rank) for row in kept),
            timers=self._rows(tables.timer, of_instance(tables.timer.c.task_id, instance_id), "task_id"),
            subscriptions=self._rows(
                tables.message_subscription,
                of_instance(tables.message_subscription.c.task_id, instance_id),
                "task_id",
            ),
            unsought=frozenset(row[0] for row in self.settled.execute(_unsought(instance_id))),
        )

    def replace(self, rows: ProjectionRows) -> None:
        """Write every row of an instance again, and drop its snapshot; history is not touched."""
        instance_id = rows.instance["id"]
        candidate = tables.task_candidate.c
        for table, column in (
            (tables.task_candidate, candidate.task_id),
            (tables.task_exclusion, tables.task_exclusion.c.task_id),
            (task_priority, task_priority.c.task_id),
            (tables.timer, tables.timer.c.task_id),
            (tables.message_subscription, tables.message_subscription.c.task_id),
        ):
            self.write(sa.delete(table).where(of_instance(column, instance_id)))
        self.write(sa.delete(tables.snapshot).where(tables.snapshot.c.instance_id == instance_id))
        self._upsert(tables.process_instance, {**rows.instance, "revision": 0}, keep=_BESIDE_HISTORY)
        for row in rows.tasks.values():
            self._upsert(tables.task, row)
        self._drop_strange_tasks(instance_id, set(rows.tasks))
        pair_ids = self.writer.pair_ids({(role, unit) for role, unit, *_ in rows.candidates})
        self._insert_all(
            tables.task_candidate,
            [
                {
                    "pair_id": pair_ids[role, unit], "due_at": due_at, "task_id": task_id,
                    "late_after_at": late_after_at,
                }
                for role, unit, due_at, late_after_at, task_id in sorted(rows.candidates)
            ],
        )  # fmt: skip
        self._insert_all(
            tables.task_exclusion,
            [{"task_id": task_id, "user_id": user_id} for task_id, user_id in sorted(rows.exclusions)],
        )
        self._insert_all(
            task_priority, [{"task_id": task_id, "rank": rank} for task_id, rank in sorted(rows.priorities)]
        )
        texts = sa.select(_TASK.label, _TASK.subject).where(_TASK.id.in_(_unsought(instance_id))).distinct()
        self.write(self.insert(task_text).from_select(["label", "subject"], texts).on_conflict_do_nothing())
        self._insert_all(tables.timer, [*rows.timers.values()])
        self._insert_all(tables.message_subscription, [*rows.subscriptions.values()])

    def _drop_strange_tasks(self, instance_id: int, known: set[int]) -> None:
        stored = self.core.execute(
            sa.select(tables.task.c.id).where(of_instance(tables.task.c.id, instance_id))
        )
        strange = [task_id for task_id in stored.scalars() if task_id not in known]
        for table, column in (
            (tables.draft, tables.draft.c.task_id),
            (task_notice, task_notice.c.task_id),
            (tables.task, tables.task.c.id),
        ):
            self.write(sa.delete(table).where(column.in_(strange)))

    def _upsert(self, table: sa.Table, row: Columns, keep: tuple[str, ...] = ()) -> None:
        key = [column.name for column in table.primary_key]
        changed = {name: value for name, value in row.items() if name not in (*key, *keep)}
        self.write(self.insert(table).values(row).on_conflict_do_update(index_elements=key, set_=changed))

    def _insert_all(self, table: sa.Table, rows: list[Columns]) -> None:
        if rows:
            self.write(sa.insert(table), rows)

    def _rows(self, table: sa.Table, wanted: sa.ColumnElement[bool], key: str) -> dict[int, Columns]:
        rows = self.settled.execute(sa.select(table).where(wanted)).mappings()
        return {row[key]: {name: _plain(value) for name, value in row.items()} for row in rows}


def _unsought(instance_id: int) -> sa.Select[Any]:
    text = task_text.c
    known = sa.exists().where(text.label == _TASK.label, text.subject == _TASK.subject)
    return sa.select(_TASK.id).where(of_instance(_TASK.id, instance_id), ~known)


def task_columns(instance_id: int, row: TaskRow, *, was_returned: bool) -> Columns:
    """A task row as a dict of its columns."""
    opened = row.opened
    return {
        "id": opened.id, "instance_id": instance_id, "process_key": opened.process_key,
        "element_id": opened.element_id, "path": opened.path, "label": opened.label,
        "subject": opened.subject,
        "state": int(row.state), "revision": row.revision, "candidates": candidates_json(opened),
        "inputs": inputs_json(opened), "assignee": row.assignee, "owner": row.owner, "due_at": row.due_at,
        "opened_at": row.opened_at, "sent_by": row.sent_by, "closed_at": row.closed_at,
        "closed_by": row.closed_by, "was_returned": was_returned, "late_after_at": row.late_after_at,
        "excluded": excluded_json(opened),
    }  # fmt: skip


def open_candidates(rows: StepRows) -> frozenset[tuple[str, str, int, int, int]]:
    """The candidate rows of the tasks that are open and that nobody holds."""
    return frozenset(
        (c.role, c.unit, row.due_at, row.late_after_at, row.opened.id)
        for row in rows.opened.values()
        if row.state is TaskState.OPEN and row.assignee is None
        for c in row.opened.candidates
    )


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
