"""A designated entry (指定參獎), stage 8b: confirmed, or to be reconsidered; never refused (A16)."""

from typing import Any

import pytest

from engine.domain.identity import SYSTEM
from tests.stories import actors, entrants
from tests.stories.entrants import ENTRY
from tests.stories.stage import Stage
from tests.stories.test_award_entry import entry_of

DESIGNATION = {
    **entrants.SURVEY, "issuer": "ministry", "doc_prefix": "經秘字", "doc_no": "11500000810",
    "entrant_kind": "unit", "entrant": "metrology", "designation_reason": "度量衡行動服務具參獎潛力",
}  # fmt: skip
REQUEST = {
    "answer": "reconsider", "reason": "本科業務移撥中，人力不足以準備參獎資料，請重新考量。",
    "doc_no": "11590000850", "doc_date": "2026-02-03",
}  # fmt: skip


def designated(stage: Stage, **variables: Any) -> int:
    """The letter that names the metrology unit has been registered."""
    stage.move_to("2026-02-03T09:00")
    entry = entrants.begin(stage, route="designated", **variables)
    entrants.invite(stage, entry, **DESIGNATION)
    return entry


def designated_by_accounts(stage: Stage) -> int:
    """The ministry reads requests in its own account."""
    return designated(stage, ministry_mode="accounts")


SCENES = {"by_account": designated_by_accounts, "named": designated}


@pytest.fixture
def named(stage: Stage) -> int:
    return entry_of(stage)


@pytest.fixture
def by_account(stage: Stage) -> int:
    return entry_of(stage)


def reply(stage: Stage, entry: int, outcome: str) -> None:
    stage.complete("sec_handler", entry, "register_reconsideration", **entrants.MINISTRY_LETTER,
                   attachments=[actors.pdf(stage, "sec_handler")], outcome=outcome)  # fmt: skip


def reconsideration_of(stage: Stage) -> int:
    found = stage.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(ENTRY))
    return next(i.id for i in found if i.definition_key == "designation_reconsideration")


def test_a_designation_is_entered_with_its_letter_and_entrant(stage: Stage) -> None:
    stage.move_to("2026-02-03T09:00")
    entry = entrants.begin(stage, route="designated")
    assert stage.faults("sec_handler", entry, "register_invitation", has_letter=False) == [
        ("has_letter", "A designation is entered with its letter")
    ]
    values = {**entrants.SURVEY, "attachments": [actors.pdf(stage, "sec_handler")], "entrant_kind": None}
    assert stage.faults("sec_handler", entry, "register_invitation", **values) == [
        ("entrant_kind", "This entry is required")
    ]


def test_the_choices_of_a_designation_hold_no_refusal_a16(named: int, stage: Stage) -> None:
    assert stage.faults("sec_handler", named, "confirm_designation", answer="refuse") == [
        ("answer", "Choose one of the options")
    ]


def test_a_confirmed_designation_goes_on_to_the_entry_without_a_memo_a16(named: int, stage: Stage) -> None:
    stage.complete("sec_handler", named, "confirm_designation", answer="confirm")
    shown = stage.shown("sec_handler", named, "entry_form")
    assert (stage.open(named), shown["entrant_label"]) == (
        ["entry_form"], "經濟部標準檢驗局高雄分局度量衡科",
    )  # fmt: skip


def test_the_entry_of_a_designation_is_written_signed_and_sent(named: int, stage: Stage) -> None:
    stage.complete("sec_handler", named, "confirm_designation", answer="confirm")
    entrants.fill_form(stage, named, category="社會創新共融", theme="離島度量衡行動服務",
                       related_plans=["bsmi_khh:114"])  # fmt: skip
    stage.complete("unit_chief.metrology", named, "countersign_opinion@metrology", opinion_kind="agree")
    stage.sign_off(named)
    entrants.send(stage, named)
    body = stage.document("award_entry", plan_key=ENTRY).body
    assert (entrants.state_of(stage), body["entrant_kind"], body["entrant"]) == (
        "submitted",
        "unit",
        "metrology",
    )


def test_reconsideration_is_asked_for_with_a_reason_and_a_letter_a16(named: int, stage: Stage) -> None:
    faults = stage.faults("sec_handler", named, "confirm_designation", answer="reconsider", reason="人力不足")
    assert [path for path, _ in faults] == ["reason", "doc_no", "doc_date"]
    stage.complete("sec_handler", named, "confirm_designation", **REQUEST)
    assert (stage.open(named), entrants.letters(stage)[-1]) == (
        ["register_reconsideration"], ("out", "11590000850"),
    )  # fmt: skip


def test_a_request_with_a_used_number_is_refused(named: int, stage: Stage) -> None:
    values = {**REQUEST, "doc_prefix": "經標高秘字", "doc_no": "1159"}
    assert [path for path, _ in stage.faults("sec_handler", named, "confirm_designation", **values)] == [
        "doc_no"
    ]


@pytest.mark.parametrize(
    ("outcome", "state", "open_tasks"),
    [("maintained", "preparing", ["entry_form"]), ("released", "released", [])],
)
def test_the_ministrys_letter_keeps_or_lifts_the_designation_a16(
    named: int, stage: Stage, outcome: str, state: str, open_tasks: list[str]
) -> None:
    stage.complete("sec_handler", named, "confirm_designation", **REQUEST)
    reply(stage, named, outcome)
    assert (entrants.state_of(stage), stage.open(named)) == (state, open_tasks)


@pytest.mark.parametrize(("outcome", "open_tasks"), [("maintained", ["entry_form"]), ("released", [])])
def test_the_ministrys_approver_answers_in_its_own_process(
    by_account: int, stage: Stage, outcome: str, open_tasks: list[str]
) -> None:
    stage.complete("sec_handler", by_account, "confirm_designation", **REQUEST)
    review = reconsideration_of(stage)
    shown = stage.shown("ministry_approver", review, "decide_reconsideration")
    stage.complete("ministry_approver", review, "decide_reconsideration", outcome=outcome,
                   reason="請依現有人力準備", doc_no="11500000860", doc_date="2026-02-03")  # fmt: skip
    assert (shown["reason_told"], stage.open(by_account), stage.has_ended(review)) == (
        REQUEST["reason"], open_tasks, True,
    )  # fmt: skip


def test_the_answer_of_the_ministry_has_its_letter(by_account: int, stage: Stage) -> None:
    stage.complete("sec_handler", by_account, "confirm_designation", **REQUEST)
    review = reconsideration_of(stage)
    values = {"outcome": "released", "reason": "請依現有人力準備", "doc_no": "115", "doc_date": "2026-02-04"}
    faults = stage.faults("ministry_approver", review, "decide_reconsideration", **values)
    assert [path for path, _ in faults] == ["doc_no"]
    faults = stage.faults(
        "ministry_approver", review, "decide_reconsideration", **{**values, "doc_no": "11500000860"}
    )
    assert faults == [("doc_date", "The date of a letter cannot lie in the future")]
