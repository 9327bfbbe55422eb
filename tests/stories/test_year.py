"""One whole year (115), from the bureau's plan to the archive, inside the plan's own instance."""

from typing import Any

import pytest

from tests.stories.actors import begin_year, instances_of, reported, review, state_of
from tests.stories.stage import Stage

TOLD = "全年依計畫辦理各項服務，並逐案檢討流程，成果與佐證詳如附件。"
PLACES = ("registration", "kinmen", "penghu")
SECTIONS = dict.fromkeys(("overview", "quantified", "qualitative", "assessment", "findings", "outlook"), TOLD)


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    return begin_year(fresh_stage)


def publish(stage: Stage, cycle: int, on: str) -> None:
    stage.complete(
        "web_owner", cycle, "publish_web", url="https://www.bsmi.gov.tw/khh/115", page_title="115年度計畫",
        published_at=f"{on}T08:00:00+08:00", formats=["pdf", "odf"], screenshot=[stage.file("web_owner")],
    )  # fmt: skip
    stage.complete("sec_handler", cycle, "verify_web", result="fits")
    for unit in PLACES:
        user = f"counter_owner.{unit}"
        stage.complete(
            user, cycle, f"post_at_place@{unit}", outcome="posted", posted_on=on, posted_by=user,
            photo=[stage.file(user)],
        )  # fmt: skip
        stage.complete("sec_handler", cycle, "verify_place", result="fits")


def report(stage: Stage, cycle: int, unit: str) -> None:
    user, name = f"unit_handler.{unit}", f"self_report@{unit}"
    shown = stage.shown(user, cycle, name)
    proof = {"narrative": TOLD, "evidence": [stage.file(user)]}
    rows = [{**row, **proof, **_reached(row)} for row in shown["rows"]]
    scores = [{**score, "self_score": score["max_score"]} for score in shown["scores"]]
    stage.complete(user, cycle, name, rows=rows, scores=scores, overall=TOLD)
    stage.complete(f"unit_chief.{unit}", cycle, f"chief_review@{unit}", decision="approve")


def _reached(row: dict[str, Any]) -> dict[str, str]:
    return {"actual": "99999"} if row["indicator"] else {"status": "done"}


def assess(stage: Stage, cycle: int) -> None:
    stage.complete("sec_handler", cycle, "open_assessment")
    for name in stage.open(cycle):
        report(stage, cycle, name.partition("@")[2])
    while tasks := stage.tasks(cycle, "score_unit"):
        task = tasks[0]
        user = task.candidates[0].role
        scores = [
            {**row, "score": row["max_score"] * 8 // 10} for row in stage.shown_in(user, task)["scores"]
        ]
        stage.complete_task(user, task, scores=scores, opinion=TOLD)
        unit = task.inputs["scored_unit"]
        stage.complete(f"unit_chief.{unit}", cycle, f"unit_response@{unit}", answer="agree")
    stage.complete("sec_handler", cycle, "finalise_scores", overall=TOLD, wants_reward=False)
    stage.sign_off(cycle)
    stage.complete(
        "sec_handler", cycle, "publish_improvement_status", summary=TOLD, no_personal_names=True,
        url="https://www.bsmi.gov.tw/khh/improvement", published_on="2026-11-13",
    )  # fmt: skip


def submit(stage: Stage, cycle: int) -> None:
    stage.complete("sec_handler", cycle, "compile_d1")
    stage.complete("sec_chief", cycle, "sign_d1", decision="approve")
    stage.complete(
        "sec_handler",
        cycle,
        "send_d1",
        sent_at="2027-01-04T09:00:00+08:00",
        method="system",
        receiver="王小明",
    )
    stage.complete("sec_handler", cycle, "compile_d2", **SECTIONS)
    stage.sign_off(cycle)
    stage.complete("registry", cycle, "dispatch_d2", doc_no="11690000120", doc_date="2027-01-04")
    for intake in instances_of(stage, "bureau_result_intake"):
        stage.complete("bureau_sec_handler", intake, "receive_results", received_on="2027-01-04")
        stage.complete("bureau_sec_handler", intake, "check_results", result="accept")


def test_a_plan_lives_through_its_year_to_the_archive(stage: Stage) -> None:
    cycle = reported(stage)
    review(stage)
    publish(stage, cycle, stage.clock.now().date().isoformat())
    stage.move_to("2026-11-13T12:00")
    assess(stage, cycle)
    stage.move_to("2027-01-04T10:00")
    submit(stage, cycle)
    assert (stage.open(cycle), state_of(stage), stage.faults_of_history(cycle)) == (
        ["close_cycle"],
        "accepted",
        [],
    )
