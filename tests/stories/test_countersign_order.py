"""Countersigning one after the other (順會): each has its own time and reads those before (domain 7.11)."""

import pytest

from engine.domain.identity import SYSTEM
from engine.errors import NotPermitted, TaskAlreadyCompleted, TaskNotOpen
from engine.replay.verify import verify
from tests.stories import actors
from tests.stories.actors import KEY, sign
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

SERIAL = {"countersign_units": ["kinmen", "metrology"], "countersign_order": "serial"}


def in_order(stage: Stage) -> None:
    """Two units are asked one after the other before the first level."""
    actors.draft(stage, compiled=SERIAL)


SCENES = {"cycle": actors.draft, "asked": in_order}


@pytest.fixture
def asked(stage: Stage) -> int:
    return cycle_of(stage)


def say(stage: Stage, cycle: int, unit: str, kind: str = "agree", **words: str) -> None:
    stage.complete(f"unit_chief.{unit}", cycle, f"countersign_opinion@{unit}", opinion_kind=kind, **words)


def test_units_are_asked_one_after_the_other(asked: int, stage: Stage) -> None:
    opened = [stage.open(asked)]
    say(stage, asked, "kinmen")
    opened.append(stage.open(asked))
    say(stage, asked, "metrology")
    opened.append(stage.open(asked))
    assert opened == [["countersign_opinion@kinmen"], ["countersign_opinion@metrology"], ["sign"]]
    assert stage.engine.ask(SYSTEM, verify, asked).faults == ()


def test_a_unit_reads_what_the_unit_before_it_said(asked: int, stage: Stage) -> None:
    say(stage, asked, "kinmen", "disagree", opinion="離島人力不足")
    opinions = actors.panels(stage, "unit_chief.metrology", asked, "countersign_opinion@metrology")[
        "opinions"
    ]
    assert [(o["unit"], o["kind"], o["opinion"]) for o in opinions] == [("kinmen", "不同意", "離島人力不足")]


def test_units_that_are_asked_side_by_side_read_nothing_of_each_other(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "countersign", add_units=["kinmen", "metrology"])
    say(stage, cycle, "kinmen", "disagree", opinion="離島人力不足")
    assert actors.panels(stage, "unit_chief.metrology", cycle, "countersign_opinion@metrology") == {}


def test_every_unit_has_three_working_days_of_its_own(asked: int, stage: Stage) -> None:
    say(stage, asked, "kinmen")
    stage.move_to("2026-01-07T09:00")
    first = stage.task(asked, "countersign_opinion@metrology").due_at
    assert first is not None
    assert first.isoformat() == "2026-01-09T15:59:59+00:00"


def test_silence_hands_on_to_the_next_unit_and_is_recorded(asked: int, stage: Stage) -> None:
    stage.move_to("2026-01-12T09:00")
    opened = stage.open(asked)
    stage.move_to("2026-01-16T09:00")
    kept = {unit: stage.document("countersign", f"plan:1:{unit}", plan_key=KEY).body["kind"]
            for unit in ("kinmen", "metrology")}  # fmt: skip
    assert (opened, stage.open(asked), kept) == (
        ["countersign_opinion@metrology"], ["sign"], {"kinmen": "silent", "metrology": "silent"},
    )  # fmt: skip
    assert stage.engine.ask(SYSTEM, verify, asked).faults == ()


def test_a_unit_whose_turn_has_not_come_cannot_speak(asked: int, stage: Stage) -> None:
    task = stage.task(asked, "countersign_opinion@kinmen")
    with pytest.raises(NotPermitted):
        stage.complete_task("unit_chief.metrology", task, opinion_kind="agree")


def test_a_unit_in_the_order_gives_its_opinion_once(asked: int, stage: Stage) -> None:
    task = stage.task(asked, "countersign_opinion@kinmen")
    say(stage, asked, "kinmen")
    with pytest.raises(TaskAlreadyCompleted):
        stage.complete_task("unit_chief.kinmen", task, opinion_kind="disagree", opinion="離島人力不足")


def test_a_unit_whose_turn_is_over_speaks_no_more(asked: int, stage: Stage) -> None:
    task = stage.task(asked, "countersign_opinion@kinmen")
    stage.move_to("2026-01-12T09:00")
    with pytest.raises(TaskNotOpen):
        stage.complete_task("unit_chief.kinmen", task, opinion_kind="agree")
    assert stage.open(asked) == ["countersign_opinion@metrology"]


def test_dissent_of_any_of_them_is_answered_after_the_last(asked: int, stage: Stage) -> None:
    say(stage, asked, "kinmen", "disagree", opinion="離島人力不足")
    say(stage, asked, "metrology")
    assert stage.open(asked) == ["merge_opinions@secretariat"]


def test_a_signer_asks_more_units_one_after_the_other_and_again_side_by_side(
    cycle: int, stage: Stage
) -> None:
    units = ["kinmen", "metrology"]
    sign(stage, cycle, "sec_chief", "countersign", add_units=units, add_order="serial")
    opened = [stage.open(cycle)]
    say(stage, cycle, "kinmen")
    say(stage, cycle, "metrology")
    sign(stage, cycle, "sec_chief", "countersign", add_units=units)
    opened.append(stage.open(cycle))
    assert opened == [
        ["countersign_opinion@kinmen"], ["countersign_opinion@kinmen", "countersign_opinion@metrology"],
    ]  # fmt: skip


def test_an_order_that_does_not_exist_is_refused(cycle: int, stage: Stage) -> None:
    faults = stage.faults(
        "sec_chief", cycle, "sign", decision="countersign", add_units=["kinmen"], add_order="backwards"
    )
    assert faults == [("add_order", "Choose one of the options")]


def test_every_later_level_reads_the_dissent_and_its_answer(asked: int, stage: Stage) -> None:
    say(stage, asked, "kinmen", "disagree", opinion="離島人力不足")
    say(stage, asked, "metrology")
    rows = stage.shown("sec_handler", asked, "merge_opinions@secretariat")["rows"]
    answered = [{**row, "handling": "not_adopted", "reason": "已請技術科支援"} for row in rows]
    stage.complete("sec_handler", asked, "merge_opinions@secretariat", rows=answered)
    read = []
    for user in ("sec_chief", "deputy_director", "director"):
        opinions = actors.panels(stage, user, asked, "sign")["opinions"]
        read.append([(o["unit"], o["kind"], o["handling"]) for o in opinions])
        if user != "director":
            sign(stage, asked, user, "approve")
    assert read == [[("kinmen", "不同意", "not_adopted"), ("metrology", "同意", None)]] * 3


def test_no_dissent_goes_up_unanswered(asked: int, stage: Stage) -> None:
    say(stage, asked, "kinmen", "disagree", opinion="離島人力不足")
    say(stage, asked, "metrology", "disagree", opinion="目標值過高")
    rows = stage.shown("sec_handler", asked, "merge_opinions@secretariat")["rows"]
    one = [{**rows[0], "handling": "adopted"}]
    assert stage.faults("sec_handler", asked, "merge_opinions@secretariat", rows=one) == [
        ("rows", "Rows cannot be added or removed here")
    ]
