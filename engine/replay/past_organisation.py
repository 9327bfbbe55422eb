"""The organisation as its stream had told it by a moment: people, units, memberships, deputies, calendars."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.clock import TAIPEI, from_micros, to_micros
from engine.domain.deputy import ActiveDeputyship, DeputyCause, DeputyKind, Deputyship
from engine.domain.identity import Actor, Agency, Membership, Unit, UnitKind, User, acting, handed_on
from engine.errors import NotFound, ProcessFailed
from engine.plan.calendar import WorkCalendar, work_calendar
from engine.replay.organisation import ToldOrganisation
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrganisation:
    """Everything that was told by `at`; what was told later does not exist here."""

    at: datetime
    users: Mapping[str, User]
    units: Mapping[str, Unit]
    memberships: tuple[Membership, ...]
    deputyships: tuple[Deputyship, ...]
    settings: Mapping[str, Any]
    calendar: WorkCalendar

    @property
    def day(self) -> date:
        """The day of the moment, in Taiwan."""
        return self.at.astimezone(TAIPEI).date()

    def valid_memberships(self) -> tuple[Membership, ...]:
        """What people held on that day."""
        return tuple(m for m in self.memberships if m.is_valid_on(self.day))

    def active_deputyships(self) -> tuple[Deputyship, ...]:
        """The deputyships that were in effect at that very minute."""
        return tuple(d for d in self.deputyships if self._is_active(d))

    def actor(self, user_id: str) -> Actor:
        """A person with what they held then, and in whose place they stood; NotFound for nobody known then.

        Whether the account was open is asked of `users`.
        """
        user = self.users.get(user_id)
        if user is None:
            raise NotFound(kind="user", id=user_id)
        held = [m for m in self.valid_memberships() if m.user_id == user_id]
        standing = (self._standing(d) for d in self.active_deputyships() if d.deputy == user_id)
        return acting(user, held, self.units, tuple(each for each in standing if each is not None))

    def _is_active(self, deputyship: Deputyship) -> bool:
        # What ended it by then is among what was told, so that an end that stands here has come.
        return deputyship.valid_from <= self.day <= deputyship.valid_to and deputyship.ended_at is None

    def _standing(self, deputyship: Deputyship) -> ActiveDeputyship | None:
        principal = self.users[deputyship.principal]
        held = ((m.role, m.unit) for m in self.valid_memberships() if m.user_id == principal.id)
        pairs = handed_on(deputyship.roles, held)
        if not pairs or not principal.active:
            return None
        return ActiveDeputyship(
            id=deputyship.id, principal=principal.id, name=principal.name, title=principal.title,
            pairs=pairs, until=deputyship.valid_to, cause=deputyship.cause, kind=deputyship.kind,
            may_decide=deputyship.may_decide,
        )  # fmt: skip


def organisation_at(reader: Reader, at: datetime) -> PastOrganisation:
    """The organisation at a moment, in one statement; ProcessFailed where its stream cannot be read."""
    told = ToldOrganisation()
    fault = next(told.read_stream(reader, until=to_micros(at)), None)
    if fault is not None:
        raise ProcessFailed(reason=str(fault[1]))
    return PastOrganisation(
        at=at,
        users={key[0]: User(id=key[0], **_but(row.columns, "email")) for key, row in told.users.items()},
        units={key[0]: _unit(key[0], row.columns) for key, row in told.units.items()},
        memberships=tuple(
            Membership(user_id=user, role=role, unit=unit, valid_from=since, valid_to=row.columns["valid_to"])
            for (user, role, unit, since), row in sorted(told.memberships.items())
        ),
        deputyships=tuple(_deputyship(key[0], row.columns) for key, row in sorted(told.deputyships.items())),
        settings={key[0]: json.loads(row.columns["value"]) for key, row in sorted(told.settings.items())},
        calendar=work_calendar({key[0]: json.loads(row.columns["body"]) for key, row in told.years.items()}),
    )


def _but(columns: Mapping[str, Any], left_out: str) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name != left_out}


def _unit(unit_id: str, columns: Mapping[str, Any]) -> Unit:
    kind, agency = UnitKind(columns["kind"]), Agency(columns["agency"])
    return Unit(id=unit_id, **{**columns, "kind": kind, "agency": agency})


def _deputyship(number: int, columns: Mapping[str, Any]) -> Deputyship:
    ended = columns["ended_at"]
    return Deputyship(
        id=number,
        **{
            **columns,
            "roles": tuple(columns["roles"].split()),
            "cause": DeputyCause(columns["cause"]),
            "kind": DeputyKind(columns["kind"]),
            "ended_at": None if ended is None else from_micros(ended),
        },
    )
