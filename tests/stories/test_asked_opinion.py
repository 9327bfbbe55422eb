"""徵詢意見: whoever holds a task asks one colleague, who answers in the inbox; it decides nothing."""

import pytest

from engine.activities.opinions import OPINION, owner_of_opinions
from engine.commands import opinions
from engine.domain.history import EventType
from engine.domain.task import Task
from engine.errors import Invalid, NotFound, NotPermitted, TaskAlreadyCompleted, TaskNotOpen
from engine.queries.tasks import inbox
from tests.stories import actors
from tests.stories import commendation_actors as reward
from tests.stories.actors import sign
from tests.stories.commendation_actors import HANDLER, own
from tests.stories.stage import Stage

SCENES = {"cycle": actors.draft}
QUESTION = "離島場次是否足夠？請惠示意見。"
ASKED = "unit_handler.kinmen"


def ask(
    stage: Stage, cycle: int, user: str = ASKED, asker: str = "sec_chief", question: str = QUESTION
) -> int:
    task = stage.task(cycle, "sign")
    return stage.engine.execute(
        stage.engine.actor(asker), opinions.ask_opinion, task.id, user=user, question=question
    )


def refused(stage: Stage, cycle: int, **changes: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        ask(stage, cycle, **changes)
    return [(error.path, str(error)) for error in refusal.value.errors]


def answer(stage: Stage, instance: int, user: str = ASKED) -> None:
    stage.complete_task(user, own_task(stage, instance), opinion="建議增加一場次")


def own_task(stage: Stage, instance: int) -> Task:
    (task,) = stage.tasks(instance, "give_opinion")
    return task


def kept(stage: Stage, task: Task, no: str = "1") -> dict[str, object]:
    return stage.document(OPINION, no, plan_key=owner_of_opinions(task.id)).body


def in_inbox(stage: Stage, user: str) -> list[str]:
    rows = stage.engine.ask(stage.engine.actor(user), inbox).rows
    return [row.element_id for row in rows if row.element_id == "give_opinion"]


def test_the_colleague_finds_the_question_in_the_inbox_and_nobody_else_does(cycle: int, stage: Stage) -> None:
    ask(stage, cycle)
    found = {user: in_inbox(stage, user) for user in (ASKED, "unit_chief.kinmen", "sec_chief", "director")}
    assert found == {ASKED: ["give_opinion"], "unit_chief.kinmen": [], "sec_chief": [], "director": []}


def test_the_question_names_who_asks_about_which_step_and_shows_the_plan(cycle: int, stage: Stage) -> None:
    instance = ask(stage, cycle)
    content = stage.content(ASKED, instance, f"give_opinion@{ASKED}")
    assert content.panels == {"question": QUESTION, "asked_by": "sec_chief 科員", "about_step": "簽核"}
    assert [document.kind for document in content.shown] == ["plan"]


def test_the_answer_is_kept_beside_the_task_and_moves_nothing(cycle: int, stage: Stage) -> None:
    task = stage.task(cycle, "sign")
    instance = ask(stage, cycle)
    answer(stage, instance)
    said = kept(stage, task)
    assert (said["state"], said["name"], said["opinion"]) == ("answered", ASKED, "建議增加一場次")
    assert (stage.open(cycle), stage.has_ended(instance)) == (["sign"], True)
    assert (stage.faults_of_history(cycle), stage.faults_of_history(instance)) == ([], [])


def test_the_history_of_what_is_signed_tells_who_was_asked(cycle: int, stage: Stage) -> None:
    ask(stage, cycle)
    (told,) = actors.events(stage, cycle, EventType.OPINION_ASKED)
    assert (told["user"], told["question"], told["element"]) == (ASKED, QUESTION, "sign")


def test_the_task_does_not_wait_for_the_answer(cycle: int, stage: Stage) -> None:
    instance = ask(stage, cycle)
    sign(stage, cycle, "sec_chief", "approve")
    answer(stage, instance)
    assert stage.task(cycle, "sign").candidates[0].role == "deputy_director"


def test_a_question_that_nobody_answers_is_closed_as_unanswered(cycle: int, stage: Stage) -> None:
    task = stage.task(cycle, "sign")
    instance = ask(stage, cycle)
    stage.move_to("2026-01-21T09:00")
    assert (kept(stage, task)["state"], stage.has_ended(instance)) == ("unanswered", True)
    assert stage.faults_of_history(instance) == []


@pytest.mark.parametrize("user", ["unit_chief.kinmen", "sec_chief", "director"])
def test_nobody_answers_for_the_colleague(user: str, cycle: int, stage: Stage) -> None:
    instance = ask(stage, cycle)
    with pytest.raises(NotPermitted):
        answer(stage, instance, user)


def test_it_is_answered_once(cycle: int, stage: Stage) -> None:
    instance = ask(stage, cycle)
    task = own_task(stage, instance)
    stage.complete_task(ASKED, task, opinion="建議增加一場次")
    with pytest.raises(TaskAlreadyCompleted):
        stage.complete_task(ASKED, task, opinion="建議增加兩場次")


@pytest.mark.parametrize("asker", ["deputy_director", "director", "unit_chief.kinmen"])
def test_only_who_may_complete_the_task_asks(asker: str, cycle: int, stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        ask(stage, cycle, asker=asker)


def test_nobody_asks_about_a_task_that_is_done(cycle: int, stage: Stage) -> None:
    task = stage.task(cycle, "sign")
    sign(stage, cycle, "sec_chief", "approve")
    with pytest.raises(TaskNotOpen):
        stage.engine.execute(
            stage.engine.actor("sec_chief"), opinions.ask_opinion, task.id, user=ASKED, question=QUESTION
        )


@pytest.mark.parametrize("user", ["sec_chief", "sec_handler", "bureau_sec_handler", "nobody"])
def test_some_cannot_be_asked(user: str, cycle: int, stage: Stage) -> None:
    """The asker, whom the task excludes, outsiders, and who does not exist."""
    assert refused(stage, cycle, user=user) == [("user", "This person cannot be asked")]


def test_a_colleague_is_not_asked_again_before_answering(cycle: int, stage: Stage) -> None:
    instance = ask(stage, cycle)
    twice = refused(stage, cycle)
    answer(stage, instance)
    ask(stage, cycle)
    assert twice == [("user", "This person was asked and has not answered yet")]


def test_a_question_has_words(cycle: int, stage: Stage) -> None:
    assert refused(stage, cycle, question="？") == [("question", "Ask in 5 to 1000 characters")]


def test_an_answer_has_words(cycle: int, stage: Stage) -> None:
    task = own_task(stage, ask(stage, cycle))
    assert stage.faults_of(ASKED, task) == [("opinion", "This entry is required")]


def test_what_is_restricted_is_asked_of_nobody(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, HANDLER, own("deputy_director", "other_merit"))
    reward.session(fresh_stage, instance)
    words = "Nobody else may know of this: ask nobody about it"
    assert refused(fresh_stage, instance, user="director", asker="hr_chief") == [("user", words)]


def test_who_may_not_know_of_a_task_asks_nothing_about_it(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, HANDLER, own("deputy_director", "other_merit"))
    reward.session(fresh_stage, instance)
    with pytest.raises(NotFound):
        ask(fresh_stage, instance, asker="registry")
