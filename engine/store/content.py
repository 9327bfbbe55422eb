"""The content store: bytes by their SHA-256; what is there once is never written again nor changed."""

from collections.abc import Collection, Iterator
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store import tables
from engine.store.repository import Repository, in_parts, stored_bytes

_CONTENT = tables.content.c


class Content(Repository):
    """Stored bytes. The digest of stored bytes stands in an event, so that nobody can change them unseen."""

    def put(self, body: bytes, media_type: str) -> str:
        """Store bytes; gives their digest in hex."""
        digest = sha256(body).digest()
        row = {"digest": digest, "media_type": media_type, "size": len(body), "body": body}
        self.write(self.insert(tables.content).values(row).on_conflict_do_nothing())
        return digest.hex()

    def get(self, digest: str) -> bytes:
        """The bytes of a digest; NotFound when there are none."""
        found = self.find(digest)
        if found is None:
            raise NotFound(kind="content", id=digest)
        return found

    def find(self, digest: str) -> bytes | None:
        """The bytes of a digest, if there are any."""
        query = sa.select(_CONTENT.body).where(_CONTENT.digest == bytes.fromhex(digest))
        body = self.core.execute(query).scalar()
        return None if body is None else stored_bytes(body)

    def stored(self, digest: str) -> tuple[bytes, int] | None:
        """The bytes of a digest and the size that their row tells, if there are any."""
        query = sa.select(_CONTENT.body, _CONTENT.size).where(_CONTENT.digest == bytes.fromhex(digest))
        row = self.core.execute(query).first()
        return None if row is None else (stored_bytes(row.body), row.size)

    def intact(self, digests: Collection[str]) -> dict[str, bytes]:
        """The bytes of several digests; what is gone, or has another digest by now, is left out."""
        wanted = [bytes.fromhex(digest) for digest in digests]
        query = sa.select(_CONTENT.digest, _CONTENT.body).where(_CONTENT.digest.in_(wanted))
        found = ((bytes(digest), stored_bytes(body)) for digest, body in self.core.execute(query))
        return {digest.hex(): body for digest, body in found if sha256(body).digest() == digest}

    def bodies(self, digests: Collection[str]) -> dict[str, bytes]:
        """The bytes of those of the digests that there are."""
        query = sa.select(_CONTENT.digest, _CONTENT.body)
        return {bytes(digest).hex(): stored_bytes(body) for digest, body in self._rows(query, digests)}

    def known(self, digests: Collection[str]) -> set[str]:
        """Those of the digests that there are."""
        return {bytes(row[0]).hex() for row in self._rows(sa.select(_CONTENT.digest), digests)}

    def _rows(self, query: sa.Select[Any], digests: Collection[str]) -> Iterator[Any]:
        for some in in_parts([bytes.fromhex(digest) for digest in digests]):
            yield from self.core.execute(query.where(_CONTENT.digest.in_(some)))

    def digests(self) -> list[str]:
        """The digests of everything that is stored."""
        return [digest.hex() for digest in self.core.execute(sa.select(_CONTENT.digest)).scalars()]
