"""Who may know of a reward list (個資): its roles and auditors; for everybody else there is nothing there."""

import pytest

from engine.domain.identity import SYSTEM
from engine.errors import NotFound, NotPermitted
from engine.queries.instances import history, index
from engine.queries.task_page import task_page
from engine.queries.tasks import inbox_counts
from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import HANDLER, own
from tests.stories.stage import Stage

INSIDE = (
    "sec_handler",
    "sec_chief",
    "hr_handler",
    "hr_chief",
    "merit_committee",
    "deputy_director",
    "director",
)
OUTSIDE = ("unit_handler.metrology", "unit_chief.metrology", "registry", "web_owner", "bureau_sec_handler")


@pytest.fixture
def listed(fresh_stage: Stage) -> int:
    """A list that waits for the first signature."""
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, HANDLER, own("deputy_director", "other_merit"))
    reward.session(fresh_stage, instance)
    return instance


def seen(stage: Stage, user: str) -> list[int]:
    found = stage.engine.ask(stage.engine.actor(user), index, definition_key="commendation")
    return [line.instance.id for line in found.lines]


@pytest.mark.parametrize("user", INSIDE)
def test_the_roles_of_a_list_know_of_it(fresh_stage: Stage, listed: int, user: str) -> None:
    assert seen(fresh_stage, user) == [listed]


@pytest.mark.parametrize("user", OUTSIDE)
def test_for_everybody_else_there_is_neither_name_nor_count(
    fresh_stage: Stage, listed: int, user: str
) -> None:
    actor = fresh_stage.engine.actor(user)
    counts = fresh_stage.engine.ask(actor, inbox_counts)
    with pytest.raises(NotFound):
        fresh_stage.engine.ask(actor, history, listed)
    assert (seen(fresh_stage, user), set(counts.values())) == ([], {0})


def test_a_person_on_the_list_cannot_open_the_page_of_the_signature(fresh_stage: Stage, listed: int) -> None:
    """The level of the deputy is skipped; a second deputy makes it open, and only that one sees it."""
    fresh_stage.grant("web_owner", "deputy_director", "head")
    fresh_stage.complete("hr_chief", listed, "sign", decision="approve", opinion="如擬")
    task = fresh_stage.task(listed, "sign")
    shown = fresh_stage.engine.ask(fresh_stage.engine.actor("web_owner"), task_page, task.id)
    with pytest.raises((NotFound, NotPermitted)):
        fresh_stage.engine.ask(fresh_stage.engine.actor("deputy_director"), task_page, task.id)
    counts = fresh_stage.engine.ask(fresh_stage.engine.actor("deputy_director"), inbox_counts)
    assert (shown.task.id, counts["open"]) == (task.id, 0)


def test_no_mail_and_no_title_names_a_person(fresh_stage: Stage, listed: int) -> None:
    instance = fresh_stage.engine.ask(SYSTEM, lambda reader: reader.instances.get(listed))
    subjects = {t.subject for t in fresh_stage.engine.ask(SYSTEM, lambda r: r.tasks.of_instance(listed))}
    assert ({instance.title}, subjects) == (
        {"115年政府服務獎敘獎"}, {"115年政府服務獎敘獎", "115年政府服務獎敘獎名單"},
    )  # fmt: skip


def test_nobody_outside_is_asked_to_countersign_a_list(fresh_stage: Stage, listed: int) -> None:
    """加會 would take the list out of its roles, to units whose people may be on it."""
    choices = fresh_stage.content("hr_chief", listed, "sign").choices
    faults = fresh_stage.faults(
        "hr_chief", listed, "sign", decision="countersign", add_units=["metrology"], opinion="請會辦"
    )
    assert ([value for value, _ in choices["decisions"]], choices["units"], faults) == (
        ["approve", "return"],
        [],
        [("decision", "Choose one of the options"), ("add_units", "Choose one of the options")],
    )
