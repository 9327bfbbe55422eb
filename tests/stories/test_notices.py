"""Mails of whole processes: what stands in them, and what never does."""

from email.message import Message

import pytest

from engine.commands import organisation, tasks
from engine.domain.identity import SYSTEM
from engine.jobs.mail import Mailer, send_mails
from engine.store.unit_of_work import UnitOfWork
from tests.conftest import Mailbox
from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import HANDLER, own
from tests.stories.stage import Stage


def give_addresses(uow: UnitOfWork) -> None:
    for user in uow.organisation.users():
        address = f"{user.id}@example.test"
        organisation.change_user(uow, user.id, name=user.name, title=user.title, email=address)


def sent(stage: Stage, smtp: tuple[Mailbox, int]) -> list[Message]:
    """Every mail that leaves now."""
    box, port = smtp
    stage.engine.execute(SYSTEM, give_addresses)
    mailer = Mailer(
        host="127.0.0.1", port=port, sender="planflow@example.test", public_url="https://plan.test"
    )
    send_mails(stage.engine, mailer)
    return list(box.mails)


def body(mail: Message) -> str:
    return str(mail.get_payload(decode=True), "utf-8")


@pytest.mark.parametrize("user", ["sec_handler", "sec_chief"])
def test_a_mail_about_a_reward_list_names_nobody(
    fresh_stage: Stage, smtp: tuple[Mailbox, int], user: str
) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, HANDLER, own("deputy_director", "other_merit"))
    reward.session(fresh_stage, instance)
    task = fresh_stage.task(instance, "sign")
    fresh_stage.engine.execute(fresh_stage.engine.actor(user), tasks.urge, task.id, note="王小明的敘獎請速辦")
    (mail,) = sent(fresh_stage, smtp)
    assert body(mail).splitlines() == [
        "A confidential matter waits for you. Sign in to read it.",
        "",
        f"https://plan.test/tasks/{task.id}",
    ]
    assert mail["Subject"] == "A confidential matter waits for you. Sign in to read it."
