"""Nobody signs the same item at two consecutive levels (domain 1.3), and nothing gets stuck for it."""

from datetime import date

import pytest
from lxml import etree

from engine.commands import organisation
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.errors import NotPermitted
from engine.queries.task_page import PassedOver, task_page
from engine.settings import WORKFLOWS
from tests.stories import actors
from tests.stories.stage import Stage

HANDLER, CHIEF = "unit_handler.metrology", "unit_chief.metrology"
BUREAU_HANDLER, BUREAU_CHIEF, APPROVER = "bureau_sec_handler", "bureau_sec_chief", "bureau_approver"
SECOND_LEVELS = (
    ("unit_contribution", "chief_review"), ("unit_self_report", "chief_review"),
    ("unit_progress", "chief_confirm"), ("result_submission", "sign_d1"),
    ("result_correction", "approve_correction"), ("bureau_review", "chief_review"),
    ("bureau_review", "decide"), ("internal_signoff", "sign"), ("extension", "decide"),
    ("entry_review", "recommend_decision"), ("plan_publication", "verify_web"),
    ("place_posting", "verify_place"), ("improvement_followup", "improvement_verify"),
)  # fmt: skip


def assigned(stage: Stage) -> None:
    """The units are asked for their actions."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)


def received(stage: Stage) -> None:
    """The bureau has the plan, and its handler reviews it."""
    actors.reported(stage)
    stage.complete(BUREAU_HANDLER, actors.instances_of(stage, "bureau_review")[-1], "receive_and_assign")


SCENES = {"cycle": assigned, "review": received}


@pytest.fixture
def review(stage: Stage) -> int:
    return actors.instances_of(stage, "bureau_review")[-1]


def leaves(stage: Stage, user: str, role: str, unit: str) -> None:
    """A person no longer holds a role."""
    stage.engine.execute(
        SYSTEM, organisation.end_membership, user, role=role, unit=unit, valid_from=date(2024, 1, 1),
        valid_to=date(2025, 12, 31),
    )  # fmt: skip


def second(stage: Stage, instance: int, element: str = "chief_review") -> Task:
    (task,) = stage.tasks(instance, element)
    return task


def passed_over(stage: Stage, user: str, task: Task) -> tuple[PassedOver, ...]:
    return stage.engine.ask(stage.engine.actor(user), task_page, task.id).passed_over


@pytest.mark.parametrize(("process", "element"), SECOND_LEVELS)
def test_every_second_level_excludes_who_acted_before(process: str, element: str) -> None:
    drawn = etree.parse(WORKFLOWS / f"{process}.bpmn").find(f".//{{*}}userTask[@id='{element}']")
    assert drawn is not None
    assert drawn.get("{urn:planflow:bpmn}excludes", "") != ""


def test_who_handed_in_may_not_approve_though_being_chief_as_well(cycle: int, stage: Stage) -> None:
    stage.grant(HANDLER, "unit_chief", "metrology")
    actors.contribute(stage, cycle, "metrology")
    with pytest.raises(NotPermitted):
        stage.complete(HANDLER, cycle, "chief_review@metrology", decision="approve")
    stage.complete(CHIEF, cycle, "chief_review@metrology", decision="approve")
    assert stage.open(cycle) == ["edit_actions@kinmen"]


def test_a_unit_of_one_person_hands_on_to_the_next_level_with_the_reason(cycle: int, stage: Stage) -> None:
    stage.grant(HANDLER, "unit_chief", "metrology")
    leaves(stage, CHIEF, "unit_chief", "metrology")
    actors.contribute(stage, cycle, "metrology")
    task = second(stage, cycle)
    assert passed_over(stage, "sec_chief", task) == (
        PassedOver(role="單位主管", unit="度量衡科", reason="same_person_as_before"),
    )
    stage.complete_task("sec_chief", task, decision="approve")
    assert stage.open(cycle) == ["edit_actions@kinmen"]


def test_a_unit_without_a_chief_hands_on_to_the_next_level(cycle: int, stage: Stage) -> None:
    leaves(stage, CHIEF, "unit_chief", "metrology")
    actors.contribute(stage, cycle, "metrology")
    assert [row.reason for row in passed_over(stage, "sec_chief", second(stage, cycle))] == ["no_holder"]


def test_a_level_that_nobody_is_passed_over_for_tells_nothing(cycle: int, stage: Stage) -> None:
    actors.contribute(stage, cycle, "metrology")
    assert passed_over(stage, CHIEF, second(stage, cycle)) == ()


def test_the_bureaus_handler_who_is_its_only_chief_leaves_the_decision_to_the_approver(
    review: int, stage: Stage
) -> None:
    stage.grant(BUREAU_HANDLER, "bureau_sec_chief", "bureau")
    leaves(stage, BUREAU_CHIEF, "bureau_sec_chief", "bureau")
    actors.propose(stage, review, "acknowledged")
    task = second(stage, review, "decide")
    assert [row.reason for row in passed_over(stage, APPROVER, task)] == ["same_person_as_before"]
    stage.complete_task(APPROVER, task, decision="decide", outcome="acknowledged", opinion="如擬")
    assert stage.open(review) == ["dispatch_reply"]
    assert stage.faults_of_history(review) == []


def test_one_person_who_is_chief_and_approver_signs_once(review: int, stage: Stage) -> None:
    stage.grant(APPROVER, "bureau_sec_chief", "bureau")
    leaves(stage, BUREAU_CHIEF, "bureau_sec_chief", "bureau")
    actors.propose(stage, review, "acknowledged")
    assert stage.open(review) == ["decide"]


def test_who_signed_as_chief_does_not_decide(review: int, stage: Stage) -> None:
    stage.grant(BUREAU_CHIEF, "bureau_approver", "bureau")
    actors.propose(stage, review, "acknowledged")
    stage.complete(BUREAU_CHIEF, review, "chief_review", decision="approve")
    with pytest.raises(NotPermitted):
        stage.complete(
            BUREAU_CHIEF, review, "decide", decision="decide", outcome="acknowledged", opinion="如擬"
        )
