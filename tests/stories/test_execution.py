"""Execution (執行): every unit reports its progress each quarter until the self-assessment opens."""

import pytest

from tests.stories.stage import Stage

EXPLAINED = {"as_of": "2025-03-31", "status": "normal", "text": "依計畫持續辦理中"}


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    fresh_stage.move_to("2025-02-10T10:00")
    return fresh_stage


def rows(stage: Stage, instance: int, unit: str, **entries: str) -> list[dict[str, str]]:
    """The rows of a unit with the same entries in each."""
    shown = stage.shown(f"unit_handler.{unit}", instance, f"progress_update@{unit}")["rows"]
    return [{**row, **EXPLAINED, **entries} for row in shown]


def report(stage: Stage, instance: int, unit: str, **entries: str) -> None:
    stage.complete(
        f"unit_handler.{unit}",
        instance,
        f"progress_update@{unit}",
        rows=rows(stage, instance, unit, **entries),
    )


def confirm(stage: Stage, instance: int, unit: str, **values: object) -> None:
    values = values or {"decision": "approve"}
    stage.complete(f"unit_chief.{unit}", instance, f"chief_confirm@{unit}", **values)


def test_nobody_reports_before_the_quarter_has_ended(stage: Stage) -> None:
    assert stage.open(stage.start("plan_execution")) == []


def test_every_unit_reports_when_the_quarter_has_ended(stage: Stage) -> None:
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    assert stage.open(instance) == [
        "progress_update@kinmen", "progress_update@metrology", "progress_update@secretariat",
    ]  # fmt: skip


def test_a_confirmed_report_is_kept_and_the_unit_waits_for_the_next_quarter(stage: Stage) -> None:
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    report(stage, instance, "metrology", actual="31")
    confirm(stage, instance, "metrology")
    kept = stage.document("progress", "metrology").body
    assert (stage.open(instance), kept["period"], kept["rows"][0]["percent"]) == (
        ["progress_update@kinmen", "progress_update@secretariat"],
        "第 1 季",
        "25.8%",
    )


def test_the_chief_sends_a_report_back(stage: Stage) -> None:
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    report(stage, instance, "metrology", actual="31")
    confirm(
        stage,
        instance,
        "metrology",
        decision="return",
        return_reason=["evidence_mismatch"],
        opinion="請附報告",
    )
    assert "progress_update@metrology" in stage.open(instance)


def test_a_return_needs_its_reason(stage: Stage) -> None:
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    report(stage, instance, "metrology", actual="31")
    faults = stage.faults("unit_chief.metrology", instance, "chief_confirm@metrology", decision="return")
    assert [path for path, _ in faults] == ["return_reason", "opinion"]


def test_a_quantified_action_needs_its_number(stage: Stage) -> None:
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    faults = stage.faults(
        "unit_handler.metrology",
        instance,
        "progress_update@metrology",
        rows=rows(stage, instance, "metrology"),
    )
    assert faults == [("rows/0/actual", "A quantified action needs its number")]


def test_what_lags_behind_needs_its_remedy(stage: Stage) -> None:
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    late = rows(stage, instance, "metrology", actual="3", status="behind")
    faults = stage.faults("unit_handler.metrology", instance, "progress_update@metrology", rows=late)
    assert faults == [("rows/0/difficulty", "This entry is required")]


def second_quarter(stage: Stage) -> int:
    """The second quarter of the metrology unit, after 31 in the first."""
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    report(stage, instance, "metrology", actual="31")
    confirm(stage, instance, "metrology")
    stage.move_to("2025-07-01T10:00")
    return instance


def test_the_number_of_the_last_quarter_is_shown(stage: Stage) -> None:
    instance = second_quarter(stage)
    assert rows(stage, instance, "metrology")[0]["previous"] == "31"


def test_a_running_total_that_shrinks_needs_its_reason(stage: Stage) -> None:
    instance = second_quarter(stage)
    fewer = rows(stage, instance, "metrology", actual="30")
    faults = stage.faults("unit_handler.metrology", instance, "progress_update@metrology", rows=fewer)
    assert faults == [("rows/0/less_reason", "Say why the number is lower than before")]


def test_the_chief_hears_when_the_report_is_late(stage: Stage) -> None:
    stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    stage.move_to("2025-04-14T10:00")
    assert ("unit_chief.metrology", "填報進度") in stage.mailed()


def test_the_self_assessment_ends_the_reports_that_are_still_open(stage: Stage) -> None:
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    stage.move_to("2025-11-14T12:00")
    assert (stage.open(instance), stage.has_ended(instance)) == ([], True)


def test_what_happened_can_be_re_executed_and_proven(stage: Stage) -> None:
    instance = second_quarter(stage)
    stage.move_to("2025-11-14T12:00")
    assert stage.faults_of_history(instance) == []


def test_reports_can_be_switched_off(stage: Stage) -> None:
    stage.set("progress_frequency", "off")
    instance = stage.start("plan_execution")
    stage.move_to("2025-04-01T10:00")
    assert (stage.open(instance), stage.has_ended(instance)) == ([], False)


def test_reports_can_be_asked_for_every_month(stage: Stage) -> None:
    stage.set("progress_frequency", "monthly")
    instance = stage.start("plan_execution")
    stage.move_to("2025-03-01T10:00")
    report(stage, instance, "kinmen")
    assert stage.document("progress", "kinmen").body["period"] == "2 月"
