"""What a replay tells of the decision table of rewards."""

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.reason import TableReason
from engine.queries.replay_page import ReplayPage, replay_page
from tests.stories import commendation_actors as reward
from tests.stories.stage import Stage


def look(stage: Stage, instance_id: int, at: int | None = None) -> ReplayPage:
    return stage.engine.ask(SYSTEM, replay_page, instance_id, at=at, proven=False)


def test_a_decision_table_tells_the_row_that_fitted(stage: Stage) -> None:
    instance_id = reward.commendation(stage, "finalist")
    reward.to_committee(stage, instance_id, reward.HANDLER)
    page = look(stage, instance_id)
    ruled = [
        found.reasons[0]
        for tick in page.outline.ticks
        if (found := look(stage, instance_id, tick.seq)).row.type is EventType.ELEMENT_PASSED
        and found.reasons
        and isinstance(found.reasons[0].reason, TableReason)
    ]
    assert ruled
    for then in ruled:
        reason = then.reason
        assert isinstance(reason, TableReason)
        assert len(reason.rows) == 1
        assert reason.inputs[0].value == "finalist"
        assert reason.rows[0].gave["clause"]
