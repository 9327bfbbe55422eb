"""The comments on an instance and its tasks, and the page on which one is written."""

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engine.clock import from_micros
from engine.domain.history import EventType
from engine.domain.instance import Instance
from engine.domain.permission import may_comment, may_see_instance, may_see_task, refusal_of
from engine.domain.task import Task
from engine.errors import NotFound
from engine.store import tables
from engine.store.unit_of_work import Reader

MOST_COMMENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said beside the forms, and to whom it was told."""

    who: str
    title: str
    at: datetime
    text: str
    mentioned: tuple[str, ...]
    task_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentPage:
    """The latest comments on an instance, the latest one first; `task` where the page is about one task."""

    instance: Instance
    task: Task | None
    comments: tuple[Comment, ...]
    may_comment: bool
    may_see_instance: bool


def comment_page(reader: Reader, instance_id: int, task_id: int | None = None) -> CommentPage:
    """The page of comments; whoever sees only a task of the instance reads only what was said of it."""
    task = reader.tasks.get(task_id) if task_id is not None else None
    if task is not None and task.instance_id != instance_id:
        raise NotFound(kind="task", id=task_id)
    instance = reader.instances.get(instance_id)
    sees_all = may_see_instance(reader.actor, instance)
    if not sees_all and task is None:
        raise NotFound(kind="process instance", id=instance_id)
    if not sees_all and task is not None and not may_see_task(reader.actor, task, instance):
        raise refusal_of(reader.actor, task, instance)
    reader.looks_at(instance)
    return CommentPage(
        instance=instance, task=task, may_see_instance=sees_all, may_comment=may_comment(reader.actor),
        comments=comments_on(reader, instance_id, None if sees_all else task_id),
    )  # fmt: skip


def comments_beside(reader: Reader, task: Task, instance: Instance) -> tuple[Comment, ...]:
    """The comments that somebody at a task reads: those on its instance, or on the task alone."""
    sees_all = may_see_instance(reader.actor, instance)
    return comments_on(reader, instance.id, None if sees_all else task.id)


def comments_on(reader: Reader, instance_id: int, task_id: int | None = None) -> tuple[Comment, ...]:
    """The latest comments on an instance, or on one of its tasks, the latest one first."""
    event, user = tables.history_event.c, tables.user.c
    query = (
        sa.select(event.actor, event.occurred_at, event.task_id, event.data, user.name, user.title)
        .join(tables.user, user.id == event.actor, isouter=True)
        .where(event.stream == instance_id, event.type == EventType.COMMENT_MADE)
        .order_by(event.seq.desc())
        .limit(MOST_COMMENTS)
    )
    if task_id is not None:
        query = query.where(event.task_id == task_id)
    rows = reader.transaction.core.execute(query).all()
    return tuple(
        Comment(
            who=row.name or row.actor, title=row.title or "", at=from_micros(row.occurred_at),
            text=told["note"], mentioned=tuple(told["users"]), task_id=row.task_id,
        )
        for row in rows
        for told in (json.loads(row.data),)
    )  # fmt: skip
