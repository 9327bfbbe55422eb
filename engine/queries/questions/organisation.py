"""The organisation over time, from its own sealed stream: memberships and deputyships, with their events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import TAIPEI, from_micros
from engine.domain.deputy import DeputyCause, DeputyKind, Deputyship
from engine.domain.duties import Organisation
from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.domain.identity import Membership
from engine.store import tables
from engine.store.unit_of_work import Reader

_EVENT = tables.history_event.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A deputyship as the organisation's events tell it, with the moment of its naming."""

    deputyship: Deputyship
    named_at: datetime

    def holds_at(self, at: datetime, role: str | None) -> bool:
        """True if it had been named, was in effect at that moment, and covers the role."""
        day = at.astimezone(TAIPEI).date()
        is_covered = role is None or self.deputyship.covers(role)
        return self.named_at <= at and self.deputyship.is_active_at(day, at) and is_covered


def organisation_events(reader: Reader, *types: EventType) -> list[tuple[EventType, str, datetime, Any]]:
    """(type, actor, moment, data) of the organisation's events of some types, in their order."""
    query = (
        sa.select(_EVENT.type, _EVENT.actor, _EVENT.occurred_at, _EVENT.data)
        .where(_EVENT.stream == ORGANISATION_STREAM, _EVENT.type.in_([str(type_) for type_ in types]))
        .order_by(_EVENT.seq)
    )
    return [
        (EventType(type_), actor, from_micros(at), json.loads(data))
        for type_, actor, at, data in reader.transaction.core.execute(query)
    ]


def authorities_of(reader: Reader) -> dict[int, Authority]:
    """Every deputyship by its number, from the events that named and ended it."""
    found: dict[int, Authority] = {}
    for type_, actor, at, told in organisation_events(
        reader, EventType.DEPUTY_NAMED, EventType.DEPUTYSHIP_ENDED
    ):
        number = told["deputyship"]
        if type_ is EventType.DEPUTY_NAMED:
            found[number] = Authority(deputyship=_deputyship(told, actor), named_at=at)
        elif number in found:
            ended = replace(found[number].deputyship, ended_at=at, ended_by=actor)
            found[number] = replace(found[number], deputyship=ended)
    return found


def organisation_over_time(reader: Reader) -> Organisation:
    """Who held what and who stood in for whom, as the rules of duties ask for it."""
    held: dict[tuple[str, str, str, str], Membership] = {}
    for _, _, _, told in organisation_events(
        reader, EventType.MEMBERSHIP_GRANTED, EventType.MEMBERSHIP_ENDED
    ):
        key = (told["user"], told["role"], told["unit"], told["from"])
        held[key] = Membership(
            user_id=told["user"], role=told["role"], unit=told["unit"],
            valid_from=date.fromisoformat(told["from"]),
            valid_to=date.fromisoformat(told["to"]) if told["to"] else None,
        )  # fmt: skip
    memberships: dict[str, list[Membership]] = {}
    for membership in held.values():
        memberships.setdefault(membership.user_id, []).append(membership)
    deputyships = {number: each.deputyship for number, each in authorities_of(reader).items()}
    return Organisation(deputyships=deputyships, memberships=memberships)


def _deputyship(told: Mapping[str, Any], named_by: str) -> Deputyship:
    return Deputyship(
        id=told["deputyship"], principal=told["principal"], deputy=told["deputy"],
        valid_from=date.fromisoformat(told["from"]), valid_to=date.fromisoformat(told["to"]),
        roles=tuple(told["roles"]), cause=DeputyCause(told["cause"]), kind=DeputyKind(told["kind"]),
        may_decide=told["may_decide"], named_by=named_by,
    )  # fmt: skip
