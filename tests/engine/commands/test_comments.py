"""Comments and mentions: who may write one, who is told, and whom nobody can mention."""

import json
from typing import Any

import pytest

from engine.commands import comments, organisation
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.errors import Invalid, NotFound, NotPermitted
from engine.queries.comments import comment_page
from engine.replay import verify
from engine.store.unit_of_work import UnitOfWork
from tests.engine import guarded
from tests.engine.commands.office import Office


def say(office: Office, task: Task, text: str, who: str = "handler_01", *, on_task: bool = True) -> list[str]:
    return office.engine.execute(
        office.actor(who), comments.comment, task.instance_id, text=text,
        task_id=task.id if on_task else None,
    )  # fmt: skip


def refused(office: Office, task: Task, text: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        say(office, task, text)
    return [(error.path, str(error)) for error in refusal.value.errors]


def mails(office: Office) -> list[dict[str, Any]]:
    return [entry.payload for entry in office.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())]


def namesakes(uow: UnitOfWork) -> None:
    for user_id in ("wang_a", "wang_b"):
        organisation.add_user(uow, user_id, name="王小明")
        organisation.grant(uow, user_id, role="unit_handler", unit="unit_03", valid_from=uow.today)
    organisation.add_user(uow, "long", name="王小明明")
    organisation.grant(uow, "long", role="unit_handler", unit="unit_03", valid_from=uow.today)


def test_a_comment_is_an_event_and_reads_as_it_was_written(both: Office) -> None:
    report = both.reports()[0]
    say(both, report, "數據請再核對。\n謝謝")
    page = both.engine.ask(both.actor("colleague_01"), comment_page, report.instance_id)
    assert [(c.who, c.text, c.task_id) for c in page.comments] == [
        ("handler_01", "數據請再核對。\n謝謝", report.id)
    ]
    assert both.engine.ask(SYSTEM, verify, report.instance_id).faults == ()


def test_the_people_behind_an_at_sign_are_told_once(both: Office) -> None:
    report = both.reports()[0]
    assert say(both, report, "@colleague_01、@chief_01 請看，@colleague_01 謝謝") == [
        "colleague_01",
        "chief_01",
    ]
    assert [(m["user"], m["task"]) for m in mails(both)] == [
        ("colleague_01", report.id), ("chief_01", report.id),
    ]  # fmt: skip
    events = both.engine.ask(SYSTEM, lambda reader: reader.history.of_task(report.id, EventType.COMMENT_MADE))
    assert [json.loads(event.data)["users"] for event in events] == [["colleague_01", "chief_01"]]


def test_the_longest_name_counts(office: Office) -> None:
    office.engine.execute(SYSTEM, namesakes)
    assert say(office, office.reports()[0], "請@王小明明確認") == ["long"]


def test_a_name_of_several_people_is_refused(office: Office) -> None:
    office.engine.execute(SYSTEM, namesakes)
    words = "Several people are called “王小明”: write the account, such as @wang_a"
    assert refused(office, office.reports()[0], "請@王小明 確認") == [("text", words)]


def test_a_name_of_nobody_is_refused(office: Office) -> None:
    assert refused(office, office.reports()[0], "請@陳大文 確認") == [
        ("text", "There is nobody called “陳大文”")
    ]


def test_an_address_mentions_nobody(office: Office) -> None:
    assert say(office, office.reports()[0], "寄至 office@example.tw") == []


def test_nobody_writes_to_themselves(office: Office) -> None:
    assert say(office, office.reports()[0], "備忘 @handler_01") == ["handler_01"]
    assert mails(office) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" ", "This entry is required"),
        ("字" * 1001, "Use at most 1000 characters"),
        ("a\x00b", "This entry holds a character that cannot be stored"),
    ],
)
def test_a_text_that_says_nothing_or_too_much_is_refused(office: Office, text: str, words: str) -> None:
    assert refused(office, office.reports()[0], text) == [("text", words)]


@pytest.mark.parametrize("who", ["auditor", "admin"])
def test_who_only_looks_does_not_comment(office: Office, who: str) -> None:
    with pytest.raises((NotPermitted, NotFound)):
        say(office, office.reports()[0], "看過", who, on_task=False)


def test_an_instance_that_does_not_exist_has_no_comments(office: Office) -> None:
    with pytest.raises(NotFound):
        office.engine.execute(office.clerk, comments.comment, 9999, text="看過")


def test_a_task_of_another_instance_is_not_commented_on(office: Office) -> None:
    first, second = office.reports(1)[0], office.reports(2)[0]
    with pytest.raises(NotFound):
        office.engine.execute(
            office.clerk, comments.comment, first.instance_id, text="看過", task_id=second.id
        )


def test_whom_a_task_excludes_still_reads_what_the_branch_reads(office: Office) -> None:
    task = guarded.begin(office.engine, office.clerk, "handler_01")
    assert say(office, task, "@handler_01 已迴避", "colleague_01") == ["handler_01"]


def test_of_a_restricted_matter_only_those_are_mentioned_who_may_know_of_it(office: Office) -> None:
    task = guarded.begin_restricted(office.engine, office.clerk)
    with pytest.raises(Invalid) as refusal:
        say(office, task, "@head 請看", "clerk")
    assert [str(error) for error in refusal.value.errors] == ["head may not see this and cannot be mentioned"]
    with pytest.raises(NotFound):
        say(office, task, "看過", "head")


def test_a_mail_about_a_restricted_matter_tells_nothing_of_it(office: Office) -> None:
    task = guarded.begin_restricted(office.engine, office.clerk)
    office.engine.execute(SYSTEM, hire_colleague)
    say(office, task, "@colleague 名單再核對", "clerk")
    assert [mail["params"] for mail in mails(office)] == [{"who": "承辦人"}]


def hire_colleague(uow: UnitOfWork) -> None:
    """Somebody else who may know of the restricted instance."""
    organisation.add_user(uow, "colleague", name="同仁")
    organisation.grant(uow, "colleague", role="sec_handler", unit="office", valid_from=uow.today)
