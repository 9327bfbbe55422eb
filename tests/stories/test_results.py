"""The two deliveries (陸.一(二)(三)): D1 frozen and sent, D2 explained against it, and corrections."""

import json

import pytest

from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.errors import NotFound
from engine.queries.plan_files import plan_attachment, plan_files
from engine.store.unit_of_work import UnitOfWork
from tests.stories.delivering import (
    BEFORE_NEW_YEAR,
    LETTER,
    SECTIONS,
    WEIGHTS,
    bureau_checks,
    compiled,
    dispatched,
    frozen,
    sent,
    units_reported,
)
from tests.stories.stage import PLAN_KEY, Stage


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    fresh_stage.move_to(BEFORE_NEW_YEAR)
    fresh_stage.engine.execute(SYSTEM, units_reported)
    return fresh_stage


def corrected_d1(stage: Stage, instance: int) -> None:
    """The number of weights is corrected by letter."""
    stage.act(
        "sec_handler", instance, "correct_result", delivery="d1", reason="校正數誤植，應更正為一百二十具"
    )
    correction = stage.instances("result_correction")[0]
    change = [{"row": WEIGHTS, "actual": "120", "reason": "誤植"}]
    stage.complete("sec_handler", correction, "propose_correction", changes=change)
    stage.complete("sec_chief", correction, "approve_correction", decision="approve")
    stage.complete("registry", correction, "dispatch_correction", **LETTER)


def test_d1_and_d2_are_accepted_by_the_bureau(stage: Stage) -> None:
    instance = sent(stage)
    dispatched(stage, instance)
    for intake in stage.instances("bureau_result_intake"):
        bureau_checks(stage, intake)
    assert (stage.has_ended(instance), stage.state()) == (True, "accepted")


def test_what_happened_can_be_re_executed_and_proven(stage: Stage) -> None:
    instance = sent(stage)
    dispatched(stage, instance)
    for intake in stage.instances("bureau_result_intake"):
        bureau_checks(stage, intake)
    proven = [instance, *stage.instances("bureau_result_intake")]
    assert [stage.faults_of_history(each) for each in proven] == [[], [], []]


def test_d2_is_not_compiled_before_d1_is_frozen(stage: Stage) -> None:
    assert stage.open(compiled(stage)) == ["sign_d1"]


def test_d2_may_be_finished_before_d1_is_accepted(stage: Stage) -> None:
    instance = sent(stage)
    dispatched(stage, instance)
    second = stage.instances("bureau_result_intake")[1]
    bureau_checks(stage, second)
    assert (stage.has_ended(instance), stage.has_ended(second)) == (False, True)


def test_d1_holds_the_numbers_of_the_units(stage: Stage) -> None:
    frozen(stage)
    rows = stage.document("d1").body["rows"]
    assert [(row["action"], row["unit"], row["actual"], row["status"]) for row in rows] == [
        ("1.1.1", "metrology", "119", "partly_achieved"),
        ("1.1.2", "kinmen", None, "done"),
        ("1.1.3", "secretariat", None, "done"),
    ]


def test_a_late_number_that_keeps_the_status_needs_no_higher_signature(stage: Stage) -> None:
    late = [{"row": WEIGHTS, "actual": "118", "reason": "重複計列一具"}]
    instance = compiled(stage, late_changes=late)
    assert [c.role for c in stage.task(instance, "sign_d1").candidates] == ["sec_chief"]


def test_a_late_number_that_changes_the_status_is_signed_by_the_director(stage: Stage) -> None:
    late = [{"row": WEIGHTS, "actual": "121", "reason": "十二月補列二具"}]
    instance = compiled(stage, late_changes=late)
    assert [c.role for c in stage.task(instance, "sign_d1").candidates] == ["director"]


def test_a_number_cannot_be_added_twice(stage: Stage) -> None:
    instance = stage.start("result_submission")
    late = [{"row": WEIGHTS, "actual": number, "reason": "十二月補列"} for number in ("120", "121")]
    faults = stage.faults("sec_handler", instance, "compile_d1", late_changes=late)
    assert faults == [("late_changes/1/row", "This row is changed twice")]


def test_a_narrative_row_is_changed_by_its_status(stage: Stage) -> None:
    instance = stage.start("result_submission")
    late = [{"row": "1.1.2|kinmen|", "actual": "3", "reason": "十二月補列"}]
    faults = stage.faults("sec_handler", instance, "compile_d1", late_changes=late)
    assert faults == [("late_changes/0/status", "A narrative action needs its status")]


def test_d1_that_is_sent_back_is_compiled_again(stage: Stage) -> None:
    instance = compiled(stage)
    stage.complete(
        "sec_chief",
        instance,
        "sign_d1",
        decision="return",
        return_reason=["outdated"],
        opinion="請補列十二月資料",
    )
    assert stage.open(instance) == ["compile_d1"]


def test_d1_can_be_waived_with_its_basis(stage: Stage) -> None:
    instance = frozen(stage, waived=True, waiver_basis="總局秘書室115年1月2日電話紀錄同意併送")
    assert (stage.open(instance), stage.instances("bureau_result_intake")) == (["compile_d2"], [])


def test_a_waiver_without_basis_is_refused(stage: Stage) -> None:
    instance = stage.start("result_submission")
    faults = stage.faults("sec_handler", instance, "compile_d1", waived=True)
    assert faults == [("waiver_basis", "This entry is required")]


def test_every_number_of_d2_that_differs_from_d1_is_listed_with_its_reason(stage: Stage) -> None:
    instance = sent(stage)
    change = [{"row": WEIGHTS, "actual": "120", "reason": "複核後增列一具"}]
    stage.complete("sec_handler", instance, "compile_d2", **SECTIONS, changes=change)
    assert stage.document("d2").body["differences"] == [
        {"action": "1.1.1", "unit": "metrology", "indicator": "砝碼校正數", "before": "119", "after": "120",
         "reason": "複核後增列一具"}
    ]  # fmt: skip


def test_a_difference_without_reason_is_refused(stage: Stage) -> None:
    instance = sent(stage)
    change = [{"row": WEIGHTS, "actual": "120"}]
    faults = stage.faults("sec_handler", instance, "compile_d2", **SECTIONS, changes=change)
    assert faults == [("changes/0/reason", "This entry is required")]


def test_the_letter_number_is_used_once(stage: Stage) -> None:
    instance = sent(stage)
    dispatched(stage, instance)
    stage.act(
        "sec_handler", instance, "correct_result", delivery="d1", reason="校正數誤植，應更正為一百二十具"
    )
    correction = stage.instances("result_correction")[0]
    change = [{"row": WEIGHTS, "actual": "120", "reason": "誤植"}]
    stage.complete("sec_handler", correction, "propose_correction", changes=change)
    stage.complete("sec_chief", correction, "approve_correction", decision="approve")
    faults = stage.faults("registry", correction, "dispatch_correction", **LETTER)
    assert faults == [("doc_no", "This number of this sender is in the register already")]


def test_the_bureau_asks_for_more_and_the_original_date_stays_beside_the_new_one(stage: Stage) -> None:
    instance = sent(stage)
    intake = stage.instances("bureau_result_intake")[0]
    bureau_checks(stage, intake, result="supplement", request="請補附校正報告", due_on="2026-01-09")
    shown = stage.shown("sec_handler", instance, "supplement")
    assert shown == {"request": "請補附校正報告", "new_due": "2026-01-09", "original_due": "2026-01-05"}


def test_what_was_supplied_goes_back_to_the_bureau(stage: Stage) -> None:
    instance = sent(stage)
    intake = stage.instances("bureau_result_intake")[0]
    bureau_checks(stage, intake, result="supplement", request="請補附校正報告", due_on="2026-01-09")
    stage.complete("sec_handler", instance, "supplement", response="檢附校正報告影本如附件供參")
    before = stage.open(intake)
    stage.complete("bureau_sec_handler", intake, "check_results", result="accept")
    assert (before, stage.has_ended(intake), stage.open(instance)) == (
        ["check_results"],
        True,
        ["compile_d2"],
    )


def test_a_supplement_cannot_be_due_on_a_holiday(stage: Stage) -> None:
    sent(stage)
    intake = stage.instances("bureau_result_intake")[0]
    stage.complete("bureau_sec_handler", intake, "receive_results", received_on="2026-01-02")
    faults = stage.faults(
        "bureau_sec_handler",
        intake,
        "check_results",
        result="supplement",
        request="請補附校正報告",
        due_on="2026-01-10",
    )
    assert faults == [("due_on", "Choose a working day after today")]


def test_without_accounts_the_bureaus_answer_is_registered(stage: Stage) -> None:
    instance = sent(stage, bureau_mode="letters")
    stage.complete(
        "sec_handler", instance, "register_reply", outcome="supplement", doc_type="phone_record",
        doc_date="2026-01-02", received_on="2026-01-02", subject="電話通知補正", request="請補附校正報告",
        due_on="2026-01-09",
    )  # fmt: skip
    stage.complete("sec_handler", instance, "supplement", response="檢附校正報告影本如附件供參")
    stage.complete(
        "sec_handler", instance, "register_reply", outcome="accepted", doc_type="email",
        doc_date="2026-01-02", received_on="2026-01-02", subject="收件確認",
    )  # fmt: skip
    assert stage.open(instance) == ["compile_d2"]


def test_the_bureaus_letter_goes_into_the_register(stage: Stage) -> None:
    instance = sent(stage, bureau_mode="letters")
    stage.complete(
        "sec_handler", instance, "register_reply", outcome="accepted", doc_type="letter",
        doc_no="11590000210",
        doc_date="2026-01-02", received_on="2026-01-02", subject="同意備查",
        attachments=[stage.file("sec_handler")],
    )  # fmt: skip
    letters = stage.engine.ask(SYSTEM, lambda reader: reader.letters.for_plan(PLAN_KEY))
    assert [(letter.direction, letter.number, letter.outcome) for letter in letters] == [
        ("in", "11590000210", "accepted")
    ]


def test_a_letter_cannot_arrive_before_its_date(stage: Stage) -> None:
    instance = sent(stage, bureau_mode="letters")
    faults = stage.faults(
        "sec_handler", instance, "register_reply", outcome="accepted", doc_type="email",
        doc_date="2026-01-02",
        received_on="2026-01-01", subject="收件確認",
    )  # fmt: skip
    assert faults == [("received_on", "A letter cannot arrive before its date")]


def test_a_wrong_number_is_corrected_by_letter_and_the_version_that_was_sent_stays(stage: Stage) -> None:
    instance = sent(stage)
    first = stage.document("d1")
    corrected_d1(stage, instance)
    second = stage.document("d1")
    assert (second.no, second.body["rows"][0]["actual"], second.body["correction"]["corrects"]["digest"]) == (
        first.no + 1,
        "120",
        first.digest,
    )


def test_the_frozen_numbers_become_a_data_sheet_that_the_sender_and_the_bureau_can_take(stage: Stage) -> None:
    instance = frozen(stage)
    sheet = stage.document("d1").body["file"]
    panels = stage.content("sec_handler", instance, "send_d1").panels
    assert (sheet["name"], panels["made_file"]) == ("114年度績效成果資料.ods", {"files": [sheet]})


def test_an_improvement_that_is_not_done_appears_in_d2(stage: Stage) -> None:
    instance = sent(stage)
    stage.engine.execute(SYSTEM, _not_improved)
    draft = stage.shown("sec_handler", instance, "compile_d2")["findings"]
    stage.complete("sec_handler", instance, "compile_d2", **SECTIONS)
    line = {
        "roc_year": 114,
        "unit": "金門辦事處",
        "finding": "未留簽到紀錄",
        "due_on": "2026-03-31",
        "status": "未改善，續列管",
    }
    assert (draft, stage.document("d2").body["improvements"]) == (
        "金門辦事處：未留簽到紀錄（未改善，續列管）", [line],
    )  # fmt: skip


def _not_improved(uow: UnitOfWork) -> None:
    finding = {"id": "kinmen-1", "unit": "kinmen", "finding": "未留簽到紀錄", "due_on": "2026-03-31"}
    body = {**finding, "state": "not_improved", "state_label": "未改善，續列管"}
    uow.documents.put(PLAN_KEY, "improvement", "kinmen-1", body)
    done = {**finding, "id": "kinmen-2", "state": "improved", "state_label": "已改善"}
    uow.documents.put(PLAN_KEY, "improvement", "kinmen-2", done)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def test_the_report_is_attached_to_its_letter(stage: Stage) -> None:
    instance = sent(stage)
    stage.complete("sec_handler", instance, "compile_d2", **SECTIONS)
    stage.sign_off(instance)
    report = stage.document("d2").body["file"]
    assert (report["name"], stage.shown("registry", instance, "dispatch_d2")["attachments"]) == (
        "114年度執行績效與成果報告.odt", [report],
    )  # fmt: skip


def test_the_files_of_the_deliveries_are_taken_from_the_plan(stage: Stage) -> None:
    frozen(stage)
    sheet = stage.document("d1").body["file"]
    reader = stage.engine.actor("director")
    listed = stage.engine.ask(reader, plan_files, 114)
    taken, body = stage.engine.ask(reader, plan_attachment, 114, sheet["digest"])
    assert ([file.json() for file in listed], taken.json(), len(body)) == ([sheet], sheet, sheet["size"])


def test_another_agency_takes_no_file_of_the_plan(stage: Stage) -> None:
    frozen(stage)
    digest = stage.document("d1").body["file"]["digest"]
    with pytest.raises(NotFound):
        stage.engine.ask(stage.engine.actor("bureau_sec_handler"), plan_attachment, 114, digest)


def test_a_file_is_proven_with_the_history_that_names_it(stage: Stage) -> None:
    instance = frozen(stage)
    digest = stage.document("d1").body["file"]["digest"]
    events = stage.engine.ask(SYSTEM, lambda reader: reader.history.events(instance))
    named = [file["digest"] for event in events for file in json.loads(event.data).get("files", ())]
    assert (named, stage.faults_of_history(instance)) == ([digest], [])


def test_a_corrected_delivery_has_a_file_of_its_own(stage: Stage) -> None:
    instance = sent(stage)
    first = stage.document("d1").body["file"]
    corrected_d1(stage, instance)
    second = stage.document("d1").body["file"]
    assert (first["name"] == second["name"], first["digest"] == second["digest"]) == (True, False)


def test_what_was_not_sent_cannot_be_corrected(stage: Stage) -> None:
    instance = frozen(stage)
    faults = stage.refused_action(
        "sec_handler", instance, "correct_result", delivery="d2", reason="校正數誤植，應更正為一百二十具"
    )
    assert faults == [("delivery", "This delivery has not been sent yet")]


def test_the_secretariat_is_reminded_of_d1(stage: Stage) -> None:
    stage.start("result_submission")
    stage.move_to("2026-01-05T12:00")
    assert stage.mailed() == [("sec_handler", "彙整成果資料"), ("sec_handler", "彙整成果資料")]


def test_a_late_d1_goes_to_the_director_at_once(stage: Stage) -> None:
    stage.start("result_submission")
    stage.move_to("2026-01-06T10:00")
    assert ("director", "彙整成果資料") in stage.mailed()


def test_the_bureau_knows_when_d2_is_late(stage: Stage) -> None:
    sent(stage)
    stage.move_to("2026-01-21T10:00")
    assert ("bureau_sec_handler", "彙編成果報告") in stage.mailed()
