"""What sealed histories say: events, tasks as they were opened, and documents as events recorded them.

Nothing here reads a projection: who held a task, what was signed and what stood in a document comes from the
events, and the body of a document from the content that its digest names.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros
from engine.domain.history import FIRST_INSTANCE_ID, ORGANISATION_STREAM, EventType, HistoryEvent
from engine.domain.identity import SYSTEM_ACTOR, User, role_label
from engine.domain.instance import Instance
from engine.domain.telling import Own
from engine.queries.questions.answer import Cell, EventPlace, Term, Value, Words, cell
from engine.queries.questions.scope import Scene
from engine.store import tables
from engine.store.history import event_from_row
from engine.store.unit_of_work import Reader

_EVENT = tables.history_event.c
_CONTENT = tables.content.c
AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event with its data read."""

    event: HistoryEvent
    data: dict[str, Any]

    @property
    def at(self) -> datetime:
        return from_micros(self.event.occurred_at)

    @property
    def place(self) -> EventPlace:
        return EventPlace(instance_id=self.event.stream, seq=self.event.seq)

    @property
    def values(self) -> dict[str, Any]:
        """What was entered, for a completion."""
        found: dict[str, Any] = self.data.get("values") or {}
        return found

    @property
    def names(self) -> frozenset[str]:
        """Who acted, and in whose place."""
        return frozenset(name for name in (self.event.actor, self.event.on_behalf_of) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A version of a document, as the event that recorded it says, with its body."""

    owner: str
    kind: str
    key: str
    no: int
    digest: str
    note: str
    by: str
    task_id: int | None
    told: Told
    body: dict[str, Any]

    @property
    def at(self) -> datetime:
        return self.told.at

    @property
    def place(self) -> EventPlace | None:
        """The event, unless it lies beside all instances."""
        return None if self.told.event.stream == ORGANISATION_STREAM else self.told.place


class Trail:
    """The histories of a scene. `events` are those of the instances asked about and of those around them."""

    def __init__(self, reader: Reader, scene: Scene) -> None:
        self.reader = reader
        self.scene = scene

    def is_asked(self, stream: int) -> bool:
        """True for an event of an instance that is asked about, and not only of one around it."""
        return stream in self.scene.instances

    def events(self, *types: EventType, containing: str = "") -> list[Told]:
        """The events of some types in the order of time; `containing` is a part of their data."""
        wanted = [self._is_near(), _EVENT.type.in_([str(type_) for type_ in types])]
        if containing:
            wanted.append(_EVENT.data.contains(containing, autoescape=True))
        return self._read(wanted)

    def documents(self, *kinds: str) -> list[Recorded]:
        """Every version of the documents of some kinds, in the order in which they were recorded.

        What was brought in beside all instances, such as the plan of a year that was not run here, is read
        as well.
        """
        mentions = (_EVENT.data.contains(f'"kind":"{kind}"', autoescape=True) for kind in kinds)
        near = sa.or_(self._is_near(), _EVENT.stream == ORGANISATION_STREAM)
        found = [
            (told, ref)
            for told in self._read([near, _EVENT.data.contains('"documents":'), sa.or_(*mentions)])
            for ref in told.data.get("documents", ())
            if ref["kind"] in kinds
        ]
        bodies = self._bodies({ref["digest"] for _, ref in found})
        return [
            Recorded(
                owner=ref["owner"], kind=ref["kind"], key=ref["key"], no=ref["no"], digest=ref["digest"],
                note=ref["note"], by=ref["made_by"], task_id=ref["task_id"], told=told,
                body=bodies.get(ref["digest"], {}),
            )
            for told, ref in found
        ]  # fmt: skip

    @cached_property
    def opened(self) -> dict[int, dict[str, Any]]:
        """What each task was when it was opened: label, path, subject, inputs, who was excluded."""
        return {
            told.event.task_id: told.data
            for told in self.events(EventType.TASK_OPENED)
            if told.event.task_id is not None
        }

    @cached_property
    def letters(self) -> dict[int, tuple[str, Told]]:
        """The number of each letter as it stands now, and the event that entered or corrected it last."""
        wanted = [self._is_near(), _EVENT.data.contains('"letters":')]
        return {
            letter["id"]: (f"{letter['prefix']}第{letter['number']}號{letter['doc_type']}", told)
            for told in self._read(wanted)
            for letter in told.data.get("letters", ())
        }

    def letter(self, letter_id: int | None) -> Cell:
        """The number of a letter, with the event that entered it."""
        found = self.letters.get(letter_id or 0)
        return () if found is None else cell(found[0], found[1].place)

    @cached_property
    def people(self) -> dict[str, User]:
        """Every account by its id."""
        return {user.id: user for user in self.reader.organisation.users()}

    @cached_property
    def units(self) -> dict[str, str]:
        """What each unit is called."""
        return {unit.id: unit.label for unit in self.reader.organisation.units()}

    def person(self, user_id: str | None) -> Value:
        """Name and title of somebody, or that the system did it."""
        if user_id == SYSTEM_ACTOR:
            return Words(template="The system itself")
        user = self.people.get(user_id or "")
        return f"{user.name} {user.title}".strip() if user else user_id

    def capacity(self, event: HistoryEvent) -> Value:
        """As what somebody acted: the role, with the unit where there is one."""
        if event.role is None:
            return None
        label = role_label(event.role)
        unit = self.units.get(event.unit or "")
        return f"{unit} {label}" if unit else Term(label)

    def task(self, task_id: int | None) -> Value:
        """What a task is called."""
        found = self.opened.get(task_id or 0)
        return Term(found["label"]) if found else None

    def scope_of(self, task_id: int | None) -> str:
        """The call that a task belongs to: the round of a sign-off, the contribution of one unit."""
        return str(self.opened.get(task_id or 0, {}).get("path", "")).rpartition("/")[0]

    def instance_name(self, stream: int) -> str:
        """What an instance is called: its title, or its process."""
        instance: Instance | None = self.scene.around.get(stream)
        return (instance.title or instance.definition_key) if instance else ""

    def _is_near(self) -> sa.ColumnElement[bool]:
        if not self.scene.scope.told:
            return _EVENT.stream >= FIRST_INSTANCE_ID
        return _EVENT.stream.in_(sorted(self.scene.around))

    def _read(self, wanted: Iterable[sa.ColumnElement[bool]]) -> list[Told]:
        order = (_EVENT.occurred_at, _EVENT.stream, _EVENT.seq)
        query = sa.select(tables.history_event).where(*wanted).order_by(*order)
        rows = self.reader.transaction.core.execute(query)
        owns = {stream: instance.own for stream, instance in self.scene.around.items()}
        return [
            told
            for told in readable(rows, owns)
            if told.event.stream in self.scene.around or told.event.stream == ORGANISATION_STREAM
        ]

    def _bodies(self, digests: Collection[str]) -> dict[str, dict[str, Any]]:
        wanted = [bytes.fromhex(digest) for digest in sorted(digests)]
        bodies: dict[str, dict[str, Any]] = {}
        for start in range(0, len(wanted), AT_ONCE):
            query = sa.select(_CONTENT.digest, _CONTENT.body).where(
                _CONTENT.digest.in_(wanted[start : start + AT_ONCE])
            )
            for digest, body in self.reader.transaction.core.execute(query):
                bodies[bytes(digest).hex()] = json.loads(bytes(body))
        return bodies


def readable(rows: Iterable[Any], owns: Mapping[int, Own] = MappingProxyType({})) -> Iterator[Told]:
    """The events of stored rows whose data can be read; one that was overwritten is named by its chain.

    `owns` is what effects share with their instances, by stream.
    """
    for row in rows:
        event = event_from_row(row)
        try:
            own = owns.get(event.stream)
            data = event.told if own is None else event.told_in(own)
        except ValueError:
            continue
        if isinstance(data, dict):
            yield Told(event=event, data=data)
