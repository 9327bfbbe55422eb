"""The ministry's screening (初評), stage 9: survey, designation, collection, material."""

from typing import Any

import pytest

from engine.commands import instances
from engine.domain.identity import SYSTEM
from engine.errors import Invalid, NotFound, NotPermitted
from tests.stories import entrants, screeners
from tests.stories.entrants import ENTRY
from tests.stories.screeners import BRANCH, KEY, OTHER, OUTSIDE_ENTRY, WITHDRAWAL
from tests.stories.stage import Stage

SCENES = screeners.SCENES


def received(stage: Stage, key: str = ENTRY) -> str:
    return str(stage.document("received_entry", key, plan_key=KEY).body["state"])


def test_the_survey_waits_for_the_first_working_day_of_february(stage: Stage) -> None:
    screening = screeners.begin(stage)
    before = stage.open(screening)
    stage.move_to("2026-02-02T10:00")
    assert (before, stage.open(screening)) == ([], ["issue_survey"])


def test_the_handler_may_survey_earlier_with_a_reason(stage: Stage) -> None:
    screening = screeners.begin(stage)
    assert stage.refused_action("ministry_handler", screening, "issue_survey_now", reason="") != []
    stage.act("ministry_handler", screening, "issue_survey_now", reason="配合春節提前辦理")
    assert stage.open(screening) == ["issue_survey"]


def test_only_the_ministrys_handler_starts_a_screening(stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        stage.engine.execute(stage.engine.actor("sec_handler"), instances.start,
                             definition_key="ministry_screening", business_key=KEY,
                             variables={"award_year": 115})  # fmt: skip


def test_a_year_is_screened_once_under_its_key(stage: Stage) -> None:
    with pytest.raises(Invalid) as wrong_key:
        screeners.begin(stage, award_year=116)
    screening = screeners.begin(stage)
    stage.engine.execute(
        SYSTEM, instances.cancel, screening, reason="重新開始本屆初評作業，原案不再續辦，特此說明"
    )
    with pytest.raises(Invalid) as again:
        screeners.begin(stage)
    paths = [error.path for refusal in (wrong_key, again) for error in refusal.value.errors]
    assert paths == ["business_key", "award_year"]


@pytest.mark.parametrize("user", ["director", "ministry_handler", "ministry_approver"])
def test_nobody_cancels_the_screening_of_all_agencies(stage: Stage, user: str) -> None:
    """Agencies and reviewers would wait in vain; for the director of a branch it does not even exist."""
    screening = screeners.begin(stage)
    with pytest.raises(NotFound if user == "director" else NotPermitted):
        stage.engine.execute(
            stage.engine.actor(user), instances.cancel, screening,
            reason="重新開始本屆初評作業，原案不再續辦，特此說明",
        )  # fmt: skip
    assert not stage.has_ended(screening)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"reply_due": "2026-02-28"}, "reply_due"),
        ({"reply_due": "2026-02-03"}, "reply_due"),
        ({"agencies": []}, "agencies"),
        ({"doc_no": "12"}, "doc_no"),
        ({"doc_date": "2026-02-04"}, "doc_date"),
    ],
)
def test_a_survey_with_a_fault_is_refused(stage: Stage, changes: dict[str, Any], path: str) -> None:
    screening = screeners.begin(stage)
    stage.move_to("2026-02-03T09:00")
    values = {"doc_no": "11500000700", "doc_date": "2026-02-03", **changes}
    faults = stage.faults("ministry_handler", screening, "issue_survey", **values)
    assert [fault for fault, _ in faults] == [path]


def test_the_survey_starts_the_branchs_entry_with_the_date_of_the_letter_a5(
    surveyed: int, stage: Stage
) -> None:
    entry = screeners.entry_of(stage)
    due = stage.document("award_due", plan_key=ENTRY).body
    assert (stage.open(entry), due["internal_due_on"], due["basis"]) == (
        ["entry_memo"], "2026-02-26", "經秘字第11500000700號",
    )  # fmt: skip


def test_an_entry_is_collected_when_it_is_sent(surveyed: int, stage: Stage) -> None:
    screeners.enter(stage)
    assert received(stage) == "received"


def test_a_nil_report_is_collected_as_well(surveyed: int, stage: Stage) -> None:
    entry = screeners.entry_of(stage)
    entrants.write_memo(
        stage, entry, proposal="no_entry", reason="本年度無成熟之創新服務案例可供參獎，擬不參獎。"
    )
    stage.sign_off(entry)
    stage.complete("sec_handler", entry, "nil_report", nil_statement=True, doc_no="11590000830",
                   doc_date="2026-02-03")  # fmt: skip
    replies = stage.shown("ministry_handler", surveyed, "close_collection")["replies"]
    assert replies == [{"agency": BRANCH, "state": "無參獎"}]


def test_unit_and_branch_may_both_enter_and_are_collected_as_two(surveyed: int, stage: Stage) -> None:
    screeners.enter(stage)
    second = entrants.begin(stage, key=f"{entrants.EDITION}:2", ministry_mode="accounts")
    entrants.invite(stage, second, doc_no="11590000811")
    screeners.enter(stage, f"{entrants.EDITION}:2", "11590000821")
    assert (received(stage), received(stage, f"{entrants.EDITION}:2")) == ("received", "received")


def test_silence_is_no_nil_report(surveyed: int, stage: Stage) -> None:
    assert stage.faults("ministry_handler", surveyed, "close_collection", decision="close") == [
        ("note", "Say what became of the agencies that did not answer")
    ]


def test_a_screening_without_entries_ends(surveyed: int, stage: Stage) -> None:
    stage.complete(
        "ministry_handler", surveyed, "close_collection", decision="close", note="電洽確認均無參獎"
    )
    assert stage.has_ended(surveyed)


def test_an_entry_that_comes_after_the_closing_is_late_and_not_scored(collected: int, stage: Stage) -> None:
    second = entrants.begin(stage, key=f"{entrants.EDITION}:2", ministry_mode="accounts")
    entrants.invite(stage, second, doc_no="11590000811")
    screeners.close(stage, collected)
    screeners.enter(stage, f"{entrants.EDITION}:2", "11590000821")
    assert (received(stage, f"{entrants.EDITION}:2"), len(stage.tasks(collected, "check_entry"))) == (
        "late",
        2,
    )


def test_without_a_screening_that_listens_the_ministry_answers_by_letter(stage: Stage) -> None:
    stage.move_to("2026-02-03T09:00")
    entry = entrants.sent(stage, ministry_mode="accounts")
    assert stage.open(entry) == ["register_ministry_letter"]


def test_the_handler_registers_what_agencies_without_an_account_send(collected: int, stage: Stage) -> None:
    stage.act(
        "ministry_handler", collected, "register_outside_entry", agency="經濟部標準檢驗局基隆分局", kind="nil"
    )
    shown = stage.shown("ministry_handler", collected, "close_collection")["replies"]
    assert [(row["agency"][8:], row["state"]) for row in shown] == [
        ("高雄分局", "已送件"), ("基隆分局", "無參獎"), ("臺南分局", "已送件"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"agency": BRANCH}, "agency"), ({"abstract": ""}, "abstract"), ({"theme": "題" * 41}, "theme")],
)
def test_an_outside_entry_with_a_fault_is_refused(
    collected: int, stage: Stage, changes: dict[str, Any], path: str
) -> None:
    values = {**screeners.OUTSIDE, **changes}
    faults = stage.refused_action("ministry_handler", collected, "register_outside_entry", **values)
    assert [fault for fault, _ in faults] == [path]


def test_a_designated_unit_gets_an_entry_of_its_own(surveyed: int, stage: Stage) -> None:
    stage.complete("ministry_handler", surveyed, "close_collection", decision="designate")
    rows = [{"agency": BRANCH, "entrant_kind": "unit", "unit": "kinmen", "reason": "離島服務具參獎潛力"}]
    stage.complete("ministry_handler", surveyed, "designate", designations=rows, doc_no="11500000710",
                   doc_date="2026-02-03")  # fmt: skip
    entry = screeners.entry_of(stage, f"{entrants.EDITION}:2")
    shown = stage.shown("sec_handler", entry, "confirm_designation")
    assert (stage.open(entry), shown["designation"]) == (
        ["confirm_designation"],
        "經秘字第11500000710號：經濟部標準檢驗局高雄分局金門辦事處（離島服務具參獎潛力）",
    )


ROW = {"agency": BRANCH, "entrant_kind": "agency", "reason": "服務作法具參獎潛力"}


@pytest.mark.parametrize(
    ("values", "paths"),
    [
        ({}, ["designations"]),
        ({"none": True, "designations": [ROW]}, ["none"]),
        ({"designations": [ROW]}, ["doc_no", "doc_date"]),
        ({"designations": [{**ROW, "entrant_kind": "unit"}], "doc_no": "11500000710",
          "doc_date": "2026-02-03"}, ["designations/0/unit"]),
        ({"designations": [{**ROW, "agency": OTHER, "entrant_kind": "unit"}], "doc_no": "11500000710",
          "doc_date": "2026-02-03"}, ["designations/0/unit_name"]),
        ({"designations": [ROW], "doc_no": "11500000710", "doc_date": "2026-02-04"}, ["doc_date"]),
    ],
)  # fmt: skip
def test_a_designation_with_a_fault_is_refused(
    surveyed: int, stage: Stage, values: dict[str, Any], paths: list[str]
) -> None:
    stage.complete("ministry_handler", surveyed, "close_collection", decision="designate")
    faults = stage.faults("ministry_handler", surveyed, "designate", **values)
    assert [path for path, _ in faults] == paths


def test_more_material_is_asked_for_and_arrives(collected: int, stage: Stage) -> None:
    screeners.close(stage, collected)
    own = next(t for t in stage.tasks(collected, "check_entry") if t.inputs["checked"]["entry_key"] == ENTRY)
    stage.complete_task("ministry_handler", own, result="more_material", request="請補送滿意度調查",
                        due_on="2026-02-10")  # fmt: skip
    entry = screeners.entry_of(stage)
    shown = stage.shown("sec_handler", entry, "supply_material")
    stage.complete("sec_handler", entry, "supply_material", response="補送滿意度調查報告如附件。")
    assert (shown["new_due"], shown["original_due"], len(stage.tasks(collected, "check_entry"))) == (
        "115/02/10", "115/02/26", 2,
    )  # fmt: skip


def test_an_agency_without_an_account_is_asked_by_letter(collected: int, stage: Stage) -> None:
    screeners.close(stage, collected)
    other = next(
        t for t in stage.tasks(collected, "check_entry") if t.inputs["checked"]["entry_key"] != ENTRY
    )
    faults = stage.faults_of("ministry_handler", other, result="more_material", request="請補送資料",
                             due_on="2026-02-10")  # fmt: skip
    assert [path for path, _ in faults] == ["result"]


def test_material_is_due_on_a_working_day_to_come(collected: int, stage: Stage) -> None:
    screeners.close(stage, collected)
    own = next(t for t in stage.tasks(collected, "check_entry") if t.inputs["checked"]["entry_key"] == ENTRY)
    faults = stage.faults_of("ministry_handler", own, result="more_material", request="請補送資料",
                             due_on="2026-02-14")  # fmt: skip
    assert faults == [("due_on", "Choose a working day after today")]


def test_a_withdrawn_entry_is_neither_checked_nor_scored(collected: int, stage: Stage) -> None:
    screeners.close(stage, collected)
    stage.act("sec_handler", screeners.entry_of(stage), "withdraw_entry", **WITHDRAWAL)
    assert (received(stage), len(stage.tasks(collected, "check_entry"))) == ("withdrawn", 1)


def test_a_withdrawal_ends_the_scores_that_are_still_open(grouped: int, stage: Stage) -> None:
    screeners.score(stage, "academia", ENTRY)
    stage.act("sec_handler", screeners.entry_of(stage), "withdraw_entry", **WITHDRAWAL)
    left = {task.inputs["scoring"]["entry_key"] for task in stage.tasks(grouped, "score_entry")}
    for unit in screeners.REVIEWERS:
        screeners.score(stage, unit, OUTSIDE_ENTRY)
    shown = stage.shown("ministry_handler", grouped, "rank")["ranking"]
    assert (left, [row["entrant_label"] for row in shown]) == ({OUTSIDE_ENTRY}, [OTHER])
