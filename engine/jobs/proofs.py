"""The proof of everything that somebody asked for, in a thread of its own, so that timers do not wait."""

import logging
import threading
from collections.abc import Callable

from engine.commands.proofs import Tally, end_proof, move_on, put_back, take_proof
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import verify_all
from engine.store.unit_of_work import Reader

logger = logging.getLogger(__name__)
STEPS = 50  # how often a proof tells how far it is, at least
EVENTS = 5000  # … and after so many events


class _Stopped(Exception):
    """The worker comes to an end before the proof does."""


class ProofMaker:
    """Makes the proofs that people ask for, one at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Begin to make a proof if one waits; comes back at once."""
        is_busy = self._thread is not None and self._thread.is_alive()
        if not is_busy and self._engine.ask(SYSTEM, lambda reader: reader.proof_runs.is_free):
            self._thread = threading.Thread(target=self._run, name="planflow-proof", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop after the present stream; the proof waits for the next worker."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            prove_if_asked(self._engine, self._stopped.is_set)
        except Exception:
            logger.exception("The proof could not be made; it is tried again")


def prove_if_asked(engine: Engine, is_stopped: Callable[[], bool] = lambda: False) -> bool:
    """Make the proof that waits, if there is one; tells whether it was made."""
    if not engine.execute(SYSTEM, take_proof):
        return False
    try:
        tally = engine.ask(SYSTEM, _prove, engine, is_stopped)
    except _Stopped:
        engine.execute(SYSTEM, put_back)
        return False
    engine.execute(SYSTEM, end_proof, tally)
    return True


def _prove(reader: Reader, engine: Engine, is_stopped: Callable[[], bool]) -> Tally:
    streams = len(reader.history.heads())
    tally, told_at, told_events = Tally(), 0, 0
    engine.execute(SYSTEM, move_on, proven=0, streams=streams)
    for report in verify_all(reader):
        tally.add(report)
        if is_stopped():
            raise _Stopped
        if tally.streams - told_at > streams // STEPS or tally.events - told_events > EVENTS:
            engine.execute(SYSTEM, move_on, proven=tally.streams, streams=streams)
            told_at, told_events = tally.streams, tally.events
    return tally
