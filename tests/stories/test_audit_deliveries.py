"""Question 8: when D1 and D2 were due, sent and received, how late, and who was urged."""

import pytest

from engine.commands.tasks import urge
from engine.domain.identity import SYSTEM
from tests.stories import standing_in
from tests.stories.asking import ask, findings, rows, summary
from tests.stories.delivering import (
    BEFORE_NEW_YEAR,
    SECTIONS,
    bureau_checks,
    compiled,
    dispatched,
    frozen,
    sent,
    units_reported,
)
from tests.stories.stage import Stage

SLUG = "deliveries"


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    fresh_stage.move_to(BEFORE_NEW_YEAR)
    fresh_stage.engine.execute(SYSTEM, units_reported)
    return fresh_stage


def test_deliveries_in_time_are_no_finding(stage: Stage) -> None:
    instance = sent(stage)
    dispatched(stage, instance)
    for intake in stage.instances("bureau_result_intake"):
        bureau_checks(stage, intake)
    asked = ask(stage, SLUG, plan_year=114)
    told = [row for row in rows(asked, "what", "late") if "Reminder" not in row[0]]
    assert told == [
        ("The date was set", ""),
        ("Sent to the bureau", "0"), ("Received by the bureau", ""), ("Accepted by the bureau", ""),
        ("The date was set", ""),
        ("Sent to the bureau", "0"), ("Received by the bureau", ""), ("Accepted by the bureau", ""),
    ]  # fmt: skip
    assert findings(asked) == []
    assert summary(asked) == [
        "Plan of 114: 績效成果資料（D1） was sent in time.",
        "Plan of 114: 執行績效與成果報告（D2） was sent in time.",
    ]  # fmt: skip


def test_a_late_delivery_tells_the_days_the_calendar_and_who_was_urged(stage: Stage) -> None:
    instance = frozen(stage)
    stage.move_to("2026-01-07T10:00")
    stage.complete(
        "sec_handler", instance, "send_d1", sent_at="2026-01-07T09:30:00+08:00", method="system",
        receiver="王小明",
    )  # fmt: skip
    asked = ask(stage, SLUG, plan_year=114)
    first = [row for row in rows(asked, "delivery", "what", "at", "about", "late") if "D1" in row[0]]
    assert [row[1:] for row in first][-2:] == [
        (
            "Escalation up to 分局長",
            "2026-01-07 10:00",
            "director 科員 / sec_chief 科員 / sec_handler 科員",
            "",
        ),
        ("Sent to the bureau", "2026-01-07 09:30", "王小明 / sec_handler 科員", "2"),
    ]
    (calendar,) = [row[0] for row in rows(asked, "calendar") if row[0]]
    assert calendar.startswith("Table of 115, entered on ")
    assert findings(asked) == [("breach", "Sent too late")]
    assert summary(asked)[0] == "Plan of 114: 績效成果資料（D1） was sent too late."


def test_what_was_not_sent_by_now_is_found(stage: Stage) -> None:
    compiled(stage)
    stage.move_to("2026-01-08T10:00")
    asked = ask(stage, SLUG)
    assert findings(asked) == [("breach", "Late and not sent yet")]
    late = [row for row in rows(asked, "what", "late") if row[1]]
    assert late == [("Late and not sent yet", "3")]
    assert summary(asked) == [
        "Plan of 114: 績效成果資料（D1） is late and not sent.",
        "Plan of 114: 執行績效與成果報告（D2） is not due yet.",
    ]


def test_a_waived_delivery_says_by_what_basis(stage: Stage) -> None:
    frozen(stage, waived=True, waiver_basis="總局秘書室115年1月2日電話紀錄同意併送")
    told = [row for row in rows(ask(stage, SLUG), "what", "about") if "agreed" in row[0]]
    assert told == [
        ("Sent together with the report, as the bureau agreed", "總局秘書室115年1月2日電話紀錄同意併送")
    ]


def test_who_was_urged_by_hand_is_told_also_where_d2_is_signed(stage: Stage) -> None:
    instance = sent(stage)
    standing_in.do(stage, "sec_handler", urge, stage.task(instance, "compile_d2").id, note="請於期限前完成")
    stage.complete("sec_handler", instance, "compile_d2", **SECTIONS)
    standing_in.do(stage, "sec_handler", urge, stage.task(instance, "sign").id, note="請於期限前簽核")
    told = [row for row in rows(ask(stage, SLUG), "delivery", "what", "about") if row[1] == "Urged by hand"]
    d2 = "Plan of 114 / 執行績效與成果報告（D2）"
    assert told == [
        (d2, "Urged by hand", "sec_handler 科員"), (d2, "Urged by hand", "sec_chief 科員"),
    ]  # fmt: skip
