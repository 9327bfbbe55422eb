"""Uploaded files: what they are called and who brought them; the bytes lie in the content store."""

from typing import Any

import sqlalchemy as sa

from engine.clock import to_micros
from engine.domain.document import FileRef
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM_ACTOR
from engine.errors import NotFound
from engine.store import tables
from engine.store.repository import Repository

_FILE = tables.file.c


class Files(Repository):
    """Uploads. Each one is told in the stream of the person who made it."""

    def add(self, name: str, body: bytes, media_type: str) -> FileRef:
        """Store an upload of the actor; the same file under the same name is kept once."""
        uow = self.writer
        digest = uow.content.put(body, media_type)
        ref = FileRef(digest=digest, name=name, size=len(body), media_type=media_type)
        row = self._row(ref, uow.actor.user_id)
        self.write(self.insert(tables.file).values(row).on_conflict_do_nothing())
        uow.record_note(
            -uow.actor.number, EventDraft(type=EventType.DOCUMENT_RECORDED, data={"file": ref.json()})
        )
        return ref

    def keep(self, name: str, body: bytes, media_type: str) -> FileRef:
        """Store a file that a step made, which nobody brought; the step's own event tells it."""
        uow = self.writer
        digest = uow.content.put(body, media_type)
        ref = FileRef(digest=digest, name=name, size=len(body), media_type=media_type)
        self.write(self.insert(tables.file).values(self._row(ref, SYSTEM_ACTOR)).on_conflict_do_nothing())
        uow.collect("files", ref.json())
        return ref

    def get(self, digest: str) -> FileRef:
        """The upload of a digest (its first name); NotFound when there is none."""
        query = (
            sa.select(tables.file).where(_FILE.digest == bytes.fromhex(digest)).order_by(_FILE.id).limit(1)
        )
        row = self.core.execute(query).first()
        if row is None:
            raise NotFound(kind="file", id=digest)
        return FileRef(digest=digest, name=row.name, size=row.size, media_type=row.media_type)

    def was_uploaded_by(self, digest: str, user_id: str) -> bool:
        """True if this person brought the file."""
        wanted = sa.and_(_FILE.digest == bytes.fromhex(digest), _FILE.uploaded_by == user_id)
        return self.core.execute(sa.select(sa.exists().where(wanted))).scalar() is True

    def _row(self, ref: FileRef, brought_by: str) -> dict[str, Any]:
        uow = self.writer
        return {
            "digest": bytes.fromhex(ref.digest), "name": ref.name, "size": ref.size,
            "media_type": ref.media_type,
            "uploaded_by": brought_by, "uploaded_at": to_micros(uow.now),
        }  # fmt: skip
