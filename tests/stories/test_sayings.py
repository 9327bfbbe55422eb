"""What was said before (先前的意見): of this item and its rounds, never of another stage of the same year."""

import pytest

from engine.queries.task_page import Saying, task_page
from tests.stories import actors
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage


def reported_by_letter(stage: Stage) -> None:
    """Signed with opinions, reported, and waiting for the bureau's letter."""
    cycle = actors.draft(stage, bureau_mode="letters")
    actors.sign_all(stage, cycle)
    actors.dispatch(stage, cycle)


def at_the_second_level(stage: Stage) -> None:
    actors.sign(stage, actors.draft(stage), "sec_chief", "approve", opinion="請加註離島場次")


SCENES = {"waiting": reported_by_letter, "signing": at_the_second_level}


@pytest.fixture
def waiting(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def signing(stage: Stage) -> int:
    return cycle_of(stage)


def said(stage: Stage, user: str, cycle: int, element: str) -> tuple[Saying, ...]:
    task = stage.task(cycle, element)
    return stage.engine.ask(stage.engine.actor(user), task_page, task.id).sayings


def test_a_signer_reads_what_the_level_before_said(signing: int, stage: Stage) -> None:
    assert [saying.text for saying in said(stage, "deputy_director", signing, "sign")] == ["請加註離島場次"]


def test_a_later_stage_does_not_repeat_what_was_said_while_signing(waiting: int, stage: Stage) -> None:
    assert said(stage, "sec_handler", waiting, "register_incoming_letter") == ()


def test_a_signer_sees_the_warnings_that_were_read_and_what_was_noted_on_them(stage: Stage) -> None:
    noted = {"goal": "以服務為先" * 12, "warning_notes": "離島場次視需求辦理，已請單位於年中檢討"}
    cycle = actors.draft(stage, compiled=noted)
    shown = actors.panels(stage, "sec_chief", cycle, "sign")
    assert {finding["severity"] for finding in shown["findings"]} == {"warn"}
    assert shown["warning_notes"] == "離島場次視需求辦理，已請單位於年中檢討"


def test_who_returned_a_plan_is_told_that_nothing_was_corrected(stage: Stage) -> None:
    cycle = actors.draft(stage)
    actors.sign(
        stage, cycle, "sec_chief", "return", opinion="目標請量化", return_to="handler",
        return_reason=["incomplete"],
    )  # fmt: skip
    actors.compile_plan(stage, cycle)
    task = stage.task(cycle, "sign")
    since = stage.engine.ask(stage.engine.actor("sec_chief"), task_page, task.id).since_seen
    assert since is not None
    assert (since.was_returned, since.changes) == (True, ())
