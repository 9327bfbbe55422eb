"""Amendment (修正補充, 捌): the plan in effect stays as it is until an amendment is through."""

from typing import Any

import pytest

from engine.activities.plan_documents import enter_state
from engine.commands import instances
from engine.commands.instances import AlreadyStarted
from engine.domain.document import Document
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.errors import Invalid, NotPermitted
from engine.queries.plan_files import plan_version_file
from engine.store.unit_of_work import UnitOfWork
from tests.stories import amending
from tests.stories.stage import PLAN_KEY, Stage

TYPO = "到離島說明檢驗規訂"
WHOLE = "到離島說明檢驗規定"


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    return amending.begin(fresh_stage)


def document(stage: Stage, kind: str, key: str = "", no: int | None = None) -> Document:
    return stage.engine.ask(SYSTEM, lambda reader: reader.documents.get(PLAN_KEY, kind, key, no))


def standing(stage: Stage) -> tuple[str, str, str, str]:
    """The amendment, the target in effect, the target of the working copy, and the plan itself."""
    return amending.state(stage), amending.target(stage), amending.value_in(stage), stage.state()


def in_state(stage: Stage, state: str) -> None:
    def enter(uow: UnitOfWork) -> None:
        enter_state(uow, PLAN_KEY, state)
        uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))

    stage.engine.execute(SYSTEM, enter)


def test_a_substantive_amendment_is_drafted_signed_reported_and_published(stage: Stage) -> None:
    instance = amending.reported(stage)
    waiting = standing(stage)
    amending.reply(stage)
    amending.publish_after(stage, instance, "2025-03-31T09:00")
    assert (waiting, standing(stage)) == (
        ("reported", "120", "130", "executing"),
        ("published", "130", "130", "executing"),
    )
    assert (stage.has_ended(instance), stage.faults_of_history(instance)) == (True, [])


def test_every_amendment_of_a_plan_bears_its_number_in_its_title(stage: Stage) -> None:
    first = amending.amend(stage)
    stage.act("sec_handler", first, "withdraw_request", reason="量能已恢復，不須修正計畫")
    second = amending.amend(stage)
    rows = [stage.engine.ask(SYSTEM, lambda reader, i=i: reader.instances.get(i)) for i in (first, second)]
    assert [row.title for row in rows] == [
        "114年度提升服務效能執行計畫修正補充 1", "114年度提升服務效能執行計畫修正補充 2",
    ]  # fmt: skip
    assert stage.task(second, "amendment_request").subject == rows[1].title


def test_an_acknowledged_amendment_waits_for_the_day_that_it_names(stage: Stage) -> None:
    instance = amending.reported(stage)
    amending.reply(stage)
    before = (amending.target(stage), stage.open(instance))
    stage.move_to("2025-03-31T09:00")
    assert (before, amending.target(stage)) == (("120", []), "130")


def test_the_public_version_changes_with_the_amendment_and_the_old_one_stays_readable(stage: Stage) -> None:
    before = document(stage, "acknowledgement").body
    instance = amending.reported(stage)
    amending.reply(stage)
    amending.publish_after(stage, instance, "2025-03-31T09:00")
    after, proof = document(stage, "acknowledgement").body, document(stage, "publication", "web").body
    assert proof["plan_digest"] == after["plan_digest"] != before["plan_digest"]
    assert amending.value_in(stage, before["plan_no"]) == "120"


def test_the_file_of_the_version_before_says_that_it_is_no_longer_in_effect(stage: Stage) -> None:
    def name(no: int) -> str:
        actor = stage.engine.actor("sec_handler")
        file, _ = stage.engine.ask(actor, lambda reader: plan_version_file(reader, 114, no))
        return file.name

    old = int(document(stage, "acknowledgement").body["plan_no"])
    instance = amending.reported(stage)
    amending.reply(stage)
    before = name(old)
    amending.publish_after(stage, instance, "2025-03-31T09:00")
    new = int(document(stage, "acknowledgement").body["plan_no"])
    assert (before, name(old), name(new)) == (
        f"114年度提升服務效能執行計畫-第{old}版.odt",
        f"114年度提升服務效能執行計畫-第{old}版（已修正）.odt",
        f"114年度提升服務效能執行計畫-第{new}版.odt",
    )


def test_progress_follows_the_version_in_effect(stage: Stage) -> None:
    def asked() -> str:
        rows = stage.shown("unit_handler.metrology", stage.instances("plan_execution")[0],
                           "progress_update@metrology")["rows"]  # fmt: skip
        return str(rows[0]["target_text"])

    amending.reported(stage)
    stage.move_to("2025-04-01T09:00")
    before = asked()
    amending.reply(stage)
    stage.move_to("2025-04-01T09:05")
    assert (before, asked()) == ("≥ 120 具", "≥ 130 具")


@pytest.mark.parametrize(
    "state", ["draft", "in_signoff", "reported", "acknowledged", "accepted", "closed", "cancelled"]
)
def test_only_a_plan_in_effect_can_be_amended(stage: Stage, state: str) -> None:
    in_state(stage, state)
    with pytest.raises(Invalid) as refusal:
        amending.amend(stage)
    assert [(e.path, str(e)) for e in refusal.value.errors] == [
        ("roc_year", "Only a plan in effect can be amended: published, and its results not accepted")
    ]


@pytest.mark.parametrize("state", ["published", "executing", "assessing", "d1_sent", "d2_sent"])
def test_a_plan_is_in_effect_from_its_publication_to_the_acceptance_of_its_results(
    stage: Stage, state: str
) -> None:
    in_state(stage, state)
    assert stage.open(amending.amend(stage)) == ["amendment_request"]


def test_only_the_secretariat_starts_an_amendment(stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        amending.amend(stage, user="unit_handler.metrology")


def test_one_amendment_runs_at_a_time_and_the_next_one_has_the_next_number(stage: Stage) -> None:
    first = amending.amend(stage)
    with pytest.raises(AlreadyStarted):
        amending.amend(stage)
    stage.act("sec_handler", first, "withdraw_request", reason="提出錯誤，改提其他修正案")
    amending.amend(stage)
    assert (amending.state(stage, 1), amending.state(stage, 2)) == ("dropped", "requested")


def test_an_amendment_bears_the_key_of_its_plan(stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        stage.engine.execute(
            stage.engine.actor("sec_handler"), instances.start, definition_key="plan_amendment",
            business_key="another key", variables={"roc_year": 114},
        )  # fmt: skip
    assert str(refusal.value.errors[0]) == "An amendment bears the key of its plan"


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"reason": "理由太短"}, "reason", "Use at least 20 characters (now 4)"),
        ({"kind": "other"}, "kind", "Choose one of the options"),
        ({"rows": []}, "rows", "Choose at least 1"),
        ({"rows": ["9.9.9"]}, "rows", "Choose one of the options"),
        ({"rows": ["goal"]}, "rows", "Choose a strategy, a method or an action: units own them"),
        ({"way": None}, "way", "This entry is required"),
        ({"unit_due": None}, "unit_due", "This entry is required"),
        ({"unit_due": "2025-03-31"}, "unit_due", "Choose a day before the amendment takes effect"),
        ({"unit_due": "2025-03-10"}, "unit_due", "Choose a day after today"),
        ({"unit_due": "2025-03-15"}, "unit_due", "Choose a working day"),
        ({"effective_on": "2025-03-10"}, "effective_on", "Choose a day after today"),
        ({"effective_on": "2025-03-09", "kind": "errata"}, "effective_on", "Choose today or a later day"),
        ({"effective_on": "soon"}, "effective_on", "Enter a date, such as 114/1/24"),
    ],
)
def test_a_request_is_refused(stage: Stage, changes: dict[str, Any], path: str, words: str) -> None:
    instance = amending.amend(stage)
    values = {
        "kind": "change", "rows": ["1.1.1"], "reason": amending.REASON, "effective_on": "2025-03-31",
        "way": "units", "unit_due": "2025-03-20", **changes,
    }  # fmt: skip
    given = {name: value for name, value in values.items() if value is not None}
    assert stage.faults("sec_handler", instance, "amendment_request", **given) == [(path, words)]


def test_typing_errors_need_the_directors_signature_only(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.errata(stage, instance, WHOLE + "。")
    opened = stage.open(instance)
    amending.sign(stage, instance, "director")
    amending.publish(stage, instance)
    assert (opened, amending.state(stage), stage.instances("bureau_review")) == (["sign"], "published", [])
    assert stage.document("acknowledgement").body["outcome"] == "errata"
    assert [level["role"] for level in stage.document("signoff", "errata").body["levels"]] == ["director"]


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("1.1.1", "校正砝碼100具"),
        ("1.1.2", "不到離島說明檢驗規定"),
        ("1.1.2", "與地方政府合辦離島檢驗規定說明會及廠商座談"),
        ("supplement", "本計畫如有未盡事宜，得隨時補充規定之。"),
        ("assessment", "年底前自行考核，免報總局"),
    ],
)
def test_a_typing_error_that_says_something_else_is_refused_by_its_row(
    stage: Stage, element: str, text: str
) -> None:
    """A15."""
    instance = amending.amend(stage)
    amending.request(stage, instance, kind="errata", rows=[element])
    rows = [{"element": "1.1.3", "text": "彙整全分局服務改進意件"}, {"element": element, "text": text}]
    faults = stage.faults("sec_handler", instance, "correct_words", rows=rows)
    assert [path for path, _ in faults] == ["rows/1/text"]
    assert faults[0][1].endswith("would say something else; that is an amendment and no typing error")


def test_errata_that_change_nothing_are_refused(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.request(stage, instance, kind="errata", rows=["1.1.2"])
    assert stage.faults("sec_handler", instance, "correct_words") == [
        ("rows", "Nothing differs from the version in effect")
    ]


def test_returned_errata_are_corrected_again_and_can_be_withdrawn(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.errata(stage, instance, TYPO)
    amending.sign(stage, instance, "director", decision="return", return_to="handler",
                  return_reason=["incomplete"], opinion="原文並無錯字")  # fmt: skip
    opened = stage.open(instance)
    stage.act("sec_handler", instance, "withdraw_words", reason="原文無誤，不再更正文字")
    assert (opened, amending.state(stage), stage.has_ended(instance)) == (["correct_words"], "dropped", True)
    assert stage.document("plan").digest == document(stage, "acknowledgement").body["plan_digest"]


def test_a_withdrawn_draft_leaves_the_plan_as_it_was(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.request(stage, instance)
    amending.rewrite(stage, instance)
    stage.act("sec_handler", instance, "withdraw_draft", reason="量能已恢復，不須調整目標")
    assert (standing(stage), stage.has_ended(instance), stage.open(instance)) == (
        ("dropped", "120", "120", "executing"),
        True,
        [],
    )


def test_a_declined_amendment_leaves_the_plan_as_it_was(stage: Stage) -> None:
    instance = amending.reported(stage)
    amending.reply(stage, "declined")
    assert (standing(stage), stage.has_ended(instance)) == (("dropped", "120", "120", "executing"), True)


def test_an_amendment_taken_back_from_the_bureau_leaves_the_plan_as_it_was(stage: Stage) -> None:
    instance = amending.reported(stage)
    stage.act("sec_handler", instance, "withdraw_report", reason="內容有誤，須重新檢討後再報",
              doc_prefix="經標高秘字", doc_no="11490002880", doc_date="2025-03-10")  # fmt: skip
    assert (standing(stage), stage.has_ended(instance)) == (("dropped", "120", "120", "executing"), True)


def test_a_returned_amendment_goes_up_again_by_the_short_way_or_is_withdrawn(stage: Stage) -> None:
    instance = amending.reported(stage)
    amending.reply(stage, "return_for_revision")
    returned = (standing(stage), stage.open(instance))
    amending.compile_texts(stage, instance, supplement="砝碼校正量能另行公告。")
    amending.sign(stage, instance, "sec_chief", "director")
    amending.report(stage, instance, "90002580")
    amending.reply(stage, number="11490005330")
    stage.move_to("2025-03-31T09:00")
    assert (returned, amending.target(stage)) == (
        (("returned", "120", "130", "executing"), ["compile_plan"]),
        "130",
    )


def test_what_the_bureau_never_acknowledged_is_not_reported_again(stage: Stage) -> None:
    """A15: the supplement is no required section."""
    instance = amending.amend(stage)
    amending.request(stage, instance, kind="supplement", rows=["supplement"], way="secretariat")
    amending.compile_texts(stage, instance, supplement="本計畫未盡事宜，依總局規定辦理。")
    amending.sign(stage, instance)
    stage.move_to("2025-03-31T09:00")
    assert (stage.instances("bureau_review"), stage.document("acknowledgement").body["outcome"]) == (
        [],
        "supplement",
    )


def test_an_amendment_that_changes_nothing_is_not_sent_up(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.request(stage, instance, rows=["goal"], way="secretariat")
    assert stage.faults("sec_handler", instance, "compile_plan", completeness_ack=True) == [
        ("decision", "Nothing differs from the version in effect")
    ]


def test_an_amendment_assigns_anew_and_every_number_stays(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.request(stage, instance, rows=["1"], way="assign")
    rows = stage.shown("sec_handler", instance, "assign_units")["assignments"]
    new = {"strategy": "擴大社會參與", "title": "結合地方資源辦理說明", "units": ["penghu"],
           "bureau_ref": "分局自訂", "unit_due": "2025-03-20"}  # fmt: skip
    stage.complete("sec_handler", instance, "assign_units", assignments=[new, *rows])
    plan = stage.document("plan").body
    ids = [(s["id"], [m["id"] for m in s["methods"]]) for s in plan["strategies"]]
    assert (ids, stage.open(instance)) == ([("2", ["2.1"]), ("1", ["1.1"])], ["edit_actions@penghu"])


def test_an_assignment_that_changes_nothing_is_refused(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.request(stage, instance, rows=["1"], way="assign")
    rows = stage.shown("sec_handler", instance, "assign_units")["assignments"]
    rows = [{**row, "unit_due": "2025-03-20"} for row in rows]
    assert stage.faults("sec_handler", instance, "assign_units", assignments=rows) == [
        ("assignments", "Nothing differs from the version in effect")
    ]


def test_a_target_may_be_lowered_before_october_without_a_word_of_the_director(stage: Stage) -> None:
    instance = amending.amend(stage)
    amending.request(stage, instance)
    amending.rewrite(stage, instance, value="90")
    amending.compile_texts(stage, instance)
    amending.sign(stage, instance)
    assert amending.state(stage) == "in_signoff"
    assert stage.open(instance) == ["dispatch_letter"]


def lowered_late(stage: Stage) -> int:
    """A target is lowered in November, and the director has it on the desk."""
    stage.move_to("2025-11-03T09:00")
    instance = amending.amend(stage)
    amending.request(stage, instance, effective_on="2025-11-28", unit_due="2025-11-10")
    amending.rewrite(stage, instance, value="90")
    amending.compile_texts(stage, instance)
    for user in ("sec_chief", "deputy_director"):
        stage.complete(user, instance, "sign", decision="approve")
    return instance


def test_lowering_a_target_after_the_first_of_october_needs_the_directors_reason(stage: Stage) -> None:
    instance = lowered_late(stage)
    shown = stage.content("director", instance, "sign")
    decided = {"decision": "decide", "opinion": "如擬"}
    faults = stage.faults("director", instance, "sign", **decided)
    stage.complete("director", instance, "sign", **decided, lowering_reason="量能調整，經評估無法達成")
    assert shown.panels["lowered"] == [
        {"action_id": "1.1.1", "indicator": "砝碼校正數", "before": "≥ 120 具", "after": "≥ 90 具",
         "result_known": False}
    ]  # fmt: skip
    assert faults == [("lowering_reason", "Say why these targets are lowered")]
    assert stage.document("signature", "plan:1:2").body["lowering_reason"] == "量能調整，經評估無法達成"


def test_lowering_a_target_after_its_result_is_known_needs_the_directors_reason(stage: Stage) -> None:
    stage.move_to("2025-04-01T09:00")
    execution = stage.instances("plan_execution")[0]
    user = "unit_handler.metrology"
    rows = stage.shown(user, execution, "progress_update@metrology")["rows"]
    done = [{**row, "status": "completed", "actual": "95", "text": "全年度工作已辦理完成"} for row in rows]
    stage.complete(user, execution, "progress_update@metrology", rows=done)
    instance = amending.amend(stage)
    amending.request(stage, instance, effective_on="2025-04-30", unit_due="2025-04-10")
    amending.rewrite(stage, instance, value="90")
    amending.compile_texts(stage, instance)
    for name in ("sec_chief", "deputy_director"):
        stage.complete(name, instance, "sign", decision="approve")
    faults = stage.faults("director", instance, "sign", decision="decide", opinion="如擬")
    assert faults == [("lowering_reason", "Say why these targets are lowered")]
    assert stage.content("director", instance, "sign").panels["lowered"][0]["result_known"]


def test_the_director_may_return_a_lowering_without_giving_its_reason(stage: Stage) -> None:
    instance = lowered_late(stage)
    stage.complete("director", instance, "sign", decision="return", return_to="handler",
                   return_reason=["incomplete"], opinion="不同意調降")  # fmt: skip
    assert stage.open(instance) == ["compile_plan"]


def test_a_cancelled_amendment_leaves_the_plan_as_it_was(stage: Stage) -> None:
    instance = amending.reported(stage)
    stage.engine.execute(
        stage.engine.actor("director"), instances.cancel, instance,
        reason="總局通知暫緩修正，本案撤銷不再辦理，另案研議。",
    )  # fmt: skip
    assert standing(stage) == ("dropped", "120", "120", "executing")


def test_the_bureau_owes_nothing_for_a_cancelled_amendment(stage: Stage) -> None:
    """Its review is cancelled with what it was asked to review."""
    instance = amending.reported(stage)
    (review,) = stage.instances("bureau_review")[-1:]
    stage.engine.execute(
        stage.engine.actor("director"), instances.cancel, instance,
        reason="總局通知暫緩修正，本案撤銷不再辦理，另案研議。",
    )  # fmt: skip
    assert (stage.has_ended(review), stage.open(review)) == (True, [])


def test_an_amendment_in_effect_stays_in_effect_when_its_publication_is_cancelled(stage: Stage) -> None:
    instance = amending.reported(stage)
    amending.reply(stage)
    stage.move_to("2025-03-31T09:00")
    stage.engine.execute(
        stage.engine.actor("director"), instances.cancel, instance,
        reason="公開作業改以紙本另行辦理，本案撤銷不再辦理。",
    )  # fmt: skip
    assert standing(stage) == ("published", "130", "130", "executing")


def test_an_amendment_ends_with_its_plan(stage: Stage) -> None:
    instance = amending.reported(stage)
    stage.engine.execute(
        stage.engine.actor("director"), instances.cancel, stage.instances("plan_execution")[0],
        reason="機關整併，本年度計畫不再辦理，全案撤銷並通知各單位。",
    )  # fmt: skip
    assert (amending.state(stage), stage.has_ended(instance), stage.state()) == ("dropped", True, "cancelled")
