"""The organisation: accounts, units, memberships, calendars and settings; each change is an event."""

import re
import secrets
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from engine.commands.passwords import (
    LATEST_REFUSED,
    check_new_password,
    check_not_used_before,
    check_old_enough,
    hash_password,
    matches,
)
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import (
    ROLES,
    ROLES_APART,
    Agency,
    Membership,
    Unit,
    UnitKind,
    User,
    password_seal,
    token_digest,
)
from engine.domain.permission import Action, require
from engine.errors import Conflict, FieldError, Invalid, NotFound, NotPermitted
from engine.plan.calendar import year_table, year_table_json
from engine.plan.rule_error import PlanRuleError
from engine.store.unit_of_work import UnitOfWork

LONGEST_BASIS = 200
ID_PATTERN = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
LATELY = timedelta(days=31)  # a machine that rested a month misses nothing
LONGEST_ID = 64
LONGEST_NAME = 100


class AlreadyThere(Conflict):
    """There is already a {kind} “{id}”."""


def add_user(
    uow: UnitOfWork, user_id: str, *, name: str, title: str = "",
    email: str | None = None, password: str | None = None, must_change: bool = True,
) -> User:  # fmt: skip
    """Add an account; with a first password the person must choose another one at the first sign-in."""
    require(uow.actor, Action.ADMINISTER_ACCOUNTS)
    _check_id("user_id", user_id)
    _check_name("name", name)
    if uow.organisation.find_user(user_id) is not None:
        raise AlreadyThere(kind="user", id=user_id)
    user = User(
        id=user_id,
        number=uow.organisation.next_user_number(),
        name=name.strip(),
        title=title.strip(),
        active=True,
    )
    added = EventDraft(type=EventType.USER_ADDED, data=_user_json(user, email))
    uow.organisation.add_user(user, added, email=email)
    if password is not None:
        check_new_password("password", password, user_id)
        _set_password(uow, user_id, password, must_change=must_change)
    return user


def change_user(uow: UnitOfWork, user_id: str, *, name: str, title: str, email: str | None) -> User:
    """Change how a person is called; earlier events keep the name of their time."""
    require(uow.actor, Action.ADMINISTER_ACCOUNTS)
    _check_name("name", name)
    user = replace(uow.organisation.user(user_id), name=name.strip(), title=title.strip())
    uow.organisation.change_user(
        user, EventDraft(type=EventType.USER_CHANGED, data=_user_json(user, email)), email=email
    )
    return user


def disable_user(uow: UnitOfWork, user_id: str) -> User:
    """Close an account: nobody is ever deleted, and open sessions and tokens end at once."""
    return _set_active(uow, user_id, active=False)


def enable_user(uow: UnitOfWork, user_id: str) -> User:
    """Open a closed account again."""
    return _set_active(uow, user_id, active=True)


def change_password(uow: UnitOfWork, user_id: str, *, old: str, new: str, again: str) -> None:
    """Change one's own password; the old one must be given and the new one must differ."""
    if uow.actor.user_id != user_id:
        raise NotPermitted
    stored = uow.accounts.password(user_id)
    if not matches(stored.hash if stored else None, old):
        raise Invalid((FieldError(path="old", template="This is not the present password"),))
    if stored and not stored.must_change:
        check_old_enough("new", stored.changed_at, uow.now)
    if new != again:
        raise Invalid((FieldError(path="again", template="The two entries differ"),))
    if new == old:
        raise Invalid(
            (FieldError(path="new", template="Choose a password that differs from the present one"),)
        )
    check_new_password("new", new, user_id)
    check_not_used_before("new", new, uow.accounts.former_passwords(user_id))
    _set_password(uow, user_id, new, must_change=False)


def reset_password(uow: UnitOfWork, user_id: str, *, password: str) -> None:
    """Give an account another first password, which the person must change at the next sign-in."""
    require(uow.actor, Action.ADMINISTER_ACCOUNTS)
    uow.organisation.user(user_id)
    check_new_password("password", password, user_id)
    stored = uow.accounts.password(user_id)
    known = [stored.hash] if stored else []
    check_not_used_before("password", password, [*known, *uow.accounts.former_passwords(user_id)])
    _set_password(uow, user_id, password, must_change=True)


def issue_token(uow: UnitOfWork, user_id: str, *, label: str) -> str:
    """Issue an API token of an account; the answer is the only time that it is shown."""
    if uow.actor.user_id != user_id:
        require(uow.actor, Action.ADMINISTER_ACCOUNTS)
    uow.organisation.user(user_id)
    _check_name("label", label)
    token = "pf_" + secrets.token_urlsafe(32)
    told = {"user": user_id, "label": label, "token": token_digest(token).hex()}
    issued = EventDraft(type=EventType.TOKEN_ISSUED, data=told)
    uow.accounts.add_token(token, user_id, label, issued)
    return token


def revoke_token(uow: UnitOfWork, user_id: str, *, digest: str) -> None:
    """End a token of an account at once."""
    if uow.actor.user_id != user_id:
        require(uow.actor, Action.ADMINISTER_ACCOUNTS)
    if digest not in {token.digest for token in uow.accounts.tokens(user_id)}:
        raise NotFound(kind="token", id=digest[:12])
    revoked = EventDraft(type=EventType.TOKEN_REVOKED, data={"user": user_id, "token": digest})
    uow.accounts.revoke_token(digest, revoked)


def add_unit(uow: UnitOfWork, unit_id: str, *, label: str, kind: str, agency: str, position: int) -> Unit:
    """Add a unit to the master data."""
    require(uow.actor, Action.ADMINISTER_UNITS)
    _check_id("unit_id", unit_id)
    if uow.organisation.find_unit(unit_id) is not None:
        raise AlreadyThere(kind="unit", id=unit_id)
    unit = _unit(unit_id, label=label, kind=kind, agency=agency, position=position, active=True)
    uow.organisation.add_unit(unit, EventDraft(type=EventType.UNIT_ADDED, data=_unit_json(unit)))
    return unit


def change_unit(
    uow: UnitOfWork, unit_id: str, *, label: str, kind: str, agency: str, position: int, active: bool
) -> Unit:
    """Rename, move or close a unit; instances keep its id, events keep its name of their time."""
    require(uow.actor, Action.ADMINISTER_UNITS)
    uow.organisation.unit(unit_id)
    unit = _unit(unit_id, label=label, kind=kind, agency=agency, position=position, active=active)
    uow.organisation.change_unit(unit, EventDraft(type=EventType.UNIT_CHANGED, data=_unit_json(unit)))
    return unit


def grant(
    uow: UnitOfWork, user_id: str, *, role: str, unit: str, valid_from: date, valid_to: date | None = None
) -> Membership:
    """Let a person hold a role in a unit from one day to another; nobody grants a role to themselves."""
    require(uow.actor, Action.ADMINISTER_ACCOUNTS)
    if user_id == uow.actor.user_id:
        raise NotPermitted
    _check_grant(uow, user_id, role, unit, valid_from, valid_to)
    membership = Membership(user_id=user_id, role=role, unit=unit, valid_from=valid_from, valid_to=valid_to)
    granted = EventDraft(type=EventType.MEMBERSHIP_GRANTED, data=_membership_json(membership))
    uow.organisation.save_membership(membership, granted)
    return membership


def end_membership(
    uow: UnitOfWork, user_id: str, *, role: str, unit: str, valid_from: date, valid_to: date
) -> Membership:
    """Set the last day of a membership; what the person may not take after today is put back."""
    require(uow.actor, Action.ADMINISTER_ACCOUNTS)
    known = next(
        (
            m
            for m in uow.organisation.memberships(user_id)
            if (m.role, m.unit, m.valid_from) == (role, unit, valid_from)
        ),
        None,
    )
    if known is None:
        raise NotFound(kind="membership", id=f"{user_id} {role} {unit}")
    if valid_to < known.valid_from:
        raise Invalid((FieldError(path="valid_to", template="The last day lies before the first day"),))
    ended = replace(known, valid_to=valid_to)
    uow.organisation.save_membership(
        ended, EventDraft(type=EventType.MEMBERSHIP_ENDED, data=_membership_json(ended))
    )
    if valid_to <= uow.today:
        _release_held_tasks(uow, user_id, unless_candidate_on=uow.today + timedelta(days=1))
    return ended


def release_after_ends(uow: UnitOfWork) -> None:
    """Put back what was held by memberships whose last day has passed lately."""
    require(uow.actor, Action.ADMINISTER_ACCOUNTS)
    since = uow.today - LATELY
    ended = {
        m.user_id
        for m in uow.organisation.all_memberships()
        if m.valid_to is not None and since <= m.valid_to < uow.today
    }
    for user_id in sorted(ended):
        _release_held_tasks(uow, user_id, unless_candidate_on=uow.today)


def import_calendar(
    uow: UnitOfWork, year: int, table: dict[str, Any], *, forget_closures: bool = False
) -> None:
    """Import or replace the office calendar of a year (AD); due dates computed before stay as they were.

    Days on which work was stopped (停止上班) stay days off, unless they are to be forgotten: a published
    table knows nothing of them.
    """
    require(uow.actor, Action.ADMINISTER_CALENDAR)
    try:
        read = year_table(year, table)
        if not forget_closures and uow.calendar.closures(year):
            table = year_table_json(uow.calendar.with_closures_kept(read))
    except PlanRuleError as error:
        raise Invalid((FieldError(path="table", template=error.template, params=error.params),)) from error
    uow.calendars.save(year, table)


def stop_work(uow: UnitOfWork, on: date, *, basis: str) -> None:
    """Enter a day on which work is stopped (停止上班), with the announcement that says so (domain 7.18).

    Due dates that are computed afterwards leave the day out; those that were computed before stay as they
    were. Invalid for a day that is off already, a year without a table, and without a basis.
    """
    require(uow.actor, Action.ADMINISTER_CALENDAR)
    # The source of a table lists its parts between semicolons.
    told = " ".join(basis.replace(";", "；").split())
    if not told:
        raise Invalid((FieldError(path="basis", template="This entry is required"),))
    if len(told) > LONGEST_BASIS:
        params = {"limit": LONGEST_BASIS}
        raise Invalid((FieldError(path="basis", template="Use at most {limit} characters", params=params),))
    try:
        is_worked, stopped = uow.calendar.is_working_day(on), uow.calendar.with_day_off(on, told)
    except PlanRuleError as error:
        raise Invalid((FieldError(path="day", template=error.template, params=error.params),)) from error
    if not is_worked:
        raise Invalid((FieldError(path="day", template="This day is off already"),))
    uow.calendars.stop_work(stopped.tables[on.year], on, told)


def change_setting(uow: UnitOfWork, key: str, value: Any) -> None:
    """Set a setting of the agency."""
    require(uow.actor, Action.ADMINISTER_SETTINGS)
    changed = EventDraft(type=EventType.SETTING_CHANGED, data={"key": key, "value": value})
    uow.organisation.change_setting(key, value, changed)


def _set_active(uow: UnitOfWork, user_id: str, *, active: bool) -> User:
    require(uow.actor, Action.ADMINISTER_ACCOUNTS)
    if user_id == uow.actor.user_id:
        raise NotPermitted
    user = replace(uow.organisation.user(user_id), active=active)
    email = uow.organisation.email(user_id)
    event_type = EventType.USER_ENABLED if active else EventType.USER_DISABLED
    uow.organisation.change_user(user, EventDraft(type=event_type, data=_user_json(user, email)), email=email)
    if not active:
        _release_held_tasks(uow, user_id)
    return user


def _set_password(uow: UnitOfWork, user_id: str, password: str, *, must_change: bool) -> None:
    hash_ = hash_password(password)
    told = {"user": user_id, "must_change": must_change, "seal": password_seal(user_id, hash_)}
    changed = EventDraft(type=EventType.PASSWORD_CHANGED, data=told)
    if before := uow.accounts.password(user_id):
        uow.accounts.keep_former_password(user_id, before.hash, most=LATEST_REFUSED - 1)
    uow.accounts.set_password(user_id, hash_, changed, must_change=must_change)


def _check_id(path: str, value: str) -> None:
    if len(value) > LONGEST_ID or not ID_PATTERN.fullmatch(value):
        template = "Use small letters, digits, _ and dots, beginning with a letter"
        raise Invalid((FieldError(path=path, template=template),))


def _check_name(path: str, value: str) -> None:
    if not value.strip():
        raise Invalid((FieldError(path=path, template="This entry is required"),))
    if len(value) > LONGEST_NAME:
        params = {"limit": LONGEST_NAME}
        raise Invalid((FieldError(path=path, template="Use at most {limit} characters", params=params),))


def _check_grant(
    uow: UnitOfWork, user_id: str, role: str, unit: str, valid_from: date, valid_to: date | None
) -> None:
    uow.organisation.user(user_id)
    errors = []
    if role not in ROLES:
        errors.append(FieldError(path="role", template="Choose one of the options"))
    found = uow.organisation.find_unit(unit)
    if found is None:
        errors.append(FieldError(path="unit", template="Choose one of the options"))
    elif role in ROLES and ROLES[role].agency not in (None, found.agency):
        errors.append(FieldError(path="unit", template="This role belongs to another agency than the unit"))
    if valid_to is not None and valid_to < valid_from:
        errors.append(FieldError(path="valid_to", template="The last day lies before the first day"))
    others = {m.role for m in uow.organisation.memberships(user_id) if _overlaps(m, valid_from, valid_to)} - {
        role
    }
    if others and not ROLES_APART.isdisjoint({role, *others}):
        errors.append(FieldError(path="role", template="Administrators and auditors hold no other role"))
    if errors:
        raise Invalid(tuple(errors))


def _overlaps(membership: Membership, first: date, last: date | None) -> bool:
    return (membership.valid_to is None or membership.valid_to >= first) and (
        last is None or membership.valid_from <= last
    )


def _release_held_tasks(uow: UnitOfWork, user_id: str, *, unless_candidate_on: date | None = None) -> None:
    """Put what a person held back into its pools, so that nothing waits for somebody who is gone."""
    for task in uow.tasks.held_by(user_id):
        if task.is_handed_back:
            continue  # it waits for its distributor already
        if unless_candidate_on and user_id in uow.organisation.people_for(task, unless_candidate_on):
            continue
        released = EventDraft(
            type=EventType.TASK_UNCLAIMED,
            element_id=task.element_id,
            task_id=task.id,
            data={"held_by": user_id},
        )
        uow.instances.open_for_task(task.id).hold(task, released, assignee=None)


def _unit(unit_id: str, *, label: str, kind: str, agency: str, position: int, active: bool) -> Unit:
    _check_name("label", label)
    errors = [
        FieldError(path=path, template="Choose one of the options")
        for path, value, known in (("kind", kind, UnitKind), ("agency", agency, Agency))
        if value not in list(known)
    ]
    if errors:
        raise Invalid(tuple(errors))
    return Unit(
        id=unit_id,
        label=label.strip(),
        kind=UnitKind(kind),
        agency=Agency(agency),
        position=position,
        active=active,
    )


def _user_json(user: User, email: str | None) -> dict[str, Any]:
    return {
        "user": user.id, "number": user.number, "name": user.name, "title": user.title, "active": user.active,
        "email": email,
    }  # fmt: skip


def _unit_json(unit: Unit) -> dict[str, Any]:
    return {
        "unit": unit.id, "label": unit.label, "kind": str(unit.kind), "agency": str(unit.agency),
        "position": unit.position, "active": unit.active,
    }  # fmt: skip


def _membership_json(membership: Membership) -> dict[str, Any]:
    return {
        "user": membership.user_id,
        "role": membership.role,
        "unit": membership.unit,
        "from": membership.valid_from.isoformat(),
        "to": membership.valid_to.isoformat() if membership.valid_to else None,
    }
