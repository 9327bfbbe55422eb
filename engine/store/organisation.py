"""The organisation: units, people, who holds which role where, and settings. Every change takes its event."""

import json
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.domain.history import ORGANISATION_STREAM, EventDraft
from engine.domain.identity import ANY_UNIT, PERSON, ROLES_APART, Agency, Membership, Unit, UnitKind, User
from engine.domain.task import Task
from engine.errors import NotFound
from engine.store import tables
from engine.store.repository import Repository

_USER = tables.user.c
_UNIT = tables.unit.c
_MEMBERSHIP = tables.membership.c
_SETTING = tables.setting.c


class Organisation(Repository):
    """Master data of people; nothing in it is ever deleted."""

    def units(self) -> list[Unit]:
        """Every unit, in the order in which people list them."""
        return [
            _unit(row) for row in self.core.execute(sa.select(tables.unit).order_by(_UNIT.position, _UNIT.id))
        ]

    def units_among(self, unit_ids: Collection[str]) -> dict[str, Unit]:
        """Those of some units that there are, by their ids."""
        query = sa.select(tables.unit).where(_UNIT.id.in_(sorted(unit_ids)))
        return {row.id: _unit(row) for row in self.core.execute(query)}

    def unit_labels(self) -> dict[str, str]:
        """The label of every unit by its id, in the order in which people list them."""
        query = sa.select(_UNIT.id, _UNIT.label).order_by(_UNIT.position, _UNIT.id)
        return {row[0]: row[1] for row in self.core.execute(query)}

    def find_unit(self, unit_id: str) -> Unit | None:
        """The unit, if there is one."""
        row = self.core.execute(sa.select(tables.unit).where(_UNIT.id == unit_id)).first()
        return _unit(row) if row else None

    def unit(self, unit_id: str) -> Unit:
        """The unit; NotFound when there is none."""
        found = self.find_unit(unit_id)
        if found is None:
            raise NotFound(kind="unit", id=unit_id)
        return found

    def users(self) -> list[User]:
        """Every account, by its id."""
        return [_user(row) for row in self.core.execute(sa.select(tables.user).order_by(_USER.id))]

    def find_user(self, user_id: str) -> User | None:
        """The account, if there is one."""
        row = self.core.execute(sa.select(tables.user).where(_USER.id == user_id)).first()
        return _user(row) if row else None

    def user(self, user_id: str) -> User:
        """The account; NotFound when there is none."""
        found = self.find_user(user_id)
        if found is None:
            raise NotFound(kind="user", id=user_id)
        return found

    def email(self, user_id: str) -> str | None:
        """Where mail to this person goes, if anywhere."""
        return self.core.execute(sa.select(_USER.email).where(_USER.id == user_id)).scalar()

    def next_user_number(self) -> int:
        """The number of the next account; its negative is the stream of the person's reads and denials."""
        return (self.core.execute(sa.select(sa.func.max(_USER.number))).scalar() or 0) + 1

    def members(self, role: str, unit: str, on: date) -> list[User]:
        """Active people who do the work of a role on a day, in that unit unless any unit will do.

        Whoever administers or audits does none, whatever else they hold (`capacity`). For a task that is one
        person's, it is that person.
        """
        if role == PERSON:
            user = self.find_user(unit)
            return [user] if user is not None and user.active else []
        apart = sa.select(_MEMBERSHIP.user_id).where(_MEMBERSHIP.role.in_(sorted(ROLES_APART)), _valid_on(on))
        wanted = [_MEMBERSHIP.role == role, _USER.active, _valid_on(on), _USER.id.not_in(apart)]
        if unit != ANY_UNIT:
            wanted.append(_MEMBERSHIP.unit == unit)
        query = sa.select(tables.user).where(
            _USER.id.in_(sa.select(_MEMBERSHIP.user_id).join(tables.user).where(*wanted))
        )
        return [_user(row) for row in self.core.execute(query.order_by(_USER.id))]

    def people_for(self, task: Task, on: date) -> set[str]:
        """Who may take a task on a day: the members of its candidate pairs but for those whom it excludes."""
        members = {user.id for c in task.candidates for user in self.members(c.role, c.unit, on)}
        return members.difference(task.excluded)

    def that_nobody_may_take(self, tasks: Iterable[Task], on: date) -> set[int]:
        """The ids of the tasks of which everybody who may take them is excluded, found in one statement."""
        query = sa.select(_MEMBERSHIP.user_id, _MEMBERSHIP.role, _MEMBERSHIP.unit).join(tables.user)
        held = [tuple(row) for row in self.core.execute(query.where(_USER.active, _valid_on(on)))]
        apart = {user for user, role, _ in held if role in ROLES_APART}
        return {
            task.id
            for task in tasks
            if task.excluded and not _takers(task, held).difference(task.excluded, apart)
        }

    def who_owe(self, task: Task) -> set[str]:
        """Whom a notice about a task reaches: its holder, else who may take it; and their deputies today."""
        owing = {task.assignee} if task.assignee else self.people_for(task, self.reader.today)
        pairs = {(c.role, c.unit) for c in task.candidates}
        return self.reader.deputyships.with_deputies(owing, pairs).difference(task.excluded)

    def memberships(self, user_id: str) -> list[Membership]:
        """Every membership of a person, past ones as well."""
        query = sa.select(tables.membership).where(_MEMBERSHIP.user_id == user_id)
        return [
            _membership(r)
            for r in self.core.execute(query.order_by(_MEMBERSHIP.valid_from, _MEMBERSHIP.role))
        ]

    def all_memberships(self) -> list[Membership]:
        """Every membership of everybody."""
        query = sa.select(tables.membership).order_by(_MEMBERSHIP.user_id, _MEMBERSHIP.role, _MEMBERSHIP.unit)
        return [_membership(row) for row in self.core.execute(query)]

    def setting(self, key: str, default: Any = None) -> Any:
        """A setting, or the default while nobody has set it."""
        found = self.core.execute(sa.select(_SETTING.value).where(_SETTING.key == key)).scalar()
        return default if found is None else json.loads(found)

    def settings(self) -> dict[str, Any]:
        """Every setting that somebody has set."""
        rows = self.core.execute(sa.select(_SETTING.key, _SETTING.value).order_by(_SETTING.key))
        return {row.key: json.loads(row.value) for row in rows}

    def add_user(self, user: User, draft: EventDraft, *, email: str | None = None) -> None:
        """Add an account."""
        self.write(sa.insert(tables.user), {**_user_columns(user), "email": email})
        self._told(draft)

    def change_user(self, user: User, draft: EventDraft, *, email: str | None = None) -> None:
        """Change an account's name, title, mail address, or whether it is active."""
        values = {**_user_columns(user), "email": email}
        self.write(sa.update(tables.user).where(_USER.id == user.id).values(values))
        self._told(draft)

    def add_unit(self, unit: Unit, draft: EventDraft) -> None:
        """Add a unit."""
        self.write(sa.insert(tables.unit), _unit_columns(unit))
        self._told(draft)

    def change_unit(self, unit: Unit, draft: EventDraft) -> None:
        """Change a unit's label, kind, place in the list, or whether it is active."""
        self.write(sa.update(tables.unit).where(_UNIT.id == unit.id).values(_unit_columns(unit)))
        self._told(draft)

    def save_membership(self, membership: Membership, draft: EventDraft) -> None:
        """Add a membership, or change the last day of one that starts on the same day."""
        values = {
            "user_id": membership.user_id, "role": membership.role, "unit": membership.unit,
            "valid_from": membership.valid_from, "valid_to": membership.valid_to,
        }  # fmt: skip
        insert = self.insert(tables.membership).values(values)
        key = ["user_id", "role", "unit", "valid_from"]
        self.write(insert.on_conflict_do_update(index_elements=key, set_={"valid_to": membership.valid_to}))
        self._told(draft)

    def change_setting(self, key: str, value: Any, draft: EventDraft) -> None:
        """Set a setting."""
        text = json.dumps(value, ensure_ascii=False)
        insert = self.insert(tables.setting).values(key=key, value=text)
        self.write(insert.on_conflict_do_update(index_elements=["key"], set_={"value": text}))
        self._told(draft)

    def _told(self, draft: EventDraft) -> None:
        self.writer.record_note(ORGANISATION_STREAM, draft)


def _takers(task: Task, held: Iterable[tuple[str, str, str]]) -> set[str]:
    named = {c.unit for c in task.candidates if c.role == PERSON}
    return named | {
        user
        for user, role, unit in held
        for c in task.candidates
        if c.role == role and c.unit in (ANY_UNIT, unit)
    }


def _valid_on(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        _MEMBERSHIP.valid_from <= day, sa.or_(_MEMBERSHIP.valid_to.is_(None), _MEMBERSHIP.valid_to >= day)
    )


def _user_columns(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "number": user.number,
        "name": user.name,
        "title": user.title,
        "active": user.active,
    }


def _unit_columns(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.id, "label": unit.label, "kind": str(unit.kind), "agency": str(unit.agency),
        "position": unit.position, "active": unit.active,
    }  # fmt: skip


def _user(row: Any) -> User:
    return User(id=row.id, number=row.number, name=row.name, title=row.title, active=row.active)


def _unit(row: Any) -> Unit:
    return Unit(
        id=row.id, label=row.label, kind=UnitKind(row.kind), agency=Agency(row.agency), position=row.position,
        active=row.active,
    )  # fmt: skip


def _membership(row: Any) -> Membership:
    return Membership(
        user_id=row.user_id, role=row.role, unit=row.unit, valid_from=row.valid_from, valid_to=row.valid_to
    )
