"""Writes one instance at once: set-based statements whose number does not grow with the rows.

PostgreSQL gets one call of the function `apply_step` with one JSON parameter; SQLite gets prepared driver
SQL. No statement is built or compiled here, because this is the hot path of every completion.
"""

import json
from dataclasses import dataclass
from typing import Any

from engine.clock import to_micros
from engine.domain.instance import InstanceState
from engine.errors import TransientConflict
from engine.store.database import Transaction
from engine.store.step_rows import (
    StepRows,
    candidate_rows,
    candidates_json,
    event_columns,
    excluded_json,
    exclusion_rows,
    inputs_json,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceWrite:
    """The instance row as it will be, and its rows; `revision` is the one that was loaded."""

    id: int
    revision: int
    seq: int
    head: bytes
    state: InstanceState
    causes: int
    title: str
    ended_at: int | None
    pair_ids: dict[tuple[str, str], int]
    rows: StepRows


def write_instance(transaction: Transaction, write: InstanceWrite) -> None:
    """Write an instance; TransientConflict when its row is not at the loaded revision any more."""
    if transaction.is_sqlite:
        _write_sqlite(transaction, write)
    else:
        transaction.queue("select apply_step(%s::json)", (apply_step_json(write),))


# --- PostgreSQL -----------------------------------------------------------------------------------


def apply_step_json(write: InstanceWrite) -> str:
    """The parameter of the function `apply_step`; digests and bytes are hex, empty lists are left out."""
    rows = write.rows
    lists: dict[str, list[Any]] = {
        "events": [[*event_columns(e)[1:13], e.digest.hex()] for e in rows.events],
        "tasks": _task_rows(write),
        "candidates": [list(row) for row in candidate_rows(rows, write.pair_ids)],
        "exclusions": [list(row) for row in exclusion_rows(rows)],
        "closed": [[c.task_id, c.state, c.closed_at, c.closed_by] for c in rows.closed.values()],
        "held": [[h.task_id, *h.columns] for h in rows.held.values()],
        "timers": _timer_rows(write),
        "timers_gone": sorted(rows.timers_gone),
        "awaited": _subscription_rows(write),
        "unawaited": sorted(rows.unawaited),
    }
    values: dict[str, Any] = {
        "id": write.id, "revision": write.revision, "seq": write.seq, "head": write.head.hex(),
        "state": write.state, "causes": write.causes, "title": write.title, "ended_at": write.ended_at,
        **{name: found for name, found in lists.items() if found},
    }  # fmt: skip
    if rows.snapshot is not None:
        values["snapshot"] = [rows.snapshot[0], rows.snapshot[1].hex()]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


# --- SQLite ---------------------------------------------------------------------------------------

_UPDATE_INSTANCE = (
    "update process_instance set revision = revision + 1, seq = ?, head = ?, state = ?, causes = ?,"
    " title = ?, ended_at = ? where id = ? and revision = ?"
)
_INSERT_EVENT = "insert into history_event values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_TASK = (
    "insert into task (id, instance_id, process_key, element_id, path, label, subject, state, revision,"
    " candidates, inputs, assignee, owner, due_at, opened_at, sent_by, closed_at, closed_by, late_after_at,"
    " excluded, was_returned)"
    " select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
    " ?21 and exists(select 1 from task p where p.id >= (?2 << 20) and p.id < ?1"
    " and p.path = ?5 and p.element_id = ?4 and p.candidates = ?10 and p.state = 2)"
)
_INSERT_CANDIDATE = "insert into task_candidate (pair_id, due_at, task_id, late_after_at) values (?, ?, ?, ?)"
_INSERT_EXCLUSION = "insert into task_exclusion (task_id, user_id) values (?, ?)"
_UPDATE_CLOSED = (
    "update task set state = ?, revision = revision + 1, closed_at = ?, closed_by = ? where id = ?"
)
_UPDATE_HELD = (
    "update task set assignee = ?, owner = ?, candidates = coalesce(?, candidates),"
    " due_at = coalesce(?, due_at), late_after_at = coalesce(?, late_after_at), revision = revision + 1"
    " where id = ?"
)
_DELETE_CANDIDATES = (
    "delete from task_candidate where (pair_id, due_at, task_id) in ("
    " select p.id, t.due_at, t.id from json_each(?) g join task t on t.id = g.value"
    " join json_each(t.candidates) c"
    " join candidate_pair p"
    " on p.role = json_extract(c.value, '$[0]') and p.unit = json_extract(c.value, '$[1]'))"
)
_REINSERT_CANDIDATES = (
    "insert into task_candidate (pair_id, due_at, task_id, late_after_at)"
    " select distinct p.id, t.due_at, t.id, t.late_after_at from json_each(?) g join task t on t.id = g.value"
    " join json_each(t.candidates) c"
    " join candidate_pair p"
    " on p.role = json_extract(c.value, '$[0]') and p.unit = json_extract(c.value, '$[1]')"
    " where t.state = 1 and t.assignee is null"
)
_INSERT_TIMER = "insert into timer (task_id, instance_id, element_id, due_at) values (?, ?, ?, ?)"
_DELETE_TIMERS = "delete from timer where task_id in (select value from json_each(?))"
_INSERT_SUBSCRIPTION = (
    "insert into message_subscription"
    " (task_id, instance_id, process_key, element_id, name, correlation, role, form)"
    " values (?, ?, ?, ?, ?, ?, ?, ?)"
)
_DELETE_SUBSCRIPTIONS = "delete from message_subscription where task_id in (select value from json_each(?))"
_UPSERT_SNAPSHOT = (
    "insert into snapshot (instance_id, seq, body) values (?, ?, ?)"
    " on conflict (instance_id) do update set seq = excluded.seq, body = excluded.body"
)


def _write_sqlite(transaction: Transaction, write: InstanceWrite) -> None:
    rows = write.rows
    cursor = transaction.run(
        _UPDATE_INSTANCE,
        (
            write.seq,
            write.head,
            int(write.state),
            write.causes,
            write.title,
            write.ended_at,
            write.id,
            write.revision,
        ),
    )
    if cursor.rowcount != 1:
        raise TransientConflict
    transaction.run_many(_INSERT_EVENT, [event_columns(event) for event in rows.events])
    gone = [*rows.closed, *(h.task_id for h in rows.held.values())]
    if gone:
        transaction.run(_DELETE_CANDIDATES, (json.dumps(gone),))
    transaction.run_many(_UPDATE_HELD, [(*h.columns, h.task_id) for h in rows.held.values()])
    transaction.run_many(
        _UPDATE_CLOSED, [(int(c.state), c.closed_at, c.closed_by, c.task_id) for c in rows.closed.values()]
    )
    if rows.held:
        transaction.run(_REINSERT_CANDIDATES, (json.dumps([*rows.held]),))
    transaction.run_many(_INSERT_TASK, _task_rows(write))
    transaction.run_many(_INSERT_CANDIDATE, candidate_rows(rows, write.pair_ids))
    transaction.run_many(_INSERT_EXCLUSION, exclusion_rows(rows))
    if rows.timers_gone:
        transaction.run(_DELETE_TIMERS, (json.dumps(sorted(rows.timers_gone)),))
    transaction.run_many(_INSERT_TIMER, _timer_rows(write))
    if rows.unawaited:
        transaction.run(_DELETE_SUBSCRIPTIONS, (json.dumps(sorted(rows.unawaited)),))
    transaction.run_many(_INSERT_SUBSCRIPTION, _subscription_rows(write))
    if rows.snapshot is not None:
        transaction.run(_UPSERT_SNAPSHOT, (write.id, *rows.snapshot))
    if write.ended_at is not None:
        transaction.run("delete from snapshot where instance_id = ?", (write.id,))


# --- both -----------------------------------------------------------------------------------------


def _task_rows(write: InstanceWrite) -> list[list[Any]]:
    return [
        [
            row.opened.id, write.id, row.opened.process_key, row.opened.element_id, row.opened.path,
            row.opened.label, row.opened.subject, int(row.state), row.revision, candidates_json(row.opened),
            inputs_json(row.opened), row.assignee, row.owner, row.due_at, row.opened_at, row.sent_by,
            row.closed_at, row.closed_by, row.late_after_at, excluded_json(row.opened), row.came_back,
        ]
        for row in write.rows.opened.values()
    ]  # fmt: skip


def _timer_rows(write: InstanceWrite) -> list[list[Any]]:
    return [[t.task_id, write.id, t.element_id, to_micros(t.due_at)] for t in write.rows.timers.values()]


def _subscription_rows(write: InstanceWrite) -> list[list[Any]]:
    return [
        [s.task_id, write.id, s.process_key, s.element_id, s.name, s.correlation, s.role, s.form]
        for s in write.rows.awaited.values()
    ]
