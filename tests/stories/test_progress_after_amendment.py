"""Who owes progress follows the plan in effect (肆, 捌): an amendment names a unit, or no longer names it."""

from typing import Any

import pytest

from engine.commands import organisation
from engine.domain.identity import SYSTEM
from engine.store.unit_of_work import UnitOfWork
from tests.stories import amending
from tests.stories.stage import Stage

BEFORE = ["progress_update@kinmen", "progress_update@metrology", "progress_update@secretariat"]
AFTER = ["progress_update@metrology", "progress_update@registration", "progress_update@secretariat"]


def with_registration(uow: UnitOfWork) -> None:
    """The unit that becomes responsible has a handler and a chief."""
    for role in ("unit_handler", "unit_chief"):
        user = f"{role}.registration"
        organisation.add_user(uow, user, name=user, title="科員")
        organisation.grant(uow, user, role=role, unit="registration", valid_from=uow.today)


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    fresh_stage.engine.execute(SYSTEM, with_registration)
    return amending.begin(fresh_stage)


OWN = {"metrology": "1.1.1", "registration": "1.1.2", "secretariat": "1.1.3"}


def edited(stage: Stage, instance: int, unit: str) -> None:
    """A unit takes the row that is its own from now on, and its chief approves."""
    user = f"unit_handler.{unit}"
    rows = [
        {"evidence_kinds": ["校正報告"], **row, "summary": f"{row['summary']}並公開結果給申請人"}
        for row in stage.shown(user, instance, f"edit_actions@{unit}")["actions"]
        if row["id"] == OWN[unit]
    ]
    stage.complete(user, instance, f"edit_actions@{unit}", applicable=True, actions=rows)
    stage.complete(f"unit_chief.{unit}", instance, f"chief_review@{unit}", decision="approve")


def handed_over(stage: Stage, effective_on: str) -> int:
    """What Kinmen did goes to the registration unit from a day on; the bureau agrees."""
    instance = amending.amend(stage)
    amending.request(stage, instance, rows=["1.1"], way="assign", effective_on=effective_on)
    row = stage.shown("sec_handler", instance, "assign_units")["assignments"][0]
    row |= {"units": list(OWN), "unit_due": "2025-03-20"}
    stage.complete("sec_handler", instance, "assign_units", assignments=[row])
    for unit in OWN:
        edited(stage, instance, unit)
    amending.compile_texts(stage, instance)
    amending.sign(stage, instance)
    amending.report(stage, instance)
    amending.reply(stage)
    return instance


def execution(stage: Stage) -> int:
    return stage.instances("plan_execution")[0]


def reported(stage: Stage, unit: str, **entries: Any) -> None:
    """The unit reports its rows as the form shows them."""
    name, user = f"progress_update@{unit}", f"unit_handler.{unit}"
    rows = [
        {**row, "as_of": "2025-03-31", "status": "normal", "text": "依計畫持續辦理中", **entries}
        for row in stage.shown(user, execution(stage), name)["rows"]
    ]
    stage.complete(user, execution(stage), name, rows=rows)


def test_the_new_unit_owes_progress_and_the_old_one_none(stage: Stage) -> None:
    handed_over(stage, "2025-03-28")
    stage.move_to("2025-03-28T10:00")
    stage.move_to("2025-04-01T10:00")
    assert stage.open(execution(stage)) == AFTER


def test_the_quarter_that_ended_before_is_owed_by_those_who_were_responsible(stage: Stage) -> None:
    handed_over(stage, "2025-04-15")
    stage.move_to("2025-04-01T10:00")
    first = stage.open(execution(stage))
    stage.move_to("2025-04-16T10:00")
    later = stage.open(execution(stage))
    stage.move_to("2025-07-01T10:00")
    reported(stage, "kinmen")
    stage.complete("unit_chief.kinmen", execution(stage), "chief_confirm@kinmen", decision="approve")
    assert (first, later, stage.open(execution(stage))) == (BEFORE, BEFORE, AFTER)


def test_a_report_that_is_open_keeps_its_rows(stage: Stage) -> None:
    handed_over(stage, "2025-04-15")
    stage.move_to("2025-04-16T10:00")
    kinmen = stage.shown("unit_handler.kinmen", execution(stage), "progress_update@kinmen")["rows"]
    assert [row["action_id"] for row in kinmen] == ["1.1.2"]


def test_the_new_unit_reports_what_it_took_over(stage: Stage) -> None:
    handed_over(stage, "2025-03-28")
    stage.move_to("2025-03-28T10:00")
    stage.move_to("2025-04-01T10:00")
    reported(stage, "registration")
    rows = stage.document("progress", "registration").body["rows"]
    assert [row["action_id"] for row in rows] == ["1.1.2"]


def test_a_history_with_a_change_of_hands_can_be_proven(stage: Stage) -> None:
    handed_over(stage, "2025-04-15")
    stage.move_to("2025-07-01T10:00")
    stage.move_to("2025-11-14T12:00")
    assert (stage.has_ended(execution(stage)), stage.faults_of_history(execution(stage))) == (True, [])
