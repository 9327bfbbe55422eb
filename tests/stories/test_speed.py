"""速別: how quickly a matter is signed stands at its signatures, in the inbox and over the API."""

from dataclasses import replace

from tests.stories import actors
from tests.stories.stage import Stage


def test_a_plan_is_signed_at_normal_speed(stage: Stage) -> None:
    cycle = actors.draft(stage)
    assert [task.speed for task in stage.tasks(cycle, "sign")] == ["normal"]


def test_the_speed_is_that_of_the_round(stage: Stage) -> None:
    cycle = actors.draft(stage)
    task = stage.tasks(cycle, "sign")[0]
    assert replace(task, inputs={"signoff": {"speed": "most_urgent"}}).speed == "most_urgent"


def test_what_is_not_signed_has_normal_speed(stage: Stage) -> None:
    cycle = actors.start_cycle(stage)
    assert stage.task(cycle, "register_bureau_plan").speed == "normal"
