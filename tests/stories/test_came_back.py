"""退回 means that somebody sent it back: a step that merely begins again did not come back."""

import pytest

from engine.queries.tasks import inbox
from tests.stories import actors
from tests.stories.actors import sign
from tests.stories.stage import Stage

ROWS = {"as_of": "2025-03-31", "status": "normal", "text": "依計畫持續辦理中"}
RETURN = {"decision": "return", "return_reason": ["evidence_mismatch"], "opinion": "請附報告"}


def came_back(stage: Stage, user: str, instance: int, name: str) -> bool:
    """Whether an open task says in the inbox of this person that it was returned."""
    task = stage.task(instance, name)
    rows = stage.engine.ask(stage.engine.actor(user), inbox).rows
    return next(row.was_returned for row in rows if row.task_id == task.id)


def report(stage: Stage, instance: int, actual: str) -> None:
    user, name = "unit_handler.metrology", "progress_update@metrology"
    rows = [{**row, **ROWS, "actual": actual} for row in stage.shown(user, instance, name)["rows"]]
    stage.complete(user, instance, name, rows=rows)


def confirm(stage: Stage, instance: int, **values: object) -> None:
    stage.complete("unit_chief.metrology", instance, "chief_confirm@metrology", **values)


def first_quarter(stage: Stage) -> int:
    stage.move_to("2025-02-10T10:00")
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    report(stage, instance, "31")
    return instance


def test_the_report_of_the_next_quarter_did_not_come_back(fresh_stage: Stage) -> None:
    instance = first_quarter(fresh_stage)
    confirm(fresh_stage, instance, decision="approve")
    fresh_stage.move_to("2025-07-01T10:00")
    update = came_back(fresh_stage, "unit_handler.metrology", instance, "progress_update@metrology")
    report(fresh_stage, instance, "62")
    again = came_back(fresh_stage, "unit_chief.metrology", instance, "chief_confirm@metrology")
    assert (update, again, fresh_stage.faults_of_history(instance)) == (False, False, [])


def test_a_report_that_the_chief_returned_came_back_and_its_resubmission_did_not(fresh_stage: Stage) -> None:
    instance = first_quarter(fresh_stage)
    confirm(fresh_stage, instance, **RETURN)
    update = came_back(fresh_stage, "unit_handler.metrology", instance, "progress_update@metrology")
    report(fresh_stage, instance, "30")
    again = came_back(fresh_stage, "unit_chief.metrology", instance, "chief_confirm@metrology")
    assert (update, again, fresh_stage.faults_of_history(instance)) == (True, False, [])


SCENES = {"drafted": actors.draft}


@pytest.fixture
def drafted(stage: Stage) -> Stage:
    return stage


def test_a_signature_after_a_countersign_did_not_come_back(drafted: Stage) -> None:
    cycle = actors.instances_of(drafted, "annual_plan_lifecycle")[0]
    sign(drafted, cycle, "sec_chief", "countersign", add_units=["kinmen"])
    drafted.complete("unit_chief.kinmen", cycle, "countersign_opinion@kinmen", opinion_kind="agree")
    assert not came_back(drafted, "sec_chief", cycle, "sign")


def test_a_plan_that_a_level_returned_came_back_through_the_activities_between(drafted: Stage) -> None:
    cycle = actors.instances_of(drafted, "annual_plan_lifecycle")[0]
    sign(
        drafted, cycle, "sec_chief", "return", opinion="請補充說明", return_to="handler",
        return_reason=["incomplete"],
    )  # fmt: skip
    assert came_back(drafted, "sec_handler", cycle, "compile_plan")


def test_a_plan_that_the_bureau_returned_came_back_by_its_message(stage: Stage) -> None:
    cycle = actors.reported(stage)
    actors.review(stage, "return_for_revision")
    assert came_back(stage, "sec_handler", cycle, "compile_plan")
