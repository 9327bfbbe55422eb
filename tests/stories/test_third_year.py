"""What is not improved outlives its cycle (12): two years on it still stands in D2 and before the units."""

from typing import Any

import pytest

from engine.commands import instances
from engine.domain.identity import SYSTEM
from engine.queries.improvements import improvement_notice
from tests.stories import actors
from tests.stories.actors import KEY
from tests.stories.stage import PLAN_KEY, Stage

OLD, NEW = "未留簽到紀錄", "離島巡迴場次不足"
THIRD = "bsmi_khh:116"
OLD_LINE = {
    "roc_year": 114, "unit": "金門辦事處", "finding": OLD, "due_on": "2026-03-31", "status": "列管中",
}  # fmt: skip
NEW_LINE = {**OLD_LINE, "roc_year": 115, "finding": NEW, "due_on": "2027-03-31"}


def follow_up(stage: Stage, plan_key: str, year: int, finding: str) -> int:
    """The follow-up of the first finding about Kinmen in a year; every year begins its numbers anew."""
    item = {"id": "kinmen-1", "unit": "kinmen", "finding": finding, "due_on": f"{year + 1912}-03-31"}
    return stage.start("improvement_followup", plan_key=plan_key, roc_year=year, unit="kinmen", item=item)


def third_january(stage: Stage) -> None:
    """The first working days of 116: one item of 114 and one of 115 are open."""
    actors.reported(stage)
    actors.review(stage)
    follow_up(stage, PLAN_KEY, 114, OLD)
    stage.move_to("2026-12-28T10:00")
    follow_up(stage, KEY, 115, NEW)
    stage.move_to("2027-01-05T10:00")


def drafting_116(stage: Stage) -> int:
    """The plan of 116 when its units are asked."""
    cycle = stage.engine.execute(
        stage.engine.actor("sec_handler"), instances.start, definition_key="annual_plan_lifecycle",
        business_key=THIRD, variables={"roc_year": 116},
    )  # fmt: skip
    actors.register(
        stage, cycle, doc_date="2027-01-04", doc_no="11690000310", received_on="2027-01-05",
        subject="總局116年度提升服務效能執行計畫",
    )  # fmt: skip
    return cycle


SCENES = {"january": third_january}


@pytest.fixture
def january(stage: Stage) -> Stage:
    return stage


def results(stage: Stage) -> int:
    """D2 of 115 on the secretariat's desk."""
    instance = stage.start("result_submission", plan_key=KEY, roc_year=115)
    stage.complete("sec_handler", instance, "compile_d1")
    stage.complete("sec_chief", instance, "sign_d1", decision="approve")
    return instance


def improve(stage: Stage, plan_key: str, result: str) -> None:
    """The unit finishes an item, and the secretariat judges it."""
    user, on = "unit_handler.kinmen", stage.clock.now().date().isoformat()
    instance = next(i for i in stage.instances("improvement_followup") if key_of(stage, i) == plan_key)
    done: dict[str, Any] = {
        "measure": "每場留存簽到紀錄", "owner": user, "due_on": "2026-09-30", "stage": "finished",
        "done_on": on, "evidence": [stage.file(user)],
    }  # fmt: skip
    stage.complete(user, instance, "improvement@kinmen", **done)
    stage.complete("sec_handler", instance, "improvement_verify", result=result, comment="已逐場查核")


def key_of(stage: Stage, instance_id: int) -> str:
    return str(stage.engine.ask(SYSTEM, lambda reader: reader.instances.get(instance_id)).plan_key)


def test_d2_of_the_second_year_tells_of_the_first(january: Stage) -> None:
    instance = results(january)
    content = january.content("sec_handler", instance, "compile_d2")
    assert (content.panels["improvements"], content.values["findings"].splitlines()) == (
        [OLD_LINE, NEW_LINE],
        [f"金門辦事處：{OLD}（114年度）（列管中）", f"金門辦事處：{NEW}（列管中）"],
    )


def test_the_draft_of_the_third_year_shows_both_to_those_who_assign(january: Stage) -> None:
    cycle = drafting_116(january)
    panels = january.content("sec_handler", cycle, "assign_units").panels
    assert panels["improvements"] == [OLD_LINE, NEW_LINE]


def test_the_unit_answers_for_each_year_apart(january: Stage) -> None:
    cycle = drafting_116(january)
    actors.assign(january, cycle, unit_due="2027-01-19")
    shown = january.shown("unit_handler.kinmen", cycle, "edit_actions@kinmen")["improvements"]
    assert [(row["id"], row["roc_year"], row["finding"]) for row in shown] == [
        ("114:kinmen-1", 114, OLD),
        ("115:kinmen-1", 115, NEW),
    ]


@pytest.mark.parametrize(
    ("result", "left"), [("improved", [NEW]), ("partly_improved", [OLD, NEW])]
)  # fmt: skip
def test_only_what_was_verified_as_improved_leaves_the_list(
    january: Stage, result: str, left: list[str]
) -> None:
    improve(january, PLAN_KEY, result)
    cycle = drafting_116(january)
    lines = january.content("sec_handler", cycle, "assign_units").panels["improvements"]
    assert [line["finding"] for line in lines] == left


def test_an_item_that_outlived_its_year_is_planned_anew_by_the_next_september(january: Stage) -> None:
    user = "unit_handler.kinmen"
    instance = next(i for i in january.instances("improvement_followup") if key_of(january, i) == PLAN_KEY)
    plan = {"measure": "增派人員並按月檢視", "owner": user, "stage": "planned"}
    faults = january.faults(user, instance, "improvement@kinmen", **plan, due_on="2027-10-01")
    january.complete(user, instance, "improvement@kinmen", **plan, due_on="2027-09-30")
    kept = january.document("improvement", "kinmen-1").body["measures"]["due_on"]
    assert (faults, kept) == ([("due_on", "Choose a day up to 2027-09-30")], "2027-09-30")


def test_the_page_of_a_year_says_from_which_year_each_item_comes(january: Stage) -> None:
    improve(january, PLAN_KEY, "improved")
    notice = january.engine.ask(january.engine.actor("sec_handler"), improvement_notice, 115)
    assert [(line.roc_year, line.finding, line.state) for line in notice.lines] == [
        (114, OLD, "已改善"), (115, NEW, "列管中"),
    ]  # fmt: skip


def test_what_was_improved_in_its_own_year_is_not_taken_over(stage: Stage) -> None:
    stage.move_to("2025-12-29T10:00")
    follow_up(stage, PLAN_KEY, 114, OLD)
    improve(stage, PLAN_KEY, "improved")
    stage.move_to("2026-01-06T09:00")
    actors.register(stage, actors.start_cycle(stage))
    notice = stage.engine.ask(stage.engine.actor("sec_handler"), improvement_notice, 115)
    assert notice.lines == ()
