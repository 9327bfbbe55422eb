"""The proof under way: at most one; several workers never make it twice."""

from datetime import timedelta

import sqlalchemy as sa

from engine.clock import from_micros, to_micros
from engine.domain.history import EventDraft, EventType
from engine.domain.proof import ProofRun
from engine.store.proof_tables import proof_run
from engine.store.repository import Repository

_RUN = proof_run.c
ONLY = 1
# A worker that has told nothing for so long was killed; another one begins anew.
LOST = timedelta(minutes=10)


class ProofRuns(Repository):
    """Asked for, taken, moved on, ended."""

    def find(self) -> ProofRun | None:
        """The proof that waits or runs, if there is one."""
        row = self.core.execute(sa.select(proof_run)).first()
        if row is None:
            return None
        began = None if row.began_at is None else from_micros(row.began_at)
        return ProofRun(
            asked_by=row.asked_by, asked_at=from_micros(row.asked_at), began_at=began, streams=row.streams,
            proven=row.proven,
        )  # fmt: skip

    def ask(self) -> bool:
        """Let a proof wait for a worker, told in the stream of who asks; False if one is under way."""
        uow = self.writer
        row = {
            "id": ONLY, "asked_by": uow.actor.user_id, "asked_at": to_micros(uow.now), "streams": 0,
            "proven": 0,
        }  # fmt: skip
        insert = self.insert(proof_run).values(row).on_conflict_do_nothing()
        if not self.write(insert).rowcount:
            return False
        uow.record_note(-uow.actor.number, EventDraft(type=EventType.PROOF_ASKED, data={}))
        return True

    @property
    def is_free(self) -> bool:
        """True if a proof waits for a worker, or has lost its own."""
        return self.core.execute(sa.select(_RUN.id).where(self._free())).first() is not None

    def take(self) -> bool:
        """Take the proof that waits; False if there is none, or another worker has it."""
        now = to_micros(self.reader.now)
        take = sa.update(proof_run).where(self._free()).values(began_at=now, moved_at=now, proven=0)
        return bool(self.write(take).rowcount)

    def move_on(self, *, proven: int, streams: int) -> None:
        """Tell how far the proof is."""
        moved = {"proven": proven, "streams": streams, "moved_at": to_micros(self.reader.now)}
        self.write(sa.update(proof_run).values(moved))

    def put_back(self) -> None:
        """Let another worker take the proof."""
        self.write(sa.update(proof_run).values(began_at=None, moved_at=None))

    def end(self, draft: EventDraft, stream: int) -> None:
        """The proof is made; the event tells what it found."""
        self.write(sa.delete(proof_run))
        self.writer.record_note(stream, draft)

    def _free(self) -> sa.ColumnElement[bool]:
        lost = _RUN.moved_at < to_micros(self.reader.now - LOST)
        return sa.or_(_RUN.began_at.is_(None), lost)
