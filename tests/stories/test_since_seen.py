"""What an approver is told: what changed since the plan was seen or returned, and who spoke for units."""

import pytest

from engine.clock import TAIPEI
from engine.queries.since_seen import SinceSeen
from engine.queries.task_page import TaskPage, task_page
from tests.stories import actors
from tests.stories.actors import GOAL, sign
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

REWRITTEN = GOAL.replace("更省時", "縮短三成時間")
WORDS = "臨櫃主動協助民眾檢視申請文件，並說明補正方式"
RETURN = {"return_reason": ["not_quantified"], "opinion": "目標請寫明縮短多少。餘如擬。"}
DEPUTY = "1"  # the second of the three levels


def at_the_director(stage: Stage) -> None:
    cycle = actors.draft(stage)
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")


def asked(stage: Stage) -> None:
    """One unit disagrees, the other says nothing."""
    cycle = actors.draft(stage, compiled={"countersign_units": ["metrology", "kinmen"]})
    stage.complete(
        "unit_chief.metrology", cycle, "countersign_opinion@metrology",
        opinion_kind="disagree", opinion="期程過短",
    )  # fmt: skip
    stage.move_to("2026-01-20T09:00")


SCENES = {"signing": at_the_director}


@pytest.fixture
def signing(stage: Stage) -> int:
    return cycle_of(stage)


def page(stage: Stage, user: str, cycle: int) -> TaskPage:
    task = stage.task(cycle, "sign")
    return stage.engine.ask(stage.engine.actor(user), task_page, task.id)


def since(stage: Stage, user: str, cycle: int) -> SinceSeen:
    found = page(stage, user, cycle).since_seen
    assert found is not None
    return found


def correct(stage: Stage, cycle: int, user: str = "deputy_director") -> None:
    """The second signer writes what was asked for, and one thing that was not."""
    element = next(id for id, _ in choices(stage, user, cycle) if id.count(".") == 2)
    changes = [{"element": "goal", "text": REWRITTEN}, {"element": element, "text": WORDS}]
    sign(stage, cycle, user, "approve_with_changes", opinion="修正後發", changes=changes)


def choices(stage: Stage, user: str, cycle: int) -> list[tuple[str, str]]:
    return page(stage, user, cycle).content.choices["elements"]


def test_who_returned_it_sees_each_change_with_the_own_remark_and_who_made_it(
    signing: int, stage: Stage
) -> None:
    sign(stage, signing, "director", "return", return_to=DEPUTY, **RETURN)
    stage.move_to("2026-01-12T14:05")
    correct(stage, signing)
    found = since(stage, "director", signing)
    assert (found.was_returned, found.returned_by, [c.remark for c in found.changes]) == (
        True,
        "",
        ["目標請寫明縮短多少", ""],
    )
    assert {(c.made_by, c.made_at.astimezone(TAIPEI).strftime("%m/%d %H:%M")) for c in found.changes} == {
        ("deputy_director 科員", "01/12 14:05")
    }


def test_a_signer_has_seen_what_the_signer_wrote(signing: int, stage: Stage) -> None:
    sign(stage, signing, "director", "return", return_to=DEPUTY, **RETURN)
    correct(stage, signing)
    sign(stage, signing, "director", "return", return_to=DEPUTY, **RETURN)
    found = since(stage, "deputy_director", signing)
    assert (found.no_then, found.was_returned, found.changes) == (found.no_now, False, ())


def test_who_sees_it_for_the_first_time_is_told_what_changed_since_the_return(stage: Stage) -> None:
    cycle = actors.draft(stage)
    sign(stage, cycle, "sec_chief", "return", return_to="handler", **RETURN)
    actors.compile_plan(stage, cycle, goal=REWRITTEN)
    sign(stage, cycle, "sec_chief", "approve")
    found = since(stage, "deputy_director", cycle)
    assert (found.returned_by, [(c.label, c.remark) for c in found.changes]) == (
        "sec_chief 科員",
        [("目標", "目標請寫明縮短多少")],
    )


def test_a_plan_that_nobody_returned_is_told_as_it_stands(stage: Stage) -> None:
    cycle = actors.draft(stage)
    assert page(stage, "sec_chief", cycle).since_seen is None


def test_opinions_stand_with_who_gave_them_and_silence_with_nobody(stage: Stage) -> None:
    asked(stage)
    cycle = cycle_of(stage)
    stage.complete(
        "sec_handler", cycle, "merge_opinions@secretariat",
        rows=[{**row, "handling": "not_adopted", "reason": "期程係總局所定"}
              for row in stage.shown("sec_handler", cycle, "merge_opinions@secretariat")["rows"]],
    )  # fmt: skip
    notes = page(stage, "sec_chief", cycle).opinion_notes
    assert {unit: (note.who, note.kind) for unit, note in notes.items()} == {
        "metrology": ("unit_chief.metrology 科員", "disagree"),
        "kinmen": ("", "silent"),
    }


def test_the_plan_stands_beside_that_of_the_year_before(stage: Stage) -> None:
    cycle = actors.draft(stage)
    found = page(stage, "sec_chief", cycle).since_last_year
    assert found is not None
    assert (found.roc_year, found.changed, found.added, found.gone) == (114, 3, 0, 0)
    assert [change.after for change in found.changes if change.path == "plan.roc_year"] == ["115"]
