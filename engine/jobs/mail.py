"""Outgoing mail: rows of the outbox that people are told by mail."""

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.outbox import OutboxEntry
from engine.store.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 20
LONGEST_SUBJECT = 120
NO_ADDRESS = "The person has no mail address"
BEING_SENT = "The sending was interrupted"
URGING = "Please complete “{label}”. {note}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailer:
    """A mail server, the sender's name at it, and how sentences are put into the readers' language."""

    host: str
    port: int
    sender: str
    starttls: bool = False
    user: str = ""
    password: str = ""
    public_url: str = ""
    translate: Callable[[str], str] = str

    def send(self, message: EmailMessage) -> None:
        """Hand a mail to the server; OSError or SMTPException if it does not take it."""
        with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS) as server:
            if self.starttls:
                server.starttls()
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)


def send_mails(engine: Engine, mailer: Mailer) -> int:
    """Send every mail whose time has come; gives how many left. What fails is tried again later.

    A mail is put off before it is sent and marked as sent afterwards, so no transaction waits for a server.
    A crash in between sends it twice, with the same Message-ID.
    """
    sent = 0
    while (taken := engine.execute(SYSTEM, take_next)) is not None:
        entry, address = taken
        if address is None:
            continue
        try:
            mailer.send(compose(entry, address, mailer))
        except (OSError, smtplib.SMTPException) as error:
            logger.warning("The mail %s did not leave: %s", entry.dedup_key, error)
            engine.execute(SYSTEM, note_failure, entry, str(error))
        else:
            engine.execute(SYSTEM, note_sent, entry)
            sent += 1
    return sent


def take_next(uow: UnitOfWork) -> tuple[OutboxEntry, str | None] | None:
    """The next mail and where it goes; it comes again later unless it is marked as sent."""
    entry = uow.outbox.next_unsent()
    if entry is None:
        return None
    address = uow.organisation.email(entry.payload["user"])
    uow.outbox.mark_failed(entry, BEING_SENT if address else NO_ADDRESS)
    return entry, address


def note_sent(uow: UnitOfWork, entry: OutboxEntry) -> None:
    """Say that a mail has left."""
    uow.outbox.mark_sent(entry.id)


def note_failure(uow: UnitOfWork, entry: OutboxEntry, failure: str) -> None:
    """Say why a mail did not leave."""
    uow.outbox.mark_failed(entry, failure)


def compose(entry: OutboxEntry, address: str, mailer: Mailer) -> EmailMessage:
    """The mail of an entry: one sentence, and the way to the task or the inbox."""
    template, params = _sentence(entry)
    sentence = mailer.translate(template).format(**params)
    message = EmailMessage()
    message["From"] = mailer.sender
    message["To"] = address
    message["Subject"] = " ".join(params.get("subject", sentence).split())[:LONGEST_SUBJECT]
    domain = mailer.sender.partition("@")[2] or "localhost"
    message["Message-ID"] = f"<{sha256(entry.dedup_key.encode()).hexdigest()[:32]}@{domain}>"
    task = entry.payload.get("task")
    place = f"{mailer.public_url}/tasks/{task}" if task else f"{mailer.public_url}/inbox"
    message.set_content(f"{sentence}\n\n{place}\n" if mailer.public_url else f"{sentence}\n")
    return message


def _sentence(entry: OutboxEntry) -> tuple[str, dict[str, Any]]:
    if entry.kind == "urge":
        return URGING, entry.payload
    return entry.payload["template"], entry.payload["params"]
