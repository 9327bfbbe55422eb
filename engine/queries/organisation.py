"""Reads of people, units, calendars and one's own account, shaped for the pages of the administration."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.domain.identity import ROLES, Membership, Unit, User
from engine.domain.permission import Action, require
from engine.errors import NotPermitted
from engine.plan.calendar import YearTable, year_table
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """What a session has to know of its person's account."""

    password_changed_at: datetime
    must_change_password: bool
    preferences: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A membership as people read it: the labels of the role and the unit beside their ids."""

    membership: Membership
    role_label: str
    unit_label: str
    is_valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """One account in the list: the person and what they hold today."""

    user: User
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """One account with every membership, past ones as well."""

    user: User
    email: str
    holdings: tuple[Holding, ...]
    units: tuple[Unit, ...]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit and how many people hold a role in it today."""

    unit: Unit
    people: int


def own_account(reader: Reader, session_id: str = "") -> OwnAccount:
    """The signed-in person's own account; NotPermitted when it has no password, or the session was ended."""
    found = reader.accounts.in_session(reader.actor.user_id, session_id)
    if found is None:
        raise NotPermitted
    stored, preferences = found
    return OwnAccount(
        password_changed_at=stored.changed_at, must_change_password=stored.must_change,
        preferences=preferences,
    )  # fmt: skip


def users(reader: Reader) -> tuple[UserRow, ...]:
    """Every account with what the person holds today, in the order of their units."""
    require(reader.actor, Action.ADMINISTER_ACCOUNTS)
    units = {unit.id: unit for unit in reader.organisation.units()}
    held: dict[str, list[Holding]] = {}
    for membership in reader.organisation.all_memberships():
        if membership.is_valid_on(reader.today):
            held.setdefault(membership.user_id, []).append(_holding(membership, units, reader.today))
    rows = [UserRow(user=user, holdings=tuple(held.get(user.id, ()))) for user in reader.organisation.users()]
    return tuple(sorted(rows, key=lambda row: _place(row, units)))


def user_page(reader: Reader, user_id: str) -> UserPage:
    """One account; NotFound when there is none."""
    require(reader.actor, Action.ADMINISTER_ACCOUNTS)
    units = reader.organisation.units()
    by_id = {unit.id: unit for unit in units}
    return UserPage(
        user=reader.organisation.user(user_id),
        email=reader.organisation.email(user_id) or "",
        holdings=tuple(_holding(m, by_id, reader.today) for m in reader.organisation.memberships(user_id)),
        units=tuple(units),
        today=reader.today,
    )


def units(reader: Reader) -> tuple[UnitRow, ...]:
    """Every unit in the order in which people list them."""
    require(reader.actor, Action.ADMINISTER_UNITS)
    people: dict[str, set[str]] = {}
    for membership in reader.organisation.all_memberships():
        if membership.is_valid_on(reader.today):
            people.setdefault(membership.unit, set()).add(membership.user_id)
    return tuple(
        UnitRow(unit=unit, people=len(people.get(unit.id, ()))) for unit in reader.organisation.units()
    )


def unit(reader: Reader, unit_id: str) -> Unit:
    """One unit; NotFound when there is none."""
    require(reader.actor, Action.ADMINISTER_UNITS)
    return reader.organisation.unit(unit_id)


def unit_labels(reader: Reader) -> dict[str, str]:
    """The label of every unit by its id; labels are no secret among those who work here."""
    return reader.organisation.unit_labels()


def calendar_years(reader: Reader) -> tuple[YearTable, ...]:
    """The imported office calendars, the newest year first."""
    require(reader.actor, Action.ADMINISTER_CALENDAR)
    tables = reader.calendars.tables()
    return tuple(year_table(year, tables[year]) for year in sorted(tables, reverse=True))


def _holding(membership: Membership, units: dict[str, Unit], today: date) -> Holding:
    role = ROLES.get(membership.role)
    unit = units.get(membership.unit)
    return Holding(
        membership=membership,
        role_label=role.label if role else membership.role,
        unit_label=unit.label if unit else membership.unit,
        is_valid=membership.is_valid_on(today),
    )


def _place(row: UserRow, units: dict[str, Unit]) -> tuple[int, str]:
    positions = [units[h.membership.unit].position for h in row.holdings if h.membership.unit in units]
    return min(positions, default=1 << 30), row.user.id
