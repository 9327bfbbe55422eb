"""The inbox: pages of tasks by view, and how many there are in each view."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from engine.clock import TAIPEI, to_micros
from engine.domain.deputy import ActiveDeputyship
from engine.domain.identity import ANY_UNIT, Actor
from engine.domain.priority import Priority
from engine.domain.task import LONGEST_GRACE, Candidate, Task, acting_for, capacity
from engine.errors import FieldError, Invalid
from engine.queries.inbox_completed import count_completed, end_of_walk, keys_completed, keys_walked
from engine.queries.inbox_counts import Held, PoolList, count_lists, tasks_held
from engine.queries.inbox_filters import Filters, narrowed
from engine.queries.inbox_pages import (
    BEFORE_ALL_DUE,
    FIRST,
    Key,
    keys_among,
    keys_as_deputy,
    keys_held,
    keys_of_pool,
    keys_to_assign,
    merged,
    own_pool,
    pool_to_assign,
)
from engine.queries.sought import Sought, sought_texts
from engine.store import tables
from engine.store.extended import original_due_at, told_of_extension
from engine.store.priorities import rank_of_task
from engine.store.tables import NEVER
from engine.store.tasks import task_from_row
from engine.store.unit_of_work import Reader

SOON = timedelta(days=3)
COUNT_CAP = 100
MAX_LIMIT = 200
LARGEST_NUMBER = 2**63 - 1  # of a bigint column
COUNTERSIGN = "countersign_opinion"  # the element at which a unit is asked (會辦)


class View(StrEnum):
    """What an inbox shows. `open` is all that the actor owes: what they hold and what they may take.

    `overdue` is late (逾期); `due_soon` is due in the next days, or due already and not late yet.
    `deputy` is what those owe in whose place the actor stands today; no other view shows it.
    `assignable` is what nobody holds in the pools of a chief's unit: the chief hands it to somebody.
    `follow_up` is what the actor has put off until a day; until then `open`, `mine`, `group` and
    `deputy` leave it out.
    `done` is what the actor completed: `sent` while the process instance lives, `closed` when it has ended.
    """

    OPEN = "open"
    MINE = "mine"
    GROUP = "group"
    DEPUTY = "deputy"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    RETURNED = "returned"
    COUNTERSIGN = "countersign"
    ASSIGNABLE = "assignable"
    FOLLOW_UP = "follow_up"
    DONE = "done"
    SENT = "sent"
    CLOSED = "closed"


COMPLETED_VIEWS = (View.DONE, View.SENT, View.CLOSED)
WALKED_VIEWS = (View.SENT, View.CLOSED)
# What is late, due soon or returned shows itself, whatever its reader has put off.
LEAVING_OUT = frozenset({View.OPEN, View.MINE, View.GROUP, View.DEPUTY})
COUNTED = tuple(view for view in View if view is not View.DONE)
SORTS = ("due", "since", "priority")
_NO_SUCH_CURSOR = FieldError(path="cursor", template="This value does not exist")


class DueWithin(StrEnum):
    """Until when work is due; what is late already is always within."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One task of an inbox.

    `reason` is the pair by which the actor sees it; None where they hold or held it. `deputyship` tells in
    whose place they see it, where it is not their own. `original_due_at` is that of an extended one.
    """

    task_id: int
    instance_id: int
    definition_key: str
    process_key: str
    element_id: str
    business_key: str
    label: str
    subject: str
    unit: str
    unit_label: str
    sent_by: str | None
    sent_by_name: str
    sent_by_title: str
    opened_at: datetime
    due_at: datetime | None
    original_due_at: datetime | None
    late_after_at: datetime | None
    closed_at: datetime | None
    assignee: str | None
    owner: str | None
    revision: int
    reason: Candidate | None
    deputyship: ActiveDeputyship | None
    was_returned: bool
    priority: Priority
    is_overdue: bool
    speed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPage:
    """One page; `next_cursor` is None on the last one. Pages of `sent` and `closed` may be short before."""

    rows: tuple[InboxRow, ...]
    next_cursor: str | None


def inbox(
    reader: Reader,
    *,
    view: str = View.OPEN,
    cursor: str | None = None,
    limit: int = 25,
    q: str = "",
    definition_key: str | None = None,
    process_key: str | None = None,
    unit: str | None = None,
    roc_year: int | None = None,
    due: str | None = None,
    priority: str | None = None,
    sort: str = "due",
    labels: Mapping[str, str] | None = None,
    sought: Sought | None = None,
) -> InboxPage:
    """One page of the actor's tasks, by due date, the newest or the highest priority first (done tasks:
    always the latest first). `priority` asks for those that have it or a higher one. `labels` are those of
    all units and `sought` the texts of the words, where they have been read already.

    Invalid for a view, due, priority, sort or cursor that does not exist. The number of statements does not
    depend on the rows.
    """
    if sort not in SORTS:
        raise Invalid((FieldError(path="sort", template="This value does not exist"),))
    if view not in list(View):
        raise Invalid((FieldError(path="view", template="This value does not exist"),))
    wanted, after = View(view), cursor_key(cursor)
    limit = max(1, min(limit, MAX_LIMIT))
    filters = _due_within(
        reader,
        due,
        Filters(
            q=q, texts=(sought or sought_texts(reader, q)).texts,
            definition_key=definition_key, process_key=process_key, unit=unit, roc_year=roc_year,
            newest_first=sort == "since", highest_first=sort == "priority",
            least_rank=_least_rank(priority),
        ),
    )  # fmt: skip
    keys = _shown(reader, wanted, filters, after, limit + 1, reader.follow_ups.of_actor())
    page = keys[:limit]
    last = page[-1] if len(keys) > limit else None
    if last is None and wanted in WALKED_VIEWS:
        last = end_of_walk(reader, after)
    more = f"{last[0]}.{last[1]}" if last else None
    return InboxPage(rows=_rows(reader, page, labels), next_cursor=more)


def inbox_counts(reader: Reader) -> dict[str, int]:
    """How many tasks each view has, counted up to `COUNT_CAP`: a higher number is shown as 99+.

    `sent` and `closed` are counted among the newest tasks that the actor completed, as their first page
    shows them.
    """
    put_off, own = reader.follow_ups.of_actor(), own_pool(reader.actor)
    narrow = {view: _narrowed_to(view, Filters(), reader.now) for view in _NARROWED}
    lists = {view: PoolList(pool=own, filters=narrow[view]) for view in (View.OVERDUE, View.DUE_SOON)}
    lists[View.GROUP] = PoolList(pool=own, filters=Filters(), without=put_off)
    lists[View.ASSIGNABLE] = PoolList(pool=pool_to_assign(reader.actor), filters=Filters())
    counts = count_lists(reader, {str(view): wanted for view, wanted in lists.items()}, COUNT_CAP)
    for view in (View.RETURNED, View.COUNTERSIGN):
        counts[view] = len(keys_of_pool(reader, narrow[view], FIRST, COUNT_CAP))
    held = tasks_held(reader)
    for view in _NARROWED:
        counts[view] += _count_held(reader, held, narrow[view])
    counts[View.MINE] = _count_held(reader, held, Filters(), put_off)
    counts[View.OPEN] = counts[View.MINE] + counts[View.GROUP]  # nobody holds what lies in a pool
    for view in (View.DEPUTY, View.FOLLOW_UP):
        counts[view] = len(_shown(reader, view, Filters(), FIRST, COUNT_CAP, put_off))
    counts[View.SENT], counts[View.CLOSED] = count_completed(reader)
    return {str(view): min(counts[view], COUNT_CAP) for view in COUNTED}


def _count_held(
    reader: Reader, held: list[Held] | None, filters: Filters, put_off: frozenset[int] = frozenset()
) -> int:
    if held is None:
        keys = keys_held(reader, filters, FIRST, COUNT_CAP + len(put_off))
        return sum(task_id not in put_off for _, task_id in keys)
    return sum(task.is_within(filters) and task.task_id not in put_off for task in held)


def page_and_counts(reader: Reader, /, **asked: Any) -> tuple[InboxPage, dict[str, int]]:
    """One page (`inbox`) and the counts, on one picture of the database."""
    return inbox(reader, **asked), inbox_counts(reader)


def inbox_count(reader: Reader, view: View, q: str, sought: Sought | None = None) -> int:
    """How many tasks of a view a search finds, counted up to `COUNT_CAP`."""
    filters = Filters(q=q, texts=(sought or sought_texts(reader, q)).texts)
    return len(_shown(reader, view, filters, FIRST, COUNT_CAP, reader.follow_ups.of_actor()))


def position(row: InboxRow | Task, sort: str = "due", *, priority: Priority = Priority.NORMAL) -> Key:
    """Where a task stands in a list of open tasks, also when it is not there any more."""
    task_id = row.task_id if isinstance(row, InboxRow) else row.id
    if sort == "since":
        return -to_micros(row.opened_at), task_id
    due_at = NEVER if row.due_at is None else to_micros(row.due_at)
    return due_at - (priority.rank * BEFORE_ALL_DUE if sort == "priority" else 0), task_id


def _least_rank(priority: str | None) -> int:
    if not priority:
        return 0
    if priority not in list(Priority):
        raise Invalid((FieldError(path="priority", template="This value does not exist"),))
    return Priority(priority).rank


def _due_within(reader: Reader, due: str | None, filters: Filters) -> Filters:
    if not due:
        return filters
    if due not in list(DueWithin):
        raise Invalid((FieldError(path="due", template="This value does not exist"),))
    if due == DueWithin.UNDATED:
        return narrowed(filters, due_from=NEVER)
    days = {DueWithin.TODAY: 0, DueWithin.WEEK: 6 - reader.today.weekday(), DueWithin.MONTH: 30}
    first_beyond = reader.today + timedelta(days=days[DueWithin(due)] + 1)
    return narrowed(filters, due_until=to_micros(datetime.combine(first_beyond, time(), TAIPEI)))


def _shown(
    reader: Reader, view: View, filters: Filters, after: Key, limit: int, put_off: frozenset[int]
) -> list[Key]:
    """The keys of a view but for those that the actor has put off, or those alone."""
    if filters.texts == ():
        return []
    if view is View.FOLLOW_UP:
        if not put_off:
            return []
        return keys_among(reader, put_off, filters, after, limit)
    if view not in LEAVING_OUT:
        return _keys(reader, view, filters, after, limit)
    if view is View.DEPUTY and put_off:  # no list of what is late holds what others owe
        late = keys_among(reader, put_off, _overdue(Filters(), to_micros(reader.now)), FIRST, len(put_off))
        put_off -= {key[1] for key in late}
    keys = _keys(reader, view, filters, after, limit + len(put_off))
    return [key for key in keys if key[1] not in put_off][:limit]


def _keys(reader: Reader, view: View, filters: Filters, after: Key, limit: int) -> list[Key]:
    match view:
        case View.DONE:
            return keys_completed(reader, filters, after, limit)
        case View.SENT | View.CLOSED:
            return keys_walked(reader, filters, after, limit, has_ended=view is View.CLOSED)
        case View.MINE:
            return keys_held(reader, filters, after, limit)
        case View.GROUP:
            return keys_of_pool(reader, filters, after, limit)
        case View.DEPUTY:
            return keys_as_deputy(reader, filters, after, limit)
        case View.ASSIGNABLE:
            return keys_to_assign(reader, filters, after, limit)
        case _:
            filters = _narrowed_to(view, filters, reader.now)
    held = keys_held(reader, filters, after, limit)
    return merged(limit, held, keys_of_pool(reader, filters, after, limit))


_NARROWED = (View.OVERDUE, View.DUE_SOON, View.RETURNED, View.COUNTERSIGN)


def _narrowed_to(view: View, filters: Filters, now: datetime) -> Filters:
    """What a view asks of a task that the actor holds or may take."""
    match view:
        case View.OVERDUE:
            return _overdue(filters, to_micros(now))
        case View.DUE_SOON:
            since, until = to_micros(now - LONGEST_GRACE), to_micros(now + SOON)
            return replace(narrowed(filters, due_from=since, due_until=until), late_from=to_micros(now))
        case View.RETURNED:
            return replace(filters, returned_only=True)
        case View.COUNTERSIGN:
            return replace(filters, element_id=COUNTERSIGN)
        case _:
            return filters


def _overdue(filters: Filters, now: int) -> Filters:
    return replace(narrowed(filters, due_until=now), late_until=now)


def _rows(reader: Reader, keys: list[Key], labels: Mapping[str, str] | None) -> tuple[InboxRow, ...]:
    """The rows of a page in one statement."""
    if not keys:
        return ()
    instance, sender, unit = tables.process_instance.c, tables.user.c, tables.unit
    query = (
        sa.select(
            tables.task,
            instance.definition_key,
            instance.business_key,
            sender.name,
            sender.title,
            told_of_extension(),
            rank_of_task(),
        )
        .join(tables.process_instance, instance.id == tables.task.c.instance_id)
        .outerjoin(tables.user, sender.id == tables.task.c.sent_by)
        .where(tables.task.c.id.in_([task_id for _, task_id in keys]))
    )
    core = reader.transaction.core
    by_id = {row[0]: row for row in core.execute(query)}
    if labels is None:
        labels = {row[0]: row[1] for row in core.execute(sa.select(unit.c.id, unit.c.label))}
    return tuple(_row(reader, by_id[task_id], labels) for _, task_id in keys)


def _row(reader: Reader, row: Any, labels: Mapping[str, str]) -> InboxRow:
    *columns, definition_key, business_key, sender_name, sender_title, extended, rank = row
    task = task_from_row(columns)
    return inbox_row(
        reader.actor, reader.now, task, definition_key=definition_key, business_key=business_key,
        sender=(sender_name or "", sender_title or ""), unit_labels=labels,
        original_due_at=original_due_at(extended, task.due_at), was_returned=row.was_returned,
        priority=Priority.of_rank(rank or 0),
    )  # fmt: skip


def inbox_row(
    actor: Actor, now: datetime, task: Task, *, definition_key: str, business_key: str,
    sender: tuple[str, str], unit_labels: Mapping[str, str], original_due_at: datetime | None,
    was_returned: bool, priority: Priority,
) -> InboxRow:  # fmt: skip
    """A task as it stands in the inbox of a person; `sender` is the name and the title of who sent it."""
    way = capacity(actor, task)
    reason = way.candidate if way else None
    unit = _unit_of(task, reason)
    return InboxRow(
        task_id=task.id, instance_id=task.instance_id, definition_key=definition_key,
        process_key=task.process_key, element_id=task.element_id, business_key=business_key, label=task.label,
        subject=task.subject, unit=unit, unit_label=unit_labels.get(unit, ""), sent_by=task.sent_by,
        sent_by_name=sender[0], sent_by_title=sender[1], opened_at=task.opened_at, due_at=task.due_at,
        original_due_at=original_due_at, late_after_at=task.late_after_at, closed_at=task.closed_at,
        assignee=task.assignee, owner=task.owner, revision=task.revision, reason=reason,
        deputyship=acting_for(actor, task), was_returned=was_returned, priority=priority,
        is_overdue=task.is_overdue(now), speed=task.speed,
    )  # fmt: skip


def _unit_of(task: Task, reason: Candidate | None) -> str:
    candidates = (reason, *task.candidates) if reason else task.candidates
    return next((c.unit for c in candidates if c.unit), ANY_UNIT)


def cursor_key(cursor: str | None) -> Key:
    """The place in a list that an address tells; Invalid for one that no list has."""
    if not cursor:
        return FIRST
    try:
        due_at, task_id = (int(number) for number in cursor.split("."))
    except ValueError as error:
        raise Invalid((_NO_SUCH_CURSOR,)) from error
    if max(abs(due_at), abs(task_id)) > LARGEST_NUMBER:
        raise Invalid((_NO_SUCH_CURSOR,))
    return due_at, task_id
