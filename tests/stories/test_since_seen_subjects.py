"""What an approver is told of a subject that is no plan: what changed since it was seen or returned."""

from typing import Any

import pytest

from engine.queries.since_seen import SinceSeen
from engine.queries.task_page import TaskPage, task_page
from tests.stories import actors, delivering, entrants, test_assessment, test_execution
from tests.stories import commendation_actors as reward
from tests.stories.actors import sign
from tests.stories.entrants import MEMO
from tests.stories.stage import Stage

THEME = "離島度量衡行動校正站"
REASON = "離島度量衡服務作法具創新性，成效已可量化，經評估適合參獎。"
RETURN = {"decision": "return", "return_reason": ["incomplete", "other"]}


def written(stage: Stage) -> None:
    entrants.write_memo(stage, entrants.surveyed(stage))


SCENES = {"memo": written}


@pytest.fixture
def memo(stage: Stage) -> int:
    found = stage.engine.ask(actors.SYSTEM, lambda reader: reader.instances.of_plan(entrants.ENTRY))
    return found[0].id


def page(stage: Stage, user: str, instance: int, name: str = "sign") -> TaskPage:
    task = stage.task(instance, name)
    return stage.engine.ask(stage.engine.actor(user), task_page, task.id)


def since(stage: Stage, user: str, instance: int, name: str = "sign") -> SinceSeen:
    found = page(stage, user, instance, name).since_seen
    assert found is not None
    return found


def told(found: SinceSeen) -> list[tuple[tuple[str, ...], Any, Any, str]]:
    return [(change.names, change.before, change.after, change.remark) for change in found.changes]


def send_back(stage: Stage, user: str, instance: int, opinion: str, name: str = "sign") -> None:
    to = {"return_to": "handler"} if name == "sign" else {}
    stage.complete(user, instance, name, **RETURN, **to, opinion=opinion)


def test_who_returned_a_memo_reads_each_change_with_the_own_remark(memo: int, stage: Stage) -> None:
    send_back(stage, "sec_chief", memo, "主題請寫明方式。餘如擬。")
    stage.move_to("2026-02-03T14:05")
    entrants.write_memo(stage, memo, theme=THEME, reason=REASON)
    found = since(stage, "sec_chief", memo)
    assert (found.was_returned, found.returned_by, found.opinion) == (True, "", "主題請寫明方式。餘如擬。")
    assert told(found) == [
        (("entry_memo", "theme"), MEMO["theme"], THEME, "主題請寫明方式"),
        (("entry_memo", "reason"), MEMO["reason"], REASON, ""),
    ]
    assert {change.made_by for change in found.changes} == {"sec_handler 科員"}


def test_the_reasons_of_the_own_return_are_worded_by_the_list(memo: int, stage: Stage) -> None:
    send_back(stage, "sec_chief", memo, "請補充")
    entrants.write_memo(stage, memo)
    assert since(stage, "sec_chief", memo).reasons == ("內容不完整", "其他（需說明）")


def test_a_memo_that_came_back_as_it_was_has_no_changes(memo: int, stage: Stage) -> None:
    send_back(stage, "sec_chief", memo, "請補充")
    entrants.write_memo(stage, memo)
    assert since(stage, "sec_chief", memo).changes == ()


def test_who_signed_the_first_round_is_told_what_changed_since(memo: int, stage: Stage) -> None:
    sign(stage, memo, "sec_chief", "approve")
    send_back(stage, "deputy_director", memo, "請修正主題")
    entrants.write_memo(stage, memo, theme=THEME)
    found = since(stage, "sec_chief", memo)
    assert (found.was_returned, told(found)) == (
        False,
        [(("entry_memo", "theme"), MEMO["theme"], THEME, "")],
    )


def test_who_sees_a_memo_for_the_first_time_is_told_since_whose_return(memo: int, stage: Stage) -> None:
    send_back(stage, "sec_chief", memo, "請修正主題")
    entrants.write_memo(stage, memo, theme=THEME)
    sign(stage, memo, "sec_chief", "approve")
    found = since(stage, "deputy_director", memo)
    assert (found.returned_by, [c.remark for c in found.changes]) == ("sec_chief 科員", ["請修正主題"])


def test_a_memo_that_nobody_returned_is_told_as_it_stands(memo: int, stage: Stage) -> None:
    assert page(stage, "sec_chief", memo).since_seen is None


def test_what_becomes_another_proposal_is_told_as_one(memo: int, stage: Stage) -> None:
    send_back(stage, "sec_chief", memo, "請再評估")
    entrants.write_memo(
        stage, memo, proposal="no_entry", reason="本年度無成熟之創新服務案例可供參獎，擬不參獎。"
    )
    changed = {names: (before, after) for names, before, after, _ in told(since(stage, "sec_chief", memo))}
    assert changed["entry_memo",] == ("擬參獎", "擬不參獎")
    assert changed["entry_memo", "theme"] == (MEMO["theme"], "")


def test_people_who_came_to_an_entry_or_left_it_are_told(memo: int, stage: Stage) -> None:
    stage.sign_off(memo)
    entrants.fill_form(stage, memo)
    send_back(stage, "sec_chief", memo, "請確認團隊")
    entrants.fill_form(stage, memo, team=entrants.FORM["team"][:1])
    assert [(c.names, c.after) for c in since(stage, "sec_chief", memo).changes] == [
        (("team", "director"), "")
    ]


def test_the_handler_reads_the_reasons_of_a_return_beside_the_opinion(memo: int, stage: Stage) -> None:
    send_back(stage, "sec_chief", memo, "請補充成效")
    said = page(stage, "sec_handler", memo, "entry_memo").sayings[-1]
    assert (said.text, said.is_return, said.reasons) == ("請補充成效", True, ("內容不完整", "其他（需說明）"))


def test_opinions_of_a_round_before_stay_with_their_answers(memo: int, stage: Stage) -> None:
    stage.sign_off(memo)
    entrants.fill_form(stage, memo)
    sign(stage, memo, "sec_chief", "countersign", add_units=["kinmen"])
    stage.complete(
        "unit_chief.kinmen", memo, "countersign_opinion@kinmen", opinion_kind="disagree", opinion="數據有誤"
    )
    rows = stage.shown("sec_handler", memo, "merge_opinions@secretariat")["rows"]
    answered = [{**row, "handling": "not_adopted", "reason": "已更正數據"} for row in rows]
    stage.complete("sec_handler", memo, "merge_opinions@secretariat", rows=answered)
    send_back(stage, "sec_chief", memo, "請補充成效")
    entrants.fill_form(stage, memo)
    shown = page(stage, "sec_chief", memo)
    lines = shown.content.panels["opinions"]
    assert [(o["unit"], o["round"], o["handling"], o["reason"]) for o in lines] == [
        ("kinmen", 1, "not_adopted", "已更正數據")
    ]
    assert shown.opinion_notes["kinmen"].who == "unit_chief.kinmen 科員"


def test_a_chapter_of_the_report_that_was_rewritten_is_told(fresh_stage: Stage) -> None:
    stage = reported(fresh_stage)
    instance = delivering.sent(stage)
    stage.complete("sec_handler", instance, "compile_d2", **delivering.SECTIONS)
    send_back(stage, "sec_chief", instance, "總體執行情形請補充")
    rewritten = delivering.SECTIONS | {"overview": f"{delivering.TOLD}另補充離島服務情形。"}
    stage.complete("sec_handler", instance, "compile_d2", **rewritten)
    (change,) = since(stage, "sec_chief", instance).changes
    assert (change.names[0], change.before, change.after) == (
        "sections", delivering.TOLD, rewritten["overview"],
    )  # fmt: skip


def test_whoever_signs_a_report_reads_it(fresh_stage: Stage) -> None:
    stage = reported(fresh_stage)
    instance = delivering.sent(stage)
    stage.complete("sec_handler", instance, "compile_d2", **delivering.SECTIONS)
    panels = actors.panels(stage, "sec_chief", instance, "sign")
    assert [row["action_id"] for row in panels["result_rows"]] == ["1.1.1", "1.1.2", "1.1.3"]


def test_whoever_signs_the_result_of_the_branch_reads_it_and_what_changed(fresh_stage: Stage) -> None:
    fresh_stage.move_to("2025-11-14T10:00")
    instance = test_assessment.agreed(fresh_stage, findings=[test_assessment.FINDING])
    finalise(fresh_stage, instance, test_assessment.TOLD)
    panels = actors.panels(fresh_stage, "sec_chief", instance, "sign")
    send_back(fresh_stage, "sec_chief", instance, "考核報告請補充")
    finalise(fresh_stage, instance, f"{test_assessment.TOLD}另詳附件。")
    (change,) = since(fresh_stage, "sec_chief", instance).changes
    assert ([row["unit"] for row in panels["unit_scores"]], change.names) == (
        ["金門辦事處", "度量衡科", "秘書室"], ("assessment_report",),
    )  # fmt: skip


def test_a_grade_that_was_chosen_anew_is_told_by_its_person(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, reward.CHIEF, reward.HELPER)
    reward.choose(fresh_stage, instance)
    send_back(fresh_stage, "sec_chief", instance, "unit_handler.kinmen請酌減", "chief_review")
    reward.nominate(fresh_stage, instance, reward.CHIEF, reward.HELPER)
    reward.choose(fresh_stage, instance, unit_handler_kinmen="嘉獎1次")
    found = since(fresh_stage, "sec_chief", instance, "chief_review")
    assert told(found) == [
        (("reward_lines", "unit_handler.kinmen", "grade"), "嘉獎2次", "嘉獎1次", "unit_handler.kinmen請酌減")
    ]


def test_a_chief_is_told_what_a_unit_corrected(stage: Stage) -> None:
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)
    actors.contribute(stage, cycle, "metrology")
    chief = ("unit_chief.metrology", cycle)
    send_back(stage, *chief, "1.1.1請寫明次數", "chief_review@metrology")
    actors.contribute(stage, cycle, "metrology")
    found = since(stage, *chief, "chief_review@metrology")
    assert [(change.names, change.remark) for change in found.changes] == [
        (("rows", "1.1.1", "summary"), "1.1.1請寫明次數"), (("rows", "1.1.3", "summary"), ""),
    ]  # fmt: skip


def test_a_report_of_the_next_quarter_is_another_item(fresh_stage: Stage) -> None:
    instance = fresh_stage.start("plan_execution")
    fresh_stage.move_to("2025-04-01T10:00")
    test_execution.report(fresh_stage, instance, "metrology", actual="31")
    test_execution.confirm(fresh_stage, instance, "metrology")
    fresh_stage.move_to("2025-07-01T10:00")
    test_execution.report(fresh_stage, instance, "metrology", actual="62", as_of="2025-06-30")
    assert page(fresh_stage, "unit_chief.metrology", instance, "chief_confirm@metrology").since_seen is None


def test_a_number_that_was_corrected_is_told_to_who_confirms_it(fresh_stage: Stage) -> None:
    instance = fresh_stage.start("plan_execution")
    fresh_stage.move_to("2025-04-01T10:00")
    test_execution.report(fresh_stage, instance, "metrology", actual="31")
    send_back(fresh_stage, "unit_chief.metrology", instance, "1.1.1數字有誤", "chief_confirm@metrology")
    test_execution.report(fresh_stage, instance, "metrology", actual="32")
    found = since(fresh_stage, "unit_chief.metrology", instance, "chief_confirm@metrology")
    changed = [(names[2], before, after) for names, before, after, _ in told(found)]
    assert changed == [("actual", "31", "32"), ("percent", "25.8%", "26.6%")]


def test_the_bureau_reads_what_its_handler_changed_in_the_review(stage: Stage) -> None:
    actors.reported(stage)
    (review,) = actors.instances_of(stage, "bureau_review")
    stage.complete("bureau_sec_handler", review, "receive_and_assign")
    actors.propose(stage, review, "return_for_revision")
    send_back(stage, "bureau_sec_chief", review, "理由請寫明", "chief_review")
    actors.propose(stage, review, "return_for_revision", reason="請依逐項意見修正並補充量化目標")
    found = since(stage, "bureau_sec_chief", review, "chief_review")
    assert told(found) == [(("reason",), "請依逐項意見修正", "請依逐項意見修正並補充量化目標", "理由請寫明")]


def finalise(stage: Stage, instance: int, overall: str) -> None:
    stage.complete("sec_handler", instance, "finalise_scores", overall=overall, wants_reward=False)


def reported(stage: Stage) -> Stage:
    """What the units reported before New Year."""
    stage.move_to(delivering.BEFORE_NEW_YEAR)
    stage.engine.execute(actors.SYSTEM, delivering.units_reported)
    return stage
