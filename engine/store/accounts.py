"""What proves who somebody is: password hashes, API tokens, and the count of refused sign-ins."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.history import ORGANISATION_STREAM, EventDraft
from engine.domain.identity import token_digest
from engine.store import tables
from engine.store.personal_tables import preference
from engine.store.repository import Repository

_PASSWORD = tables.password.c
_FORMER = tables.former_password.c
_ENDED = tables.ended_session.c
_TOKEN = tables.api_token.c
_FAILURE = tables.login_failure.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPassword:
    """An argon2 hash and whether the person must choose another password at the next sign-in."""

    hash: str
    changed_at: datetime
    must_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """An API token without its secret; `digest` (hex) names it."""

    digest: str
    user_id: str
    label: str
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_valid_at(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Accounts(Repository):
    """Secrets of accounts. Hashes stand in these tables only, never in an event."""

    def password(self, user_id: str) -> StoredPassword | None:
        """The password hash of an account, if it has one."""
        row = self.core.execute(sa.select(tables.password).where(_PASSWORD.user_id == user_id)).first()
        return _stored(row) if row else None

    def in_session(self, user_id: str, session_id: str) -> tuple[StoredPassword, dict[str, Any]] | None:
        """The same for a session, with what the person chose for the own pages.

        None as well when that session was signed out. One statement, because every request asks.
        """
        ended = sa.exists().where(_ENDED.digest == sha256(session_id.encode()).digest())
        of_person = preference.c.user_id == _PASSWORD.user_id
        query = (
            sa.select(tables.password, preference.c.key.label("name"), preference.c.value)
            .outerjoin(preference, of_person)
            .where(_PASSWORD.user_id == user_id, ~ended)
        )
        rows = self.core.execute(query).all()
        if not rows:
            return None
        return _stored(rows[0]), {row.name: json.loads(row.value) for row in rows if row.name}

    def former_passwords(self, user_id: str) -> list[str]:
        """The hashes of the passwords before the present one that are kept, the latest first."""
        query = sa.select(_FORMER.hash).where(_FORMER.user_id == user_id)
        return list(self.core.execute(query.order_by(_FORMER.replaced_at.desc())).scalars())

    def keep_former_password(self, user_id: str, hash_: str, *, most: int) -> None:
        """Keep a hash that is being replaced, and no more than so many of them."""
        row = {"user_id": user_id, "hash": hash_, "replaced_at": to_micros(self.reader.now)}
        insert = self.insert(tables.former_password).values(**row)
        self.write(insert.on_conflict_do_nothing())
        query = sa.select(_FORMER.replaced_at).where(_FORMER.user_id == user_id)
        kept = self.core.execute(query.order_by(_FORMER.replaced_at.desc()).limit(most)).scalars().all()
        old = sa.and_(_FORMER.user_id == user_id, _FORMER.replaced_at.not_in(kept))
        self.write(sa.delete(tables.former_password).where(old))

    def end_session(
        self, session_id: str, draft: EventDraft, *, stream: int, forget_before: datetime
    ) -> None:
        """Remember that a session was signed out, as long as a cookie of it could be shown."""
        self.write(sa.delete(tables.ended_session).where(_ENDED.ended_at < to_micros(forget_before)))
        row = {"digest": sha256(session_id.encode()).digest(), "ended_at": to_micros(self.reader.now)}
        self.write(self.insert(tables.ended_session).values(**row).on_conflict_do_nothing())
        self.writer.record_note(stream, draft)

    def set_password(self, user_id: str, hash_: str, draft: EventDraft, *, must_change: bool = False) -> None:
        """Store a password hash."""
        values = {"hash": hash_, "changed_at": to_micros(self.reader.now), "must_change": must_change}
        insert = self.insert(tables.password).values(user_id=user_id, **values)
        self.write(insert.on_conflict_do_update(index_elements=["user_id"], set_=values))
        self.writer.record_note(ORGANISATION_STREAM, draft)

    def add_token(
        self, token: str, user_id: str, label: str, draft: EventDraft, *, expires_at: datetime | None = None
    ) -> None:
        """Store the digest of a new token."""
        row = {
            "digest": token_digest(token), "user_id": user_id, "label": label,
            "issued_at": to_micros(self.reader.now),
            "expires_at": to_micros(expires_at) if expires_at else None,
        }  # fmt: skip
        self.write(sa.insert(tables.api_token), row)
        self.writer.record_note(ORGANISATION_STREAM, draft)

    def find_token(self, token: str) -> StoredToken | None:
        """The token of this secret, if it was issued; ask it whether it is valid."""
        wanted = _TOKEN.digest == token_digest(token)
        row = self.core.execute(sa.select(tables.api_token).where(wanted)).first()
        return _token(row) if row else None

    def tokens(self, user_id: str) -> list[StoredToken]:
        """Every token of a person."""
        query = sa.select(tables.api_token).where(_TOKEN.user_id == user_id).order_by(_TOKEN.issued_at)
        return [_token(row) for row in self.core.execute(query)]

    def revoke_token(self, digest: str, draft: EventDraft) -> None:
        """End a token now."""
        update = sa.update(tables.api_token).where(_TOKEN.digest == bytes.fromhex(digest))
        self.write(update.values(revoked_at=to_micros(self.reader.now)))
        self.writer.record_note(ORGANISATION_STREAM, draft)

    def count_failures_of_user(self, user_id: str, since: datetime) -> int:
        """How often sign-in to an account was refused since then."""
        return self._count_failures(_FAILURE.user_id == user_id, since)

    def count_failures_of_address(self, address: str, since: datetime) -> int:
        """How often sign-in from an address was refused since then."""
        return self._count_failures(_FAILURE.address == address, since)

    def _count_failures(self, wanted: sa.ColumnElement[bool], since: datetime) -> int:
        query = sa.select(sa.func.count()).where(wanted, _FAILURE.failed_at >= to_micros(since))
        return self.core.execute(query).scalar() or 0

    def add_failure(self, user_id: str, address: str, draft: EventDraft, *, stream: int) -> None:
        """Count a refused sign-in; the event goes to the person's stream (0 for names that nobody has)."""
        row = {"user_id": user_id, "address": address, "failed_at": to_micros(self.reader.now)}
        self.write(sa.insert(tables.login_failure), row)
        self.writer.record_note(stream, draft)

    def clear_failures(self, user_id: str) -> None:
        """Forget the refusals of an account after a good sign-in."""
        self.write(sa.delete(tables.login_failure).where(_FAILURE.user_id == user_id))


def _stored(row: Any) -> StoredPassword:
    return StoredPassword(hash=row.hash, changed_at=from_micros(row.changed_at), must_change=row.must_change)


def _token(row: Any) -> StoredToken:
    return StoredToken(
        digest=bytes(row.digest).hex(), user_id=row.user_id, label=row.label,
        issued_at=from_micros(row.issued_at),
        expires_at=from_micros(row.expires_at) if row.expires_at is not None else None,
        revoked_at=from_micros(row.revoked_at) if row.revoked_at is not None else None,
    )  # fmt: skip
