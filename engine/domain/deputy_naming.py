"""Who may name a deputy for whom, and what a deputyship must not be (domain 7.12, 7.13, F22)."""

from collections.abc import Iterable, Iterator

from engine.domain.deputy import DeputyCause, DeputyKind, Deputyship
from engine.domain.identity import ANY_UNIT, ROLES_APART, Actor
from engine.domain.permission import Action, may
from engine.errors import FieldError

HEADS = frozenset({"director", "bureau_approver", "ministry_approver"})
UNIT_CHIEF = "unit_chief"
# Who stands directly above a role; a unit's chief stands above everybody else of that unit.
ABOVE: dict[str, frozenset[str]] = {
    "unit_chief": frozenset({"deputy_director", "director"}),
    "sec_handler": frozenset({"sec_chief"}),
    "web_owner": frozenset({"sec_chief"}),
    "registry": frozenset({"sec_chief"}),
    "sec_chief": frozenset({"deputy_director", "director"}),
    "hr_handler": frozenset({"hr_chief"}),
    "hr_chief": frozenset({"deputy_director", "director"}),
    "merit_committee": frozenset({"director"}),
    "deputy_director": frozenset({"director"}),
    "bureau_sec_handler": frozenset({"bureau_sec_chief"}),
    "bureau_sec_chief": frozenset({"bureau_approver"}),
    "ministry_handler": frozenset({"ministry_approver"}),
    "reviewer": frozenset({"ministry_approver"}),
}
CHIEFS = frozenset({UNIT_CHIEF, "sec_chief", "hr_chief", "deputy_director", *HEADS})


def may_name_for(actor: Actor, principal: str, pairs: Iterable[tuple[str, str]]) -> bool:
    """True for oneself, for a direct superior of every role of the principal, and for administrators."""
    if actor.user_id == principal or may(actor, Action.RECORD_DEPUTIES):
        return True
    held = list(pairs)
    return bool(held) and all(_is_above(actor, role, unit) for role, unit in held)


def _is_above(actor: Actor, role: str, unit: str) -> bool:
    heads_unit = role not in CHIEFS and unit != ANY_UNIT and actor.holds(UNIT_CHIEF, unit)
    return heads_unit or not actor.roles.isdisjoint(ABOVE.get(role, frozenset()))


def faults_of(
    wanted: Deputyship,
    principal_pairs: Iterable[tuple[str, str]],
    deputy_pairs: Iterable[tuple[str, str]],
    others: Iterable[Deputyship],
) -> Iterator[FieldError]:
    """What is wrong with a deputyship; `others` are those of the same principal that have not been ended."""
    held = {role for role, _ in principal_pairs}
    if wanted.deputy == wanted.principal:
        yield FieldError(path="deputy", template="Nobody stands in for themselves")
    if held & ROLES_APART:
        template = "What administrators and auditors do cannot be handed on"
        yield FieldError(path="principal", template=template)
    if {role for role, _ in deputy_pairs} & ROLES_APART:
        yield FieldError(path="deputy", template="Administrators and auditors stand in for nobody")
    if wanted.valid_to < wanted.valid_from:
        yield FieldError(path="valid_to", template="The last day lies before the first day")
    if not held.issuperset(wanted.roles):
        yield FieldError(path="roles", template="Choose one of the options")
    if any(wanted.overlaps(other) for other in others):
        template = "Somebody else stands in for the same roles on some of these days"
        yield FieldError(path="valid_from", template=template)
    yield from _faults_of_kind(wanted, held)


def _faults_of_kind(wanted: Deputyship, held: set[str]) -> Iterator[FieldError]:
    if (wanted.cause is DeputyCause.VACANCY) and wanted.kind is not DeputyKind.ACTING:
        yield FieldError(path="kind", template="In a vacant post a deputy signs as acting (代理)")
    if wanted.kind is DeputyKind.IN_ABSENCE and held.isdisjoint(HEADS):
        yield FieldError(path="kind", template="Only for the head of an agency does a deputy sign 代行")
    if wanted.kind is DeputyKind.BY_AUTHORITY and not wanted.may_decide:
        yield FieldError(path="may_decide", template="Whoever decides by authority must be allowed to decide")
    if (wanted.cause is DeputyCause.AUTHORITY) != (wanted.kind is DeputyKind.BY_AUTHORITY):
        yield FieldError(path="cause", template="Authority goes with 代為決行, and with nothing else")
