"""Who acts: users, units, roles and the pairs of role and unit that a person holds at one moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from engine.domain.canonical import digest_of
from engine.domain.deputy import ActiveDeputyship

SYSTEM_ACTOR = "system"
ANY_UNIT = ""
# A task may be for one person: its candidate is this in place of a role, with the person's id as the unit.
PERSON = "person"
PERSON_LABEL = "指定的人"


class Agency(StrEnum):
    """The organisations (BPMN pools) whose people may sign in."""

    BRANCH = "branch"
    BUREAU = "bureau"
    MINISTRY = "ministry"


class UnitKind(StrEnum):
    """What a unit is: a line unit serves applicants, a staff unit serves the house (domain 1.2)."""

    LINE = "line"
    STAFF = "staff"
    HEAD = "head"
    PLACE = "place"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDefinition:
    """A role: the key of lanes, its Chinese label, and the agency whose people may hold it."""

    id: str
    label: str
    agency: Agency | None


ROLES: dict[str, RoleDefinition] = {
    role.id: role
    for role in (
        RoleDefinition(id="unit_handler", label="單位承辦人", agency=Agency.BRANCH),
        RoleDefinition(id="unit_chief", label="單位主管", agency=Agency.BRANCH),
        RoleDefinition(id="sec_handler", label="秘書室承辦人", agency=Agency.BRANCH),
        RoleDefinition(id="sec_chief", label="秘書室主任", agency=Agency.BRANCH),
        RoleDefinition(id="deputy_director", label="副分局長", agency=Agency.BRANCH),
        RoleDefinition(id="director", label="分局長", agency=Agency.BRANCH),
        RoleDefinition(id="web_owner", label="網頁負責人", agency=Agency.BRANCH),
        RoleDefinition(id="counter_owner", label="服務場所負責人", agency=Agency.BRANCH),
        RoleDefinition(id="registry", label="文書", agency=Agency.BRANCH),
        RoleDefinition(id="hr_handler", label="人事室承辦人", agency=Agency.BRANCH),
        RoleDefinition(id="hr_chief", label="人事室主任", agency=Agency.BRANCH),
        RoleDefinition(id="merit_committee", label="考績委員會", agency=Agency.BRANCH),
        RoleDefinition(id="bureau_sec_handler", label="總局秘書室承辦人", agency=Agency.BUREAU),
        RoleDefinition(id="bureau_sec_chief", label="總局秘書室主任", agency=Agency.BUREAU),
        RoleDefinition(id="bureau_approver", label="總局核定長官", agency=Agency.BUREAU),
        RoleDefinition(id="ministry_handler", label="經濟部承辦人", agency=Agency.MINISTRY),
        RoleDefinition(id="reviewer", label="初評委員", agency=Agency.MINISTRY),
        RoleDefinition(id="ministry_approver", label="經濟部核定長官", agency=Agency.MINISTRY),
        RoleDefinition(id="auditor", label="稽核", agency=None),
        RoleDefinition(id="sysadmin", label="系統管理者", agency=None),
    )
}


def role_label(role: str) -> str:
    """What a role, or a candidate that is one person, is called."""
    return PERSON_LABEL if role == PERSON else ROLES[role].label if role in ROLES else role


# Whoever looks after accounts or audits does no business task (separation of duties, domain 1.3).
ROLES_APART = frozenset({"sysadmin", "auditor"})


def handed_on(roles: Iterable[str], held: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The pairs that a deputy takes over of those that the principal holds: in some roles, or in all of them.

    Nobody stands in for administrators and auditors.
    """
    held, covered = frozenset(held), frozenset(roles)
    if not ROLES_APART.isdisjoint(role for role, _ in held):
        return frozenset()
    return frozenset(pair for pair in held if not covered or pair[0] in covered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of an agency; units are master data and are never deleted."""

    id: str
    label: str
    kind: UnitKind
    agency: Agency
    position: int
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A person holds a role in a unit from one day to another, both included; without an end it goes on."""

    user_id: str
    role: str
    unit: str
    valid_from: date
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account. `number` names the stream of the person's reads and denials (its negative)."""

    id: str
    number: int
    name: str
    title: str
    active: bool


@lru_cache(maxsize=1_000)
def _roles_of(pairs: frozenset[tuple[str, str]]) -> frozenset[str]:
    return frozenset(role for role, _ in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person (or the system) at one moment, with the (role, unit) pairs that are valid then.

    `deputyships` are those in which the person stands in for others; their pairs are not the person's own.
    """

    user_id: str
    number: int
    name: str
    title: str
    pairs: frozenset[tuple[str, str]]
    agencies: frozenset[Agency]
    deputyships: tuple[ActiveDeputyship, ...] = ()

    def holds(self, role: str, unit: str = ANY_UNIT) -> bool:
        """True if the person holds the role, in that unit when one is asked for; or is the person meant."""
        if role == PERSON:
            return unit == self.user_id
        return role in self.roles if unit == ANY_UNIT else (role, unit) in self.pairs

    @property
    def candidacies(self) -> frozenset[tuple[str, str]]:
        """The pairs by which tasks come to this person: what they hold, and who they are."""
        return self.pairs | {(PERSON, self.user_id)}

    @property
    def roles(self) -> frozenset[str]:
        return _roles_of(self.pairs)

    @property
    def is_system(self) -> bool:
        return self.user_id == SYSTEM_ACTOR


def password_seal(user_id: str, password_hash: str) -> str:
    """What history keeps of a stored password hash: it belongs to this account and tells nobody the hash."""
    return digest_of({"user": user_id, "hash": password_hash}).hex()


def token_digest(token: str) -> bytes:
    """What is kept of a token, and names it."""
    return sha256(token.encode()).digest()


def acting(
    user: User, memberships: Iterable[Membership], units: Mapping[str, Unit],
    deputyships: tuple[ActiveDeputyship, ...],
) -> Actor:  # fmt: skip
    """A person with the memberships and deputyships that are valid at a moment."""
    agencies: set[Agency] = set()
    pairs = frozenset((m.role, m.unit) for m in memberships)
    for held, place in pairs:
        unit, role = units.get(place), ROLES.get(held)
        agency = unit.agency if unit else role.agency if role else None
        if agency is not None:
            agencies.add(agency)
    return Actor(
        user_id=user.id, number=user.number, name=user.name, title=user.title, pairs=pairs,
        agencies=frozenset(agencies), deputyships=deputyships,
    )  # fmt: skip


SYSTEM = Actor(
    user_id=SYSTEM_ACTOR, number=0, name="系統", title="", pairs=frozenset(), agencies=frozenset(Agency)
)
