"""The dates of one person's open tasks, for the calendar program of that person."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from engine.clock import TAIPEI
from engine.domain.identity import Actor
from engine.domain.preference import LANGUAGE
from engine.errors import NotFound, NotPermitted
from engine.queries.tasks import MAX_LIMIT, InboxRow, View, inbox
from engine.store import tables
from engine.store.actors import actor_of
from engine.store.calendar_links import CalendarLink
from engine.store.unit_of_work import Reader

_INSTANCE = tables.process_instance.c


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedTask:
    """A task that the person owes. Of a restricted instance only the step is told: a subject names people."""

    task_id: int
    label: str
    subject: str
    unit_label: str
    due_on: date
    late_after_on: date
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalCalendar:
    """The dated tasks of a person and the language in which they are told, if one was chosen."""

    language: str | None
    tasks: tuple[DatedTask, ...]


def own_link(reader: Reader) -> CalendarLink | None:
    """The actor's calendar link, if there is one."""
    return reader.calendar_links.of_user(reader.actor.user_id)


def person_of_link(reader: Reader, secret: str) -> Actor:
    """Whose calendar a secret opens; NotFound for secrets unknown or revoked, and of closed accounts."""
    link = reader.calendar_links.of_secret(secret)
    if link is None:
        raise NotFound(kind="calendar link", id="")
    try:
        return actor_of(reader, link.user_id)
    except NotPermitted as error:
        raise NotFound(kind="calendar link", id="") from error


def personal_calendar(reader: Reader) -> PersonalCalendar:
    """The actor's next tasks with a due date, by the rule of the inbox."""
    rows = [row for row in inbox(reader, view=View.OPEN, limit=MAX_LIMIT).rows if row.due_at is not None]
    restricted = _restricted(reader, {row.instance_id for row in rows})
    return PersonalCalendar(
        language=reader.preferences.of(reader.actor.user_id).get(LANGUAGE),
        tasks=tuple(_dated(row, is_restricted=row.instance_id in restricted) for row in rows),
    )


def _restricted(reader: Reader, instance_ids: set[int]) -> set[int]:
    wanted = (_INSTANCE.id.in_(instance_ids), _INSTANCE.restricted_to != "")
    return set(reader.transaction.core.execute(sa.select(_INSTANCE.id).where(*wanted)).scalars())


def _dated(row: InboxRow, *, is_restricted: bool) -> DatedTask:
    assert row.due_at is not None
    late_after_at = row.late_after_at or row.due_at
    return DatedTask(
        task_id=row.task_id, label=row.label, subject="" if is_restricted else row.subject,
        unit_label=row.unit_label, due_on=row.due_at.astimezone(TAIPEI).date(),
        late_after_on=late_after_at.astimezone(TAIPEI).date(), opened_at=row.opened_at,
    )  # fmt: skip
