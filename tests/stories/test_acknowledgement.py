"""Reporting to the bureau (報局核備), stage 3: both ways of answering, returns, withdrawals, silence."""

from typing import Any

import pytest

from engine.commands import letters
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.errors import Invalid, NotPermitted
from engine.queries.instances import page as instance_page
from tests.stories import actors
from tests.stories.actors import KEY, LETTER
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

OUTCOMES = ("acknowledged", "acknowledged_with_comments", "return_for_revision", "declined")
REPLY = {
    **LETTER, "doc_no": "11590001230", "doc_date": "2026-01-06", "subject": "貴分局115年度計畫，同意核備。",
    "outcome": "acknowledged",
}  # fmt: skip
WITHDRAWAL = {
    "reason": "主管指示補充離島服務作法", "doc_prefix": "經標高秘字", "doc_no": "11590000500",
    "doc_date": "2026-01-06",
}  # fmt: skip
COMMENTS = [{"element": "1.1.1", "comment": "請說明計數方式"}]


def reported_to_readers_of_letters(stage: Stage) -> None:
    """The plan lies with a bureau that answers by letter."""
    actors.reported(stage, bureau_mode="letters")


def signed_by_all(stage: Stage) -> None:
    """The director has decided; the letter to the bureau is next."""
    actors.sign_all(stage, actors.draft(stage))


SCENES = {"signed": signed_by_all, "by_letter": reported_to_readers_of_letters, "cycle": actors.reported}


@pytest.fixture
def signed(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def by_letter(stage: Stage) -> int:
    return cycle_of(stage)


def reply(stage: Stage, cycle: int, **changes: Any) -> None:
    stage.complete("sec_handler", cycle, "register_incoming_letter", **{**REPLY, **changes},
                   attachments=[actors.pdf(stage, "sec_handler")])  # fmt: skip


def numbers(stage: Stage) -> list[tuple[str, str]]:
    """Direction and number of every letter of the plan."""
    found = stage.engine.ask(SYSTEM, lambda reader: reader.letters.for_plan(KEY))
    return [(letter.direction, letter.number) for letter in found]


def test_a_report_opens_the_bureaus_own_review(cycle: int, stage: Stage) -> None:
    review = actors.instances_of(stage, "bureau_review")[-1]
    assert (stage.open(cycle), stage.open(review), actors.state_of(stage)) == (
        [],
        ["receive_and_assign"],
        "reported",
    )


def test_the_reported_version_is_fixed(cycle: int, stage: Stage) -> None:
    plan, report = stage.document("plan", plan_key=KEY), stage.document("report", "1", plan_key=KEY)
    assert (report.body["plan_no"], report.body["plan_digest"]) == (plan.no, plan.digest)


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"doc_no": "115"}, "doc_no", "Write it like this: 10或11位數字，例如 11490000470"),
        ({"doc_no": "11490000470"}, "number_confirmed",
         "The number does not begin with the year of the letter: correct it or confirm it"),
        ({"doc_date": "2026-01-07"}, "doc_date", "The date of a letter cannot lie in the future"),
        ({"subject": ""}, "subject", "This entry is required"),
        ({"to": []}, "to", "Choose at least 1"),
    ],
)  # fmt: skip
def test_a_letter_of_the_branch_with_a_fault_is_refused(
    signed: int, stage: Stage, changes: dict[str, Any], path: str, words: str
) -> None:
    letter = {"doc_no": "11590000470", "doc_date": "2026-01-06", **changes}
    assert stage.faults("sec_handler", signed, "dispatch_letter", **letter) == [(path, words)]


@pytest.mark.parametrize("outcome", OUTCOMES[:2])
def test_an_acknowledged_plan_goes_on_to_publication(cycle: int, stage: Stage, outcome: str) -> None:
    actors.review(stage, outcome)
    assert (actors.state_of(stage), "publish_web" in stage.open(cycle)) == ("acknowledged", True)


@pytest.mark.parametrize("outcome", OUTCOMES[2:])
def test_a_refused_plan_goes_back_to_be_compiled(cycle: int, stage: Stage, outcome: str) -> None:
    actors.review(stage, outcome)
    assert (stage.open(cycle), actors.state_of(stage)) == (["compile_plan"], "returned")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_reply_by_letter_has_the_same_outcomes(by_letter: int, stage: Stage, outcome: str) -> None:
    remark = {} if outcome == "acknowledged" else {"general_comment": "請依意見辦理"}
    reply(stage, by_letter, outcome=outcome, **remark)
    state = "acknowledged" if outcome.startswith("acknowledged") else "returned"
    assert actors.state_of(stage) == state


def test_a_reply_that_is_not_a_plain_acknowledgement_needs_its_comment(by_letter: int, stage: Stage) -> None:
    values = {**REPLY, "outcome": "declined", "attachments": [actors.pdf(stage, "sec_handler")]}
    faults = stage.faults("sec_handler", by_letter, "register_incoming_letter", **values)
    assert faults == [("general_comment", "This entry is required")]


def test_the_bureaus_letter_stands_in_the_register_once(cycle: int, stage: Stage) -> None:
    actors.review(stage)
    assert numbers(stage) == [("in", "11590000310"), ("out", "11590000470"), ("in", "11590001230")]


def test_a_number_that_is_in_the_register_is_refused(by_letter: int, stage: Stage) -> None:
    values = {**REPLY, "doc_no": LETTER["doc_no"], "attachments": [actors.pdf(stage, "sec_handler")]}
    faults = stage.faults("sec_handler", by_letter, "register_incoming_letter", **values)
    assert faults == [("doc_no", "This number of this sender is in the register already")]


def test_the_bureaus_comments_stand_beside_the_draft_row_by_row(cycle: int, stage: Stage) -> None:
    actors.review(stage, "return_for_revision", comments=COMMENTS, general_comment="整體可行")
    comments = actors.panels(stage, "sec_handler", cycle, "compile_plan")["comments"]
    assert [(c["element"], c["comment"], c["round"]) for c in comments] == [
        ("", "整體可行", 1), ("1.1.1", "請說明計數方式", 1),
    ]  # fmt: skip


def test_a_unit_that_is_asked_again_sees_the_comments_on_its_rows(cycle: int, stage: Stage) -> None:
    actors.review(stage, "return_for_revision", comments=COMMENTS)
    actors.compile_plan(stage, cycle, decision="ask_units", ask_units=["metrology"], ask_due="2026-01-20",
                        ask_note="請依總局意見修正")  # fmt: skip
    shown = actors.panels(stage, "unit_handler.metrology", cycle, "edit_actions@metrology")
    assert ([c["comment"] for c in shown["comments"]], shown["remarks"]) == (
        ["請說明計數方式"],
        ["請依總局意見修正"],
    )


def test_the_second_round_is_signed_by_a_shorter_chain_and_reported_again(cycle: int, stage: Stage) -> None:
    actors.review(stage, "return_for_revision", comments=COMMENTS)
    actors.compile_plan(stage, cycle)
    actors.sign_all(stage, cycle, ("sec_chief", "director"))
    actors.dispatch(stage, cycle, "11590000600")
    actors.review(stage, number="11590001500")
    assert (len(actors.instances_of(stage, "bureau_review")), actors.state_of(stage)) == (2, "acknowledged")


def test_the_branch_withdraws_its_report_and_the_bureaus_review_ends(cycle: int, stage: Stage) -> None:
    review = actors.instances_of(stage, "bureau_review")[-1]
    stage.act("sec_handler", cycle, "withdraw_report", **WITHDRAWAL)
    assert (stage.open(cycle), actors.state_of(stage), stage.has_ended(review)) == (
        ["compile_plan"],
        "draft",
        True,
    )


def test_a_withdrawal_has_its_own_letter(cycle: int, stage: Stage) -> None:
    stage.act("sec_handler", cycle, "withdraw_report", **WITHDRAWAL)
    assert numbers(stage)[-1] == ("out", "11590000500")


def test_a_withdrawal_while_the_bureau_answers_by_letter_closes_the_waiting_task(
    by_letter: int, stage: Stage
) -> None:
    stage.act("sec_handler", by_letter, "withdraw_by_letter", **WITHDRAWAL)
    assert stage.open(by_letter) == ["compile_plan"]


def test_a_withdrawn_plan_is_not_taken_for_withdrawn_in_the_next_round(cycle: int, stage: Stage) -> None:
    stage.act("sec_handler", cycle, "withdraw_report", **WITHDRAWAL)
    actors.compile_plan(stage, cycle)
    actors.sign_all(stage, cycle, ("sec_chief", "director"))
    actors.dispatch(stage, cycle, "11590000600")
    actors.review(stage)
    assert actors.state_of(stage) == "acknowledged"


def test_only_the_secretariat_withdraws(cycle: int, stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        stage.act("unit_chief.kinmen", cycle, "withdraw_report", **WITHDRAWAL)


def test_a_withdrawal_needs_a_reason(cycle: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        stage.act("sec_handler", cycle, "withdraw_report", **{**WITHDRAWAL, "reason": "重寫"})
    assert [error.path for error in refusal.value.errors] == ["reason"]


def test_a_withdrawal_needs_a_number_of_its_own(cycle: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        stage.act("sec_handler", cycle, "withdraw_report", **{**WITHDRAWAL, "doc_no": "11590000470"})
    assert [(error.path, str(error)) for error in refusal.value.errors] == [
        ("doc_no", "This number of this sender is in the register already")
    ]


def test_after_ten_working_days_without_a_reply_the_branch_inquires(cycle: int, stage: Stage) -> None:
    stage.move_to("2026-01-22T10:00")
    stage.complete("sec_handler", cycle, "query_bureau", method="phone", asked_on="2026-01-22",
                   person="總局王科員", content="仍在會辦，預計下週函復")  # fmt: skip
    assert (stage.open(cycle), stage.document("query", "1", plan_key=KEY).body["method"]) == ([], "phone")


def test_after_ten_more_working_days_the_branch_inquires_again(cycle: int, stage: Stage) -> None:
    stage.move_to("2026-02-05T10:00")
    assert stage.open(cycle) == ["query_again", "query_bureau"]


def test_no_reply_is_never_an_acknowledgement(cycle: int, stage: Stage) -> None:
    stage.move_to("2026-06-30T10:00")
    assert actors.state_of(stage) == "reported"


def test_a_reply_that_comes_while_the_branch_inquires_counts(cycle: int, stage: Stage) -> None:
    stage.move_to("2026-01-22T10:00")
    actors.review(stage)
    assert (actors.state_of(stage), "query_bureau" in stage.open(cycle)) == ("acknowledged", False)


def test_the_bureaus_chief_sends_a_review_back(cycle: int, stage: Stage) -> None:
    review = actors.instances_of(stage, "bureau_review")[-1]
    stage.complete("bureau_sec_handler", review, "receive_and_assign")
    actors.propose(stage, review, "acknowledged")
    stage.complete("bureau_sec_chief", review, "chief_review", decision="return",
                   return_reason=["incomplete"], opinion="請補審查說明")  # fmt: skip
    assert actors.panels(stage, "bureau_sec_handler", review, "review_plan")["remarks"] == ["請補審查說明"]


def test_the_bureaus_approver_sends_a_review_back(cycle: int, stage: Stage) -> None:
    review = actors.instances_of(stage, "bureau_review")[-1]
    stage.complete("bureau_sec_handler", review, "receive_and_assign")
    actors.propose(stage, review, "acknowledged")
    stage.complete("bureau_sec_chief", review, "chief_review", decision="approve")
    stage.complete("bureau_approver", review, "decide", decision="return", return_reason=["incomplete"],
                   opinion="請補審查說明")  # fmt: skip
    assert stage.open(review) == ["review_plan"]


def test_a_proposal_other_than_acknowledging_needs_a_reason(cycle: int, stage: Stage) -> None:
    review = actors.instances_of(stage, "bureau_review")[-1]
    stage.complete("bureau_sec_handler", review, "receive_and_assign")
    rows = [
        {**row, "verdict": "conforms"}
        for row in stage.shown("bureau_sec_handler", review, "review_plan")["checklist"]
    ]
    faults = stage.faults("bureau_sec_handler", review, "review_plan", checklist=rows, proposal="declined")
    assert faults == [("reason", "This entry is required")]


def test_a_section_that_does_not_conform_needs_a_note(cycle: int, stage: Stage) -> None:
    review = actors.instances_of(stage, "bureau_review")[-1]
    stage.complete("bureau_sec_handler", review, "receive_and_assign")
    rows = [
        {**row, "verdict": "conforms"}
        for row in stage.shown("bureau_sec_handler", review, "review_plan")["checklist"]
    ]
    rows[0]["verdict"] = "fails"
    faults = stage.faults(
        "bureau_sec_handler", review, "review_plan", checklist=rows, proposal="acknowledged"
    )
    assert faults == [("checklist/0/note", "This entry is required")]


def test_a_plan_that_is_only_notified_does_not_wait_for_a_reply(stage: Stage) -> None:
    cycle = actors.reported(stage, ack_mode="notify")
    assert (actors.state_of(stage), "publish_web" in stage.open(cycle)) == ("notified", True)


def test_a_wrong_number_is_corrected_and_the_old_one_stays(by_letter: int, stage: Stage) -> None:
    reply(stage, by_letter)
    found = stage.engine.ask(SYSTEM, lambda reader: reader.letters.for_plan(KEY))[-1]
    stage.engine.execute(
        stage.engine.actor("sec_handler"), letters.correct, found.id, changes={"number": "11590001231"},
        reason="登錄時末碼誤植",
    )  # fmt: skip
    corrected = stage.engine.ask(SYSTEM, lambda reader: reader.letters.get(found.id))
    noted = actors.events(stage, by_letter, EventType.LETTER_CORRECTED)
    assert (corrected.number, corrected.corrections[0]["before"], [note["reason"] for note in noted]) == (
        "11590001231", {"number": "11590001230"}, ["登錄時末碼誤植"],
    )  # fmt: skip


def test_the_bureau_reads_which_version_it_acknowledged(cycle: int, stage: Stage) -> None:
    reported = stage.document("plan", plan_key=KEY)
    review = actors.instances_of(stage, "bureau_review")[-1]
    actors.review(stage)
    page = stage.engine.ask(
        stage.engine.actor("bureau_sec_handler"), lambda reader: instance_page(reader, review)
    )
    assert [(ref.kind, ref.no, ref.digest) for ref in page.acted_on] == [
        ("plan", reported.no, reported.digest)
    ]
