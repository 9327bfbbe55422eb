"""Deputies (職務代理): name one for oneself or for whom one stands above, and end a deputyship early."""

from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from engine.domain.deputy import DeputyCause, DeputyKind, Deputyship
from engine.domain.deputy_naming import faults_of, may_name_for
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import Actor
from engine.errors import Conflict, FieldError, Invalid, NotPermitted
from engine.plan.roc import format_roc
from engine.store.actors import actor_of
from engine.store.unit_of_work import UnitOfWork

E = TypeVar("E", DeputyCause, DeputyKind)
LONGEST_REASON = 200
MAIL = "mail"
PAGE = "/deputies"
# Mails leave the house: they tell nothing of the cause, which may be an illness (7.35).
STANDS_IN = "{who} named you to stand in for {principal} from {first} to {last}."
IS_REPLACED = "{who} named {deputy} to stand in for you from {first} to {last}."
STANDS_IN_NO_MORE = "{who} ended early that you stand in for {principal}. {reason}"
IS_REPLACED_NO_MORE = "{who} ended early that {deputy} stands in for you. {reason}"


class DeputyshipOver(Conflict):
    """This deputyship is over already."""


def name_deputy(
    uow: UnitOfWork, principal: str, *, deputy: str, valid_from: date, valid_to: date, cause: str,
    kind: str = DeputyKind.ACTING, roles: tuple[str, ...] = (), may_decide: bool = True,
) -> Deputyship:  # fmt: skip
    """Name who stands in for a person, from one day to another (domain F22).

    The person does this, a direct superior, or an administrator; everybody else gets NotPermitted. Invalid
    with an entry per fault: oneself, an overlap, days that are over, closed accounts, another agency,
    administrators and auditors. Whichever of the two did not do it is told by mail.
    """
    replaced = _person(uow, "principal", principal)
    if not may_name_for(uow.actor, principal, replaced.pairs):
        raise NotPermitted
    standing_in = _person(uow, "deputy", deputy)
    wanted = Deputyship(
        id=uow.deputyships.next_id(),
        principal=principal,
        deputy=deputy,
        valid_from=valid_from,
        valid_to=valid_to,
        roles=tuple(sorted({*roles})),
        cause=_one_of(DeputyCause, "cause", cause),
        kind=_one_of(DeputyKind, "kind", kind),
        may_decide=may_decide,
        named_by=uow.actor.user_id,
    )
    _check(uow, wanted, replaced, standing_in)
    named = EventDraft(
        type=EventType.DEPUTY_NAMED,
        data={**_told(wanted), "principal_name": replaced.name, "deputy_name": standing_in.name},
    )
    uow.deputyships.add(wanted, named)
    days = {"first": format_roc(valid_from), "last": format_roc(valid_to)}
    _tell(uow, wanted, "named", STANDS_IN, IS_REPLACED, days)
    return wanted


def end_deputyship(uow: UnitOfWork, deputyship_id: int, *, reason: str) -> Deputyship:
    """End a deputyship before its last day: from this moment on the deputy stands in no more.

    Whoever may name a deputy for the person may do this, and the deputy as well. What the deputy took stays
    with the principal, in whose name it was taken. Whichever of the two did not do it is told by mail.
    """
    known = uow.deputyships.get(deputyship_id)
    held = {
        (m.role, m.unit) for m in uow.organisation.memberships(known.principal) if m.is_valid_on(uow.today)
    }
    if uow.actor.user_id != known.deputy and not may_name_for(uow.actor, known.principal, held):
        raise NotPermitted
    if known.ended_at is not None or known.valid_to < uow.today:
        raise DeputyshipOver
    if not reason.strip():
        raise Invalid((FieldError(path="reason", template="This entry is required"),))
    if len(reason) > LONGEST_REASON:
        params = {"limit": LONGEST_REASON}
        raise Invalid((FieldError(path="reason", template="Use at most {limit} characters", params=params),))
    ended = replace(known, ended_at=uow.now, ended_by=uow.actor.user_id)
    told = {"deputyship": known.id, "principal": known.principal, "deputy": known.deputy}
    draft = EventDraft(type=EventType.DEPUTYSHIP_ENDED, data={**told, "reason": reason.strip()})
    uow.deputyships.end(ended, draft)
    _tell(uow, ended, "ended", STANDS_IN_NO_MORE, IS_REPLACED_NO_MORE, {"reason": reason.strip()})
    return ended


def _tell(
    uow: UnitOfWork, deputyship: Deputyship, what: str, to_deputy: str, to_principal: str,
    told: dict[str, str],
) -> None:  # fmt: skip
    """Write to the deputy and to the principal, as far as they did not do it themselves."""
    principal, deputy = (
        uow.organisation.user(user_id).name for user_id in (deputyship.principal, deputyship.deputy)
    )
    params = {"who": uow.actor.name, "principal": principal, "deputy": deputy, **told}
    for user_id, template in ((deputyship.deputy, to_deputy), (deputyship.principal, to_principal)):
        if user_id != uow.actor.user_id:
            payload = {"user": user_id, "template": template, "params": params, "path": PAGE}
            uow.outbox.add(f"deputyship_{what}:{deputyship.id}:{user_id}", MAIL, payload)


def _person(uow: UnitOfWork, path: str, user_id: str) -> Actor:
    """A person as they are today; Invalid for nobody, and for whose account is closed."""
    user = uow.organisation.find_user(user_id)
    if user is None or not user.active:
        raise Invalid((FieldError(path=path, template="Choose a person whose account is open"),))
    return actor_of(uow, user_id)


def _check(uow: UnitOfWork, wanted: Deputyship, principal: Actor, deputy: Actor) -> None:
    others = [d for d in uow.deputyships.of_principal(wanted.principal) if d.ended_at is None]
    errors = list(faults_of(wanted, principal.pairs, deputy.pairs, others))
    if wanted.valid_from < uow.today:
        errors.append(FieldError(path="valid_from", template="Choose today or a day after today"))
    if principal.agencies.isdisjoint(deputy.agencies):
        errors.append(FieldError(path="deputy", template="Choose somebody of the same agency"))
    if errors:
        raise Invalid(tuple(errors))


def _one_of(choices: type[E], path: str, value: str) -> E:
    try:
        return choices(value)
    except ValueError:
        raise Invalid((FieldError(path=path, template="Choose one of the options"),)) from None


def _told(deputyship: Deputyship) -> dict[str, Any]:
    return {
        "deputyship": deputyship.id, "principal": deputyship.principal, "deputy": deputyship.deputy,
        "from": deputyship.valid_from.isoformat(), "to": deputyship.valid_to.isoformat(),
        "roles": list(deputyship.roles), "cause": str(deputyship.cause), "kind": str(deputyship.kind),
        "may_decide": deputyship.may_decide,
    }  # fmt: skip
