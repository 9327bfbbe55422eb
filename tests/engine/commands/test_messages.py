"""Messages from outside, and what cancelling and suspending leave behind, on the shipped workflows."""

from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.commands import instances, messages, organisation
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceState
from engine.engine import Engine
from engine.errors import FieldError, InstanceSuspended, Invalid, NotPermitted
from tests.stories import actors
from tests.stories.stage import Stage, build_stage

REASON = "總局來函停止辦理，本年度計畫撤案，俟新函另案開立。"
REPLY = {"outcome": "acknowledged", "letter_id": 1}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan that was reported to the bureau."""
    path = tmp_path_factory.mktemp("reported") / "planflow.db"
    engine = Engine(f"sqlite:///{path}", FixedClock())
    engine.upgrade()
    stage = actors.begin_year(build_stage(engine, engine.clock))  # type: ignore[arg-type]
    actors.reported(stage)
    engine.close()
    return path


@pytest.fixture
def stage(played: Path, tmp_path: Path) -> Stage:
    import shutil

    clock = FixedClock()
    engine = Engine(f"sqlite:///{shutil.copy(played, tmp_path / 'planflow.db')}", clock)
    last = engine.ask(SYSTEM, lambda reader: max(i.started_at for i in reader.instances.page()))
    clock.move_to(last)
    return Stage(engine, clock)


def cycle(stage: Stage) -> int:
    return actors.instances_of(stage, "annual_plan_lifecycle")[0]


def review(stage: Stage) -> int:
    return actors.instances_of(stage, "bureau_review")[-1]


@pytest.mark.parametrize("name", ["bureau_reply", "report_withdrawn", "plan_reported"])
def test_nobody_sends_what_processes_send_to_one_another(stage: Stage, name: str) -> None:
    with pytest.raises(NotPermitted):
        stage.engine.execute(
            stage.engine.actor("sec_handler"), messages.send, name=name, correlation=actors.KEY, payload=REPLY
        )


def test_reply_to_a_suspended_cycle_waits_until_it_is_resumed(stage: Stage) -> None:
    director = stage.engine.actor("director")
    stage.engine.execute(director, instances.suspend, cycle(stage), reason=REASON)
    with pytest.raises(InstanceSuspended):
        actors.review(stage)
    assert stage.open(review(stage)) == ["dispatch_reply"]
    stage.engine.execute(director, instances.resume, cycle(stage), reason=REASON)
    today = stage.clock.now().date().isoformat()
    stage.complete(
        "bureau_sec_handler", review(stage), "dispatch_reply", doc_no="11590001230", doc_date=today
    )
    assert actors.state_of(stage) == "acknowledged"


def test_cancelled_cycle_ends_what_it_set_going_and_keeps_its_number(stage: Stage) -> None:
    stage.engine.execute(stage.engine.actor("director"), instances.cancel, cycle(stage), reason=REASON)
    found = stage.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(actors.KEY))
    assert {instance.state for instance in found} == {InstanceState.CANCELLED}
    assert actors.state_of(stage) == "cancelled"
    with pytest.raises(Invalid) as refusal:
        actors.start_cycle(stage)
    assert refusal.value.errors == (
        FieldError(path="roc_year", template="The plan of this year has been started already"),
    )


def test_task_of_a_person_who_is_disabled_is_in_its_pool_again(stage: Stage) -> None:
    task = stage.task(review(stage), "receive_and_assign")
    from engine.commands import tasks

    stage.engine.execute(stage.engine.actor("bureau_sec_handler"), tasks.claim, task.id)
    stage.engine.execute(SYSTEM, organisation.disable_user, "bureau_sec_handler")
    assert stage.task(review(stage), "receive_and_assign").assignee is None
    assert stage.faults_of_history(review(stage)) == []


def test_administrators_and_auditors_hold_no_other_role(stage: Stage) -> None:
    for role in ("sysadmin", "auditor"):
        with pytest.raises(Invalid) as refusal:
            stage.grant("sec_handler", role, "secretariat")
        assert [error.path for error in refusal.value.errors] == ["role"]
