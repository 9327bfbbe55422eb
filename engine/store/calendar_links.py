"""Secret links of personal calendars: whoever knows one reads the dates of its person."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.history import ORGANISATION_STREAM, EventDraft
from engine.store.calendar_tables import calendar_link
from engine.store.repository import Repository

_LINK = calendar_link.c


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLink:
    """A link without its secret; `digest` (hex) names it."""

    digest: str
    user_id: str
    made_at: datetime


class CalendarLinks(Repository):
    """Links that are valid; a revoked one is kept and never found again."""

    def of_user(self, user_id: str) -> CalendarLink | None:
        """The valid link of a person, if there is one."""
        return self._find(_LINK.user_id == user_id)

    def of_secret(self, secret: str) -> CalendarLink | None:
        """The valid link of a secret, if there is one."""
        return self._find(_LINK.digest == _digest(secret))

    def add(self, secret: str, user_id: str, draft: EventDraft) -> None:
        """Store the digest of a new secret."""
        row = {"digest": _digest(secret), "user_id": user_id, "made_at": to_micros(self.writer.now)}
        self.write(sa.insert(calendar_link), row)
        self.writer.record_note(ORGANISATION_STREAM, draft)

    def revoke(self, link: CalendarLink, draft: EventDraft) -> None:
        """End a link now."""
        update = sa.update(calendar_link).where(_LINK.digest == bytes.fromhex(link.digest))
        self.write(update.values(revoked_at=to_micros(self.writer.now)))
        self.writer.record_note(ORGANISATION_STREAM, draft)

    def _find(self, wanted: sa.ColumnElement[bool]) -> CalendarLink | None:
        row = self.core.execute(sa.select(calendar_link).where(wanted, _LINK.revoked_at.is_(None))).first()
        return _link(row) if row else None


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _link(row: Any) -> CalendarLink:
    return CalendarLink(
        digest=bytes(row.digest).hex(), user_id=row.user_id, made_at=from_micros(row.made_at)
    )  # fmt: skip
