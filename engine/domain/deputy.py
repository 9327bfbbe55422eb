"""Deputies (職務代理): who stands in for whom, from when to when, in which roles, and how it is printed."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class DeputyCause(StrEnum):
    """Why somebody needs a deputy (domain F22)."""

    OFFICIAL_DUTY = "official_duty"
    BUSINESS_TRIP = "business_trip"
    VACATION = "vacation"
    LEAVE = "leave"
    SICK_LEAVE = "sick_leave"
    TRAINING = "training"
    VACANCY = "vacancy"
    AUTHORITY = "authority"


class DeputyKind(StrEnum):
    """How a deputy signs (domain 7.13): in a post, in place of an absent head, or by delegated authority."""

    ACTING = "acting"
    IN_ABSENCE = "in_absence"
    BY_AUTHORITY = "by_authority"


# These words stand on prints, so that they are Chinese whatever the language of the page is.
CAUSE_LABELS = {
    DeputyCause.OFFICIAL_DUTY: "公出",
    DeputyCause.BUSINESS_TRIP: "出差",
    DeputyCause.VACATION: "休假",
    DeputyCause.LEAVE: "請假",
    DeputyCause.SICK_LEAVE: "病假",
    DeputyCause.TRAINING: "受訓",
    DeputyCause.VACANCY: "出缺",
    DeputyCause.AUTHORITY: "授權",
}
KIND_LABELS = {
    DeputyKind.ACTING: "代理",
    DeputyKind.IN_ABSENCE: "代行",
    DeputyKind.BY_AUTHORITY: "代為決行",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputyship:
    """A person stands in for another from one day to another, both included, until it is ended before.

    `roles` are those that it covers, all of the principal's if there are none. Without `may_decide` the
    deputy prepares and hands on, but takes no decision.
    """

    id: int
    principal: str
    deputy: str
    valid_from: date
    valid_to: date
    roles: tuple[str, ...] = ()
    cause: DeputyCause
    kind: DeputyKind
    may_decide: bool
    named_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None

    def is_active_at(self, day: date, now: datetime) -> bool:
        """True on the days of the period, up to the moment at which it was ended.

        What happened in that very moment came before, because nobody stands in once the end is recorded.
        """
        is_over = self.ended_at is not None and now > self.ended_at
        return self.valid_from <= day <= self.valid_to and not is_over

    def covers(self, role: str) -> bool:
        return not self.roles or role in self.roles

    def overlaps(self, other: "Deputyship") -> bool:
        """True if both would stand in for one person in one role on one day."""
        shares_days = self.valid_from <= other.valid_to and other.valid_from <= self.valid_to
        shares_roles = not self.roles or not other.roles or bool({*self.roles} & {*other.roles})
        return self.principal == other.principal and shares_days and shares_roles


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveDeputyship:
    """For whom an actor stands in at this moment, with the principal's own pairs as far as it covers them.

    What the principal holds as a deputy is not among the pairs: a deputyship is never handed on.
    """

    id: int
    principal: str
    name: str
    title: str
    pairs: frozenset[tuple[str, str]]
    until: date
    cause: DeputyCause
    kind: DeputyKind
    may_decide: bool

    def holds(self, role: str, unit: str) -> bool:
        """True if the principal holds the role, in that unit when one is asked for."""
        return (role, unit) in self.pairs if unit else any(r == role for r, _ in self.pairs)

    def json(self) -> dict[str, Any]:
        """In whose place, why and how, as events and signatures keep it."""
        return {
            "deputyship": self.id,
            "on_behalf_of": self.principal,
            "name": self.name,
            "title": self.title,
            "cause": str(self.cause),
            "kind": str(self.kind),
        }


def signed_for(deputy: dict[str, Any], name: str, title: str) -> str:
    """The line of a signature that was given in somebody's place, as prints show it (domain 7.12, 7.13).

    `deputy` is what `ActiveDeputyship.json` gave; `name` and `title` are those of who signed.
    """
    cause, kind = CAUSE_LABELS[DeputyCause(deputy["cause"])], DeputyKind(deputy["kind"])
    principal = f"{deputy['name']} {deputy['title']}".strip()
    signer = f"{name} {title}".strip()
    if kind is DeputyKind.BY_AUTHORITY:
        return f"{principal}（授權）、{signer} 代為決行"
    if kind is DeputyKind.IN_ABSENCE:
        return f"{principal}（{cause}）、{signer} 代行"
    return f"{principal}（{cause}）、代理 {signer}"
