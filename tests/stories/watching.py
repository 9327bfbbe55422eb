"""What people and lists show at a moment, taken down live, and the same rebuilt later from history."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from engine.domain.deputy import Deputyship
from engine.domain.identity import SYSTEM, Actor, Membership, Unit, User
from engine.domain.instance import Instance, InstanceState
from engine.domain.task import Task
from engine.engine import Engine
from engine.errors import NotPermitted
from engine.plan.calendar import WorkCalendar
from engine.queries.moments import inbox_then, open_then, organisation_then
from engine.queries.tasks import MAX_LIMIT, InboxRow, View, inbox
from engine.replay.past_organisation import PastOrganisation
from engine.store.unit_of_work import Reader

AUDITOR = "auditor"
Rows = tuple[InboxRow, ...]
Office = tuple[
    list[User], list[Unit], set[Membership], list[Deputyship], set[int], dict[str, object], WorkCalendar
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What stood where at a moment; an inbox is the own one and that as a deputy, None if closed."""

    at: datetime
    inboxes: dict[str, tuple[Rows, Rows] | None]
    opened: list[tuple[Instance, list[Task]]]
    office: Office


def look(engine: Engine, people: Iterable[str]) -> Seen:
    """What the live queries show now."""
    return Seen(
        at=engine.clock.now(),
        inboxes={person: _inbox(engine, person) for person in people},
        opened=engine.ask(SYSTEM, _opened),
        office=engine.ask(SYSTEM, _office),
    )


def rebuild_from_history(engine: Engine, seen: Seen) -> Seen:
    """The same as of that moment, asked by an auditor."""
    auditor = engine.actor(AUDITOR)
    inboxes = {person: _past_inbox(engine, auditor, seen.at, person) for person in seen.inboxes}
    opened = engine.ask(auditor, open_then, seen.at, limit=1000)
    return Seen(
        at=seen.at,
        inboxes=inboxes,
        opened=[(line.instance, list(line.tasks)) for line in opened.lines],
        office=_told(engine.ask(auditor, organisation_then, seen.at)),
    )


def _inbox(engine: Engine, person: str) -> tuple[Rows, Rows] | None:
    try:
        actor = engine.actor(person)
    except NotPermitted:
        return None
    own, deputy = (
        engine.ask(actor, inbox, view=view, limit=MAX_LIMIT).rows for view in (View.OPEN, View.DEPUTY)
    )
    return own, deputy


def _past_inbox(engine: Engine, auditor: Actor, at: datetime, person: str) -> tuple[Rows, Rows] | None:
    found = engine.ask(auditor, inbox_then, at, person, limit=2 * MAX_LIMIT)
    if found.is_closed:
        assert found.rows == ()
        return None
    own = tuple(row for row in found.rows if row.deputyship is None)
    return own, tuple(row for row in found.rows if row.deputyship is not None)


def _opened(reader: Reader) -> list[tuple[Instance, list[Task]]]:
    states = (InstanceState.RUNNING, InstanceState.SUSPENDED)
    return [
        (replace(found, revision=0), reader.tasks.open_of_instance(found.id))
        for found in reader.instances.page(states=states, limit=1000)
    ]


def _office(reader: Reader) -> Office:
    return (
        sorted(reader.organisation.users(), key=lambda user: user.id),
        sorted(reader.organisation.units(), key=lambda unit: unit.id),
        set(reader.organisation.all_memberships()),
        sorted(reader.deputyships.all(), key=lambda deputyship: deputyship.id),
        {deputyship.id for deputyship in reader.deputyships.active()},
        reader.organisation.settings(),
        reader.calendar,
    )


def _told(found: PastOrganisation) -> Office:
    return (
        sorted(found.users.values(), key=lambda user: user.id),
        sorted(found.units.values(), key=lambda unit: unit.id),
        set(found.memberships),
        sorted(found.deputyships, key=lambda deputyship: deputyship.id),
        {deputyship.id for deputyship in found.active_deputyships()},
        dict(found.settings),
        found.calendar,
    )
