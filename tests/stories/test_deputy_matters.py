"""Beside signing: what a deputy does for the principal, does as themselves, and is not handed on."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine.activities.circulation import RECEIPT, owner_of_circulations
from engine.activities.extensions import DECLINED as DECLINED_MAIL
from engine.activities.extensions import GRANTED
from engine.activities.signoff_record import SUPPLEMENT
from engine.commands import comments, extensions, instances, opinions, signoffs, task_routing, tasks
from engine.commands.deputies import end_deputyship
from engine.commands.follow_ups import follow_up
from engine.commands.signoffs import SignedAfterwards
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.errors import Invalid, NotPermitted, TaskAlreadyCompleted
from engine.queries.tasks import View, inbox
from tests.stories import actors
from tests.stories.actors import KEY, sign
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage
from tests.stories.standing_in import DEPUTY, do, held, name, told

HANDLER, CHIEF, COLLEAGUE = "unit_handler.metrology", "unit_chief.metrology", "counter_owner.penghu"
READER = "unit_handler.kinmen"
EDIT = "edit_actions@metrology"
REASON = "本案涉他單位權責，須另行處理，請惠予協助辦理。"
AGREED, DECLINED = {"decision": "agree", "opinion": "如擬"}, {"decision": "decline", "opinion": "請依限"}


def writing(stage: Stage) -> None:
    """Two units are writing, until 2026-01-19."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)


def decided(stage: Stage) -> None:
    """A deputy signed for the deputy director, the director decided."""
    cycle = actors.draft(stage)
    name(stage, "deputy_director")
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, DEPUTY, "approve")
    sign(stage, cycle, "director", "decide", opinion="如擬")


SCENES: dict[str, Callable[[Stage], Any]] = {"draft": actors.draft, "assigned": writing, "done": decided}


@pytest.fixture
def draft(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def assigned(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def done(stage: Stage) -> int:
    return cycle_of(stage)


# 展期


def apply(stage: Stage, user: str, cycle: int, on: str = "2026-01-21") -> int:
    task = stage.task(cycle, EDIT)
    extension: int = do(stage, user, extensions.apply, task.id, new_on=date.fromisoformat(on), reason=REASON)
    return extension


def pools(stage: Stage, extension: int) -> list[tuple[str, str]]:
    return [(c.role, c.unit) for c in stage.tasks(extension, "decide")[0].candidates]


def test_a_deputy_applies_for_an_extension_once_and_in_both_names(assigned: int, stage: Stage) -> None:
    name(stage, HANDLER)
    extension = apply(stage, DEPUTY, assigned)
    assert told(stage, extension, EventType.INSTANCE_STARTED) == (DEPUTY, HANDLER)
    assert pools(stage, extension) == [("unit_chief", "metrology")]
    with pytest.raises(extensions.ExtensionPending):
        apply(stage, HANDLER, assigned)
    assert (held(stage, stage.task(assigned, EDIT)), stage.faults_of_history(extension)) == ((None, None), [])


@pytest.mark.parametrize("decision", [AGREED, DECLINED])
def test_what_became_of_an_extension_is_told_to_the_deputy_and_the_principal(
    decision: dict[str, Any], assigned: int, stage: Stage
) -> None:
    name(stage, HANDLER)
    extension = apply(stage, DEPUTY, assigned)
    stage.complete_task(CHIEF, stage.tasks(extension, "decide")[0], **decision)
    mails = [m.payload for m in stage.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())]
    told_of = [mail for mail in mails if mail.get("instance_id") == extension]
    outcome = [mail["user"] for mail in told_of if mail["template"] in (GRANTED, DECLINED_MAIL)]
    assert (outcome, stage.faults_of_history(extension)) == ([DEPUTY, HANDLER], [])


def test_a_deputy_applies_for_no_extension_after_the_due_date(assigned: int, stage: Stage) -> None:
    name(stage, HANDLER)
    stage.move_to("2026-01-20T09:00")
    with pytest.raises(extensions.DueDatePassed):
        apply(stage, DEPUTY, assigned, "2026-01-22")


def test_the_deputy_of_the_chief_grants_an_extension_once(assigned: int, stage: Stage) -> None:
    extension = apply(stage, HANDLER, assigned)
    name(stage, CHIEF)
    task = stage.tasks(extension, "decide")[0]
    stage.complete_task(DEPUTY, task, **AGREED)
    assert told(stage, extension, EventType.TASK_COMPLETED) == (DEPUTY, CHIEF)
    assert len(actors.events(stage, assigned, EventType.TASK_EXTENDED)) == 1
    assert (stage.faults_of_history(extension), stage.faults_of_history(assigned)) == ([], [])
    with pytest.raises(TaskAlreadyCompleted):
        stage.complete_task(CHIEF, task, **AGREED)


def test_a_level_whose_deputy_applied_grants_nothing(assigned: int, stage: Stage) -> None:
    name(stage, CHIEF, HANDLER)
    extension = apply(stage, HANDLER, assigned)
    assert pools(stage, extension) == [("sec_chief", "")]


def test_in_whose_place_somebody_applied_grants_nothing_either(assigned: int, stage: Stage) -> None:
    stage.grant(HANDLER, "unit_chief", "metrology")
    name(stage, HANDLER)
    extension = apply(stage, DEPUTY, assigned)
    with pytest.raises(NotPermitted):
        stage.complete_task(HANDLER, stage.tasks(extension, "decide")[0], **AGREED)


# What an act sets going elsewhere


def test_what_a_deputy_sends_sets_the_bureau_going_in_both_names(done: int, stage: Stage) -> None:
    name(stage, "sec_handler", "web_owner")
    letter = {"doc_no": "11590000470", "doc_date": "2026-01-06", "number_confirmed": True}
    stage.complete("web_owner", done, "dispatch_letter", **letter)
    (review,) = actors.instances_of(stage, "bureau_review")
    assert told(stage, review, EventType.INSTANCE_STARTED) == ("web_owner", "sec_handler")
    assert (stage.faults_of_history(done), stage.faults_of_history(review)) == ([], [])


# 撤案


def test_withdrawing_is_handed_on_to_no_deputy(draft: int, stage: Stage) -> None:
    name(stage, "sec_handler")
    name(stage, "director", "web_owner")
    for deputy in (DEPUTY, "web_owner"):
        with pytest.raises(NotPermitted):
            do(stage, deputy, instances.cancel, draft, reason=REASON)
    assert stage.open(draft) == ["sign"]


# 補簽


def afterwards(stage: Stage, user: str, cycle: int) -> None:
    do(stage, user, signoffs.sign_afterwards, cycle, subject="plan", level=1, kind="absent", reason=REASON)


def test_the_principal_signs_afterwards_once_where_a_deputy_signed(done: int, stage: Stage) -> None:
    afterwards(stage, "deputy_director", done)
    kept = stage.document(SUPPLEMENT, "plan:1:1", plan_key=KEY).body
    signed = stage.document("signature", "plan:1:1", plan_key=KEY).body
    assert (kept["signed_by"], signed["signed_by"], signed["signed_for"]) == (
        "deputy_director", DEPUTY, "deputy_director",
    )  # fmt: skip
    assert told(stage, done, EventType.SIGNATURE_SUPPLEMENTED) == ("deputy_director", None)
    assert stage.faults_of_history(done) == []
    with pytest.raises(SignedAfterwards):
        afterwards(stage, "deputy_director", done)


def test_signing_afterwards_is_handed_on_to_no_deputy(done: int, stage: Stage) -> None:
    name(stage, "sec_chief", "web_owner")
    for deputy in (DEPUTY, "web_owner"):
        with pytest.raises(NotPermitted):
            afterwards(stage, deputy, done)


# 傳閱


def circulate(stage: Stage, user: str, cycle: int) -> int:
    number: int = do(
        stage, user, signoffs.circulate, cycle, subject="plan", people=[READER], units=["metrology"]
    )
    return number


def to_read(stage: Stage, instance: int) -> dict[str, Task]:
    return {task.candidates[0].unit: task for task in stage.tasks(instance, "read")}


def test_passing_on_for_reading_is_handed_on_to_no_deputy(done: int, stage: Stage) -> None:
    name(stage, "sec_handler")
    with pytest.raises(NotPermitted):
        circulate(stage, DEPUTY, done)


def test_a_deputy_confirms_once_what_the_unit_reads(done: int, stage: Stage) -> None:
    circulation = circulate(stage, "sec_handler", done)
    name(stage, HANDLER)
    task = to_read(stage, circulation)["metrology"]
    stage.complete_task(DEPUTY, task)
    receipt = stage.document(RECEIPT, "1:unit:metrology", plan_key=owner_of_circulations(done)).body
    assert (receipt["by"], told(stage, circulation, EventType.TASK_COMPLETED)) == (DEPUTY, (DEPUTY, HANDLER))
    assert stage.faults_of_history(circulation) == []
    with pytest.raises(TaskAlreadyCompleted):
        stage.complete_task(DEPUTY, task)


def test_what_a_person_is_to_read_is_handed_on_to_no_deputy(done: int, stage: Stage) -> None:
    circulation = circulate(stage, "sec_handler", done)
    name(stage, READER)
    with pytest.raises(NotPermitted):
        stage.complete_task(DEPUTY, to_read(stage, circulation)[READER])


# 徵詢意見


def ask(stage: Stage, user: str, cycle: int, asked: str = READER) -> int:
    number: int = do(
        stage, user, opinions.ask_opinion, stage.task(cycle, "sign").id, user=asked, question=REASON
    )
    return number


def test_a_deputy_asks_a_colleague_once_and_in_both_names(draft: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    opinion = ask(stage, DEPUTY, draft)
    assert told(stage, draft, EventType.OPINION_ASKED) == (DEPUTY, "sec_chief")
    assert told(stage, opinion, EventType.INSTANCE_STARTED) == (DEPUTY, "sec_chief")
    assert (signer(stage, draft), held(stage, stage.task(draft, "sign"))) == ("sec_chief", (None, None))
    assert (stage.faults_of_history(draft), stage.faults_of_history(opinion)) == ([], [])
    with pytest.raises(Invalid):
        ask(stage, "sec_chief", draft)


def test_a_deputy_asks_nobody_about_what_the_principal_has_signed(draft: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    sign(stage, draft, "sec_chief", "approve")
    with pytest.raises(NotPermitted):
        ask(stage, DEPUTY, draft)


def test_what_a_person_is_asked_is_handed_on_to_no_deputy(draft: int, stage: Stage) -> None:
    opinion = ask(stage, "sec_chief", draft)
    name(stage, READER)
    with pytest.raises(NotPermitted):
        stage.complete_task(DEPUTY, stage.tasks(opinion, "give_opinion")[0], opinion="建議增加一場次")


# 留言, 催辦, 續辦


def test_a_deputy_comments_and_mentions_as_themselves(draft: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    task = stage.task(draft, "sign")
    mentioned = do(stage, DEPUTY, comments.comment, draft, text="@sec_chief 返局後請過目", task_id=task.id)
    assert (mentioned, told(stage, draft, EventType.COMMENT_MADE)) == (["sec_chief"], (DEPUTY, None))
    assert stage.faults_of_history(draft) == []


def test_urging_is_handed_on_to_no_deputy(assigned: int, stage: Stage) -> None:
    name(stage, "sec_handler")
    with pytest.raises(NotPermitted):
        do(stage, DEPUTY, tasks.urge, stage.task(assigned, EDIT).id, note="請儘速辦理")


def test_the_deputy_of_who_owes_is_urged_as_well(assigned: int, stage: Stage) -> None:
    name(stage, HANDLER)
    urged = do(stage, "sec_handler", tasks.urge, stage.task(assigned, EDIT).id, note="請儘速辦理")
    assert urged == sorted([DEPUTY, HANDLER])


def test_a_deputy_puts_off_from_the_own_list_what_the_principal_still_finds(
    assigned: int, stage: Stage
) -> None:
    name(stage, HANDLER)
    task = stage.task(assigned, EDIT)
    for day in (7, 8):
        do(stage, DEPUTY, follow_up, task.id, until_on=date(2026, 1, day))
    assert not listed(stage, DEPUTY, View.DEPUTY, task)
    assert listed(stage, DEPUTY, View.FOLLOW_UP, task)
    assert listed(stage, HANDLER, View.OPEN, task)


def test_who_stands_in_for_somebody_else_puts_nothing_off(assigned: int, stage: Stage) -> None:
    name(stage, READER)
    with pytest.raises(NotPermitted):
        do(stage, DEPUTY, follow_up, stage.task(assigned, EDIT).id, until_on=date(2026, 1, 8))


def test_what_the_principal_put_off_the_deputy_still_finds(assigned: int, stage: Stage) -> None:
    name(stage, HANDLER)
    task = stage.task(assigned, EDIT)
    do(stage, HANDLER, follow_up, task.id, until_on=stage.clock.now().date() + timedelta(days=1))
    assert (listed(stage, HANDLER, View.OPEN, task), listed(stage, DEPUTY, View.DEPUTY, task)) == (
        False,
        True,
    )


# Too late: the deputyship is over.


def verbs_of_the_draft(stage: Stage, cycle: int) -> dict[str, Callable[[], Any]]:
    task = stage.task(cycle, "sign")
    return {
        "approve": lambda: sign(stage, cycle, DEPUTY, "approve"),
        "approve_with_changes": lambda: sign(
            stage, cycle, DEPUTY, "approve_with_changes", opinion="修正文字",
            changes=[{"element": "1.1.1", "text": "校正砝碼並每月公開校正結果"}],
        ),
        "return": lambda: sign(
            stage, cycle, DEPUTY, "return", return_to="handler", return_reason=["other"], opinion="補正"
        ),
        "countersign": lambda: sign(stage, cycle, DEPUTY, "countersign", add_units=["kinmen"]),
        "ask": lambda: ask(stage, DEPUTY, cycle),
        "claim": lambda: do(stage, DEPUTY, tasks.claim, task.id),
        "put off": lambda: do(stage, DEPUTY, follow_up, task.id, until_on=date(2026, 1, 8)),
    }  # fmt: skip


@pytest.mark.parametrize(
    "verb", ["approve", "approve_with_changes", "return", "countersign", "ask", "claim", "put off"]
)
def test_at_a_signature_nothing_is_left_to_a_deputy_whose_time_is_over(
    verb: str, draft: int, stage: Stage
) -> None:
    named = name(stage, "sec_chief")
    stage.move_to("2026-01-06T10:00")
    do(stage, "sec_chief", end_deputyship, named.id, reason="提前返回")
    stage.move_to("2026-01-06T11:00")
    with pytest.raises(NotPermitted):
        verbs_of_the_draft(stage, draft)[verb]()
    assert (stage.open(draft), stage.faults_of_history(draft)) == (["sign"], [])


def verbs_of_the_unit(stage: Stage, cycle: int) -> dict[str, Callable[[], Any]]:
    task = stage.task(cycle, EDIT)
    return {
        "hand back": lambda: do(stage, DEPUTY, task_routing.hand_back, task.id, reason=REASON),
        "delegate": lambda: do(stage, DEPUTY, tasks.delegate, task.id, user=COLLEAGUE),
        "unclaim": lambda: do(stage, DEPUTY, tasks.unclaim, task.id),
        "assign": lambda: do(stage, DEPUTY, tasks.assign, task.id, user=COLLEAGUE, reason=REASON),
        "extend": lambda: apply(stage, DEPUTY, cycle),
    }


@pytest.mark.parametrize("verb", ["hand back", "delegate", "unclaim", "assign", "extend"])
def test_what_a_deputy_took_stays_with_the_principal_alone_when_the_time_is_over(
    verb: str, assigned: int, stage: Stage
) -> None:
    stage.grant(COLLEAGUE, "unit_handler", "metrology")
    until = {"valid_to": date(2026, 1, 7)}
    name(stage, HANDLER, **until)
    name(stage, CHIEF, **until)
    task = stage.task(assigned, EDIT)
    do(stage, DEPUTY, tasks.claim, task.id)
    stage.move_to("2026-01-08T09:00")
    with pytest.raises(NotPermitted):
        verbs_of_the_unit(stage, assigned)[verb]()
    assert (held(stage, task), stage.faults_of_history(assigned)) == ((HANDLER, None), [])


def signer(stage: Stage, cycle: int) -> str:
    return stage.task(cycle, "sign").candidates[0].role


def listed(stage: Stage, user: str, view: View, task: Task) -> bool:
    rows = stage.engine.ask(stage.engine.actor(user), inbox, view=view).rows
    return task.id in [row.task_id for row in rows]
