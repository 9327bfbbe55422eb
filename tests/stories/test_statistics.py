"""What the figures of a year say after a part of it was lived through."""

import pytest

from engine.errors import NotFound, NotPermitted
from engine.queries.statistics import Statistics, statistics
from tests.stories import actors
from tests.stories import commendation_actors as reward
from tests.stories.stage import Stage


def returned(stage: Stage) -> None:
    """The director returned the plan for two reasons; the second round waits for its first signature."""
    cycle = actors.draft(stage)
    actors.sign(stage, cycle, "sec_chief", "approve")
    actors.sign(stage, cycle, "deputy_director", "approve")
    stage.move_to("2026-01-09T09:00")
    actors.sign(
        stage, cycle, "director", "return",
        return_to="handler", return_reason=["not_quantified", "incomplete"], opinion="目標請量化",
    )  # fmt: skip


SCENES = {"sent_back": returned}


@pytest.fixture
def sent_back(stage: Stage) -> Stage:
    return stage


def figures(stage: Stage, user: str = "sec_handler", year: int | None = None) -> Statistics:
    return stage.engine.ask(stage.engine.actor(user), statistics, year)


def test_the_latest_year_with_a_plan_is_shown_first(sent_back: Stage) -> None:
    found = figures(sent_back)
    assert (found.year, found.years, found.has_plan) == (115, (115, 114), True)


def test_a_year_without_a_plan_has_no_units(sent_back: Stage) -> None:
    found = figures(sent_back, year=113)
    assert (found.year, found.has_plan, found.units, found.steps) == (113, False, (), ())


@pytest.mark.parametrize("year", [0, 99, 200, 9999])
def test_no_year_lies_outside_of_the_calendar(sent_back: Stage, year: int) -> None:
    with pytest.raises(NotFound):
        figures(sent_back, year=year)


def test_every_reason_of_a_return_is_counted(sent_back: Stage) -> None:
    found = figures(sent_back)
    assert (found.returns, [(reason.reason, reason.times) for reason in found.reasons]) == (
        1,
        [("內容不完整", 1), ("目標未量化", 1)],
    )


def test_a_step_lasts_from_its_opening_to_its_end_in_working_days(sent_back: Stage) -> None:
    signing = next(step for step in figures(sent_back).steps if step.step == "簽核")
    assert (signing.process, signing.duration.times, signing.duration.ninetieth) == ("內部簽核", 3, 3.0)


def test_units_stand_with_their_actions(sent_back: Stage) -> None:
    found = figures(sent_back).units
    assert [(unit.label, unit.actions, unit.percent) for unit in found] == [
        ("度量衡科", 2, 0.0),
        ("金門辦事處", 2, 0.0),
    ]


def test_what_became_late_stands_in_its_month(sent_back: Stage) -> None:
    sent_back.move_to("2026-02-20T09:00")
    found = {month.month: (month.due, month.still_open) for month in figures(sent_back).months if month.due}
    assert found[1][1] + found.get(2, (0, 0))[1] == 1


@pytest.mark.parametrize("user", ["bureau_sec_handler", "ministry_handler"])
def test_people_outside_of_the_branch_see_no_figures(sent_back: Stage, user: str) -> None:
    with pytest.raises(NotPermitted):
        figures(sent_back, user)


def test_a_restricted_instance_leaves_no_number_for_others(fresh_stage: Stage) -> None:
    fresh_stage.move_to("2026-11-20T09:00")
    instance = reward.commendation(fresh_stage)
    reward.nominate(fresh_stage, instance, reward.HANDLER)
    seen = {
        user: [step.step for step in figures(fresh_stage, user, 115).steps]
        for user in ("sec_handler", "unit_handler.kinmen")
    }
    assert seen == {"sec_handler": ["提列敘獎名單"], "unit_handler.kinmen": []}
