"""Question 5: two levels in a row, one's own reward, one's own unit. The program refuses all of them."""

import pytest
import sqlalchemy as sa

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.store import tables
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories import commendation_actors as reward
from tests.stories.actors import sign
from tests.stories.asking import ask, findings, rows, summary
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage
from tests.stories.test_assessment import scored

SLUG = "separation-of-duties"
SCENES = {"cycle": actors.draft}


@pytest.fixture
def cycle(stage: Stage) -> int:
    return cycle_of(stage)


def put_in_the_name_of(stage: Stage, instance: int, element: str, by: str, name: str) -> None:
    """Somebody who has the database lets a history say that another person completed a task."""
    event = tables.history_event.c

    def tamper(uow: UnitOfWork) -> None:
        uow.transaction.core.exec_driver_sql("drop trigger history_event_refuses_update")
        uow.transaction.core.execute(
            sa.update(tables.history_event)
            .where(
                event.stream == instance, event.type == str(EventType.TASK_COMPLETED),
                event.element_id == element, event.actor == by,
            )
            .values(actor=name)
        )  # fmt: skip

    stage.engine.execute(SYSTEM, tamper)


def test_who_signed_two_levels_in_a_row_is_found(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")
    put_in_the_name_of(stage, cycle, "sign", "deputy_director", "sec_chief")
    asked = ask(stage, SLUG, plan_year=115)
    assert findings(asked) == [
        ("breach", "sec_chief 科員 acted on a task that excludes them"),
        ("breach", "sec_chief 科員 signed at two levels in a row, or what they handed in"),
    ]
    assert rows(asked, "by", "task")[0] == ("sec_chief 科員 / 副分局長", "簽核")
    assert summary(asked)[1] == "Breaches of the separation of duties: 2."


def test_different_people_at_every_level_are_no_finding(cycle: int, stage: Stage) -> None:
    actors.sign_all(stage, cycle)
    asked = ask(stage, SLUG, plan_year=115)
    assert (rows(asked, "rule"), summary(asked)) == (
        [],
        [
            "Signatures of sign-offs checked: 3; signatures on reward lists: 0; scores of units: 0; "
            "completed tasks: 10.",
            "Nobody acted where they must not have.",
        ],
    )


def test_who_signed_a_list_with_the_own_name_on_it_is_found(stage: Stage) -> None:
    instance = reward.commendation(stage)
    reward.to_order(stage, instance, reward.own("unit_handler.metrology", "main_handler"))
    put_in_the_name_of(stage, instance, "sign", "deputy_director", "unit_handler.metrology")
    asked = ask(stage, SLUG, instance_id=instance)
    assert ("breach", "unit_handler.metrology 科員 signed a reward list on which they are named") in findings(
        asked
    )


def test_a_list_that_others_sign_is_no_finding(stage: Stage) -> None:
    instance = reward.commendation(stage)
    reward.to_order(stage, instance, reward.own("unit_handler.metrology", "main_handler"))
    asked = ask(stage, SLUG, instance_id=instance)
    assert (findings(asked), summary(asked)[1:]) == ([], ["Nobody acted where they must not have."])


def test_who_scored_the_own_unit_is_found(fresh_stage: Stage) -> None:
    stage = fresh_stage
    stage.move_to("2025-11-14T10:00")
    instance = scored(stage)
    put_in_the_name_of(stage, instance, "score_unit", "deputy_director", "unit_handler.secretariat")
    asked = ask(stage, SLUG, instance_id=instance)
    assert ("breach", "unit_handler.secretariat 科員 scored their own unit") in findings(asked)


def test_units_that_others_score_are_no_finding(fresh_stage: Stage) -> None:
    fresh_stage.move_to("2025-11-14T10:00")
    instance = scored(fresh_stage)
    asked = ask(fresh_stage, SLUG, instance_id=instance)
    assert (findings(asked), "scores of units: 3" in summary(asked)[0]) == ([], True)
