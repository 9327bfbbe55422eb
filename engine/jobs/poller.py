"""The embedded poller: one thread that looks for work every few seconds."""

import logging
import threading
from datetime import date, datetime, timedelta

from engine.clock import TAIPEI
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import Unavailable
from engine.jobs.anchors import anchor_of_the_day
from engine.jobs.escalations import is_morning_of_work, report_of_the_week, tell_levels
from engine.jobs.holdings import release_holdings
from engine.jobs.mail import Mailer, send_mails
from engine.jobs.proofs import ProofMaker
from engine.jobs.timers import fire_due_timers

logger = logging.getLogger(__name__)
# An instance whose timer failed is tried again later: each try leaves an incident in its history.
REST = timedelta(hours=1)


class Poller:
    """Fires timers, urges by the calendar, ends holdings, anchors, proves, sends mails until it is stopped.

    Several pollers of one database do no work twice.
    """

    def __init__(self, engine: Engine, mailer: Mailer | None, seconds: float) -> None:
        self._engine = engine
        self._mailer = mailer
        self._seconds = seconds
        self._stopped = threading.Event()
        self._told_on: date | None = None
        self._released_on: date | None = None
        self._resting: dict[int, datetime] = {}
        self._proofs = ProofMaker(engine)
        self._thread = threading.Thread(target=self.run, name="planflow-poller", daemon=True)

    def start(self) -> None:
        """Work in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the present piece of work and come to an end."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self._proofs.stop()

    def run(self) -> None:
        """Work in this thread until `stop` is called elsewhere; no failure ends the poller."""
        while not self._stopped.is_set():
            try:
                self.once()
            except Unavailable:
                logger.warning("The database does not answer; the poller looks again")
            except Exception:
                logger.exception("The poller goes on after a failure")
            self._stopped.wait(self._seconds)

    def once(self) -> None:
        """Do everything that is due now."""
        now = self._engine.clock.now()
        resting = [instance_id for instance_id, until in self._resting.items() if until > now]
        for failed in fire_due_timers(self._engine, resting).failed:
            self._resting[failed] = now + REST
        self._tell_levels_of_the_day()
        self._release_of_the_day(now.astimezone(TAIPEI).date())
        anchor_of_the_day(self._engine)
        self._proofs.look()
        if self._mailer is not None:
            send_mails(self._engine, self._mailer)

    def _release_of_the_day(self, today: date) -> None:
        """Once a day: a role ends at midnight, and what was held by it waits for others from then on."""
        if today != self._released_on:
            release_holdings(self._engine)
            self._released_on = today

    def _tell_levels_of_the_day(self) -> None:
        """Once a working day, after the timers: what a diagram tells this morning is not told twice."""
        today = self._engine.ask(SYSTEM, lambda reader: reader.today if is_morning_of_work(reader) else None)
        if today is not None and today != self._told_on:
            tell_levels(self._engine)
            report_of_the_week(self._engine)
            self._told_on = today
