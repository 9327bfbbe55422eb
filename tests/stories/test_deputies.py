"""Deputies (職務代理) in a round of signing: both names, and never across four eyes."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from lxml import etree

from engine.commands.deputies import end_deputyship, name_deputy
from engine.domain.deputy import Deputyship
from engine.domain.identity import SYSTEM
from engine.errors import DeputyMayNotDecide, NotFound, NotPermitted
from engine.queries.plan_files import plan_signature_file
from engine.queries.task_page import TaskPage, task_page
from tests.stories import actors
from tests.stories.actors import KEY, sign
from tests.stories.stage import Stage

DEPUTY = "registry"
HEAD_AWAY = {"kind": "in_absence", "cause": "official_duty"}


def received(stage: Stage) -> None:
    """The bureau has the plan, and its handler has reviewed it."""
    actors.reported(stage)
    review = actors.instances_of(stage, "bureau_review")[-1]
    stage.complete("bureau_sec_handler", review, "receive_and_assign")


SCENES = {"cycle": actors.draft, "review": received}


@pytest.fixture
def review(stage: Stage) -> int:
    return actors.instances_of(stage, "bureau_review")[-1]


def name(stage: Stage, principal: str, deputy: str = DEPUTY, **changes: Any) -> Deputyship:
    today = stage.engine.ask(SYSTEM, lambda reader: reader.today)
    call: dict[str, Any] = {
        "valid_from": today, "valid_to": date(today.year, 12, 31), "cause": "official_duty", **changes,
    }  # fmt: skip
    return stage.engine.execute(stage.engine.actor(principal), name_deputy, principal, deputy=deputy, **call)


def signature(stage: Stage, no: int) -> dict[str, Any]:
    return dict(stage.document("signature", f"plan:1:{no}", plan_key=KEY).body)


def page(stage: Stage, user: str, cycle: int) -> TaskPage:
    return stage.engine.ask(stage.engine.actor(user), task_page, stage.task(cycle, "sign").id)


def signer(stage: Stage, cycle: int) -> str:
    return stage.task(cycle, "sign").candidates[0].role


def skipped(stage: Stage, cycle: int) -> list[tuple[int, str]]:
    return [(s["no"], s["reason"]) for s in stage.task(cycle, "sign").inputs["next_level"]["skipped"]]


def test_a_deputy_signs_with_both_names(cycle: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    before = page(stage, DEPUTY, cycle)
    assert (before.may.complete, before.acting_for and before.acting_for.principal) == (True, "sec_chief")
    sign(stage, cycle, DEPUTY, "approve")
    signed = signature(stage, 0)
    assert {name: signed[name] for name in ("signed_by", "signed_for", "name", "deputy")} == {
        "signed_by": DEPUTY,
        "signed_for": "sec_chief",
        "name": DEPUTY,
        "deputy": {
            "deputyship": 1, "on_behalf_of": "sec_chief", "name": "sec_chief", "title": "科員",
            "cause": "official_duty", "kind": "acting",
        },
    }  # fmt: skip
    assert signer(stage, cycle) == "deputy_director"
    assert stage.faults_of_history(cycle) == []


def test_the_principal_who_is_back_signs_first_and_the_deputy_is_late(cycle: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    task = stage.task(cycle, "sign")
    sign(stage, cycle, "sec_chief", "approve")
    assert "deputy" not in signature(stage, 0)
    with pytest.raises(NotPermitted):
        stage.engine.ask(stage.engine.actor("web_owner"), task_page, task.id)


def test_who_handed_in_does_not_sign_as_a_deputy(cycle: int, stage: Stage) -> None:
    name(stage, "sec_chief", "sec_handler")
    with pytest.raises(NotPermitted):
        sign(stage, cycle, "sec_handler", "approve")


def test_a_level_whose_deputy_handed_in_is_passed_over(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "return", return_to="handler", return_reason=["other"], opinion="補正")
    name(stage, "sec_chief", "sec_handler")
    actors.compile_plan(stage, cycle)
    assert (signer(stage, cycle), skipped(stage, cycle)) == (
        "deputy_director", [(0, "same_deputy_as_before")],
    )  # fmt: skip


def test_a_level_is_passed_over_whose_holder_signed_before_as_a_deputy(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "return", return_to="handler", return_reason=["other"], opinion="補正")
    name(stage, "sec_chief", "deputy_director")
    actors.compile_plan(stage, cycle)
    sign(stage, cycle, "deputy_director", "approve")
    assert (signer(stage, cycle), skipped(stage, cycle)) == (
        "director", [(1, "same_deputy_as_before")],
    )  # fmt: skip


def test_who_signed_as_themselves_does_not_sign_next_as_a_deputy(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    name(stage, "deputy_director", "sec_chief")
    with pytest.raises(NotPermitted):
        sign(stage, cycle, "sec_chief", "approve")


def test_who_signed_as_a_deputy_does_not_sign_next_as_themselves(cycle: int, stage: Stage) -> None:
    name(stage, "sec_chief", DEPUTY)
    sign(stage, cycle, DEPUTY, "approve")
    stage.grant(DEPUTY, "deputy_director", "head")
    with pytest.raises(NotPermitted):
        sign(stage, cycle, DEPUTY, "approve")


def test_in_whose_place_somebody_signed_does_not_sign_next_either(cycle: int, stage: Stage) -> None:
    name(stage, "sec_chief", DEPUTY)
    sign(stage, cycle, DEPUTY, "approve")
    stage.grant("sec_chief", "deputy_director", "head")
    with pytest.raises(NotPermitted):
        sign(stage, cycle, "sec_chief", "approve")
    name(stage, "deputy_director", "web_owner")
    sign(stage, cycle, "web_owner", "approve")
    assert stage.faults_of_history(cycle) == []


def test_the_deputy_of_the_head_signs_once_where_both_levels_are_theirs(cycle: int, stage: Stage) -> None:
    name(stage, "director", "deputy_director", **HEAD_AWAY)
    sign(stage, cycle, "sec_chief", "approve")
    assert (signer(stage, cycle), skipped(stage, cycle)) == ("director", [(1, "same_deputy_as_next")])
    sign(stage, cycle, "deputy_director", "decide", opinion="如擬")
    assert (signature(stage, 2)["deputy"]["kind"], stage.open(cycle)) == ("in_absence", ["dispatch_letter"])
    assert stage.faults_of_history(cycle) == []


def test_who_signed_below_does_not_decide_for_the_head(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "approve")
    name(stage, "director", "deputy_director", **HEAD_AWAY)
    with pytest.raises(NotPermitted):
        sign(stage, cycle, "deputy_director", "decide", opinion="如擬")


def test_a_deputy_who_may_not_decide_signs_every_level_but_the_last(cycle: int, stage: Stage) -> None:
    name(stage, "sec_chief", DEPUTY, may_decide=False)
    name(stage, "director", "web_owner", may_decide=False)
    sign(stage, cycle, DEPUTY, "approve")
    sign(stage, cycle, "deputy_director", "approve")
    may = page(stage, "web_owner", cycle).may
    assert (may.complete, may.is_kept_from_deciding) == (False, True)
    for decision in ("decide", "return"):
        with pytest.raises(DeputyMayNotDecide):
            sign(stage, cycle, "web_owner", decision, opinion="如擬")
    sign(stage, cycle, "director", "decide", opinion="如擬")


def test_a_deputyship_that_was_ended_signs_nothing(cycle: int, stage: Stage) -> None:
    named = name(stage, "sec_chief")
    principal = stage.engine.actor("sec_chief")
    stage.engine.execute(principal, end_deputyship, named.id, reason="提前返回")
    with pytest.raises(NotPermitted):
        sign(stage, cycle, DEPUTY, "approve")


def test_the_bureau_decides_without_who_signed_below_in_either_name(review: int, stage: Stage) -> None:
    actors.propose(stage, review, "acknowledged")
    name(stage, "bureau_sec_chief", "bureau_sec_handler")
    with pytest.raises(NotPermitted):
        stage.complete("bureau_sec_handler", review, "chief_review", decision="approve")
    stage.complete("bureau_sec_chief", review, "chief_review", decision="approve")
    name(stage, "bureau_approver", "bureau_sec_chief", **HEAD_AWAY)
    with pytest.raises(NotPermitted):
        stage.complete(
            "bureau_sec_chief", review, "decide", decision="decide", outcome="acknowledged", opinion="如擬"
        )
    assert stage.task(review, "decide").excluded == ("bureau_sec_chief",)


def test_the_printed_signatures_name_both(cycle: int, stage: Stage) -> None:
    name(stage, "sec_chief")
    name(stage, "director", "web_owner", **HEAD_AWAY)
    sign(stage, cycle, DEPUTY, "approve", opinion="如擬")
    sign(stage, cycle, "deputy_director", "return", return_to="0", return_reason=["other"], opinion="補正")
    sign(stage, cycle, "sec_chief", "approve", opinion="已補正")
    sign(stage, cycle, "deputy_director", "approve")
    sign(stage, cycle, "web_owner", "decide", opinion="可")
    file, body = stage.engine.ask(stage.engine.actor("sec_handler"), plan_signature_file, 115)
    content = zipfile.ZipFile(io.BytesIO(body)).read("content.xml").decode()
    rows = [
        [cell.xpath("string()") for cell in row.iter("{*}table-cell")]
        for row in etree.fromstring(content.encode()).iter("{*}table-row")
    ]
    assert (file.name, [row[:3] for row in rows[1:]]) == (
        "115年度提升服務效能執行計畫簽核紀錄.odt",
        [
            ["秘書室主任核稿", "科員 sec_chief", "核可（如擬）"],
            ["副分局長", "科員 deputy_director", "核可（如擬）"],
            ["分局長決行", "director 科員（公出）、web_owner 科員 代行", "決行"],
        ],
    )


def test_without_a_signature_there_is_nothing_to_print(cycle: int, stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.engine.ask(stage.engine.actor("sec_handler"), plan_signature_file, 115)
