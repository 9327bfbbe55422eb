"""Passwords: how they are hashed, and what a new one must be like."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from engine.errors import FieldError, Invalid

SHORTEST = 12
KINDS_WANTED = 3
LATEST_REFUSED = 3  # the present one is the first of them
SHORTEST_AGE = timedelta(days=1)
LONGEST_AGE = timedelta(days=180)
# About 30 ms and 19 MiB a hash: strong enough, and a morning's sign-ins do not hold the store up.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked when there is no such account, so that the time of an answer tells nothing.
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _HASHER.hash(password)


def matches(hash_: str | None, password: str) -> bool:
    """True if the password belongs to the hash; takes as long without a hash."""
    try:
        return _HASHER.verify(hash_ or _NOBODY, password) and hash_ is not None
    except (Argon2Error, InvalidHashError):
        return False


def check_new_password(path: str, password: str, user_id: str) -> None:
    """Refuse a weak password: at least 12 characters of three kinds, without the account's name."""
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    if len(password) < SHORTEST:
        raise Invalid(
            (FieldError(path=path, template="Use at least {limit} characters", params={"limit": SHORTEST}),)
        )
    if sum(any(kind(c) for c in password) for kind in kinds) < KINDS_WANTED:
        template = "Mix three of these: small letters, capital letters, digits, signs"
        raise Invalid((FieldError(path=path, template=template),))
    if user_id.lower() in password.lower():
        raise Invalid((FieldError(path=path, template="The password must not contain the account's name"),))


def check_not_used_before(path: str, password: str, hashes: Iterable[str]) -> None:
    """Refuse a password that is one of the person's latest ones."""
    if any(matches(hash_, password) for hash_ in hashes):
        template, params = "Choose a password that differs from your last {limit}", {"limit": LATEST_REFUSED}
        raise Invalid((FieldError(path=path, template=template, params=params),))


def check_old_enough(path: str, changed_at: datetime, now: datetime) -> None:
    """Refuse to change a password again within a day: else one comes round to the old one at once."""
    if now - changed_at < SHORTEST_AGE:
        raise Invalid((FieldError(path=path, template="A password can be changed once a day"),))


def is_too_old(changed_at: datetime, now: datetime) -> bool:
    """True when a password has served so long that another one must be chosen."""
    return now - changed_at > LONGEST_AGE
