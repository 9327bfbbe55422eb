"""What a person completed, the latest first: all of it, or by whether the process instance lives on.

The state of an instance stands in its row alone, so the tasks that somebody completed are walked backwards
and each asks for its instance by key. Whoever completed a hundred thousand tasks would wait for that: one
page, or one count, looks at the newest `WALK` of them, and the next page goes on where it ended.
"""

from typing import Any

import sqlalchemy as sa

from engine.domain.instance import InstanceState
from engine.domain.permission import sight_of
from engine.domain.task import TASK_BITS, TaskState
from engine.queries.inbox_filters import Filters
from engine.queries.inbox_pages import (
    FIRST,
    Key,
    conditions_of,
    is_candidate,
    is_in_state,
    is_told,
    tasks_of,
)
from engine.queries.sought import unordered
from engine.store import tables
from engine.store.sight import is_covered
from engine.store.unit_of_work import Reader

WALK = 500
_BITS: sa.ColumnElement[int] = sa.literal_column(
    str(TASK_BITS)
)  # PostgreSQL shifts by an integer, not by a bigint

_TASK, _INSTANCE = tables.task.c, tables.process_instance.c


def keys_completed(reader: Reader, filters: Filters, after: Key, limit: int) -> list[Key]:
    """Tasks that the actor completed, the latest first; the keys are (minus closed_at, task id).

    Of tasks that were closed in one moment the one opened last comes first, so that the index is walked
    backwards and as far as the page needs.
    """
    query = tasks_of(filters, (-_TASK.closed_at).label("key"), _TASK.id)
    query = query.where(*_completed(reader, after), is_told(reader), *conditions_of(filters))
    closed_at = _TASK.closed_at if filters.texts is None else unordered(_TASK.closed_at)
    query = query.order_by(closed_at.desc(), _TASK.id.desc())
    return [(row[0], row[1]) for row in reader.transaction.core.execute(query.limit(limit))]


def keys_walked(reader: Reader, filters: Filters, after: Key, limit: int, *, has_ended: bool) -> list[Key]:
    """Those of the next `WALK` completed tasks whose process instance has ended, or has not."""
    walked = _walk(reader, after)
    asked = conditions_of(filters)
    joined = _with_instances(walked)
    if asked:
        joined = joined.join(tables.task, _TASK.id == walked.c.id)
    query = sa.select((-walked.c.closed_at).label("key"), walked.c.id).select_from(joined)
    query = query.where(_has_ended() if has_ended else ~_has_ended(), _is_told_of(reader, walked), *asked)
    query = query.order_by(walked.c.closed_at.desc(), walked.c.id.desc())
    return [(row[0], row[1]) for row in reader.transaction.core.execute(query.limit(limit))]


def end_of_walk(reader: Reader, after: Key) -> Key | None:
    """The last key at which a page looks, if there are any beyond it."""
    query = sa.select((-_TASK.closed_at).label("key"), _TASK.id).where(*_completed(reader, after))
    query = query.order_by(_TASK.closed_at.desc(), _TASK.id.desc()).offset(WALK - 1).limit(2)
    rows = reader.transaction.core.execute(query).all()
    return (rows[0][0], rows[0][1]) if len(rows) > 1 else None


def count_completed(reader: Reader) -> tuple[int, int]:
    """Of the newest `WALK` tasks that the actor completed: how many are under way, how many have ended."""
    walked = _walk(reader, FIRST)
    ended = sa.func.coalesce(sa.func.sum(sa.case((_has_ended(), 1), else_=0)), 0)
    query = sa.select(sa.func.count(), ended).select_from(_with_instances(walked))
    row = reader.transaction.core.execute(query.where(_is_told_of(reader, walked))).one()
    return row[0] - row[1], row[1]


def _completed(reader: Reader, after: Key) -> list[sa.ColumnElement[bool]]:
    beyond = sa.tuple_(_TASK.closed_at, _TASK.id) < sa.tuple_(-after[0], after[1])
    return [
        _TASK.closed_by == reader.actor.user_id,
        is_in_state(TaskState.COMPLETED),
        *([beyond] if after != FIRST else []),
    ]


def _walk(reader: Reader, after: Key) -> sa.Subquery:
    """The next completed tasks by the index alone; the limit inside tells the planner how few they are."""
    query = sa.select(_TASK.closed_at, _TASK.id).where(*_completed(reader, after))
    return query.order_by(_TASK.closed_at.desc(), _TASK.id.desc()).limit(WALK).subquery("walked")


def _with_instances(walked: sa.Subquery) -> Any:
    return walked.join(tables.process_instance, _INSTANCE.id == walked.c.id.op(">>")(_BITS))


def _has_ended() -> sa.ColumnElement[bool]:
    return _INSTANCE.state.in_([int(state) for state in InstanceState if state.has_ended])


def _is_told_of(reader: Reader, walked: sa.Subquery) -> sa.ColumnElement[bool]:
    """`is_told` of a walked task, beside the row of its instance."""
    sight = sight_of(reader.actor)
    if sight.roles is None:
        return sa.true()
    asked = sa.select(sa.literal(1)).where(_TASK.id == walked.c.id, is_candidate(reader))
    own_row = asked.correlate(walked).scalar_subquery().is_not(None)
    return sa.or_(_INSTANCE.restricted_to == "", is_covered(sight), own_row)
