"""The priority of a task: set by whoever distributes or supervises it, with a reason; it moves no date."""

import json
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands import instances, organisation, priorities, tasks
from engine.commands.deputies import name_deputy
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.priority import Priority
from engine.domain.task import Task
from engine.errors import InstanceSuspended, Invalid, NotFound, NotPermitted, TaskNotOpen
from engine.queries.tasks import InboxPage, View, inbox
from engine.replay import rebuild, verify
from engine.store.notice_tables import task_priority
from engine.store.unit_of_work import UnitOfWork
from tests.engine import guarded
from tests.engine.commands.office import Office

REASON = "議員質詢在即，請先辦理。"


def prioritise(
    office: Office, task: Task, priority: str = "high", who: str = "chief_01", reason: str = REASON
) -> Task:
    command = priorities.prioritise
    return office.engine.execute(office.actor(who), command, task.id, priority=priority, reason=reason)


def stored(office: Office, task: Task) -> Task:
    return office.engine.ask(SYSTEM, lambda reader: reader.tasks.get(task.id))


def kept(office: Office, task: Task) -> Priority:
    return office.engine.ask(SYSTEM, lambda reader: reader.priorities.of_task(task.id))


def told(office: Office, task: Task) -> list[dict[str, Any]]:
    event_type = EventType.TASK_PRIORITISED
    found = office.engine.ask(SYSTEM, lambda reader: reader.history.of_task(task.id, event_type))
    return [json.loads(event.data) for event in found]


def faults(office: Office, task: Task) -> tuple[Any, ...]:
    return office.engine.ask(SYSTEM, verify, task.instance_id).faults


def listed(office: Office, who: str = "clerk", **asked: Any) -> InboxPage:
    return office.engine.ask(office.actor(who), inbox, **asked)


def refused_fields(office: Office, *args: Any, **given: Any) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        prioritise(office, *args, **given)
    return [error.path for error in refusal.value.errors]


def test_a_priority_is_kept_and_told_and_changes_nothing_else(both: Office) -> None:
    report = both.reports()[0]
    prioritise(both, report, "highest")
    note = {"priority": "highest", "before": "normal", "reason": REASON}
    assert (kept(both, report), told(both, report), stored(both, report)) == (
        Priority.HIGHEST, [note], report,
    )  # fmt: skip
    assert faults(both, report) == ()


def test_a_task_takes_its_turn_again(both: Office) -> None:
    report = both.reports()[0]
    for priority in ("high", "highest", "normal"):
        prioritise(both, report, priority)
    assert (kept(both, report), faults(both, report)) == (Priority.NORMAL, ())
    assert [(note["before"], note["priority"]) for note in told(both, report)] == [
        ("normal", "high"), ("high", "highest"), ("highest", "normal"),
    ]  # fmt: skip


def test_a_task_that_somebody_holds_stays_theirs(office: Office) -> None:
    report = office.reports()[0]
    held = office.engine.execute(office.actor("handler_01"), tasks.claim, report.id)
    prioritise(office, report)
    assert stored(office, report) == held


def test_the_chief_of_the_secretariat_says_what_it_does_first(office: Office) -> None:
    office.engine.execute(SYSTEM, hire_chief)
    draft = office.start()
    prioritise(office, draft, who="sec_chief")
    assert kept(office, draft) is Priority.HIGH


def hire_chief(uow: UnitOfWork) -> None:
    organisation.add_user(uow, "sec_chief", name="sec_chief", title="主任")
    organisation.grant(uow, "sec_chief", role="sec_chief", unit="office", valid_from=uow.today)


@pytest.mark.parametrize("who", ["handler_01", "colleague_01", "handler_02", "head", "auditor", "admin"])
def test_nobody_else_sets_a_priority(office: Office, who: str) -> None:
    report = office.reports()[0]
    with pytest.raises(NotPermitted):
        prioritise(office, report, who=who)
    assert kept(office, report) is Priority.NORMAL


def test_a_chief_sets_none_for_another_unit(office: Office) -> None:
    report = next(task for task in office.reports() if task.candidates[0].unit == "unit_02")
    with pytest.raises(NotPermitted):
        prioritise(office, report)


def test_a_deputy_of_the_chief_sets_none(office: Office) -> None:
    report, today = office.reports()[0], date(2025, 1, 6)
    office.engine.execute(
        office.actor("chief_01"), name_deputy, "chief_01", deputy="colleague_01", valid_from=today,
        valid_to=today, cause="vacation",
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        prioritise(office, report, who="colleague_01")


def test_whom_a_task_excludes_sets_none(office: Office) -> None:
    task = guarded.begin(office.engine, office.clerk, "chief_01")
    with pytest.raises(NotPermitted):
        prioritise(office, task)


def test_what_is_kept_among_few_is_not_found_by_a_chief_who_is_none_of_them(office: Office) -> None:
    task = guarded.begin(office.engine, office.clerk, sources=guarded.ALL_GUARDS)
    with pytest.raises(NotFound):
        prioritise(office, task)


def test_the_same_priority_is_not_set_twice(office: Office) -> None:
    report = office.reports()[0]
    prioritise(office, report)
    assert (refused_fields(office, report), len(told(office, report))) == (["priority"], 1)


def test_the_normal_priority_is_that_of_every_task(office: Office) -> None:
    assert refused_fields(office, office.reports()[0], "normal") == ["priority"]


def test_a_priority_that_does_not_exist_is_refused(office: Office) -> None:
    assert refused_fields(office, office.reports()[0], "urgent") == ["priority"]


def test_a_priority_needs_its_reason(office: Office) -> None:
    assert refused_fields(office, office.reports()[0], reason="急") == ["reason"]


@pytest.mark.parametrize("who", ["chief_01", "handler_01"])
def test_a_closed_task_has_its_priority_for_good(office: Office, who: str) -> None:
    report = office.reports()[0]
    office.complete(office.actor("handler_01"), report)
    with pytest.raises(TaskNotOpen):
        prioritise(office, report, who=who)


def test_none_is_set_while_the_instance_is_suspended(office: Office) -> None:
    report = office.reports()[0]
    reason = "暫停辦理，等候總局另行通知後再行決定是否繼續。"
    office.engine.execute(office.actor("head"), instances.suspend, report.instance_id, reason=reason)
    with pytest.raises(InstanceSuspended):
        prioritise(office, report)


@pytest.mark.parametrize(
    "statement",
    [sa.delete(task_priority), sa.update(task_priority).values(rank=2)],
    ids=["row gone", "another rank"],
)
def test_a_row_that_no_history_tells_is_found_and_made_again(both: Office, statement: sa.Executable) -> None:
    report = both.reports()[0]
    prioritise(both, report)
    both.engine.execute(SYSTEM, lambda uow: uow.transaction.core.execute(statement))
    assert ["task_priority" in str(fault) for fault in faults(both, report)][:1] == [True]
    both.engine.execute(SYSTEM, rebuild, report.instance_id)
    assert (kept(both, report), faults(both, report)) == (Priority.HIGH, ())


def test_the_inbox_shows_it_and_asks_for_it(both: Office) -> None:
    first, second, *_ = both.reports()
    prioritise(both, first, "highest")
    prioritise(both, second, who=chief_of(both, second))
    shown = {row.task_id: row.priority for row in listed(both).rows}
    assert (shown[first.id], shown[second.id]) == (Priority.HIGHEST, Priority.HIGH)
    found = [{row.task_id for row in listed(both, priority=asked).rows} for asked in ("high", "highest")]
    assert found == [{first.id, second.id}, {first.id}]


def chief_of(office: Office, task: Task) -> str:
    """A chief of the task's unit, hired for the test."""
    unit = task.candidates[0].unit

    def hire(uow: UnitOfWork) -> None:
        organisation.add_user(uow, f"chief.{unit}", name=unit, title="科長")
        organisation.grant(uow, f"chief.{unit}", role="unit_chief", unit=unit, valid_from=uow.today)

    office.engine.execute(SYSTEM, hire)
    return f"chief.{unit}"


@pytest.mark.parametrize("view", [View.OPEN, View.MINE, View.GROUP])
def test_a_list_begins_with_what_comes_first_and_its_pages_follow(both: Office, view: View) -> None:
    reports = both.reports()
    if view is View.MINE:
        for report in reports:
            both.engine.execute(both.clerk, tasks.claim, report.id)
    first, second = reports[7], reports[3]
    prioritise(both, first, "highest", who=chief_of(both, first))
    prioritise(both, second, "high", who=chief_of(both, second))
    found, cursor = [], None
    for _ in range(20):
        page = listed(both, view=view, sort="priority", cursor=cursor, limit=2)
        found += [row.task_id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    others = [row.task_id for row in listed(both, view=view, limit=100).rows]
    assert found[:2] == [first.id, second.id]
    assert found[2:] == [task_id for task_id in others if task_id not in (first.id, second.id)]


def test_a_priority_that_does_not_exist_is_not_asked_for(office: Office) -> None:
    with pytest.raises(Invalid) as refusal:
        listed(office, priority="urgent")
    assert [error.path for error in refusal.value.errors] == ["priority"]
