"""Outgoing mail: notices of the outbox, gathered for each person and sent when people are at work."""

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from engine.documents.mail_text import CONFIDENTIAL, URGING, Notice, compose, message_id
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.preference import LANGUAGE, MAIL
from engine.domain.task import instance_of
from engine.engine import Engine
from engine.plan.mail_hours import MailChoice, MailHours, MailMode, choice_from_json
from engine.store.outbox import OutboxEntry
from engine.store.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 20
MOST_IN_ONE_MAIL = 50
NO_ADDRESS = "The person has no mail address"
NO_MAILS = "The person wants no mails"
BEING_SENT = "The sending was interrupted"
URGENT = frozenset({"urge"})
DIGEST = "digest"
CHINESE = "zh_Hant_TW"
INBOX = "/inbox"


def untranslated(_language: str, text: str) -> str:
    """The text itself."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailer:
    """A mail server, the sender's name at it, its hours, and how sentences become the readers' language."""

    host: str
    port: int
    sender: str
    starttls: bool = False
    user: str = ""
    password: str = ""
    public_url: str = ""
    hours: MailHours = field(default_factory=MailHours)
    translate: Callable[[str, str], str] = untranslated

    def send(self, message: EmailMessage) -> None:
        """Hand a mail to the server; OSError or SMTPException if it does not take it."""
        with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS) as server:
            if self.starttls:
                server.starttls()
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one look at the outbox found: a mail to send, or (`address` is None) nothing that leaves now."""

    entry: OutboxEntry
    held: tuple[OutboxEntry, ...] = ()
    notices: tuple[Notice, ...] = ()
    address: str | None = None
    language: str = CHINESE


def send_mails(engine: Engine, mailer: Mailer) -> int:
    """Send every mail whose time has come; gives how many left. What fails is tried again later.

    A mail is put off before it is sent and marked as sent afterwards, so no transaction waits for a server.
    A crash in between sends it twice, with the same Message-ID and the same notices.
    """
    sent = 0
    while (taken := engine.execute(SYSTEM, take_next, mailer.hours)) is not None:
        if taken.address is None:
            continue
        try:
            mailer.send(_composed(taken, taken.address, mailer))
        except (OSError, smtplib.SMTPException) as error:
            logger.warning("The mail %s did not leave: %s", taken.entry.dedup_key, error)
            engine.execute(SYSTEM, note_failure, taken.entry, str(error))
        else:
            engine.execute(SYSTEM, note_sent, taken, message_id(taken.entry.dedup_key, mailer.sender))
            sent += 1
    return sent


def take_next(uow: UnitOfWork, hours: MailHours) -> Taken | None:
    """The next mail and where it goes; it comes again later unless it is marked as sent.

    A notice whose time has not come by the choice of its person and the hours of the office is put off; those
    of one person that wait together become one mail. None when nothing is due.
    """
    entry = uow.outbox.next_unsent()
    if entry is None:
        return None
    opens_at = hours.next_open(uow.now, uow.calendar)
    if opens_at > uow.now:
        uow.outbox.put_off(entry.id, opens_at)
        return Taken(entry=entry)
    user_id = entry.payload["user"]
    address, chosen = uow.organisation.email(user_id), uow.preferences.of(user_id)
    if address is None:
        uow.outbox.mark_failed(entry, NO_ADDRESS)
        return Taken(entry=entry)
    if entry.kind != DIGEST and not entry.attempts:
        gathered = _gathered(uow, entry, choice_from_json(chosen.get(MAIL)), hours)
        if gathered is None:
            return Taken(entry=entry)
        entry = gathered
    uow.outbox.mark_failed(entry, BEING_SENT)
    held = uow.outbox.get_all(entry.payload["entries"]) if entry.kind == DIGEST else (entry,)
    return Taken(
        entry=entry,
        held=held,
        notices=tuple(_notice(uow, one) for one in held),
        address=address,
        language=chosen.get(LANGUAGE) or CHINESE,
    )


def note_sent(uow: UnitOfWork, taken: Taken, sent_id: str) -> None:
    """Say that a mail has left, with its event in the stream of the person."""
    uow.outbox.mark_sent(taken.entry.id, *(one.id for one in taken.held))
    keys = [one.dedup_key for one in taken.held]
    told = EventDraft(type=EventType.MAIL_SENT, data={"message_id": sent_id, "notices": keys})
    uow.record_note(-uow.organisation.user(taken.entry.payload["user"]).number, told)


def note_failure(uow: UnitOfWork, entry: OutboxEntry, failure: str) -> None:
    """Say why a mail did not leave."""
    uow.outbox.mark_failed(entry, failure)


def _gathered(
    uow: UnitOfWork, entry: OutboxEntry, choice: MailChoice, hours: MailHours
) -> OutboxEntry | None:
    """The mail in which a notice leaves now; None where it waits, or is not wanted."""
    is_urgent = entry.kind in URGENT
    leaves_at = hours.leaves_at(entry.made_at, choice, uow.calendar, is_urgent=is_urgent)
    if leaves_at is None:
        uow.outbox.set_aside(NO_MAILS, entry.id)
        return None
    if leaves_at > uow.now:
        uow.outbox.put_off(entry.id, leaves_at)
        return None
    if is_urgent or choice.mode is MailMode.IMMEDIATE:
        return entry
    others = [
        other
        for other in uow.outbox.waiting_of(entry.payload["user"], MOST_IN_ONE_MAIL)
        if other.kind not in URGENT | {DIGEST} and other.id != entry.id
    ]
    return _digest(uow, (entry, *others[: MOST_IN_ONE_MAIL - 1])) if others else entry


def _digest(uow: UnitOfWork, notices: tuple[OutboxEntry, ...]) -> OutboxEntry:
    """One entry that holds several: what it holds stays the same however often it is tried."""
    first, ids = notices[0], [notice.id for notice in notices]
    key = f"{DIGEST}:{first.dedup_key}"
    uow.outbox.add(key, DIGEST, {"user": first.payload["user"], "entries": ids})
    uow.outbox.set_aside(None, *ids)
    held = uow.outbox.find(key)
    assert held is not None
    return held


def _notice(uow: UnitOfWork, entry: OutboxEntry) -> Notice:
    """The notice of an entry; of a restricted instance a mail tells nothing but that something waits."""
    payload = entry.payload
    path = payload.get("path") or (f"/tasks/{payload['task']}" if payload.get("task") else INBOX)
    if _is_confidential(uow, payload):
        template, params = CONFIDENTIAL, {}
    elif entry.kind == "urge":
        template, params = URGING, payload
    else:
        template, params = payload["template"], payload["params"]
    return Notice(template=template, params=params, path=path, made_at=entry.made_at)


def _is_confidential(uow: UnitOfWork, payload: dict[str, Any]) -> bool:
    """True for what belongs to a restricted instance: its titles and remarks name people."""
    task = payload.get("task")
    instance_id = payload.get("instance_id") or (instance_of(task) if task else None)
    instance = uow.instances.find(instance_id) if instance_id else None
    return instance is not None and bool(instance.restricted_to)


def _composed(taken: Taken, address: str, mailer: Mailer) -> EmailMessage:
    def translate(text: str) -> str:
        return mailer.translate(taken.language, text)

    return compose(
        taken.entry.dedup_key, taken.notices, address, mailer.sender, mailer.public_url, translate
    )  # fmt: skip
