"""Self-assessment (自行考核): units report, others score them, the branch signs, findings are followed up."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from engine.activities.deadlines import record_deadlines
from engine.activities.plan_documents import release
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.plan.document import to_json
from engine.queries.task_page import task_page
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.stage import Stage, small_plan

UNITS = ("kinmen", "metrology", "secretariat")
TOLD = "全年依計畫辦理各項服務，並逐案檢討流程，成果與佐證詳如附件。"


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    fresh_stage.move_to("2025-11-14T10:00")
    return fresh_stage


def opened(stage: Stage) -> int:
    """The self-assessment with the example criteria."""
    instance = stage.start("self_assessment")
    stage.complete("sec_handler", instance, "open_assessment")
    return instance


def entries(stage: Stage, instance: int, unit: str, **changes: Any) -> dict[str, Any]:
    """A self-report in which everything was reached, with changes to each row."""
    user = f"unit_handler.{unit}"
    shown = stage.shown(user, instance, f"self_report@{unit}")
    proof = {"narrative": TOLD, "evidence": [stage.file(user)]}
    rows = [
        {**row, **proof, **({"actual": "126"} if row["indicator"] else {"status": "done"}), **changes}
        for row in shown["rows"]
    ]
    scores = [{**score, "self_score": score["max_score"]} for score in shown["scores"]]
    return {"rows": rows, "scores": scores, "overall": TOLD}


def report(stage: Stage, instance: int, unit: str) -> None:
    stage.complete(f"unit_handler.{unit}", instance, f"self_report@{unit}", **entries(stage, instance, unit))
    stage.complete(f"unit_chief.{unit}", instance, f"chief_review@{unit}", decision="approve")


def reported(stage: Stage) -> int:
    """The self-assessment when every unit has reported."""
    instance = opened(stage)
    for unit in UNITS:
        report(stage, instance, unit)
    return instance


def scored(stage: Stage, **changes: Any) -> int:
    """The self-assessment when every unit has its score."""
    instance = reported(stage)
    for user in ("sec_handler", "sec_handler", "deputy_director"):
        task = stage.task_for(user, instance, "score_unit")
        stage.complete_task(user, task, **score_values_of(stage, user, task, **changes))
    return instance


def score_values_of(stage: Stage, user: str, task: Any, **changes: Any) -> dict[str, Any]:
    scores = stage.shown_in(user, task)["scores"]
    given = [{**row, "score": row["max_score"] * 8 // 10} for row in scores]
    return {"scores": given, "opinion": "整體表現良好，佐證完整", **changes}


FINDING = {"finding": "離島說明會場次未留存簽到紀錄", "severity": "must_improve", "due_on": "2026-03-31"}


def agreed(stage: Stage, **changes: Any) -> int:
    """The self-assessment when every unit agreed to its score."""
    instance = scored(stage, **changes)
    for unit in UNITS:
        stage.complete(f"unit_chief.{unit}", instance, f"unit_response@{unit}", answer="agree")
    return instance


def signed(stage: Stage, *, wants_reward: bool = False, **changes: Any) -> int:
    """The self-assessment when the director has signed its result."""
    instance = agreed(stage, **changes)
    stage.complete("sec_handler", instance, "finalise_scores", overall=TOLD, wants_reward=wants_reward)
    stage.sign_off(instance)
    return instance


def published(stage: Stage, instance: int) -> None:
    stage.complete(
        "sec_handler", instance, "publish_improvement_status", summary=TOLD, no_personal_names=True,
        url="https://www.bsmi.gov.tw/khh/improvement", published_on="2025-11-14",
    )  # fmt: skip


def test_the_example_criteria_are_offered(stage: Stage) -> None:
    instance = stage.start("self_assessment")
    content = stage.content("sec_handler", instance, "open_assessment")
    assert content.choices["criteria_sets"] == [("example", "服務效能考核項目（範例）（100分）")]


def test_every_unit_reports(stage: Stage) -> None:
    assert stage.open(opened(stage)) == [f"self_report@{unit}" for unit in UNITS]


def test_the_number_decides_the_status(stage: Stage) -> None:
    instance = opened(stage)
    report(stage, instance, "metrology")
    rows = stage.document("self_report", "metrology").body["rows"]
    assert [(row["actual"], row["status"]) for row in rows] == [("126", "achieved")]


@pytest.mark.parametrize(
    ("unit", "changes", "fault"),
    [
        ("metrology", {"evidence": []}, ("rows/0/evidence", "The result of action 1.1.1 needs evidence")),
        ("kinmen", {"evidence": []}, ("rows/0/evidence", "The result of action 1.1.2 needs evidence")),
        ("metrology", {"status": "not_achieved", "cause": "申請件數減少", "improvement": "加強宣導"},
         ("rows/0/reason", "Say why the status of action 1.1.1 differs from its number")),
        ("kinmen", {"status": "not_done", "improvement": "加強宣導"},
         ("rows/0/cause", "Say why action 1.1.2 was not fully reached")),
        ("kinmen", {"status": "not_done", "cause": "船班停航"},
         ("rows/0/improvement", "Say how action 1.1.2 will be improved")),
        ("kinmen", {"status": "not_applicable"}, ("rows/0/reason", "Say why action 1.1.2 is not applicable")),
        ("kinmen", {"status": "achieved"},
         ("rows/0/status", "achieved is not a status of action 1.1.2")),
    ],
)  # fmt: skip
def test_a_result_without_its_proof_or_explanation_is_refused(
    stage: Stage, unit: str, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    instance = opened(stage)
    values = entries(stage, instance, unit, **changes)
    assert stage.faults(f"unit_handler.{unit}", instance, f"self_report@{unit}", **values) == [fault]


def test_a_self_score_above_the_maximum_is_refused(stage: Stage) -> None:
    instance = opened(stage)
    values = entries(stage, instance, "kinmen")
    values["scores"][0]["self_score"] = 41
    faults = stage.faults("unit_handler.kinmen", instance, "self_report@kinmen", **values)
    assert faults == [("scores/0/self_score", "Enter a number of at most 40")]


def test_the_chief_sends_a_self_report_back_and_it_keeps_what_was_written(stage: Stage) -> None:
    instance = opened(stage)
    stage.complete(
        "unit_handler.kinmen", instance, "self_report@kinmen", **entries(stage, instance, "kinmen")
    )
    stage.complete(
        "unit_chief.kinmen", instance, "chief_review@kinmen", decision="return", return_reason=["incomplete"],
        opinion="請補充場次",
    )  # fmt: skip
    shown = stage.shown("unit_handler.kinmen", instance, "self_report@kinmen")
    assert (shown["overall"], shown["rows"][0]["status"]) == (TOLD, "done")


def test_a_unit_is_reminded_and_its_lateness_climbs_to_the_director(stage: Stage) -> None:
    opened(stage)
    for day in ("2025-11-26", "2025-12-03", "2025-12-08", "2025-12-11", "2025-12-15", "2025-12-17"):
        stage.move_to(f"{day}T12:00")
    told = [user for user, label in stage.mailed() if label == "填寫自評"]
    levels = ("unit_handler.kinmen", "unit_chief.kinmen", "sec_chief", "director")
    assert [told.count(user) for user in levels] == [6, 3, 6, 3]


def test_reminders_stop_when_the_unit_has_reported(stage: Stage) -> None:
    reported(stage)
    stage.move_to("2025-12-17T12:00")
    assert [label for _, label in stage.mailed() if label == "填寫自評"] == []


def test_the_secretariat_is_scored_by_the_deputy_director_and_the_units_by_the_secretariat(
    stage: Stage,
) -> None:
    instance = reported(stage)
    found = stage.tasks(instance, "score_unit")
    assert sorted((task.inputs["scored_unit"], task.candidates[0].role) for task in found) == [
        ("kinmen", "sec_handler"), ("metrology", "sec_handler"), ("secretariat", "deputy_director"),
    ]  # fmt: skip


def test_nobody_scores_their_own_unit(stage: Stage) -> None:
    stage.grant("deputy_director", "unit_chief", "secretariat")
    instance = reported(stage)
    task = stage.task_for("deputy_director", instance, "score_unit")
    faults = stage.faults_of("deputy_director", task, **score_values_of(stage, "deputy_director", task))
    assert faults == [("scores", "Nobody scores their own unit")]


def test_a_low_score_needs_its_reason(stage: Stage) -> None:
    instance = reported(stage)
    task = stage.task_for("sec_handler", instance, "score_unit")
    values = score_values_of(stage, "sec_handler", task)
    values["scores"][0]["score"] = 27
    faults = stage.faults_of("sec_handler", task, **values)
    assert faults == [("scores/0/reason", "Give a reason for this score")]


def test_what_must_improve_needs_a_date_ahead(stage: Stage) -> None:
    instance = reported(stage)
    task = stage.task_for("sec_handler", instance, "score_unit")
    late = [{**FINDING, "due_on": "2025-11-14"}]
    values = score_values_of(stage, "sec_handler", task, findings=late)
    assert stage.faults_of("sec_handler", task, **values) == [
        ("findings/0/due_on", "Choose a day after today")
    ]


def test_silence_counts_as_no_comment_and_is_written_down(stage: Stage) -> None:
    instance = scored(stage)
    stage.move_to("2025-11-20T12:00")
    answers = [stage.document("response", unit).body["answer"] for unit in UNITS]
    assert (answers, stage.open(instance)) == (["no_comment"] * 3, ["finalise_scores"])


def test_a_unit_reads_what_was_said_of_its_own_score_only(stage: Stage) -> None:
    instance = scored(stage)
    task = stage.task(instance, "unit_response@kinmen")
    page = stage.engine.ask(stage.engine.actor("unit_chief.kinmen"), task_page, task.id)
    assert [saying.text for saying in page.sayings] == ["整體表現良好，佐證完整"]


def test_an_objection_leads_to_one_second_look(stage: Stage) -> None:
    instance = scored(stage)
    stage.complete(
        "unit_chief.kinmen", instance, "unit_response@kinmen", answer="object",
        reason="佐證已於期限內補齊並上傳", attachments=[stage.file("unit_chief.kinmen")],
    )  # fmt: skip
    task = stage.task_for("sec_handler", instance, "second_look")
    values = score_values_of(stage, "sec_handler", task, answer="經複核佐證，調整為八成")
    stage.complete_task("sec_handler", task, **values)
    assert stage.open(instance) == ["unit_response@metrology", "unit_response@secretariat"]


def test_an_objection_needs_reason_and_files(stage: Stage) -> None:
    instance = scored(stage)
    faults = stage.faults("unit_chief.kinmen", instance, "unit_response@kinmen", answer="object")
    assert [path for path, _ in faults] == ["reason", "attachments"]


def test_the_result_is_signed_by_the_director_and_published(stage: Stage) -> None:
    instance = signed(stage)
    before = stage.open(instance)
    published(stage, instance)
    assert (before, stage.has_ended(instance)) == (["publish_improvement_status"], True)


def test_what_happened_can_be_re_executed_and_proven(stage: Stage) -> None:
    instance = signed(stage, findings=[FINDING])
    proven = [instance, *stage.instances("improvement_followup")]
    assert [stage.faults_of_history(each) for each in proven] == [[], [], [], []]


def test_publication_is_refused_without_the_assurance_that_no_person_is_named(stage: Stage) -> None:
    instance = signed(stage)
    faults = stage.faults(
        "sec_handler", instance, "publish_improvement_status", summary=TOLD, no_personal_names=False,
        url="https://www.bsmi.gov.tw/khh/improvement", published_on="2025-11-14",
    )  # fmt: skip
    assert faults == [("no_personal_names", "Please confirm this")]


def test_a_reward_may_be_proposed(stage: Stage) -> None:
    instance = signed(stage, wants_reward=True)
    published(stage, instance)
    stage.complete("sec_handler", instance, "propose_reward", proposal=TOLD, basis=TOLD)
    assert (stage.has_ended(instance), stage.document("reward_proposal").body["basis"]) == (True, TOLD)


def test_the_director_hears_of_an_assessment_that_is_open_at_the_end_of_the_year(stage: Stage) -> None:
    opened(stage)
    stage.move_to("2026-01-01T09:00")
    assert ("director", "填寫自評") in stage.mailed()


PLAN_OF_116 = "bsmi_khh:116"


def plan_of_116(uow: UnitOfWork) -> None:
    """A released plan of the year whose last day is a holiday."""
    ref = uow.documents.put(PLAN_OF_116, "plan", "", to_json(replace(small_plan(), roc_year=116)))
    report = {"plan_no": ref.no, "plan_digest": ref.digest}
    uow.documents.put(PLAN_OF_116, "report", "1", report)
    release(uow, PLAN_OF_116, "1", "acknowledged")
    record_deadlines(uow, PLAN_OF_116, date(2027, 1, 6), {})
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def test_the_dates_of_116_end_before_new_year_and_are_late_after_it(stage: Stage) -> None:
    """12/31 of 2027 is a holiday: due on 12/30, late after 2028-01-03, the next working day."""
    stage.move_to("2027-11-15T10:00")
    stage.engine.execute(SYSTEM, plan_of_116)
    instance = stage.start("self_assessment", plan_key=PLAN_OF_116)
    dates = actors.results(stage, instance, "open_dates")[0]
    assert (dates["k2_at"], dates["k2_late_after"]) == (
        "2027-12-30T23:59:59+08:00", "2028-01-03T23:59:59+08:00",
    )  # fmt: skip


def test_the_result_is_due_before_a_holiday_and_late_after_the_next_working_day(stage: Stage) -> None:
    """12/25 of 2025 is a holiday: due on 12/24, late after 12/26."""
    task = stage.task(agreed(stage), "finalise_scores")
    assert (task.due_at, task.late_after_at) == (
        datetime.fromisoformat("2025-12-24T23:59:59+08:00"),
        datetime.fromisoformat("2025-12-26T23:59:59+08:00"),
    )


def followed(stage: Stage) -> int:
    """The follow-up of the finding of the Kinmen office."""
    signed(stage, findings=[FINDING])
    return stage.instances("improvement_followup")[0]


def improve(stage: Stage, instance: int, **changes: Any) -> None:
    stage.complete("unit_handler.kinmen", instance, "improvement@kinmen", **improvement(stage, **changes))


def improvement(place: Stage, /, **changes: Any) -> dict[str, Any]:
    user = "unit_handler.kinmen"
    return {
        "measure": "每場留存簽到紀錄", "owner": user, "due_on": "2026-03-31", "stage": "finished",
        "done_on": "2025-11-14", "evidence": [place.file(user)], **changes,
    }  # fmt: skip


def test_every_finding_that_must_be_improved_is_followed_up_in_its_own_instance(stage: Stage) -> None:
    signed(stage, findings=[FINDING])
    opened_tasks = [stage.open(instance) for instance in stage.instances("improvement_followup")]
    assert sorted(opened_tasks) == [[f"improvement@{unit}"] for unit in UNITS]


def test_an_improvement_is_closed_when_it_is_verified(stage: Stage) -> None:
    instance = followed(stage)
    improve(stage, instance)
    stage.complete("sec_handler", instance, "improvement_verify", result="improved")
    assert (stage.has_ended(instance), stage.document("improvement", "kinmen-1").body["state"]) == (
        True,
        "improved",
    )


def test_what_is_not_improved_stays_open(stage: Stage) -> None:
    instance = followed(stage)
    improve(stage, instance)
    stage.complete(
        "sec_handler", instance, "improvement_verify", result="not_improved", comment="簽到紀錄仍有缺漏"
    )
    assert (stage.open(instance), stage.document("improvement", "kinmen-1").body["state"]) == (
        ["improvement@kinmen"],
        "not_improved",
    )


def test_a_plan_for_an_improvement_is_kept_and_the_task_stays(stage: Stage) -> None:
    instance = followed(stage)
    planned = improvement(stage, stage="planned")
    del planned["done_on"], planned["evidence"]
    stage.complete("unit_handler.kinmen", instance, "improvement@kinmen", **planned)
    assert stage.shown("unit_handler.kinmen", instance, "improvement@kinmen")["measure"] == "每場留存簽到紀錄"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"evidence": []}, ("evidence", "Attach at least 1 file(s)")),
        ({"due_on": "2026-10-01"}, ("due_on", "Choose a day up to 2026-09-30")),
        ({"owner": "sec_handler"}, ("owner", "Choose one of the options")),
    ],
)
def test_an_improvement_without_proof_date_or_owner_is_refused(
    stage: Stage, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    instance = followed(stage)
    values = improvement(stage, **changes)
    assert stage.faults("unit_handler.kinmen", instance, "improvement@kinmen", **values) == [fault]
