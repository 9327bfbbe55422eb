"""Signing in: check a password, count refusals, lock an account for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.commands.passwords import matches
from engine.domain.history import EventDraft, EventType
from engine.store.unit_of_work import UnitOfWork

MOST_FAILURES = 5
# Many people share the address of an office, so an address is allowed more than an account.
MOST_FAILURES_OF_ADDRESS = 50
LOCKED_FOR = timedelta(minutes=15)
NOBODY_STREAM = 0
# Longer than any session lasts: a cookie that is older has ended by itself.
REMEMBERED = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An account whose password was right."""

    user_id: str
    password_changed_at: datetime


def sign_in(uow: UnitOfWork, *, user_id: str, password: str, address: str) -> SignedIn | None:
    """Check a password; None when it is wrong, or the account unknown, disabled or locked.

    The refusal is recorded, so it is an answer and no error (an error would undo the record).
    """
    user = uow.organisation.find_user(user_id)
    stored = uow.accounts.password(user_id)
    is_locked = _is_locked(uow, user_id, address)
    is_right = matches(stored.hash if stored else None, password)
    if user is None or stored is None or not user.active or is_locked or not is_right:
        refused = EventDraft(
            type=EventType.SIGN_IN_REFUSED,
            # What was typed for an unknown account may be a password: no history may keep it.
            data={"user": user.id if user else None, "address": address, "locked": is_locked},
        )
        stream = -user.number if user else NOBODY_STREAM
        if is_locked:  # not counted again: else whoever keeps trying keeps an account locked
            uow.record_note(stream, refused)
        else:
            uow.accounts.add_failure(user.id if user else "", address, refused, stream=stream)
        return None
    uow.accounts.clear_failures(user_id)
    uow.record_note(
        -user.number, EventDraft(type=EventType.SIGNED_IN, data={"user": user_id, "address": address})
    )
    return SignedIn(user_id=user_id, password_changed_at=stored.changed_at)


def sign_out(uow: UnitOfWork, *, session_id: str) -> None:
    """End one's own session for every copy of its cookie."""
    signed_out = EventDraft(type=EventType.SIGNED_OUT, data={"user": uow.actor.user_id})
    uow.accounts.end_session(
        session_id, signed_out, stream=-uow.actor.number, forget_before=uow.now - REMEMBERED
    )


def _is_locked(uow: UnitOfWork, user_id: str, address: str) -> bool:
    since = uow.now - LOCKED_FOR
    return (
        uow.accounts.count_failures_of_user(user_id, since) >= MOST_FAILURES
        or uow.accounts.count_failures_of_address(address, since) >= MOST_FAILURES_OF_ADDRESS
    )
