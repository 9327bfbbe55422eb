"""Extension (展期): who may apply and until when, who grants how many days, and what moves with the date."""

from datetime import date, datetime
from typing import Any

import pytest

from engine.clock import TAIPEI
from engine.commands import extension_levels, extensions, instances, tasks
from engine.commands.deputies import name_deputy
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.errors import Conflict, Invalid, NotFound, NotPermitted, TaskNotOpen
from engine.plan.extension import ExtensionLevel, ExtensionTable
from engine.queries.audit import state_at
from engine.queries.extension_levels import extension_levels_page
from tests.stories import actors
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

HANDLER, CHIEF = "unit_handler.metrology", "unit_chief.metrology"
EDIT = "edit_actions@metrology"
REASON = "量測儀器送校，數據須待校正後填報。"
AGREED, DECLINED = {"decision": "agree", "opinion": "如擬"}, {"decision": "decline", "opinion": "請依限"}


def assigned(stage: Stage) -> None:
    """Two units are writing, until 2026-01-19; the plan itself is due on 2026-01-26."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)


SCENES = {"cycle": assigned}


@pytest.fixture
def cycle(stage: Stage) -> int:
    return cycle_of(stage)


def apply(stage: Stage, cycle: int, on: str, user: str = HANDLER, name: str = EDIT) -> int:
    task = stage.task(cycle, name)
    return stage.engine.execute(
        stage.engine.actor(user), extensions.apply, task.id, new_on=date.fromisoformat(on), reason=REASON
    )


def refused(
    stage: Stage, cycle: int, on: str, name: str = EDIT, user: str = HANDLER
) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        apply(stage, cycle, on, user, name)
    return [(error.path, str(error)) for error in refusal.value.errors]


def due_of(task: Task) -> tuple[str, str]:
    ends = (task.due_at, task.late_after_at)
    return tuple(at.astimezone(TAIPEI).date().isoformat() if at else "" for at in ends)  # type: ignore[return-value]


def extended(stage: Stage, cycle: int) -> list[dict[str, Any]]:
    return actors.events(stage, cycle, EventType.TASK_EXTENDED)


def candidates(stage: Stage, extension: int) -> list[tuple[str, str]]:
    return [(c.role, c.unit) for c in stage.tasks(extension, "decide")[0].candidates]


def decide(stage: Stage, extension: int, user: str, **values: str) -> None:
    stage.complete_task(user, stage.tasks(extension, "decide")[0], **values)


def change_levels(
    stage: Stage, *levels: ExtensionLevel, user: str = "sec_chief", on: str = "2026-01-06"
) -> None:
    table = ExtensionTable(levels=levels, valid_from=date.fromisoformat(on), basis="分層負責明細表")
    stage.engine.execute(stage.engine.actor(user), extension_levels.change, table)


def test_what_is_granted_is_due_later_and_keeps_its_first_date(cycle: int, stage: Stage) -> None:
    assert due_of(stage.task(cycle, EDIT)) == ("2026-01-19", "2026-01-19")
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **AGREED)
    assert due_of(stage.task(cycle, EDIT)) == ("2026-01-21", "2026-01-21")
    (told,) = extended(stage, cycle)
    assert (told["was_due_at"], told["days"], told["reason"], told["applicant"]) == (
        "2026-01-19T23:59:59+08:00", 2, REASON, HANDLER,
    )  # fmt: skip


def test_both_histories_replay(cycle: int, stage: Stage) -> None:
    extension = apply(stage, cycle, "2026-01-21")
    decide(stage, extension, CHIEF, **AGREED)
    assert (stage.faults_of_history(cycle), stage.faults_of_history(extension)) == ([], [])
    actors.contribute(stage, cycle, "metrology")
    assert stage.faults_of_history(cycle) == []


def test_what_is_declined_stays_as_it_was(cycle: int, stage: Stage) -> None:
    extension = apply(stage, cycle, "2026-01-21")
    decide(stage, extension, CHIEF, **DECLINED)
    assert (due_of(stage.task(cycle, EDIT))[0], extended(stage, cycle)) == ("2026-01-19", [])
    assert stage.has_ended(extension)


@pytest.mark.parametrize("answer", [AGREED, DECLINED])
def test_whoever_applied_is_told(cycle: int, stage: Stage, answer: dict[str, str]) -> None:
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **answer)
    assert (HANDLER, "單位提報") in stage.mailed()


@pytest.mark.parametrize(
    ("on", "approver"),
    [
        ("2026-01-22", ("unit_chief", "metrology")),
        ("2026-01-23", ("sec_chief", "")),
    ],
)
def test_more_days_are_granted_higher_up(
    cycle: int, stage: Stage, on: str, approver: tuple[str, str]
) -> None:
    assert candidates(stage, apply(stage, cycle, on)) == [approver]


def test_days_add_up_over_several_extensions(cycle: int, stage: Stage) -> None:
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **AGREED)
    again = apply(stage, cycle, "2026-01-23")
    assert candidates(stage, again) == [("sec_chief", "")]
    assert stage.shown("sec_chief", again, "decide")["original_on"] == "115/01/19"


def test_the_table_of_levels_holds_from_its_first_day(cycle: int, stage: Stage) -> None:
    change_levels(stage, ExtensionLevel(role="director"))
    assert candidates(stage, apply(stage, cycle, "2026-01-20")) == [("director", "")]


def test_a_table_of_tomorrow_does_not_hold_today(cycle: int, stage: Stage) -> None:
    change_levels(stage, ExtensionLevel(role="director"), on="2026-02-02")
    assert candidates(stage, apply(stage, cycle, "2026-01-20"))[0] == ("unit_chief", "metrology")


def test_what_is_applied_for_stays_with_its_approver(cycle: int, stage: Stage) -> None:
    extension = apply(stage, cycle, "2026-01-20")
    change_levels(stage, ExtensionLevel(role="director"))
    assert candidates(stage, extension)[0] == ("unit_chief", "metrology")
    assert stage.faults_of_history(extension) == []


def test_a_table_from_yesterday_is_refused(cycle: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        change_levels(stage, ExtensionLevel(role="director"), on="2026-01-01")
    assert [error.path for error in refusal.value.errors] == ["valid_from"]


@pytest.mark.parametrize("who", ["sec_handler", CHIEF, "director", HANDLER])
def test_the_table_is_changed_by_the_chief_of_the_secretariat(cycle: int, stage: Stage, who: str) -> None:
    with pytest.raises(NotPermitted):
        change_levels(stage, ExtensionLevel(role="director"), user=who)


def test_every_version_of_the_table_stays_readable(cycle: int, stage: Stage) -> None:
    change_levels(stage, ExtensionLevel(role="director"))
    change_levels(stage, ExtensionLevel(role="sec_chief"))
    page = stage.engine.ask(stage.engine.actor(HANDLER), extension_levels_page)
    named = [(version.made_by, version.table.levels[0].role) for version in page.versions]
    assert named == [("sec_chief", "sec_chief"), ("sec_chief", "director")]
    assert page.today.levels == (ExtensionLevel(role="sec_chief"),)


def test_nobody_grants_what_they_asked_for_themselves(cycle: int, stage: Stage) -> None:
    actors.contribute(stage, cycle, "metrology")
    extension = apply(stage, cycle, "2026-01-20", CHIEF, "chief_review@metrology")
    assert candidates(stage, extension) == [("sec_chief", "")]


def test_a_day_off_moves_to_the_next_working_day(cycle: int, stage: Stage) -> None:
    decide(stage, apply(stage, cycle, "2026-01-24", name=EDIT), "sec_chief", **AGREED)
    assert due_of(stage.task(cycle, EDIT))[0] == "2026-01-26"


@pytest.mark.parametrize("on", ["2026-01-19", "2026-01-12"])
def test_a_day_that_is_not_later_is_refused(cycle: int, stage: Stage, on: str) -> None:
    assert refused(stage, cycle, on) == [("", "Choose a day after the present due date")]


def test_a_day_past_the_deadline_of_the_plan_is_refused(cycle: int, stage: Stage) -> None:
    assert refused(stage, cycle, "2026-01-27") == [
        ("", "The new date lies after the deadline of 伍.一 (2026-01-26), which cannot be extended")
    ]


def test_a_date_from_outside_is_refused(cycle: int, stage: Stage) -> None:
    actors.contribute_all(stage, cycle)
    words = "Only internal dates can be extended: this one was set outside, or has a way of its own"
    assert refused(stage, cycle, "2026-01-28", "compile_plan", "sec_handler") == [("", words)]


def test_after_the_due_date_it_is_too_late(cycle: int, stage: Stage) -> None:
    stage.move_to("2026-01-20T09:00")
    with pytest.raises(extensions.DueDatePassed):
        apply(stage, cycle, "2026-01-22")


def test_on_the_due_date_it_is_not(cycle: int, stage: Stage) -> None:
    stage.move_to("2026-01-19T17:00")
    assert stage.open(apply(stage, cycle, "2026-01-22")) == ["decide@metrology"]


def test_a_second_application_is_refused_while_one_is_pending(cycle: int, stage: Stage) -> None:
    apply(stage, cycle, "2026-01-21")
    with pytest.raises(extensions.ExtensionPending):
        apply(stage, cycle, "2026-01-22")


def withdraw(stage: Stage, cycle: int, user: str = HANDLER, reason: str = REASON) -> None:
    task = stage.task(cycle, EDIT)
    stage.engine.execute(stage.engine.actor(user), extensions.withdraw, task.id, reason=reason)


def test_whoever_applied_withdraws_until_it_is_decided(cycle: int, stage: Stage) -> None:
    extension = apply(stage, cycle, "2026-01-21")
    withdraw(stage, cycle)
    assert (stage.has_ended(extension), stage.open(extension), due_of(stage.task(cycle, EDIT))[0]) == (
        True, [], "2026-01-19",
    )  # fmt: skip
    (told,) = actors.events(stage, extension, EventType.INSTANCE_CANCELLED)
    assert (told["reason"], told["withdrawn"]) == (REASON, True)
    assert (stage.faults_of_history(extension), stage.faults_of_history(cycle)) == ([], [])


def test_after_a_withdrawal_one_may_apply_again(cycle: int, stage: Stage) -> None:
    apply(stage, cycle, "2026-01-21")
    withdraw(stage, cycle)
    assert candidates(stage, apply(stage, cycle, "2026-01-22")) == [("unit_chief", "metrology")]


@pytest.mark.parametrize("who", [CHIEF, "director", "unit_handler.secretariat"])
def test_only_whoever_applied_withdraws(cycle: int, stage: Stage, who: str) -> None:
    stage.grant("unit_handler.secretariat", "unit_handler", "metrology")
    extension = apply(stage, cycle, "2026-01-21")
    with pytest.raises(NotPermitted):
        withdraw(stage, cycle, who)
    assert stage.open(extension) == ["decide@metrology"]


def test_whoever_does_not_see_the_task_learns_nothing_of_it(cycle: int, stage: Stage) -> None:
    apply(stage, cycle, "2026-01-21")
    with pytest.raises((NotFound, NotPermitted)):
        withdraw(stage, cycle, "bureau_sec_handler")


def test_an_application_is_withdrawn_once(cycle: int, stage: Stage) -> None:
    apply(stage, cycle, "2026-01-21")
    withdraw(stage, cycle)
    with pytest.raises(extensions.NoExtensionPending):
        withdraw(stage, cycle)


@pytest.mark.parametrize("answer", [AGREED, DECLINED])
def test_what_is_decided_is_withdrawn_too_late(cycle: int, stage: Stage, answer: dict[str, str]) -> None:
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **answer)
    with pytest.raises(extensions.NoExtensionPending):
        withdraw(stage, cycle)


def test_after_the_due_date_it_may_still_be_withdrawn(cycle: int, stage: Stage) -> None:
    extension = apply(stage, cycle, "2026-01-22")
    stage.move_to("2026-01-20T09:00")
    withdraw(stage, cycle)
    assert stage.has_ended(extension)


def test_a_withdrawal_says_why(cycle: int, stage: Stage) -> None:
    apply(stage, cycle, "2026-01-21")
    with pytest.raises(Invalid) as refusal:
        withdraw(stage, cycle, reason=" 否 ")
    assert [error.path for error in refusal.value.errors] == ["reason"]


def test_a_deputy_withdraws_what_they_applied_for_themselves_only(cycle: int, stage: Stage) -> None:
    extension = apply(stage, cycle, "2026-01-21")
    stage.engine.execute(
        stage.engine.actor(HANDLER), name_deputy, HANDLER, deputy="unit_handler.kinmen",
        valid_from=date(2026, 1, 6), valid_to=date(2026, 1, 30), cause="official_duty",
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        withdraw(stage, cycle, "unit_handler.kinmen")
    assert stage.open(extension) == ["decide@metrology"]


@pytest.mark.parametrize("who", ["unit_handler.kinmen", CHIEF, "director", "sec_chief"])
def test_only_who_owes_the_task_applies(cycle: int, stage: Stage, who: str) -> None:
    with pytest.raises(NotPermitted):
        apply(stage, cycle, "2026-01-21", who)


def test_a_task_that_somebody_else_holds_is_not_extended_by_a_colleague(cycle: int, stage: Stage) -> None:
    stage.engine.execute(stage.engine.actor(HANDLER), tasks.claim, stage.task(cycle, EDIT).id)
    stage.grant("unit_handler.secretariat", "unit_handler", "metrology")
    with pytest.raises(NotPermitted):
        apply(stage, cycle, "2026-01-21", "unit_handler.secretariat")


def test_a_reason_is_asked_for(cycle: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        stage.engine.execute(
            stage.engine.actor(HANDLER), extensions.apply, stage.task(cycle, EDIT).id,
            new_on=date(2026, 1, 21), reason=" 忙 ",
        )  # fmt: skip
    assert [error.path for error in refusal.value.errors] == ["reason"]


def test_a_closed_task_is_not_extended(cycle: int, stage: Stage) -> None:
    task = stage.task(cycle, EDIT)
    actors.contribute(stage, cycle, "metrology")
    with pytest.raises(TaskNotOpen):
        stage.engine.execute(
            stage.engine.actor(HANDLER), extensions.apply, task.id, new_on=date(2026, 1, 21), reason=REASON
        )


def test_what_was_finished_meanwhile_has_nothing_to_extend(cycle: int, stage: Stage) -> None:
    extension = apply(stage, cycle, "2026-01-21")
    actors.contribute(stage, cycle, "metrology")
    decide(stage, extension, CHIEF, **AGREED)
    assert (actors.results(stage, extension, "settle"), extended(stage, cycle)) == (
        [{"outcome": "closed"}],
        [],
    )


def test_a_day_that_has_passed_is_not_granted(cycle: int, stage: Stage) -> None:
    extension = apply(stage, cycle, "2026-01-21")
    stage.move_to("2026-01-22T09:00")
    task = stage.tasks(extension, "decide")[0]
    assert stage.faults_of(CHIEF, task, **AGREED) == [("decision", "The day that was asked for has passed")]


def test_a_page_from_before_the_extension_is_stale(cycle: int, stage: Stage) -> None:
    seen = actors.page(stage, HANDLER, cycle, EDIT)
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **AGREED)
    with pytest.raises(Conflict):
        actors.send(stage, HANDLER, seen)


def test_nobody_is_told_of_lateness_before_the_new_date(cycle: int, stage: Stage) -> None:
    decide(stage, apply(stage, cycle, "2026-01-22"), CHIEF, **AGREED)
    stage.move_to("2026-01-19T10:00")
    told = len(stage.mailed())
    stage.move_to("2026-01-20T10:00")
    late = [user for user, _ in stage.mailed()[told:]]
    assert late == ["unit_chief.kinmen"]


def test_the_secretariat_fills_in_for_a_unit_only_after_the_new_date(cycle: int, stage: Stage) -> None:
    decide(stage, apply(stage, cycle, "2026-01-22"), CHIEF, **AGREED)
    stage.move_to("2026-01-22T10:00")
    assert len(stage.tasks(cycle, "take_over_row")) == 1  # for Kinmen, which has no extension
    stage.move_to("2026-01-27T10:00")
    assert len(stage.tasks(cycle, "take_over_row")) == 2
    assert stage.faults_of_history(cycle) == []


def test_the_extension_ends_with_its_matter(cycle: int, stage: Stage) -> None:
    extension = apply(stage, cycle, "2026-01-21")
    reason = "總局計畫撤回，本年度計畫不再辦理，俟另函通知。"
    stage.engine.execute(stage.engine.actor("director"), instances.cancel, cycle, reason=reason)
    assert stage.has_ended(extension)


def test_the_pages_of_the_past_show_the_date_of_their_moment(cycle: int, stage: Stage) -> None:
    before = stage.engine.ask(SYSTEM, lambda r: r.instances.get(cycle)).seq
    decide(stage, apply(stage, cycle, "2026-01-21"), CHIEF, **AGREED)
    task_id = stage.task(cycle, EDIT).id

    def due(at: int | None) -> datetime | None:
        _, view = stage.engine.ask(SYSTEM, state_at, cycle, at)
        return next(task.due_at for task in view.open_tasks if task.id == task_id)

    ends = [at.astimezone(TAIPEI).date().isoformat() for at in (due(before), due(None)) if at]
    assert ends == ["2026-01-19", "2026-01-21"]
