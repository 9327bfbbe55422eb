"""What a task shows after it was sent: words for what was chosen, and a step that is done."""

import pytest

from engine.domain.task import Task, TaskState
from engine.queries.task_page import TaskPage, task_page
from tests.stories import actors
from tests.stories.stage import Stage

SCENES = {"drafted": actors.draft}


@pytest.fixture
def drafted(stage: Stage) -> Stage:
    return stage


def cycle_of(stage: Stage) -> int:
    return actors.instances_of(stage, "annual_plan_lifecycle")[0]


def closed(stage: Stage, user: str, task: Task) -> TaskPage:
    """The page of a task that this person has sent."""
    page = stage.engine.ask(stage.engine.actor(user), task_page, task.id)
    assert page.task.state is TaskState.COMPLETED
    return page


def test_what_was_decided_is_told_in_words(drafted: Stage) -> None:
    cycle = cycle_of(drafted)
    for user in ("sec_chief", "deputy_director"):
        actors.sign(drafted, cycle, user, "approve")
    last = drafted.task(cycle, "sign")
    actors.sign(drafted, cycle, "director", "decide", opinion="如擬")
    page = closed(drafted, "director", last)
    assert page.closed is not None
    assert dict(page.content.choices["decisions"])[page.closed.values["decision"]] == "決行"


def test_units_and_levels_that_were_chosen_are_told_by_their_names(drafted: Stage) -> None:
    cycle = cycle_of(drafted)
    first = drafted.task(cycle, "sign")
    actors.sign(
        drafted, cycle, "sec_chief", "return", opinion="請補充說明", return_to="handler",
        return_reason=["incomplete"],
    )  # fmt: skip
    choices = closed(drafted, "sec_chief", first).content.choices
    assert (dict(choices["return_targets"])["handler"], dict(choices["units"])["kinmen"]) == (
        "承辦人",
        "金門辦事處",
    )


def test_a_task_that_was_sent_is_a_step_that_is_done(drafted: Stage) -> None:
    cycle = cycle_of(drafted)
    first = drafted.task(cycle, "sign")
    actors.sign(drafted, cycle, "sec_chief", "approve")
    own = [step for step in closed(drafted, "sec_chief", first).standings if step.is_own]
    assert [(step.state, step.who) for step in own] == [("done", "sec_chief 科員")]
