"""The verbs of signing and of handing tasks about, in the hands of a deputy (職務代理): both names."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.commands import task_routing, tasks
from engine.commands.paper import Paper
from engine.domain.history import EventType
from engine.domain.task import Task
from engine.errors import (
    DeputyMayNotDecide,
    Invalid,
    NotPermitted,
    TaskAlreadyCompleted,
    TaskNotOpen,
)
from engine.plan.document import from_json
from tests.stories import actors
from tests.stories.actors import KEY, sign
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage
from tests.stories.standing_in import DEPUTY, do, held, name, told
from tests.stories.verb_scenes import CHIEF, COLLEAGUE, EDIT, HANDLER, REASON, writing

RETURN = {"return_reason": ["incomplete"], "opinion": "請補充考核作業"}
UNITS = ["kinmen", "metrology"]


def with_units(order: str) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        actors.draft(stage, compiled={"countersign_units": UNITS, "countersign_order": order})

    return play


SCENES: dict[str, Callable[[Stage], Any]] = {
    "draft": actors.draft, "parallel": with_units("parallel"), "serial": with_units("serial"),
    "assigned": writing,
}  # fmt: skip


@pytest.fixture
def draft(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def parallel(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def serial(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def assigned(stage: Stage) -> int:
    return cycle_of(stage)


def signer(stage: Stage, cycle: int) -> str:
    return stage.task(cycle, "sign").candidates[0].role


def signature(stage: Stage, no: int) -> dict[str, Any]:
    return dict(stage.document("signature", f"plan:1:{no}", plan_key=KEY).body)


# 核可, 修正後核可, 退件


def test_a_deputy_approves_once_and_in_both_names(draft: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    task = stage.task(draft, "sign")
    stage.complete_task(DEPUTY, task, decision="approve")
    assert told(stage, draft, EventType.TASK_COMPLETED) == (DEPUTY, "sec_chief")
    assert (signer(stage, draft), stage.faults_of_history(draft)) == ("deputy_director", [])
    for late in (DEPUTY, "sec_chief"):
        with pytest.raises(TaskAlreadyCompleted):
            stage.complete_task(late, task, decision="approve")


def test_a_deputy_approves_with_changes_and_the_next_one_signs_the_new_version(
    draft: int, stage: Stage
) -> None:
    name(stage, "sec_chief")
    changes = [{"element": "1.1.1", "text": "校正砝碼並每月公開校正結果"}]
    sign(stage, draft, DEPUTY, "approve_with_changes", opinion="修正文字", changes=changes)
    plan = stage.document("plan", plan_key=KEY)
    assert from_json(plan.body).action("1.1.1").summary == "校正砝碼並每月公開校正結果"
    assert told(stage, draft, EventType.TASK_COMPLETED) == (DEPUTY, "sec_chief")
    assert (signer(stage, draft), stage.faults_of_history(draft)) == ("deputy_director", [])


def test_a_deputy_returns_to_an_earlier_signer_who_has_it_again(draft: int, stage: Stage) -> None:
    sign(stage, draft, "sec_chief", "approve")
    name(stage, "deputy_director")
    sign(stage, draft, DEPUTY, "return", return_to="0", **RETURN)
    assert told(stage, draft, EventType.TASK_COMPLETED) == (DEPUTY, "deputy_director")
    assert (signer(stage, draft), signature(stage, 0)["void"], stage.faults_of_history(draft)) == (
        "sec_chief", True, [],
    )  # fmt: skip


def test_what_is_returned_to_a_deputys_signature_is_the_principals_to_sign_again(
    draft: int, stage: Stage
) -> None:
    name(stage, "sec_chief")
    sign(stage, draft, DEPUTY, "approve")
    sign(stage, draft, "deputy_director", "return", return_to="0", **RETURN)
    sign(stage, draft, "sec_chief", "approve", opinion="已補充")
    assert told(stage, draft, EventType.TASK_COMPLETED) == ("sec_chief", None)
    assert ("deputy" in signature(stage, 0), stage.faults_of_history(draft)) == (False, [])


# 抽回


def test_a_deputy_takes_back_what_they_signed_and_both_names_stay_on_it(draft: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    sign(stage, draft, DEPUTY, "approve")
    stage.act(DEPUTY, draft, "recalled", reason="漏看一項佐證資料")
    kept = signature(stage, 0)
    assert (kept["signed_by"], kept["signed_for"], kept["void"]) == (DEPUTY, "sec_chief", True)
    assert (signer(stage, draft), stage.faults_of_history(draft)) == ("sec_chief", [])


def test_taking_back_is_handed_on_to_no_deputy_and_to_no_principal(draft: int, stage: Stage) -> None:
    sign(stage, draft, "sec_chief", "approve")
    name(stage, "sec_chief")
    with pytest.raises(NotPermitted):
        stage.act(DEPUTY, draft, "recalled", reason="漏看一項佐證資料")
    name(stage, "deputy_director")
    sign(stage, draft, DEPUTY, "approve")
    with pytest.raises(NotPermitted):
        stage.act("deputy_director", draft, "recalled", reason="漏看一項佐證資料")
    assert (signer(stage, draft), stage.faults_of_history(draft)) == ("director", [])


def test_a_deputy_takes_nothing_back_after_the_next_signature(draft: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    sign(stage, draft, DEPUTY, "approve")
    sign(stage, draft, "deputy_director", "approve")
    with pytest.raises(NotPermitted):
        stage.act(DEPUTY, draft, "recalled", reason="漏看一項佐證資料")


# 加會, 會辦


def test_a_deputy_asks_one_more_unit_and_the_signature_stays_the_principals_to_give(
    draft: int, stage: Stage
) -> None:
    name(stage, "sec_chief")
    sign(stage, draft, DEPUTY, "countersign", add_units=["kinmen"])
    assert told(stage, draft, EventType.TASK_COMPLETED) == (DEPUTY, "sec_chief")
    stage.complete("unit_chief.kinmen", draft, "countersign_opinion@kinmen", opinion_kind="agree")
    sign(stage, draft, "sec_chief", "approve")
    assert (signer(stage, draft), stage.faults_of_history(draft)) == ("deputy_director", [])


@pytest.mark.parametrize("scene", ["parallel", "serial"])
def test_a_deputy_gives_the_opinion_of_the_unit_once(
    scene: str, request: pytest.FixtureRequest, scenes: Any, tmp_path: Any, clock: Any
) -> None:
    stage = scenes.open(f"{request.module.__name__}.{scene}", SCENES[scene], tmp_path / "asked.db", clock)
    asked = cycle_of(stage)
    name(stage, "unit_chief.kinmen")
    task = stage.task(asked, "countersign_opinion@kinmen")
    stage.complete_task(DEPUTY, task, opinion_kind="disagree", opinion="離島人力不足")
    assert told(stage, asked, EventType.TASK_COMPLETED) == (DEPUTY, "unit_chief.kinmen")
    with pytest.raises(TaskAlreadyCompleted):
        stage.complete_task(DEPUTY, task, opinion_kind="agree")
    assert stage.open(asked) == ["countersign_opinion@metrology"]
    assert stage.faults_of_history(asked) == []
    stage.engine.close()


def test_a_deputy_of_another_unit_gives_no_opinion(parallel: int, stage: Stage) -> None:
    name(stage, "unit_chief.kinmen")
    with pytest.raises(NotPermitted):
        stage.complete(DEPUTY, parallel, "countersign_opinion@metrology", opinion_kind="agree")


def test_a_deputy_is_too_late_where_silence_has_agreed(parallel: int, stage: Stage) -> None:
    name(stage, "unit_chief.kinmen")
    task = stage.task(parallel, "countersign_opinion@kinmen")
    stage.move_to("2026-01-12T09:00")
    with pytest.raises(TaskNotOpen):
        stage.complete_task(DEPUTY, task, opinion_kind="agree")


# 轉紙本


def on_paper(stage: Stage, user: str, task: Task, scanned_by: str) -> None:
    seen, shown, digest = actors.page(stage, user, task.instance_id, "sign")
    stage.engine.execute(
        stage.engine.actor(user), tasks.complete, seen.id, values={**shown, "decision": "approve"},
        revision=seen.revision, shown_digest=digest,
        paper=Paper(reason=REASON, scan=actors.pdf(stage, scanned_by)),
    )  # fmt: skip


def test_a_deputy_closes_a_step_on_paper_in_both_names(draft: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    on_paper(stage, DEPUTY, stage.task(draft, "sign"), DEPUTY)
    completed = actors.events(stage, draft, EventType.TASK_COMPLETED)[-1]
    assert (completed["sign_method"], completed["deputy"]["on_behalf_of"]) == ("paper", "sec_chief")
    assert told(stage, draft, EventType.TASK_COMPLETED) == (DEPUTY, "sec_chief")
    assert (signer(stage, draft), stage.faults_of_history(draft)) == ("deputy_director", [])


def test_a_deputy_scans_the_sheet_themselves(draft: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    with pytest.raises(Invalid):
        on_paper(stage, DEPUTY, stage.task(draft, "sign"), "sec_chief")


def test_paper_lets_nobody_decide_who_may_not(draft: int, stage: Stage) -> None:
    sign(stage, draft, "sec_chief", "approve")
    sign(stage, draft, "deputy_director", "approve")
    name(stage, "director", may_decide=False)
    with pytest.raises(DeputyMayNotDecide):
        on_paper(stage, DEPUTY, stage.task(draft, "sign"), DEPUTY)


# 退分, 改分, 轉派, delegate, resolve


def test_what_a_deputy_hands_back_is_the_principals(assigned: int, stage: Stage) -> None:
    name(stage, HANDLER)
    task = stage.task(assigned, EDIT)
    do(stage, DEPUTY, task_routing.hand_back, task.id, reason=REASON)
    assert told(stage, assigned, EventType.TASK_HANDED_BACK) == (DEPUTY, HANDLER)
    assert (held(stage, task), stage.faults_of_history(assigned)) == ((None, HANDLER), [])
    with pytest.raises(NotPermitted):
        do(stage, DEPUTY, task_routing.hand_back, task.id, reason=REASON)


def test_the_deputy_of_the_chief_redirects_once(assigned: int, stage: Stage) -> None:
    task = stage.task(assigned, EDIT)
    do(stage, HANDLER, task_routing.hand_back, task.id, reason=REASON)
    name(stage, CHIEF)
    do(stage, DEPUTY, task_routing.redirect, task.id, user=HANDLER, reason=REASON)
    assert told(stage, assigned, EventType.TASK_REDIRECTED) == (DEPUTY, CHIEF)
    assert (held(stage, task), stage.faults_of_history(assigned)) == ((HANDLER, None), [])
    with pytest.raises(NotPermitted):
        do(stage, DEPUTY, task_routing.redirect, task.id, user=HANDLER, reason=REASON)


def test_who_stands_in_for_the_only_distributor_hands_back_to_the_secretariat(
    assigned: int, stage: Stage
) -> None:
    name(stage, HANDLER, CHIEF)
    task = stage.task(assigned, EDIT)
    handed = do(stage, CHIEF, task_routing.hand_back, task.id, reason=REASON)
    assert ([c.role for c in handed.candidates], told(stage, assigned, EventType.TASK_HANDED_BACK)) == (
        ["sec_handler", "sec_chief"], (CHIEF, HANDLER),
    )  # fmt: skip


def test_the_deputy_of_the_chief_takes_a_task_from_its_holder(assigned: int, stage: Stage) -> None:
    stage.grant(COLLEAGUE, "unit_handler", "metrology")
    task = stage.task(assigned, EDIT)
    do(stage, HANDLER, tasks.claim, task.id)
    name(stage, CHIEF)
    do(stage, DEPUTY, tasks.assign, task.id, user=COLLEAGUE, reason=REASON)
    assert told(stage, assigned, EventType.TASK_ASSIGNED) == (DEPUTY, CHIEF)
    assert (held(stage, task), stage.faults_of_history(assigned)) == ((COLLEAGUE, None), [])
    with pytest.raises(Invalid):
        do(stage, DEPUTY, tasks.assign, task.id, user=COLLEAGUE, reason=REASON)


def delegated(stage: Stage, cycle: int, by: str) -> Task:
    """The handler's task, which a colleague prepares."""
    stage.grant(COLLEAGUE, "unit_handler", "metrology")
    task = stage.task(cycle, EDIT)
    do(stage, HANDLER, tasks.claim, task.id)
    if by != HANDLER:
        name(stage, HANDLER, by)
    do(stage, by, tasks.delegate, task.id, user=COLLEAGUE)
    return task


def test_what_a_deputy_delegates_comes_back_to_the_principal(assigned: int, stage: Stage) -> None:
    task = delegated(stage, assigned, DEPUTY)
    assert told(stage, assigned, EventType.TASK_DELEGATED) == (DEPUTY, HANDLER)
    assert held(stage, task) == (COLLEAGUE, HANDLER)
    with pytest.raises(NotPermitted):
        do(stage, DEPUTY, tasks.delegate, task.id, user=COLLEAGUE)
    do(stage, COLLEAGUE, tasks.resolve, task.id)
    assert (held(stage, task), stage.faults_of_history(assigned)) == ((HANDLER, None), [])


def test_a_deputy_resolves_what_the_principal_was_asked_to_prepare_once(assigned: int, stage: Stage) -> None:
    task = delegated(stage, assigned, HANDLER)
    name(stage, COLLEAGUE)
    do(stage, DEPUTY, tasks.resolve, task.id)
    assert told(stage, assigned, EventType.TASK_RESOLVED) == (DEPUTY, COLLEAGUE)
    assert (held(stage, task), stage.faults_of_history(assigned)) == ((HANDLER, None), [])
    with pytest.raises(NotPermitted):
        do(stage, DEPUTY, tasks.resolve, task.id)


def test_the_deputy_of_who_delegated_does_not_resolve(assigned: int, stage: Stage) -> None:
    task = delegated(stage, assigned, DEPUTY)
    with pytest.raises(NotPermitted):
        do(stage, DEPUTY, tasks.resolve, task.id)
