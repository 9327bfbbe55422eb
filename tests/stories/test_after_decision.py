"""After a decision: signing afterwards (補簽) and passing on for reading (傳閱)."""

from typing import Any

import pytest

from engine.activities.circulation import CIRCULATION, RECEIPT, owner_of_circulations
from engine.activities.signoff_record import SUPPLEMENT
from engine.commands import instances, signoffs
from engine.commands.signoffs import SignedAfterwards
from engine.domain.history import EventType
from engine.domain.task import Task
from engine.errors import Invalid, NotFound, NotPermitted, TaskAlreadyCompleted, TaskNotOpen
from engine.queries.tasks import inbox
from tests.stories import actors
from tests.stories import commendation_actors as reward
from tests.stories.actors import KEY
from tests.stories.commendation_actors import HANDLER, own
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

REASON = "決行時公出，返局後補簽。"
READER = "unit_handler.kinmen"


def decided(stage: Stage) -> None:
    """The director decided; the secretariat dispatches the letter."""
    actors.sign_all(stage, actors.draft(stage))


SCENES = {"cycle": actors.draft, "done": decided}


@pytest.fixture
def done(stage: Stage) -> int:
    return cycle_of(stage)


def afterwards(stage: Stage, cycle: int, user: str = "deputy_director", **changes: Any) -> None:
    entered = {"subject": "plan", "level": 1, "kind": "absent", "reason": REASON, **changes}
    stage.engine.execute(stage.engine.actor(user), signoffs.sign_afterwards, cycle, **entered)


def circulate(stage: Stage, cycle: int, user: str = "sec_handler", **changes: Any) -> int:
    entered = {"subject": "plan", "people": [READER], "units": ["metrology"], "note": "請參閱", **changes}
    return stage.engine.execute(stage.engine.actor(user), signoffs.circulate, cycle, **entered)


def to_read(stage: Stage, instance: int) -> dict[str, Task]:
    return {task.candidates[0].unit: task for task in stage.tasks(instance, "read")}


# 補簽


def join(stage: Stage) -> str:
    """Somebody who holds the level's role as well, and did not sign."""
    stage.grant("web_owner", "deputy_director", "head")
    return "web_owner"


def test_a_holder_of_the_level_signs_afterwards_and_the_decision_stays(done: int, stage: Stage) -> None:
    before = stage.document("signature", "plan:1:2", plan_key=KEY)
    afterwards(stage, done, join(stage))
    kept = stage.document(SUPPLEMENT, "plan:1:1", plan_key=KEY).body
    assert (kept["signed_by"], kept["kind"], kept["reason"], kept["label"]) == (
        "web_owner", "absent", REASON, "副分局長",
    )  # fmt: skip
    assert (stage.document("signature", "plan:1:2", plan_key=KEY), stage.open(done)) == (
        before, ["dispatch_letter"],
    )  # fmt: skip
    (told,) = actors.events(stage, done, EventType.SIGNATURE_SUPPLEMENTED)
    assert (told["level"], told["reason"], stage.faults_of_history(done)) == ("副分局長", REASON, [])


def test_who_signed_the_level_does_not_sign_it_again(done: int, stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        afterwards(stage, done)


def test_a_level_is_signed_afterwards_once(done: int, stage: Stage) -> None:
    user = join(stage)
    afterwards(stage, done, user)
    with pytest.raises(SignedAfterwards):
        afterwards(stage, done, user)


def test_nothing_is_signed_afterwards_before_the_decision(cycle: int, stage: Stage) -> None:
    with pytest.raises(NotFound):
        afterwards(stage, cycle)


@pytest.mark.parametrize("user", ["sec_handler", "director", "unit_chief.metrology"])
def test_nobody_signs_afterwards_for_another_level(user: str, done: int, stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        afterwards(stage, done, user)


def test_outsiders_find_nothing_to_sign(done: int, stage: Stage) -> None:
    with pytest.raises(NotFound):
        afterwards(stage, done, "bureau_sec_handler")


def test_a_level_that_does_not_exist_is_not_found(done: int, stage: Stage) -> None:
    with pytest.raises(NotFound):
        afterwards(stage, done, level=3)


def test_a_signature_afterwards_has_kind_and_reason(done: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        afterwards(stage, done, join(stage), kind="late", reason="略")
    assert [error.path for error in refusal.value.errors] == ["kind", "reason"]


# 傳閱


def test_people_and_units_confirm_that_they_read(done: int, stage: Stage) -> None:
    instance = circulate(stage, done)
    tasks = to_read(stage, instance)
    stage.complete_task(READER, tasks[READER])
    stage.complete_task("unit_chief.metrology", tasks["metrology"], remark="已轉知同仁")
    owner = owner_of_circulations(done)
    sent = stage.document(CIRCULATION, "1", plan_key=owner).body
    receipts = {
        key: stage.document(RECEIPT, f"1:{key}", plan_key=owner).body
        for key in (reader["key"] for reader in sent["readers"])
    }
    assert {key: (body["by"], body["remark"]) for key, body in receipts.items()} == {
        f"person:{READER}": (READER, ""), "unit:metrology": ("unit_chief.metrology", "已轉知同仁"),
    }  # fmt: skip
    assert (stage.has_ended(instance), stage.open(done)) == (True, ["dispatch_letter"])
    assert (stage.faults_of_history(instance), stage.faults_of_history(done)) == ([], [])


def test_a_reader_sees_the_version_that_was_decided(done: int, stage: Stage) -> None:
    signed = stage.document("signature", "plan:1:2", plan_key=KEY).body["document"]
    instance = circulate(stage, done)
    content = stage.content(READER, instance, f"read@{READER}")
    assert content.panels == {"passed_on_by": "sec_handler 科員", "passed_on_note": "請參閱"}
    assert [(d.kind, d.no, d.digest) for d in content.shown] == [("plan", signed["no"], signed["digest"])]


def test_only_the_readers_find_it_in_their_inbox(done: int, stage: Stage) -> None:
    circulate(stage, done)
    found = {}
    for user in (READER, "unit_chief.kinmen", "unit_handler.metrology", "sec_handler"):
        rows = stage.engine.ask(stage.engine.actor(user), inbox).rows
        found[user] = [row.element_id for row in rows if row.element_id == "read"]
    assert found == {
        READER: ["read"], "unit_chief.kinmen": [], "unit_handler.metrology": ["read"], "sec_handler": [],
    }  # fmt: skip


def test_nobody_confirms_for_another(done: int, stage: Stage) -> None:
    tasks = to_read(stage, circulate(stage, done))
    with pytest.raises(NotPermitted):
        stage.complete_task("unit_chief.kinmen", tasks[READER])


def test_reading_is_confirmed_once(done: int, stage: Stage) -> None:
    tasks = to_read(stage, circulate(stage, done))
    stage.complete_task(READER, tasks[READER])
    with pytest.raises(TaskAlreadyCompleted):
        stage.complete_task(READER, tasks[READER])


def test_reading_is_not_confirmed_after_the_circulation_was_cancelled(done: int, stage: Stage) -> None:
    instance = circulate(stage, done)
    task = to_read(stage, instance)[READER]
    stage.engine.execute(
        stage.engine.actor("director"),
        instances.cancel,
        instance,
        reason="傳閱對象有誤，另行傳閱，本次取消，特此說明。",
    )
    with pytest.raises(TaskNotOpen):
        stage.complete_task(READER, task)
    assert stage.faults_of_history(instance) == []


def test_a_second_circulation_stands_beside_the_first(done: int, stage: Stage) -> None:
    first, second = circulate(stage, done), circulate(stage, done, units=[])
    stage.complete_task(READER, to_read(stage, second)[READER])
    assert (stage.has_ended(second), sorted(to_read(stage, first))) == (True, ["metrology", READER])


def test_nothing_is_passed_on_before_the_decision(cycle: int, stage: Stage) -> None:
    with pytest.raises(NotFound):
        circulate(stage, cycle)


@pytest.mark.parametrize("user", ["unit_handler.metrology", "registry", "web_owner"])
def test_some_pass_nothing_on(user: str, done: int, stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        circulate(stage, done, user)


def test_outsiders_find_nothing_to_pass_on(done: int, stage: Stage) -> None:
    with pytest.raises(NotFound):
        circulate(stage, done, "bureau_sec_handler")


def test_readers_are_people_and_units_of_the_branch(done: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        circulate(stage, done, people=["bureau_sec_handler"], units=["bureau"])
    with pytest.raises(Invalid) as nobody:
        circulate(stage, done, people=[], units=[])
    assert [error.path for error in refusal.value.errors] == ["people", "units"]
    assert [error.path for error in nobody.value.errors] == ["people"]


def test_what_is_restricted_is_passed_to_nobody(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, HANDLER, own("unit_handler.kinmen", "other_merit"))
    reward.session(fresh_stage, instance)
    for user, decision in (("hr_chief", "approve"), ("deputy_director", "approve"), ("director", "decide")):
        fresh_stage.complete(user, instance, "sign", decision=decision, opinion="如擬")
    with pytest.raises(NotPermitted):
        circulate(fresh_stage, instance, "sec_chief", subject="commendation:1")
