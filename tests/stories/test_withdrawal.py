"""撤案: whoever started a matter withdraws it before it is decided; everything stays to be read."""

from typing import Any

import pytest

from engine.commands import instances
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceState
from engine.errors import InstanceEnded, Invalid, NotPermitted
from engine.queries.instances import page
from tests.stories import actors
from tests.stories.stage import Stage

REASON = "總局計畫尚未定案，本案先行撤回，俟定案後另行辦理。"


def withdraw(stage: Stage, instance: int, user: str = "sec_handler", reason: str = REASON) -> None:
    stage.engine.execute(stage.engine.actor(user), instances.cancel, instance, reason=reason)


def offered(stage: Stage, instance: int, user: str) -> bool:
    return stage.engine.ask(stage.engine.actor(user), page, instance).may_cancel


def told(stage: Stage, instance: int) -> list[dict[str, Any]]:
    return actors.events(stage, instance, EventType.INSTANCE_CANCELLED)


def test_whoever_started_it_withdraws_it(stage: Stage) -> None:
    cycle = actors.draft(stage)
    assert offered(stage, cycle, "sec_handler")
    withdraw(stage, cycle)
    ended = stage.engine.ask(SYSTEM, lambda reader: reader.instances.get(cycle))
    assert (ended.state, stage.open(cycle), actors.state_of(stage)) == (
        InstanceState.CANCELLED, [], "cancelled",
    )  # fmt: skip
    (event,) = told(stage, cycle)
    assert (event["reason"], event["withdrawn"]) == (REASON, True)
    assert stage.faults_of_history(cycle) == []


def test_after_the_decision_it_is_the_directors(stage: Stage) -> None:
    cycle = actors.draft(stage)
    actors.sign_all(stage, cycle)
    assert not offered(stage, cycle, "sec_handler")
    with pytest.raises(NotPermitted):
        withdraw(stage, cycle)
    withdraw(stage, cycle, "director")
    assert "withdrawn" not in told(stage, cycle)[0]


@pytest.mark.parametrize("who", ["sec_chief", "unit_handler.metrology", "deputy_director"])
def test_nobody_else_withdraws_it(stage: Stage, who: str) -> None:
    cycle = actors.start_cycle(stage)
    assert not offered(stage, cycle, who)
    with pytest.raises(NotPermitted):
        withdraw(stage, cycle, who)


def test_nothing_is_withdrawn_twice(stage: Stage) -> None:
    cycle = actors.start_cycle(stage)
    withdraw(stage, cycle)
    with pytest.raises(InstanceEnded):
        withdraw(stage, cycle)


def test_withdrawing_needs_twenty_characters(stage: Stage) -> None:
    cycle = actors.start_cycle(stage)
    with pytest.raises(Invalid) as refusal:
        withdraw(stage, cycle, reason="不辦了")
    assert [error.path for error in refusal.value.errors] == ["reason"]
