"""A cycle begins: the bureau's letter, and the dates that follow from it."""

from datetime import date
from typing import Any

import pytest

from engine.domain.identity import SYSTEM
from engine.errors import Invalid
from engine.plan.document import from_json
from tests.stories import actors
from tests.stories.actors import KEY, LETTER
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage


def assigned(stage: Stage) -> int:
    """Two units are writing."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)
    return cycle


def handed_in(stage: Stage) -> None:
    """Both units are done."""
    actors.contribute_all(stage, assigned(stage))


SCENES = {"written": handed_in, "cycle": assigned}


@pytest.fixture
def written(stage: Stage) -> int:
    return cycle_of(stage)


def test_a_cycle_begins_with_the_bureaus_letter(stage: Stage) -> None:
    cycle = actors.start_cycle(stage)
    assert (stage.open(cycle), actors.state_of(stage)) == (["register_bureau_plan"], "draft")


def test_the_same_year_cannot_be_started_twice(stage: Stage) -> None:
    actors.start_cycle(stage)
    with pytest.raises(Invalid) as refusal:
        stage.engine.execute(SYSTEM, actors.instances.start, definition_key="annual_plan_lifecycle",
                             business_key="another key", variables={"roc_year": 115})  # fmt: skip
    assert str(refusal.value.errors[0]) == "The plan of this year has been started already"


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"doc_date": "2026-01-07", "received_on": "2026-01-07"}, "doc_date",
         "The date of a letter cannot lie in the future"),
        ({"received_on": "2026-01-02"}, "received_on", "A letter cannot arrive before its date"),
        ({"doc_no": "11490000310"}, "number_confirmed",
         "The number does not begin with the year of the letter: correct it or confirm it"),
        ({"doc_no": "123"}, "doc_no", "Write it like this: 10或11位數字，例如 11490000470"),
        ({"doc_prefix": "ABC"}, "doc_prefix", "Write it like this: 1至10個中文字，例如「經標秘字」"),
        ({"subject": ""}, "subject", "This entry is required"),
    ],
)  # fmt: skip
def test_a_letter_with_a_fault_is_refused(
    stage: Stage, changes: dict[str, Any], path: str, words: str
) -> None:
    cycle = actors.start_cycle(stage)
    values = {**LETTER, "attachments": [actors.pdf(stage, "sec_handler")], **changes}
    assert (path, words) in stage.faults("sec_handler", cycle, "register_bureau_plan", **values)


def test_a_number_of_another_year_is_accepted_when_it_is_confirmed(stage: Stage) -> None:
    cycle = actors.start_cycle(stage)
    values = {**LETTER, "doc_no": "11490000310", "number_confirmed": True}
    stage.complete(
        "sec_handler", cycle, "register_bureau_plan", **values, attachments=[actors.pdf(stage, "sec_handler")]
    )
    assert stage.open(cycle) == ["assign_units"]


def test_the_deadlines_of_the_year_are_computed_once(cycle: int, stage: Stage) -> None:
    returned = actors.results(stage, cycle, "compute_deadlines")
    assert [(d["K1"]["nominal_on"], d["K3"]["nominal_on"], d["K4"]["late_after_on"]) for d in returned] == [
        ("2026-01-26", "2027-01-05", "2027-01-20")
    ]


def test_a_date_of_the_bureaus_letter_replaces_the_one_of_the_table(stage: Stage) -> None:
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle, k3_on="2027-01-09")
    due = stage.document("deadlines", plan_key=KEY).body
    plan = from_json(stage.document("plan", plan_key=KEY).body)
    found = [due["K3"][part] for part in ("nominal_on", "internal_due_on", "late_after_on", "basis")]
    assert (found, due["K4"]["basis"], plan.sections.assessment.k3_on) == (
        ["2027-01-09", "2027-01-08", "2027-01-11", "經標秘字第11590000310號"], None, date(2027, 1, 9),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issuer": "ministry", "k3_on": "2027-01-09"}, "Only a letter of the head office moves this date"),
        ({"k3_on": "2026-01-06"}, "Choose a day after the arrival of the letter"),
        ({"k3_on": "2050-01-06"}, "The office calendar of ROC year 139 has not been imported"),
    ],
)
def test_a_date_is_moved_only_by_the_bureau_and_to_a_day_to_come(
    stage: Stage, changes: dict[str, Any], words: str
) -> None:
    cycle = actors.start_cycle(stage)
    values = {**LETTER, "attachments": [actors.pdf(stage, "sec_handler")], **changes}
    assert stage.faults("sec_handler", cycle, "register_bureau_plan", **values) == [("k3_on", words)]


def test_the_secretariat_cannot_write_another_date_into_the_plan(written: int, stage: Stage) -> None:
    faults = stage.faults("sec_handler", written, "compile_plan", k3_on="2027-02-01", decision="submit")
    assert faults == [("k3_on", "This entry cannot be changed")]


def test_a_later_letter_of_the_bureau_moves_a_date(cycle: int, stage: Stage) -> None:
    changed = {**LETTER, "doc_no": "11590000399", "doc_date": "2026-01-06", "changed_refs": ["分局自訂"]}
    stage.act("sec_handler", cycle, "bureau_plan_changed", **changed, k4_on="2027-01-29")
    due = stage.document("deadlines", plan_key=KEY).body["K4"]
    assert (due["nominal_on"], due["basis"]) == ("2027-01-29", "經標秘字第11590000399號")
