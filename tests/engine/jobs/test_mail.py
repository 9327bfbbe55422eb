"""Mails through a real server on loopback: gathered, in office hours, once, only of what happened."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import Message

import pytest
from aiosmtpd.controller import Controller

from engine.clock import FixedClock
from engine.commands import organisation
from engine.commands.preferences import choose_language, choose_mail
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import Invalid
from engine.jobs.mail import BEING_SENT, NO_ADDRESS, NO_MAILS, Mailer, send_mails, take_next
from engine.plan.mail_hours import MailHours
from engine.store.outbox import OutboxEntry
from engine.store.unit_of_work import Reader, UnitOfWork
from tests.conftest import Mailbox, free_port

URGE = {"user": "wang", "task": 42, "label": "彙編計畫", "subject": "114年度計畫", "note": "請於今日完成"}


def add_wang(uow: UnitOfWork, email: str | None) -> None:
    organisation.add_user(uow, "wang", name="王小明", email=email)


def add_mails(uow: UnitOfWork, *keys: str) -> None:
    for key in keys:
        uow.outbox.add(key, "urge", URGE)


def entry(reader: Reader, key: str) -> OutboxEntry:
    found = reader.outbox.find(key)
    assert found is not None
    return found


def mailer(port: int) -> Mailer:
    return Mailer(host="127.0.0.1", port=port, sender="planflow@example.test", public_url="https://plan.test")


def body(message: Message) -> str:
    return str(message.get_payload(decode=True), "utf-8")


def test_a_mail_leaves_once(engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    box, port = smtp
    engine.execute(SYSTEM, add_wang, "wang@example.test")
    engine.execute(SYSTEM, add_mails, "a")
    assert [send_mails(engine, mailer(port)), send_mails(engine, mailer(port))] == [1, 0]
    assert [mail["To"] for mail in box.mails] == ["wang@example.test"]


def test_a_mail_says_what_is_owed_and_where(sqlite_engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    box, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    sqlite_engine.execute(SYSTEM, add_mails, "a")
    send_mails(sqlite_engine, mailer(port))
    assert body(box.mails[0]).splitlines() == [
        "Please complete “彙編計畫”. 請於今日完成",
        "",
        "https://plan.test/tasks/42",
    ]


def test_the_same_key_asks_for_one_mail(sqlite_engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    _, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    sqlite_engine.execute(SYSTEM, add_mails, "a", "a", "b")
    assert send_mails(sqlite_engine, mailer(port)) == 2


def test_a_mail_that_nobody_takes_is_kept_with_the_reason(sqlite_engine: Engine) -> None:
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    sqlite_engine.execute(SYSTEM, add_mails, "a")
    assert send_mails(sqlite_engine, mailer(free_port())) == 0
    kept = sqlite_engine.ask(SYSTEM, entry, "a")
    assert kept.sent_at is None
    assert "Connection refused" in (kept.failure or "")


def test_a_failed_mail_is_tried_again_later(
    sqlite_engine: Engine, clock: FixedClock, smtp: tuple[Mailbox, int]
) -> None:
    _, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    sqlite_engine.execute(SYSTEM, add_mails, "a")
    send_mails(sqlite_engine, mailer(free_port()))
    before = send_mails(sqlite_engine, mailer(port))
    clock.move_to(clock.at.replace(hour=23))  # before office hours of the next morning
    early = send_mails(sqlite_engine, mailer(port))
    clock.move_to(clock.at + timedelta(hours=1))
    assert [before, early, send_mails(sqlite_engine, mailer(port))] == [0, 0, 1]


def test_a_person_without_an_address_gets_no_mail(sqlite_engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    box, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, None)
    sqlite_engine.execute(SYSTEM, add_mails, "a")
    send_mails(sqlite_engine, mailer(port))
    assert [box.mails, sqlite_engine.ask(SYSTEM, entry, "a").failure] == [[], NO_ADDRESS]


def test_two_senders_never_take_the_same_mail(engine: Engine) -> None:
    engine.execute(SYSTEM, add_wang, "wang@example.test")
    engine.execute(SYSTEM, add_mails, "a")
    first = engine.execute(SYSTEM, take_next, MailHours())
    assert first is not None
    assert engine.execute(SYSTEM, take_next, MailHours()) is None
    assert engine.ask(SYSTEM, entry, "a").failure == BEING_SENT


@pytest.mark.parametrize("subject", ["114年度計畫\n請速辦", "114年度計畫 請速辦"])
def test_a_subject_is_one_line(sqlite_engine: Engine, smtp: tuple[Mailbox, int], subject: str) -> None:
    box, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    sqlite_engine.execute(SYSTEM, lambda uow: uow.outbox.add("a", "urge", URGE | {"subject": subject}))
    send_mails(sqlite_engine, mailer(port))
    assert str(make_header(decode_header(box.mails[0]["Subject"]))) == "114年度計畫 請速辦"


REMINDER = {
    "user": "wang", "template": "Due on {due}: “{label}” ({subject})", "task": 43, "instance_id": 0,
    "params": {"label": "彙編計畫", "subject": "114年度計畫", "due": "114年1月8日"},
}  # fmt: skip


def remind(uow: UnitOfWork, *keys: str) -> None:
    for key in keys:
        uow.outbox.add(key, "mail", REMINDER)


def choose(engine: Engine, mode: str, hour: str = "9") -> None:
    engine.execute(SYSTEM, add_wang, "wang@example.test")
    engine.execute(engine.actor("wang"), choose_mail, mode=mode, hour=hour)


def test_what_comes_together_is_one_mail(
    engine: Engine, clock: FixedClock, smtp: tuple[Mailbox, int]
) -> None:
    box, port = smtp
    engine.execute(SYSTEM, add_wang, "wang@example.test")
    engine.execute(SYSTEM, remind, "a", "b")
    early = send_mails(engine, mailer(port))
    clock.move_to(clock.at + timedelta(minutes=10))
    engine.execute(SYSTEM, remind, "c")
    clock.move_to(clock.at + timedelta(minutes=5))
    assert [early, send_mails(engine, mailer(port)), send_mails(engine, mailer(port))] == [0, 1, 0]
    assert body(box.mails[0]).count("https://plan.test/tasks/43") == 3
    assert engine.ask(SYSTEM, lambda reader: reader.outbox.unsent()) == []


def test_an_urging_goes_alone_and_at_once(sqlite_engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    box, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    sqlite_engine.execute(SYSTEM, remind, "a")
    sqlite_engine.execute(SYSTEM, add_mails, "b")
    assert send_mails(sqlite_engine, mailer(port)) == 1
    assert "Please complete" in body(box.mails[0])


def test_a_mail_waits_for_the_morning(
    sqlite_engine: Engine, clock: FixedClock, smtp: tuple[Mailbox, int]
) -> None:
    _, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    clock.move_to(clock.at + timedelta(hours=12))  # 21:00 in Taipei
    sqlite_engine.execute(SYSTEM, add_mails, "a")
    at_night = send_mails(sqlite_engine, mailer(port))
    clock.move_to(clock.at + timedelta(hours=11))
    assert [at_night, send_mails(sqlite_engine, mailer(port))] == [0, 1]


def test_whoever_chose_no_mails_gets_none(
    sqlite_engine: Engine, clock: FixedClock, smtp: tuple[Mailbox, int]
) -> None:
    _, port = smtp
    choose(sqlite_engine, "off")
    sqlite_engine.execute(SYSTEM, add_mails, "a")
    first = send_mails(sqlite_engine, mailer(port))
    clock.move_to(clock.at + timedelta(days=9))
    assert [first, send_mails(sqlite_engine, mailer(port))] == [0, 0]
    assert sqlite_engine.ask(SYSTEM, entry, "a").failure == NO_MAILS


def test_the_mail_of_a_day_leaves_at_the_chosen_hour(
    sqlite_engine: Engine, clock: FixedClock, smtp: tuple[Mailbox, int]
) -> None:
    _, port = smtp
    choose(sqlite_engine, "daily", "14")
    sqlite_engine.execute(SYSTEM, remind, "a", "b")
    sent = []
    for hours in (0, 4, 1):  # 09:00, 13:00 and 14:00 in Taipei
        clock.move_to(clock.at + timedelta(hours=hours))
        sent.append(send_mails(sqlite_engine, mailer(port)))
    assert sent == [0, 0, 1]


def test_a_choice_that_does_not_exist_is_refused(sqlite_engine: Engine) -> None:
    with pytest.raises(Invalid) as refusal:
        choose(sqlite_engine, "pigeon", "25")
    assert [fault.path for fault in refusal.value.errors] == ["mode", "hour"]


def test_a_mail_that_left_is_an_event_of_its_person(engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    box, port = smtp
    engine.execute(SYSTEM, add_wang, "wang@example.test")
    engine.execute(SYSTEM, add_mails, "a")
    send_mails(engine, mailer(port))
    number = engine.actor("wang").number
    told = engine.ask(SYSTEM, lambda reader: reader.history.last_of_type(-number, EventType.MAIL_SENT))
    assert told is not None
    assert json.loads(told.data) == {"message_id": box.mails[0]["Message-ID"], "notices": ["a"]}


def test_nothing_answers_a_mail_by_itself(sqlite_engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    box, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    sqlite_engine.execute(SYSTEM, add_mails, "a")
    send_mails(sqlite_engine, mailer(port))
    (mail,) = box.mails
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")


def test_a_mail_speaks_the_language_of_its_reader(sqlite_engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    box, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    sqlite_engine.execute(sqlite_engine.actor("wang"), choose_language, language="en")
    sqlite_engine.execute(SYSTEM, add_mails, "a")
    send_mails(sqlite_engine, replace(mailer(port), translate=lambda language, text: f"[{language}] {text}"))
    assert body(box.mails[0]).startswith("[en] Please complete")


def test_a_command_that_is_rolled_back_sends_nothing(engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    box, port = smtp

    def fail(uow: UnitOfWork) -> None:
        add_mails(uow, "a")
        raise Invalid(())

    engine.execute(SYSTEM, add_wang, "wang@example.test")
    with pytest.raises(Invalid):
        engine.execute(SYSTEM, fail)
    assert (send_mails(engine, mailer(port)), box.mails) == (0, [])


WORKER = """
import sys
from datetime import datetime
from engine.clock import FixedClock
from engine.engine import Engine
from engine.jobs.mail import Mailer, send_mails
address, at, port = sys.argv[1:]
engine = Engine(address, FixedClock(datetime.fromisoformat(at)))
send_mails(engine, Mailer(host="127.0.0.1", port=int(port), sender="planflow@example.test"))
"""


class Murderer(Mailbox):
    """Takes a mail and kills its sender before it hears so."""

    victim: subprocess.Popen[bytes] | None = None

    def handle_message(self, message: Message) -> None:
        super().handle_message(message)
        if self.victim is not None:
            self.victim.kill()


def test_a_worker_killed_after_sending_sends_the_same_mail_again(
    engine: Engine, database_url: str, clock: FixedClock
) -> None:
    """No protocol of mail allows more: the second copy has the Message-ID and the notices of the first."""
    engine.execute(SYSTEM, add_wang, "wang@example.test")
    engine.execute(SYSTEM, remind, "a", "b")
    clock.move_to(clock.at + timedelta(minutes=15))
    box = Murderer()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    arguments = [sys.executable, "-c", WORKER, database_url, clock.at.isoformat(), str(server.port)]
    box.victim = subprocess.Popen(arguments)
    assert box.victim.wait() == -signal.SIGKILL
    engine.execute(SYSTEM, remind, "c")
    clock.move_to(clock.at + timedelta(minutes=2))
    box.victim = None
    again = send_mails(engine, mailer(server.port))
    clock.move_to(clock.at + timedelta(hours=1))
    rest = send_mails(engine, mailer(server.port))
    server.stop()
    first, second, third = box.mails
    assert (again, rest) == (1, 1)
    assert first["Message-ID"] == second["Message-ID"] != third["Message-ID"]
    assert [body(mail).count("114年度計畫") for mail in box.mails] == [2, 2, 1]
