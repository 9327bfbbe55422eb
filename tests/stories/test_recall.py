"""Taking back (抽回): whoever sent a subject to a level has it back until that level acts (domain 7.10)."""

import pytest

from engine.commands import messages, tasks
from engine.domain.identity import SYSTEM
from engine.errors import NotFound, NotPermitted
from engine.queries.instances import page
from engine.replay.verify import verify
from tests.stories import actors
from tests.stories.actors import KEY, sign
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage
from tests.stories.test_overdue import client

REASON = "漏看一項佐證資料"
RETURN = {"return_reason": ["incomplete"], "opinion": "請補充考核作業"}


def with_countersigners(stage: Stage) -> None:
    """One unit is asked before the first level (並會)."""
    actors.draft(stage, compiled={"countersign_units": ["kinmen"]})


SCENES = {"cycle": actors.draft, "asked": with_countersigners}


@pytest.fixture
def asked(stage: Stage) -> int:
    return cycle_of(stage)


def signer(stage: Stage, cycle: int) -> str:
    """Whose signature is awaited."""
    return stage.task(cycle, "sign").candidates[0].role


def recall(stage: Stage, user: str, cycle: int) -> None:
    stage.act(user, cycle, "recalled", reason=REASON)


def offered(stage: Stage, user: str, cycle: int) -> list[str]:
    """Whether the instance offers this person to take it back."""
    actions = stage.engine.ask(stage.engine.actor(user), page, cycle).actions
    return [action.element_id for action in actions if action.element_id == "recalled"]


def signature(stage: Stage, no: int) -> dict[str, object]:
    return stage.document("signature", f"plan:1:{no}", plan_key=KEY).body


def test_the_submitter_takes_the_plan_back_before_anybody_signed(cycle: int, stage: Stage) -> None:
    recall(stage, "sec_handler", cycle)
    assert stage.open(cycle) == ["compile_plan"]


@pytest.mark.parametrize("user", ["sec_handler", "sec_chief"])
def test_whoever_takes_it_back_lands_on_the_task_that_came_back(user: str, cycle: int, stage: Stage) -> None:
    if user == "sec_chief":
        sign(stage, cycle, "sec_chief", "approve")
    answer = client(stage, user).post(f"/instances/{cycle}/actions/recalled", data={"reason": REASON})
    (task,) = stage.tasks(cycle, "compile_plan" if user == "sec_handler" else "sign")
    assert answer.location == f"/tasks/{task.id}"


def test_after_the_first_signature_the_submitter_takes_nothing_back(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    with pytest.raises(NotPermitted):
        recall(stage, "sec_handler", cycle)
    assert signer(stage, cycle) == "deputy_director"


@pytest.mark.parametrize(
    ("signers", "level"),
    [(("sec_chief",), "sec_chief"), (("sec_chief", "deputy_director"), "deputy_director")],
)
def test_who_signed_last_takes_it_back_and_signs_again(
    signers: tuple[str, ...], level: str, cycle: int, stage: Stage
) -> None:
    for user in signers:
        sign(stage, cycle, user, "approve")
    recall(stage, level, cycle)
    taken_back = signature(stage, len(signers) - 1)
    assert (signer(stage, cycle), taken_back["void"], taken_back["void_reason"], taken_back["decision"]) == (
        level, True, REASON, "approve",
    )  # fmt: skip
    sign(stage, cycle, level, "approve", opinion="已看過佐證資料")
    assert signature(stage, len(signers) - 1)["void"] is False
    assert stage.engine.ask(SYSTEM, verify, cycle).faults == ()


def test_an_earlier_signature_stands_when_a_later_one_is_taken_back(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")
    recall(stage, "deputy_director", cycle)
    assert signature(stage, 0)["void"] is False


def test_one_after_the_other_takes_back_down_to_the_submitter(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")
    for user in ("deputy_director", "sec_chief", "sec_handler"):
        recall(stage, user, cycle)
    assert stage.open(cycle) == ["compile_plan"]
    assert stage.engine.ask(SYSTEM, verify, cycle).faults == ()


def test_a_level_that_looked_at_it_and_holds_it_does_not_keep_it(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    task = stage.task(cycle, "sign")
    stage.engine.execute(stage.engine.actor("deputy_director"), tasks.claim, task.id)
    recall(stage, "sec_chief", cycle)
    assert signer(stage, cycle) == "sec_chief"


@pytest.mark.parametrize("user", ["sec_handler", "deputy_director", "director", "unit_chief.metrology"])
def test_nobody_else_takes_it_back(user: str, cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    with pytest.raises(NotPermitted):
        recall(stage, user, cycle)
    assert offered(stage, user, cycle) == []


def test_the_page_offers_it_to_who_sent_it_only(cycle: int, stage: Stage) -> None:
    before = offered(stage, "sec_handler", cycle)
    sign(stage, cycle, "sec_chief", "approve")
    assert (before, offered(stage, "sec_chief", cycle)) == (["recalled"], ["recalled"])


def test_it_is_taken_back_once(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    recall(stage, "sec_chief", cycle)
    with pytest.raises(NotPermitted):
        recall(stage, "sec_chief", cycle)


def test_what_the_next_level_signed_is_not_taken_back_by_the_one_before(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")
    with pytest.raises(NotPermitted):
        recall(stage, "sec_chief", cycle)


def test_a_decision_is_not_taken_back(cycle: int, stage: Stage) -> None:
    actors.sign_all(stage, cycle)
    with pytest.raises(NotFound):
        recall(stage, "director", cycle)


def test_a_return_is_not_taken_back(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "return", return_to="0", **RETURN)
    for user in ("deputy_director", "sec_chief", "sec_handler"):
        with pytest.raises(NotFound):
            recall(stage, user, cycle)


def test_a_level_that_asked_one_more_unit_has_acted(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "countersign", add_units=["kinmen"])
    stage.complete("unit_chief.kinmen", cycle, "countersign_opinion@kinmen", opinion_kind="agree")
    with pytest.raises(NotFound):
        recall(stage, "sec_chief", cycle)


def test_opinions_of_units_leave_the_plan_with_the_submitter_until_somebody_signs(
    asked: int, stage: Stage
) -> None:
    stage.complete("unit_chief.kinmen", asked, "countersign_opinion@kinmen", opinion_kind="agree")
    recall(stage, "sec_handler", asked)
    assert stage.open(asked) == ["compile_plan"]


def test_a_reason_is_given(cycle: int, stage: Stage) -> None:
    faults = stage.refused_action("sec_handler", cycle, "recalled")
    assert faults == [("reason", "This entry is required")]


def test_no_door_sends_what_only_one_person_may(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    with pytest.raises(NotPermitted):
        stage.engine.execute(
            stage.engine.actor("sec_handler"), messages.send, name="recalled", correlation="sec_chief",
            payload={"reason": REASON},
        )  # fmt: skip


def test_after_a_return_the_level_below_is_the_one_that_acted_before(cycle: int, stage: Stage) -> None:
    stage.grant("sec_chief", "deputy_director", "head")
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")
    sign(stage, cycle, "director", "return", return_to="1", **RETURN)
    assert stage.task(cycle, "sign").excluded == ("sec_chief",)
