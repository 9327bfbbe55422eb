"""The verbs of the inbox by the wrong person, twice and too late, where their own stories do not try it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine.commands import comments, extensions, instances, opinions, signoffs, task_routing, tasks
from engine.commands.follow_ups import follow_up
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.errors import NotPermitted, TaskAlreadyCompleted, TaskHeldByOther, TaskNotOpen
from tests.stories import actors
from tests.stories.actors import sign
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage
from tests.stories.standing_in import do, held
from tests.stories.verb_scenes import CHIEF, COLLEAGUE, EDIT, HANDLER, REASON, writing

OPINION = "countersign_opinion@kinmen"
SIGNING: dict[str, dict[str, Any]] = {
    "approve": {},
    "approve_with_changes": {
        "opinion": "修正文字", "changes": [{"element": "1.1.1", "text": "校正砝碼並每月公開校正結果"}],
    },
    "return": {"return_to": "handler", "return_reason": ["incomplete"], "opinion": "請補充考核作業"},
    "countersign": {"add_units": ["kinmen"]},
}  # fmt: skip


def asked_units(stage: Stage) -> None:
    """Two units are asked side by side before the first level."""
    actors.draft(stage, compiled={"countersign_units": ["kinmen", "metrology"]})


def decided(stage: Stage) -> None:
    actors.sign_all(stage, actors.draft(stage))


SCENES: dict[str, Callable[[Stage], Any]] = {
    "draft": actors.draft, "parallel": asked_units, "assigned": writing, "done": decided,
}  # fmt: skip


@pytest.fixture
def draft(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def parallel(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def assigned(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def done(stage: Stage) -> int:
    return cycle_of(stage)


def cancelled(stage: Stage, cycle: int) -> None:
    do(stage, "director", instances.cancel, cycle, reason=REASON)


# 核可, 修正後核可, 退件, 加會


@pytest.mark.parametrize("decision", SIGNING)
def test_nobody_but_the_level_signs(decision: str, draft: int, stage: Stage) -> None:
    for user in ("sec_handler", "deputy_director", "unit_chief.kinmen"):
        with pytest.raises(NotPermitted):
            sign(stage, draft, user, decision, **SIGNING[decision])
    assert (stage.open(draft), stage.faults_of_history(draft)) == (["sign"], [])


@pytest.mark.parametrize("decision", SIGNING)
def test_a_level_signs_once(decision: str, draft: int, stage: Stage) -> None:
    task = stage.task(draft, "sign")
    stage.complete_task("sec_chief", task, decision=decision, **SIGNING[decision])
    with pytest.raises(TaskAlreadyCompleted):
        stage.complete_task("sec_chief", task, decision=decision, **SIGNING[decision])
    assert stage.faults_of_history(draft) == []


@pytest.mark.parametrize("decision", SIGNING)
def test_what_was_withdrawn_is_signed_no_more(decision: str, draft: int, stage: Stage) -> None:
    task = stage.task(draft, "sign")
    cancelled(stage, draft)
    with pytest.raises(TaskNotOpen):
        stage.complete_task("sec_chief", task, decision=decision, **SIGNING[decision])
    assert stage.faults_of_history(draft) == []


# 會辦


def test_nobody_else_gives_the_opinion_of_a_unit(parallel: int, stage: Stage) -> None:
    for user in (CHIEF, "sec_chief", "director"):
        with pytest.raises(NotPermitted):
            stage.complete(user, parallel, OPINION, opinion_kind="agree")


def test_a_unit_gives_its_opinion_once(parallel: int, stage: Stage) -> None:
    task = stage.task(parallel, OPINION)
    stage.complete_task("unit_chief.kinmen", task, opinion_kind="agree")
    with pytest.raises(TaskAlreadyCompleted):
        stage.complete_task("unit_chief.kinmen", task, opinion_kind="disagree", opinion="離島人力不足")


def test_a_unit_that_was_silent_speaks_no_more(parallel: int, stage: Stage) -> None:
    task = stage.task(parallel, OPINION)
    stage.move_to("2026-01-12T09:00")
    with pytest.raises(TaskNotOpen):
        stage.complete_task("unit_chief.kinmen", task, opinion_kind="disagree", opinion="離島人力不足")
    assert stage.faults_of_history(parallel) == []


# 改分, 轉派, delegate, resolve


def claimed(stage: Stage, cycle: int) -> Task:
    """The handler holds the task; a colleague may take it as well."""
    stage.grant(COLLEAGUE, "unit_handler", "metrology")
    return stage.engine.execute(stage.engine.actor(HANDLER), tasks.claim, stage.task(cycle, EDIT).id)


def test_only_the_holder_delegates(assigned: int, stage: Stage) -> None:
    task = claimed(stage, assigned)
    for user in (COLLEAGUE, CHIEF, "unit_handler.kinmen"):
        with pytest.raises(NotPermitted):
            do(stage, user, tasks.delegate, task.id, user=COLLEAGUE)
    assert held(stage, task) == (HANDLER, None)


def test_what_is_delegated_is_not_delegated_again_nor_completed(assigned: int, stage: Stage) -> None:
    task = claimed(stage, assigned)
    do(stage, HANDLER, tasks.delegate, task.id, user=COLLEAGUE)
    for user in (HANDLER, COLLEAGUE):
        with pytest.raises(NotPermitted):
            do(stage, user, tasks.delegate, task.id, user=COLLEAGUE)
    with pytest.raises((NotPermitted, TaskHeldByOther)):
        stage.complete(HANDLER, assigned, EDIT, applicable=False, na_reason="本單位無此項業務。")
    assert (held(stage, task), stage.faults_of_history(assigned)) == ((COLLEAGUE, HANDLER), [])


def test_only_who_prepares_it_resolves_and_once(assigned: int, stage: Stage) -> None:
    task = claimed(stage, assigned)
    do(stage, HANDLER, tasks.delegate, task.id, user=COLLEAGUE)
    for user in (HANDLER, CHIEF):
        with pytest.raises(NotPermitted):
            do(stage, user, tasks.resolve, task.id)
    do(stage, COLLEAGUE, tasks.resolve, task.id)
    with pytest.raises(NotPermitted):
        do(stage, COLLEAGUE, tasks.resolve, task.id)
    assert (held(stage, task), stage.faults_of_history(assigned)) == ((HANDLER, None), [])


def test_what_was_handed_back_is_redirected_once(assigned: int, stage: Stage) -> None:
    task = stage.task(assigned, EDIT)
    do(stage, HANDLER, task_routing.hand_back, task.id, reason=REASON)
    do(stage, CHIEF, task_routing.redirect, task.id, reason=REASON)
    with pytest.raises(NotPermitted):
        do(stage, CHIEF, task_routing.redirect, task.id, reason=REASON)
    assert (held(stage, task), stage.faults_of_history(assigned)) == ((None, None), [])


@pytest.mark.parametrize(
    ("who", "command", "entered"),
    [
        (HANDLER, tasks.delegate, {"user": COLLEAGUE}),
        (COLLEAGUE, tasks.resolve, {}),
        ("sec_handler", tasks.urge, {"note": "請儘速辦理"}),
        (HANDLER, follow_up, {"until_on": date(2026, 1, 8)}),
    ],
)
def test_with_a_task_of_what_was_withdrawn_nothing_is_done_any_more(
    who: str, command: Callable[..., Any], entered: dict[str, Any], assigned: int, stage: Stage
) -> None:
    task = claimed(stage, assigned)
    if command is tasks.resolve:
        do(stage, HANDLER, tasks.delegate, task.id, user=COLLEAGUE)
    cancelled(stage, assigned)
    with pytest.raises(TaskNotOpen):
        do(stage, who, command, task.id, **entered)
    assert stage.faults_of_history(assigned) == []


def test_a_chief_takes_nothing_from_its_holder_after_a_withdrawal(assigned: int, stage: Stage) -> None:
    task = claimed(stage, assigned)
    cancelled(stage, assigned)
    with pytest.raises(TaskNotOpen):
        do(stage, CHIEF, tasks.assign, task.id, user=COLLEAGUE, reason=REASON)


def test_what_was_handed_back_and_withdrawn_is_not_redirected(assigned: int, stage: Stage) -> None:
    task = stage.task(assigned, EDIT)
    do(stage, HANDLER, task_routing.hand_back, task.id, reason=REASON)
    cancelled(stage, assigned)
    with pytest.raises(TaskNotOpen):
        do(stage, CHIEF, task_routing.redirect, task.id, reason=REASON)


# 展期


def test_an_extension_is_decided_by_its_level_and_once(assigned: int, stage: Stage) -> None:
    call = {"new_on": date(2026, 1, 21), "reason": REASON}
    extension = do(stage, HANDLER, extensions.apply, stage.task(assigned, EDIT).id, **call)
    task = stage.tasks(extension, "decide")[0]
    for user in (HANDLER, "unit_chief.kinmen", "director"):
        with pytest.raises(NotPermitted):
            stage.complete_task(user, task, decision="agree", opinion="如擬")
    stage.complete_task(CHIEF, task, decision="agree", opinion="如擬")
    with pytest.raises(TaskAlreadyCompleted):
        stage.complete_task(CHIEF, task, decision="decline", opinion="請依限")
    assert len(actors.events(stage, assigned, EventType.TASK_EXTENDED)) == 1


# 補簽, 傳閱, 徵詢意見


def test_after_a_withdrawal_nobody_signs_afterwards_or_passes_on(done: int, stage: Stage) -> None:
    stage.grant("web_owner", "deputy_director", "head")
    cancelled(stage, done)
    absent = {"subject": "plan", "level": 1, "kind": "absent", "reason": REASON}
    with pytest.raises(NotPermitted):
        do(stage, "web_owner", signoffs.sign_afterwards, done, **absent)
    with pytest.raises(NotPermitted):
        do(stage, "sec_handler", signoffs.circulate, done, subject="plan", people=[HANDLER], units=[])


def test_after_ten_working_days_a_question_is_answered_no_more(draft: int, stage: Stage) -> None:
    call = {"user": HANDLER, "question": REASON}
    opinion = do(stage, "sec_chief", opinions.ask_opinion, stage.task(draft, "sign").id, **call)
    task = stage.tasks(opinion, "give_opinion")[0]
    stage.move_to("2026-01-21T09:00")
    with pytest.raises(TaskNotOpen):
        stage.complete_task(HANDLER, task, opinion="建議增加一場次")


# 留言, 催辦, 續辦


def test_a_comment_is_made_as_often_as_one_likes_and_after_the_end(assigned: int, stage: Stage) -> None:
    for _ in range(2):
        do(stage, HANDLER, comments.comment, assigned, text="@sec_handler 請看")
    cancelled(stage, assigned)
    do(stage, HANDLER, comments.comment, assigned, text="@sec_handler 請看")
    made = actors.events(stage, assigned, EventType.COMMENT_MADE)
    assert [event["users"] for event in made] == [["sec_handler"]] * 3
    assert stage.faults_of_history(assigned) == []


def test_urging_twice_is_recorded_and_mailed_twice(assigned: int, stage: Stage) -> None:
    task = stage.task(assigned, EDIT)
    for _ in range(2):
        do(stage, "sec_handler", tasks.urge, task.id, note="請儘速辦理")
    mails = stage.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())
    urged = [mail.payload["user"] for mail in mails if mail.kind == "urge"]
    assert (urged, len(actors.events(stage, assigned, EventType.TASK_URGED))) == ([HANDLER, HANDLER], 2)


def test_the_last_day_to_which_a_task_was_put_off_counts(assigned: int, stage: Stage) -> None:
    task = stage.task(assigned, EDIT)
    for day in (8, 9):
        do(stage, HANDLER, follow_up, task.id, until_on=date(2026, 1, day))
    assert stage.engine.ask(stage.engine.actor(HANDLER), lambda r: r.follow_ups.find(task.id)) == date(
        2026, 1, 9
    )
