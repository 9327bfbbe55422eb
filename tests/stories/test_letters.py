"""Corrections in the register of letters (更正登錄): the rules of the entry hold, and the plan follows."""

from typing import Any

import pytest

from engine.activities.letter_entries import corrections_of_basis
from engine.commands import letters
from engine.domain.identity import SYSTEM
from engine.domain.letter import Letter
from engine.errors import Invalid
from engine.plan.document import Plan, from_json
from tests.stories import actors
from tests.stories.actors import KEY, LETTER
from tests.stories.stage import Stage

REASON = "登錄時誤植"
RIGHT_NUMBER = "11590000320"


def registered(stage: Stage) -> None:
    """The bureau's plan is in the register, and the branch's plan has its first draft."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)


def in_signoff(stage: Stage) -> None:
    actors.draft(stage)


def enacted(stage: Stage) -> None:
    actors.reported(stage)


SCENES = {"drafted": registered, "signing": in_signoff, "reported": enacted}


@pytest.fixture
def drafted(stage: Stage) -> Stage:
    return stage


@pytest.fixture
def signing(stage: Stage) -> Stage:
    return stage


@pytest.fixture
def reported(stage: Stage) -> Stage:
    return stage


def of_bureau(stage: Stage) -> Letter:
    """The letter that brought the bureau's plan."""
    return stage.engine.ask(SYSTEM, lambda reader: reader.letters.for_plan(KEY))[0]


def correct(stage: Stage, *, confirmed: bool = False, **changes: Any) -> Letter:
    return stage.engine.execute(
        stage.engine.actor("sec_handler"), letters.correct, of_bureau(stage).id, changes=changes,
        reason=REASON, number_confirmed=confirmed,
    )  # fmt: skip


def plan_of(stage: Stage) -> Plan:
    return from_json(stage.document("plan", plan_key=KEY).body)


def basis_numbers(stage: Stage) -> list[str]:
    return [row.number.number for row in plan_of(stage).basis if row.number]


def beside(stage: Stage) -> dict[int, str]:
    """Place in the plan's basis -> the corrected number that stands beside the one that was signed."""
    found = stage.engine.ask(
        SYSTEM, lambda reader: corrections_of_basis(plan_of(stage), reader.letters.for_plan(KEY))
    )
    return {place: row.number.number for place, row in found.items() if row.number}


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"received_on": "2026-01-04"}, "received_on", "A letter cannot arrive before its date"),
        ({"received_on": "2027-01-04"}, "received_on", "The day of arrival cannot lie in the future"),
        ({"prefix": "BSMI"}, "prefix", "BSMI is not a document prefix of 1 to 10 Chinese characters"),
        ({"number": "115"}, "number", "115 is not a document number of 10 or 11 digits"),
        ({"number": "11490000320"}, "number_confirmed",
         "The number does not begin with the year of the letter: correct it or confirm it"),
        ({"issuer": "某機關"}, "issuer", "Choose one of the options"),
        ({"subject": "旨" * 201}, "subject", "Use 1 to 200 characters"),
        ({"plan_key": "bsmi_khh:114"}, "plan_key", "This field cannot be corrected"),
    ],
)  # fmt: skip
def test_a_correction_keeps_the_rules_of_the_entry(
    drafted: Stage, changes: dict[str, Any], path: str, words: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        correct(drafted, **changes)
    assert [(error.path, str(error)) for error in refusal.value.errors] == [(path, words)]
    assert of_bureau(drafted).corrections == ()


def test_a_letter_of_tomorrow_is_refused_for_both_of_its_days(drafted: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        correct(drafted, doc_on="2026-01-07", received_on="2026-01-07")
    assert [error.path for error in refusal.value.errors] == ["doc_on", "received_on"]


def test_a_number_that_another_letter_has_is_refused(reported: Stage) -> None:
    actors.review(reported, number="11590001230")
    with pytest.raises(Invalid) as refusal:
        correct(reported, number="11590001230")
    assert [error.path for error in refusal.value.errors] == ["number"]


def test_a_number_of_another_year_is_corrected_when_it_is_confirmed(drafted: Stage) -> None:
    assert correct(drafted, number="11490000320", confirmed=True).number == "11490000320"


def test_what_else_is_corrected_asks_nothing_about_a_number_that_was_confirmed_before(drafted: Stage) -> None:
    correct(drafted, number="11490000320", confirmed=True)
    assert correct(drafted, subject="總局115年度計畫").subject == "總局115年度計畫"


def test_a_plan_in_drafting_takes_the_correction_into_its_basis(drafted: Stage) -> None:
    before = drafted.document("plan", plan_key=KEY)
    correct(drafted, number=RIGHT_NUMBER)
    after = drafted.document("plan", plan_key=KEY)
    assert (basis_numbers(drafted), after.no, from_json(before.body).basis[-1].number.number) == (
        [RIGHT_NUMBER], before.no + 1, LETTER["doc_no"],
    )  # fmt: skip


def test_a_plan_whose_basis_names_nothing_that_was_corrected_gets_no_version(drafted: Stage) -> None:
    before = drafted.document("plan", plan_key=KEY)
    correct(drafted, received_on="2026-01-05")
    assert drafted.document("plan", plan_key=KEY).no == before.no


def test_what_is_being_signed_stays_as_it_is_and_the_correction_stands_beside(signing: Stage) -> None:
    correct(signing, number=RIGHT_NUMBER)
    assert (basis_numbers(signing), beside(signing)) == ([LETTER["doc_no"]], {0: RIGHT_NUMBER})


def test_an_enacted_plan_stays_as_it_is_and_the_correction_stands_beside(reported: Stage) -> None:
    correct(reported, number=RIGHT_NUMBER)
    assert (basis_numbers(reported), beside(reported)) == ([LETTER["doc_no"]], {0: RIGHT_NUMBER})


def test_a_history_with_a_correction_is_proven(drafted: Stage) -> None:
    correct(drafted, number=RIGHT_NUMBER)
    found = drafted.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(KEY))
    assert [fault for instance in found for fault in drafted.faults_of_history(instance.id)] == []
