"""What stays visible of a round: fallen signatures, own remarks, and who changed which words."""

import pytest

from engine.commands.deputies import name_deputy
from tests.stories import actors
from tests.stories.actors import KEY, sign
from tests.stories.stage import Stage

SCENES = {"cycle": actors.draft}
RETURN = {"return_reason": ["incomplete", "not_quantified"], "opinion": "1.1.2請補充說明方式"}
CHANGED = "校正砝碼並每月公開校正結果"


def read(stage: Stage, user: str, cycle: int, panel: str) -> list[dict[str, object]]:
    return actors.panels(stage, user, cycle, "sign").get(panel, [])


def send_back(stage: Stage, user: str, cycle: int, to: str) -> None:
    sign(stage, cycle, user, "return", return_to=to, **RETURN)


def change_words(stage: Stage, cycle: int) -> None:
    changes = [{"element": "1.1.1", "text": CHANGED}]
    sign(stage, cycle, "sec_chief", "approve_with_changes", opinion="修正文字", changes=changes)


def test_a_signer_reads_the_own_remark_in_the_next_round(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve", opinion="可")
    send_back(stage, "deputy_director", cycle, "handler")
    actors.compile_plan(stage, cycle)
    sign(stage, cycle, "sec_chief", "approve")
    fallen = read(stage, "deputy_director", cycle, "fallen_signatures")
    assert [(s["round"], s["name"], s["decision"], s["opinion"], s["void"]) for s in fallen] == [
        (1, "sec_chief", "approve", "可", True),
        (1, "deputy_director", "return", "1.1.2請補充說明方式", False),
    ]


def test_a_signature_that_was_given_again_leaves_the_void_one_visible(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve", opinion="可")
    send_back(stage, "deputy_director", cycle, "0")
    sign(stage, cycle, "sec_chief", "approve", opinion="已補充")
    fallen = read(stage, "deputy_director", cycle, "fallen_signatures")
    signatures = read(stage, "deputy_director", cycle, "signatures")
    assert [(s["opinion"], s["void"]) for s in fallen] == [("可", True)]
    assert [(s["opinion"], s["void"]) for s in signatures] == [
        ("已補充", False),
        ("1.1.2請補充說明方式", False),
    ]


def test_a_signature_of_a_deputy_that_fell_keeps_both_names(cycle: int, stage: Stage) -> None:
    today = stage.clock.now().date()
    stage.engine.execute(
        stage.engine.actor("sec_chief"), name_deputy, "sec_chief",
        deputy="registry", valid_from=today, valid_to=today, cause="vacation",
    )  # fmt: skip
    sign(stage, cycle, "registry", "approve", opinion="可")
    send_back(stage, "deputy_director", cycle, "0")
    (fallen,) = read(stage, "sec_chief", cycle, "fallen_signatures")
    assert (fallen["name"], fallen["deputy"]["name"]) == ("registry", "sec_chief")


def test_a_signature_that_was_taken_back_tells_why(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve", opinion="可")
    stage.act("sec_chief", cycle, "recalled", reason="漏看一項佐證資料")
    fallen = read(stage, "sec_chief", cycle, "fallen_signatures")
    assert [(s["opinion"], s["void"], s["recalled"], s["void_reason"]) for s in fallen] == [
        ("可", True, True, "漏看一項佐證資料")
    ]


def test_every_later_level_reads_who_changed_which_words(cycle: int, stage: Stage) -> None:
    before = actors.page(stage, "sec_chief", cycle, "sign")
    assert before is not None
    change_words(stage, cycle)
    told = []
    for user in ("deputy_director", "director"):
        told.append(read(stage, user, cycle, "edits"))
        if user != "director":
            sign(stage, cycle, user, "approve")
    named = ("element", "after", "name", "label", "void")
    assert [[tuple(edit[name] for name in named) for edit in edits] for edits in told] == [
        [("1.1.1 校正砝碼並公開結果給申請人", CHANGED, "sec_chief", "秘書室主任核稿", False)]
    ] * 2


def test_changes_of_a_signature_that_was_taken_back_stay_told_and_the_text_stands(
    cycle: int, stage: Stage
) -> None:
    change_words(stage, cycle)
    stage.act("sec_chief", cycle, "recalled", reason="漏看一項佐證資料")
    edits = read(stage, "sec_chief", cycle, "edits")
    assert [(e["after"], e["void"]) for e in edits] == [(CHANGED, True)]


def test_the_clean_copy_that_is_dispatched_has_the_changed_words(cycle: int, stage: Stage) -> None:
    change_words(stage, cycle)
    sign(stage, cycle, "deputy_director", "approve")
    sign(stage, cycle, "director", "decide", opinion="如擬")
    actors.dispatch(stage, cycle)
    report = stage.document("report", "1", plan_key=KEY).body
    plan = stage.document("plan", plan_key=KEY)
    assert (report["plan_no"], report["plan_digest"]) == (plan.no, plan.digest)
    assert CHANGED in str(plan.body)


@pytest.mark.parametrize("target", ["1", "2", "7", "nobody"])
def test_only_an_earlier_level_that_signed_is_returned_to(target: str, cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    faults = stage.faults("deputy_director", cycle, "sign", decision="return", return_to=target, **RETURN)
    assert faults == [("return_to", "Choose one of the options")]


def test_a_void_signature_is_not_returned_to(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")
    stage.act("deputy_director", cycle, "recalled", reason="漏看一項佐證資料")
    stage.act("sec_chief", cycle, "recalled", reason="漏看一項佐證資料")
    choices = stage.content("sec_chief", cycle, "sign").choices["return_targets"]
    assert [value for value, _ in choices] == ["handler"]


def test_a_reason_that_is_not_on_the_list_is_refused(cycle: int, stage: Stage) -> None:
    faults = stage.faults("sec_chief", cycle, "sign", decision="return", return_to="handler",
                          return_reason=["dislike"], opinion="請補充")  # fmt: skip
    assert faults == [("return_reason/0", "Choose one of the options")]
