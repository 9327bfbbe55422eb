"""Deputyships (職務代理): who stands in for whom. Nothing is deleted; one that is over keeps its row."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.deputy import ActiveDeputyship, DeputyCause, DeputyKind, Deputyship
from engine.domain.history import ORGANISATION_STREAM, EventDraft
from engine.domain.identity import Membership, handed_on
from engine.errors import NotFound
from engine.store import tables
from engine.store.deputy_tables import deputyship
from engine.store.repository import Repository

_TABLE = deputyship
_DEPUTYSHIP = _TABLE.c
_MEMBERSHIP = tables.membership.c
_USER = tables.user.c
# What one statement tells of an actor: a pair held, and of a principal's pair the deputyship as well.
_STANDING = (
    *(_MEMBERSHIP[name] for name in ("role", "unit", "valid_from", "valid_to")),
    *(_DEPUTYSHIP[name] for name in ("id", "principal", "roles", "cause", "kind", "may_decide")),
    _DEPUTYSHIP.valid_to.label("until"),
    _USER.name,
    _USER.title,
)


class Deputyships(Repository):
    """Who stands in for whom; every change takes its event."""

    def get(self, deputyship_id: int) -> Deputyship:
        """The deputyship; NotFound when there is none."""
        row = self.core.execute(sa.select(_TABLE).where(_DEPUTYSHIP.id == deputyship_id)).first()
        if row is None:
            raise NotFound(kind="deputyship", id=deputyship_id)
        return _deputyship(row)

    def next_id(self) -> int:
        """The number of the next deputyship."""
        return (self.core.execute(sa.select(sa.func.max(_DEPUTYSHIP.id))).scalar() or 0) + 1

    def of_principal(self, user_id: str) -> list[Deputyship]:
        """Every deputyship for a person, the earliest first, those that are over as well."""
        return self._all(_DEPUTYSHIP.principal == user_id)

    def of_deputy(self, user_id: str) -> list[Deputyship]:
        """Every deputyship that a person takes, the earliest first, those that are over as well."""
        return self._all(_DEPUTYSHIP.deputy == user_id)

    def all(self) -> list[Deputyship]:
        """Every deputyship of everybody, the earliest first."""
        return self._all()

    def active(self) -> list[Deputyship]:
        """Those that are in effect now."""
        return self._all(_is_active(self.reader.today))

    def standing(self, user_id: str) -> tuple[list[Membership], tuple[ActiveDeputyship, ...]]:
        """What a person holds today, and for whom they stand in today: one statement.

        Nobody stands in for closed accounts, nor for administrators and auditors.
        """
        today = self.reader.today
        valid = sa.and_(
            _MEMBERSHIP.valid_from <= today,
            sa.or_(_MEMBERSHIP.valid_to.is_(None), _MEMBERSHIP.valid_to >= today),
        )
        nothing = [sa.null().label(column.key) for column in _STANDING[4:]]
        own = sa.select(*_STANDING[:4], *nothing).where(_MEMBERSHIP.user_id == user_id, valid)
        others = (
            sa.select(*_STANDING)
            .join_from(_TABLE, tables.membership, _MEMBERSHIP.user_id == _DEPUTYSHIP.principal)
            .join(tables.user, _USER.id == _DEPUTYSHIP.principal)
            .where(_DEPUTYSHIP.deputy == user_id, _is_active(today), _USER.active, valid)
        )
        # The columns of the first part give their types to both.
        rows = self.core.execute(sa.union_all(others, own)).all()
        held = [_membership(user_id, row) for row in rows if row.id is None]
        by_id: dict[int, list[Any]] = {}
        for row in rows:
            if row.id is not None:
                by_id.setdefault(row.id, []).append(row)
        found = (_active(by_id[number]) for number in sorted(by_id))
        return held, tuple(each for each in found if each is not None)

    def active_for(self, users: Collection[str]) -> list[Deputyship]:
        """The deputyships in effect now for these people, of deputies whose accounts are open."""
        if not users:
            return []
        query = (
            sa.select(_TABLE)
            .join(tables.user, _USER.id == _DEPUTYSHIP.deputy)
            .where(_DEPUTYSHIP.principal.in_(sorted(users)), _is_active(self.reader.today), _USER.active)
        )
        return [_deputyship(row) for row in self.core.execute(query.order_by(_DEPUTYSHIP.id))]

    def with_deputies(self, users: Collection[str], pairs: Iterable[tuple[str, str]] = ()) -> set[str]:
        """People, and who stands in for them today in the roles of these pairs, or in any if there are none.

        The one rule of whom a notice reaches beside the person that it is for.
        """
        roles = {role for role, _ in pairs}
        found = self.active_for(users)
        return {*users} | {d.deputy for d in found if not roles or any(d.covers(role) for role in roles)}

    def add(self, deputyship: Deputyship, draft: EventDraft) -> None:
        """Keep a deputyship that was named."""
        row = {
            "id": deputyship.id, "principal": deputyship.principal, "deputy": deputyship.deputy,
            "valid_from": deputyship.valid_from, "valid_to": deputyship.valid_to,
            "roles": " ".join(deputyship.roles), "cause": str(deputyship.cause),
            "kind": str(deputyship.kind), "may_decide": deputyship.may_decide,
            "named_by": deputyship.named_by,
        }  # fmt: skip
        self.write(sa.insert(_TABLE), row)
        self.writer.record_note(ORGANISATION_STREAM, draft)

    def end(self, deputyship: Deputyship, draft: EventDraft) -> None:
        """Keep who ended a deputyship before its last day, and when."""
        ended_at = to_micros(deputyship.ended_at) if deputyship.ended_at else None
        self.write(
            sa.update(_TABLE)
            .where(_DEPUTYSHIP.id == deputyship.id)
            .values(ended_at=ended_at, ended_by=deputyship.ended_by)
        )
        self.writer.record_note(ORGANISATION_STREAM, draft)

    def _all(self, *wanted: sa.ColumnElement[bool]) -> list[Deputyship]:
        query = sa.select(_TABLE).where(*wanted)
        # The columns of the first part give their types to both.
        rows = self.core.execute(query.order_by(_DEPUTYSHIP.valid_from, _DEPUTYSHIP.id))
        return [_deputyship(row) for row in rows]


def _is_active(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(_DEPUTYSHIP.valid_from <= day, _DEPUTYSHIP.valid_to >= day, _DEPUTYSHIP.ended_at.is_(None))


def _active(rows: list[Any]) -> ActiveDeputyship | None:
    """A deputyship with the principal's pairs that it covers; None where nothing is handed on."""
    row = rows[0]
    pairs = handed_on(row.roles.split(), ((r.role, r.unit) for r in rows))
    if not pairs:
        return None
    return ActiveDeputyship(
        id=row.id, principal=row.principal, name=row.name, title=row.title, pairs=pairs, until=row.until,
        cause=DeputyCause(row.cause), kind=DeputyKind(row.kind), may_decide=row.may_decide,
    )  # fmt: skip


def _membership(user_id: str, row: Any) -> Membership:
    return Membership(
        user_id=user_id, role=row.role, unit=row.unit, valid_from=row.valid_from, valid_to=row.valid_to
    )


def _deputyship(row: Any) -> Deputyship:
    return Deputyship(
        id=row.id, principal=row.principal, deputy=row.deputy, valid_from=row.valid_from,
        valid_to=row.valid_to, roles=tuple(row.roles.split()), cause=DeputyCause(row.cause),
        kind=DeputyKind(row.kind), may_decide=row.may_decide, named_by=row.named_by,
        ended_at=None if row.ended_at is None else from_micros(row.ended_at), ended_by=row.ended_by,
    )  # fmt: skip
