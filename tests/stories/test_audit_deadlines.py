"""Question 11 of an audit: every deadline that was moved, by whom, how often, on which basis."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.activities.year_schedule import schedule_of
from engine.commands import extensions, schedules
from engine.domain.identity import SYSTEM
from tests.stories import actors
from tests.stories.asking import table
from tests.stories.delivering import BEFORE_NEW_YEAR, bureau_checks, sent, units_reported
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

SLUG = "extended-deadlines"
HANDLER, CHIEF = "unit_handler.metrology", "unit_chief.metrology"
REASON = "量測儀器送校，數據須待校正後填報。"
LETTER = "經標秘字第11500001230號"


def assigned(stage: Stage) -> None:
    """Two units are writing, until 2026-01-19."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)


SCENES = {"cycle": assigned}


@pytest.fixture
def cycle(stage: Stage) -> int:
    return cycle_of(stage)


def extended(stage: Stage, cycle: int, on: str) -> int:
    """A later date that was granted; gives the process that decided on it."""
    task = stage.task(cycle, "edit_actions@metrology")
    actor = stage.engine.actor(HANDLER)
    extension = stage.engine.execute(
        actor, extensions.apply, task.id, new_on=date.fromisoformat(on), reason=REASON
    )
    decide = stage.tasks(extension, "decide")[0]
    approver = (
        CHIEF if ("unit_chief", "metrology") in [(c.role, c.unit) for c in decide.candidates] else "sec_chief"
    )
    stage.complete_task(approver, decide, decision="agree", opinion="如擬")
    return extension


def answers(stage: Stage, *keys: str, **scope: int) -> list[dict[str, str]]:
    return table(stage, SLUG, *(keys or ("what", "way", "was", "due", "no", "by", "basis")), **scope)


def test_a_year_without_any_later_date_has_no_row(cycle: int, stage: Stage) -> None:
    actors.contribute(stage, cycle, "metrology")
    assert answers(stage) == []


def test_an_extension_is_told_with_its_basis_and_how_often(cycle: int, stage: Stage) -> None:
    for on in ("2026-01-20", "2026-01-21", "2026-01-22"):
        extended(stage, cycle, on)
    told = {
        "what": "單位提報 / 度量衡科 / 115年度提升服務效能執行計畫",
        "way": "Extension",
        "by": f"{CHIEF} 科員",
        "basis": f"{REASON} / 如擬",
    }
    assert [{name: row[name] for name in told} for row in answers(stage, instance_id=cycle)] == [told] * 3
    by = f"{HANDLER} 科員"
    assert answers(stage, "was", "due", "no", "days", "applicant") == [
        {"was": "2026-01-19", "due": "2026-01-20", "no": "1", "days": "1", "applicant": by,
         "why": ""},
        {"was": "2026-01-20", "due": "2026-01-21", "no": "2", "days": "2", "applicant": by,
         "why": ""},
        {"was": "2026-01-21", "due": "2026-01-22", "no": "3", "days": "3", "applicant": by,
         "why": "Moved for the time no. 3"},
    ]  # fmt: skip


def test_an_extension_is_told_over_its_own_process_as_well_and_over_no_other(
    cycle: int, stage: Stage
) -> None:
    granted = extended(stage, cycle, "2026-01-20")
    second = stage.start("plan_publication", publication_reason="first")
    assert answers(stage, "no", instance_id=granted) == [{"no": "1", "why": ""}]
    assert answers(stage, instance_id=second) == []


def test_a_date_of_the_plan_is_moved_by_schedule_and_letter(stage: Stage) -> None:
    def moved_k5(schedule: Any) -> Any:
        return replace(schedule, dates={**schedule.dates, "K3": date(2027, 1, 8), "K5": date(2027, 3, 5)})

    schedule = stage.engine.ask(SYSTEM, schedule_of, actors.KEY)
    stage.engine.execute(
        stage.engine.actor("sec_handler"), schedules.change, 115, moved_k5(schedule), letter=LETTER
    )
    actors.register(stage, actors.start_cycle(stage), k4_on="2027-01-25")
    by = "sec_handler 科員"
    assert answers(stage, "what", "way", "was", "due", "no", "by") == [
        {"what": "K3 / Plan of 115", "way": "Schedule of the year", "was": "2027-01-05", "due": "2027-01-08",
         "no": "1", "by": by, "why": ""},
        {"what": "K5 / Plan of 115", "way": "Schedule of the year", "was": "2027-02-28", "due": "2027-03-05",
         "no": "1", "by": by, "why": ""},
        {"what": "K4 / Plan of 115", "way": "By letter of the head office", "was": "2027-01-20",
         "due": "2027-01-25", "no": "1", "by": by, "why": ""},
    ]  # fmt: skip


def test_a_supplement_of_the_bureau_is_a_later_date_of_the_delivery(fresh_stage: Stage) -> None:
    fresh_stage.move_to(BEFORE_NEW_YEAR)
    fresh_stage.engine.execute(SYSTEM, units_reported)
    sent(fresh_stage)
    intake = fresh_stage.instances("bureau_result_intake")[0]
    asked = {"result": "supplement", "request": "請補列各場次辦理日期", "due_on": "2026-01-12"}
    bureau_checks(fresh_stage, intake, **asked)
    assert answers(fresh_stage, "what", "way", "was", "due", "basis") == [
        {"what": "D1 / Plan of 114", "way": "Supplement", "was": "2026-01-05", "due": "2026-01-12",
         "basis": "請補列各場次辦理日期", "why": ""}
    ]  # fmt: skip


def test_a_posting_that_is_put_off_has_its_reason(fresh_stage: Stage) -> None:
    instance = fresh_stage.start("plan_publication", publication_reason="first")
    fresh_stage.complete(
        "counter_owner.penghu", instance, "post_at_place@penghu", outcome="postponed",
        postpone_reason="颱風停止上班", new_due_on="2025-02-20",
    )  # fmt: skip
    assert answers(fresh_stage, "what", "way", "due", "basis") == [
        {"what": "澎湖辦事處 / Plan of 114", "way": "Posting put off", "due": "2025-02-20",
         "basis": "颱風停止上班", "why": ""}
    ]  # fmt: skip
