from email.header import decode_header, make_header
from email.message import Message

import pytest

from engine.clock import FixedClock
from engine.commands import organisation
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.jobs.mail import BEING_SENT, NO_ADDRESS, Mailer, send_mails, take_next
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
    clock.move_to(clock.at.replace(hour=23))
    assert [before, send_mails(sqlite_engine, mailer(port))] == [0, 1]


def test_a_person_without_an_address_gets_no_mail(sqlite_engine: Engine, smtp: tuple[Mailbox, int]) -> None:
    box, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, None)
    sqlite_engine.execute(SYSTEM, add_mails, "a")
    send_mails(sqlite_engine, mailer(port))
    assert [box.mails, sqlite_engine.ask(SYSTEM, entry, "a").failure] == [[], NO_ADDRESS]


def test_two_senders_never_take_the_same_mail(engine: Engine) -> None:
    engine.execute(SYSTEM, add_wang, "wang@example.test")
    engine.execute(SYSTEM, add_mails, "a")
    first = engine.execute(SYSTEM, take_next)
    assert first is not None
    assert engine.execute(SYSTEM, take_next) is None
    assert engine.ask(SYSTEM, entry, "a").failure == BEING_SENT


@pytest.mark.parametrize("subject", ["114年度計畫\n請速辦", "114年度計畫 請速辦"])
def test_a_subject_is_one_line(sqlite_engine: Engine, smtp: tuple[Mailbox, int], subject: str) -> None:
    box, port = smtp
    sqlite_engine.execute(SYSTEM, add_wang, "wang@example.test")
    sqlite_engine.execute(SYSTEM, lambda uow: uow.outbox.add("a", "urge", URGE | {"subject": subject}))
    send_mails(sqlite_engine, mailer(port))
    assert str(make_header(decode_header(box.mails[0]["Subject"]))) == "114年度計畫 請速辦"
