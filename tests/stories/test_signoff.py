"""Sign-off (簽核), stage 2: levels, returns, countersigning, recalls, and who may not sign."""

from datetime import date

import pytest

from engine.commands import organisation
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.errors import Invalid, NotPermitted, ShownContentChanged
from engine.plan.document import from_json
from engine.queries.tasks import inbox
from engine.replay.verify import verify
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.actors import KEY, sign
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

ENTRY = "bsmi_khh:award:115:1"
RETURN = {"return_reason": ["incomplete"], "opinion": "請補充考核作業"}


def with_countersigners(stage: Stage) -> None:
    """Two units are asked before the first level (並會)."""
    actors.draft(stage, compiled={"countersign_units": ["metrology", "kinmen"]})


SCENES = {"asked": with_countersigners, "cycle": actors.draft}


@pytest.fixture
def asked(stage: Stage) -> int:
    return cycle_of(stage)


def signer(stage: Stage, cycle: int) -> str:
    """Whose signature is awaited."""
    return stage.task(cycle, "sign").candidates[0].role


def sent(stage: Stage, user: str, cycle: int) -> tuple[str | None, bool]:
    """Who sent the signature that waits in this inbox, and whether it came back."""
    task = stage.task(cycle, "sign")
    rows = stage.engine.ask(stage.engine.actor(user), inbox).rows
    return next((row.sent_by, row.was_returned) for row in rows if row.task_id == task.id)


def signature(stage: Stage, no: int, round_no: int = 1) -> dict[str, object]:
    return stage.document("signature", f"plan:{round_no}:{no}", plan_key=KEY).body


def test_the_levels_sign_one_after_the_other_up_to_the_director(cycle: int, stage: Stage) -> None:
    order = []
    for user in ("sec_chief", "deputy_director"):
        order.append(signer(stage, cycle))
        sign(stage, cycle, user, "approve")
    order.append(signer(stage, cycle))
    sign(stage, cycle, "director", "decide", opinion="如擬")
    assert (order, stage.open(cycle)) == (["sec_chief", "deputy_director", "director"], ["dispatch_letter"])


def test_a_signature_names_the_version_that_was_signed(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    plan = stage.document("plan", plan_key=KEY)
    assert signature(stage, 0)["document"] == {
        "kind": "plan",
        "key": "",
        "no": plan.no,
        "digest": plan.digest,
    }


def test_who_decides_leaves_an_opinion(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")
    assert stage.faults("director", cycle, "sign", decision="decide") == [
        ("opinion", "This entry is required")
    ]


def test_only_the_last_level_decides(cycle: int, stage: Stage) -> None:
    faults = stage.faults("sec_chief", cycle, "sign", decision="decide", opinion="如擬")
    assert faults == [("decision", "Choose one of the options")]


def test_nobody_signs_for_another_level(cycle: int, stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        sign(stage, cycle, "director", "decide", opinion="如擬")


def test_a_return_needs_target_reason_and_opinion(cycle: int, stage: Stage) -> None:
    faults = stage.faults("sec_chief", cycle, "sign", decision="return")
    assert faults == [(name, "This entry is required") for name in ("return_to", "return_reason", "opinion")]


def test_a_return_to_the_handler_ends_the_round_and_voids_its_signatures(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "return", return_to="handler", **RETURN)
    assert (stage.open(cycle), signature(stage, 0)["void"], actors.state_of(stage)) == (
        ["compile_plan"], True, "in_signoff",
    )  # fmt: skip


def test_after_a_return_every_level_signs_again(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "return", return_to="handler", **RETURN)
    actors.compile_plan(stage, cycle)
    assert (signer(stage, cycle), stage.document("signoff", "plan", plan_key=KEY).no) == ("sec_chief", 2)


def test_the_handler_sees_the_signatures_of_the_round_that_came_back(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "return", return_to="handler", **RETURN)
    signatures = actors.panels(stage, "sec_handler", cycle, "compile_plan")["signatures"]
    assert [(s["label"], s["decision"], s["opinion"]) for s in signatures] == [
        ("秘書室主任核稿", "return", "請補充考核作業")
    ]


def test_a_return_to_an_earlier_level_opens_that_level_again(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")
    sign(stage, cycle, "director", "return", return_to="0", **RETURN)
    assert (signer(stage, cycle), signature(stage, 0)["void"], signature(stage, 1)["void"]) == (
        "sec_chief",
        True,
        True,
    )


def test_a_level_reads_from_whom_it_comes_and_that_nothing_came_back(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    second = sent(stage, "deputy_director", cycle)
    sign(stage, cycle, "deputy_director", "approve")
    assert (second, sent(stage, "director", cycle)) == (("sec_chief", False), ("deputy_director", False))
    assert stage.engine.ask(SYSTEM, verify, cycle).faults == ()


def test_a_level_that_signs_again_reads_that_it_came_back(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "return", return_to="0", **RETURN)
    assert sent(stage, "sec_chief", cycle) == ("deputy_director", True)
    assert stage.engine.ask(SYSTEM, verify, cycle).faults == ()


def test_a_level_that_has_not_signed_cannot_be_returned_to(cycle: int, stage: Stage) -> None:
    faults = stage.faults("sec_chief", cycle, "sign", decision="return", return_to="2", **RETURN)
    assert faults == [("return_to", "Choose one of the options")]


def test_a_signer_changes_words_and_the_next_one_sees_the_new_version(cycle: int, stage: Stage) -> None:
    before = stage.document("plan", plan_key=KEY).no
    sign(stage, cycle, "sec_chief", "approve_with_changes", opinion="修正文字",
         changes=[{"element": "1.1.1", "text": "校正砝碼並每月公開校正結果"}])  # fmt: skip
    plan = stage.document("plan", plan_key=KEY)
    assert (plan.no, from_json(plan.body).action("1.1.1").summary, signer(stage, cycle)) == (
        before + 1, "校正砝碼並每月公開校正結果", "deputy_director",
    )  # fmt: skip


def test_approving_with_changes_names_the_changes(cycle: int, stage: Stage) -> None:
    faults = stage.faults("sec_chief", cycle, "sign", decision="approve_with_changes", opinion="修正後核可")
    assert faults == [("changes", "Enter what you changed")]


def test_what_changed_after_the_page_was_opened_is_not_signed(cycle: int, stage: Stage) -> None:
    page = actors.page(stage, "sec_chief", cycle, "sign")
    changed = {**actors.LETTER, "doc_no": "11590000999", "doc_date": "2026-01-06"}
    sign(stage, cycle, "sec_chief", "countersign", add_units=["kinmen"])
    stage.complete("unit_chief.kinmen", cycle, "countersign_opinion@kinmen", opinion_kind="agree")
    stage.act("sec_handler", cycle, "bureau_plan_changed", **changed, changed_refs=["分局自訂"])
    fresh = actors.page(stage, "sec_chief", cycle, "sign")
    with pytest.raises(ShownContentChanged):
        actors.send(stage, "sec_chief", (fresh[0], fresh[1], page[2]), decision="approve")


def test_a_signer_is_reminded_on_the_last_day(cycle: int, stage: Stage) -> None:
    stage.move_to("2026-01-14T10:00")
    assert [user for user, label in stage.mailed() if label == "秘書室主任核稿"] == ["sec_chief"]


def test_a_level_whose_holder_signed_before_is_skipped_with_a_reason(stage: Stage) -> None:
    stage.engine.execute(SYSTEM, hand_over, "deputy_director", "head", "sec_chief")
    cycle = actors.draft(stage)
    sign(stage, cycle, "sec_chief", "approve")
    skipped = actors.results(stage, cycle, "next_level")[-1]["skipped"]
    assert (signer(stage, cycle), skipped) == (
        "director", [{"no": 1, "label": "副分局長", "reason": "same_person_as_before"}],
    )  # fmt: skip


def test_a_level_that_nobody_holds_is_skipped_with_a_reason(stage: Stage) -> None:
    stage.engine.execute(SYSTEM, leave, "deputy_director", "head", "deputy_director")
    cycle = actors.draft(stage)
    sign(stage, cycle, "sec_chief", "approve")
    skipped = actors.results(stage, cycle, "next_level")[-1]["skipped"]
    assert (signer(stage, cycle), skipped) == (
        "director",
        [{"no": 1, "label": "副分局長", "reason": "no_holder"}],
    )


def test_nobody_signs_two_levels_in_a_row(stage: Stage) -> None:
    stage.engine.execute(SYSTEM, join, "deputy_director", "head", "sec_chief")
    cycle = actors.draft(stage)
    sign(stage, cycle, "sec_chief", "approve")
    with pytest.raises(NotPermitted):
        sign(stage, cycle, "sec_chief", "approve")


def countersign(stage: Stage, cycle: int, unit: str, kind: str, opinion: str | None = None) -> None:
    words = {"opinion": opinion} if opinion else {}
    stage.complete(f"unit_chief.{unit}", cycle, f"countersign_opinion@{unit}", opinion_kind=kind, **words)


def test_countersigning_units_are_asked_side_by_side_before_the_first_level(asked: int, stage: Stage) -> None:
    opened = stage.open(asked)
    countersign(stage, asked, "metrology", "agree")
    countersign(stage, asked, "kinmen", "agree")
    assert (opened, stage.open(asked)) == (
        ["countersign_opinion@kinmen", "countersign_opinion@metrology"], ["sign"],
    )  # fmt: skip


def test_a_disagreeing_unit_says_why(asked: int, stage: Stage) -> None:
    faults = stage.faults("unit_chief.kinmen", asked, "countersign_opinion@kinmen", opinion_kind="disagree")
    assert faults == [("opinion", "This entry is required")]


def test_a_countersigning_unit_cannot_change_the_plan(asked: int, stage: Stage) -> None:
    before = stage.document("plan", plan_key=KEY).no
    countersign(stage, asked, "kinmen", "disagree", "目標值過高")
    assert stage.document("plan", plan_key=KEY).no == before


def test_dissent_is_answered_by_the_owner_before_the_plan_goes_up(asked: int, stage: Stage) -> None:
    countersign(stage, asked, "metrology", "agree")
    countersign(stage, asked, "kinmen", "disagree", "離島人力不足")
    opened = stage.open(asked)
    rows = stage.shown("sec_handler", asked, "merge_opinions@secretariat")["rows"]
    answered = [{**row, "handling": "not_adopted", "reason": "已請技術科支援"} for row in rows]
    stage.complete("sec_handler", asked, "merge_opinions@secretariat", rows=answered)
    assert (opened, stage.open(asked)) == (["merge_opinions@secretariat"], ["sign"])


def test_an_opinion_that_is_not_adopted_needs_a_reason(asked: int, stage: Stage) -> None:
    countersign(stage, asked, "metrology", "agree")
    countersign(stage, asked, "kinmen", "disagree", "離島人力不足")
    rows = stage.shown("sec_handler", asked, "merge_opinions@secretariat")["rows"]
    answered = [{**row, "handling": "not_adopted"} for row in rows]
    faults = stage.faults("sec_handler", asked, "merge_opinions@secretariat", rows=answered)
    assert faults == [("rows/0/reason", "This entry is required")]


def test_who_signs_sees_the_dissent_and_its_answer(asked: int, stage: Stage) -> None:
    countersign(stage, asked, "metrology", "agree")
    countersign(stage, asked, "kinmen", "disagree", "離島人力不足")
    rows = stage.shown("sec_handler", asked, "merge_opinions@secretariat")["rows"]
    answered = [{**row, "handling": "not_adopted", "reason": "已請技術科支援"} for row in rows]
    stage.complete("sec_handler", asked, "merge_opinions@secretariat", rows=answered)
    opinions = actors.panels(stage, "sec_chief", asked, "sign")["opinions"]
    assert [(o["unit"], o["kind"], o["reason"]) for o in opinions] == [
        ("kinmen", "不同意", "已請技術科支援"), ("metrology", "同意", ""),
    ]  # fmt: skip


def test_silence_for_three_working_days_agrees_and_is_recorded(asked: int, stage: Stage) -> None:
    countersign(stage, asked, "metrology", "agree")
    stage.move_to("2026-01-12T09:00")
    kept = stage.document("countersign", "plan:1:kinmen", plan_key=KEY).body
    collected = actors.results(stage, asked, "collect_opinions")
    assert (kept["kind"], collected, stage.open(asked)) == (
        "silent", [{"dissent": False, "disagree": [], "silent": ["kinmen"]}], ["sign"],
    )  # fmt: skip


def test_a_signer_asks_one_more_unit_and_signs_afterwards(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "countersign", add_units=["kinmen"])
    opened = stage.open(cycle)
    countersign(stage, cycle, "kinmen", "agree")
    assert (opened, stage.open(cycle), signer(stage, cycle)) == (
        ["countersign_opinion@kinmen"], ["sign"], "sec_chief",
    )  # fmt: skip


def test_asking_one_more_unit_names_it(cycle: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        sign(stage, cycle, "sec_chief", "countersign")
    assert [error.path for error in refusal.value.errors] == ["add_units"]


def join(uow: actors.UnitOfWork, role: str, unit: str, user: str) -> None:
    organisation.grant(uow, user, role=role, unit=unit, valid_from=date(2024, 1, 1))


def leave(uow: actors.UnitOfWork, role: str, unit: str, user: str) -> None:
    organisation.end_membership(
        uow, user, role=role, unit=unit, valid_from=date(2024, 1, 1), valid_to=date(2025, 12, 31)
    )


def hand_over(uow: actors.UnitOfWork, role: str, unit: str, user: str) -> None:
    leave(uow, role, unit, "deputy_director")
    join(uow, role, unit, user)


def test_documents_of_another_owner_than_the_plan_are_signed_alike(fresh_stage: Stage) -> None:
    signing = sign_memo(fresh_stage)
    fresh_stage.complete("unit_chief.kinmen", signing, "countersign_opinion@kinmen", opinion_kind="agree")
    fresh_stage.sign_off(signing)
    kept = [fresh_stage.document("signature", f"memo:1:{no}", plan_key=ENTRY).body for no in range(3)]
    assert [(body["signed_by"], body["document"]["kind"]) for body in kept] == [
        ("sec_chief", "memo"), ("deputy_director", "memo"), ("director", "memo"),
    ]  # fmt: skip


def test_only_a_plan_has_words_that_a_signer_may_change(fresh_stage: Stage) -> None:
    signing = sign_memo(fresh_stage)
    fresh_stage.complete("unit_chief.kinmen", signing, "countersign_opinion@kinmen", opinion_kind="agree")
    faults = fresh_stage.faults(
        "sec_chief", signing, "sign", decision="approve_with_changes", opinion="修正後核可"
    )
    assert faults == [("decision", "Choose one of the options")]


def sign_memo(stage: Stage) -> int:
    memo = {"subject": "memo", "label": "參獎簽陳", "chain": "entry_memo", "handler_role": "sec_handler",
            "handler_unit": "secretariat", "speed": "normal", "countersign_units": ["kinmen"],
            "document": {"kind": "memo", "key": ""}}  # fmt: skip
    stage.engine.execute(SYSTEM, _record_memo)
    return stage.start("internal_signoff", owner_key=ENTRY, signoff=memo)


def _record_memo(uow: UnitOfWork) -> None:
    uow.documents.put(ENTRY, "memo", "", {"proposal": "enter"})
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))
