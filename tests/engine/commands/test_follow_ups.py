"""Follow-ups: a task leaves one person's list until a day, and nothing else changes."""

from datetime import date, timedelta

import pytest

from engine.clock import FixedClock
from engine.commands import tasks
from engine.commands.deputies import name_deputy
from engine.commands.follow_ups import follow_up
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.errors import Invalid, NotPermitted, TaskNotOpen
from engine.queries.tasks import View, inbox, inbox_counts
from tests.engine.commands.office import Office

TOMORROW = date(2025, 1, 7)


def put_off(office: Office, task: Task, until_on: date | None = TOMORROW, who: str = "handler_01") -> None:
    office.engine.execute(office.actor(who), follow_up, task.id, until_on=until_on)


def shown(office: Office, view: View = View.OPEN, who: str = "handler_01") -> list[int]:
    return [row.task_id for row in office.engine.ask(office.actor(who), inbox, view=view).rows]


@pytest.mark.parametrize("view", [View.OPEN, View.GROUP])
def test_it_leaves_the_own_list_only(both: Office, view: View) -> None:
    report = both.reports()[0]
    put_off(both, report)
    assert (shown(both, view), shown(both, view, "colleague_01")) == ([], [report.id])
    assert shown(both, View.FOLLOW_UP) == [report.id]
    counts = both.engine.ask(both.actor("handler_01"), inbox_counts)
    assert (counts[view], counts[View.FOLLOW_UP]) == (0, 1)


def test_what_one_holds_leaves_the_list_as_well(both: Office) -> None:
    report = both.reports()[0]
    both.engine.execute(both.actor("handler_01"), tasks.claim, report.id)
    put_off(both, report)
    assert (shown(both), shown(both, View.MINE), shown(both, View.FOLLOW_UP)) == ([], [], [report.id])


@pytest.mark.parametrize("is_held", [False, True])
def test_what_a_deputy_puts_off_leaves_the_list_of_the_deputy(both: Office, is_held: bool) -> None:
    report = next(task for task in both.reports() if task.candidates[0].unit == "unit_01")
    days = {"valid_from": date(2025, 1, 6), "valid_to": date(2025, 1, 8)}
    both.engine.execute(
        both.actor("handler_01"), name_deputy, "handler_01", deputy="handler_02", cause="vacation", **days
    )
    if is_held:
        both.engine.execute(both.actor("handler_01"), tasks.claim, report.id)
    put_off(both, report, who="handler_02")
    seen = {view: shown(both, view, "handler_02") for view in (View.DEPUTY, View.FOLLOW_UP)}
    assert seen == {View.DEPUTY: [], View.FOLLOW_UP: [report.id]}
    assert report.id in shown(both, View.OPEN, "handler_01")


def test_it_comes_again_on_its_day(office: Office) -> None:
    report = office.reports()[0]
    put_off(office, report)
    clock = office.engine.clock
    assert isinstance(clock, FixedClock)
    clock.move_to(clock.now() + timedelta(days=1))
    assert (shown(office), shown(office, View.FOLLOW_UP)) == ([report.id], [])


def test_it_comes_back_when_asked(office: Office) -> None:
    report = office.reports()[0]
    put_off(office, report)
    put_off(office, report, None)
    assert shown(office) == [report.id]


def test_a_page_is_full_whatever_was_put_off(office: Office) -> None:
    reports = office.reports()
    for report in reports[:3]:
        put_off(office, report, who="clerk")
    page = office.engine.ask(office.clerk, inbox, limit=10)
    assert ([row.task_id for row in page.rows], page.next_cursor is None) == (
        [task.id for task in reports[3:13]], False,
    )  # fmt: skip
    rest = office.engine.ask(office.clerk, inbox, limit=10, cursor=page.next_cursor)
    assert [row.task_id for row in rest.rows] == [task.id for task in reports[13:]]


def test_whoever_put_it_off_still_completes_it(office: Office) -> None:
    report = office.reports()[0]
    put_off(office, report)
    office.complete(office.actor("handler_01"), report)
    assert shown(office, View.FOLLOW_UP) == []


@pytest.mark.parametrize("until_on", [date(2025, 1, 6), date(2025, 1, 5), date(2026, 1, 8)])
def test_a_day_that_is_not_to_come_or_too_far_is_refused(office: Office, until_on: date) -> None:
    with pytest.raises(Invalid) as refusal:
        put_off(office, office.reports()[0], until_on)
    assert [error.path for error in refusal.value.errors] == ["until_on"]


@pytest.mark.parametrize("who", ["handler_02", "auditor", "admin"])
def test_nobody_puts_off_what_they_do_not_see(office: Office, who: str) -> None:
    with pytest.raises(NotPermitted):
        put_off(office, office.reports()[0], who=who)


def test_a_closed_task_is_not_put_off(office: Office) -> None:
    report = office.reports()[0]
    office.complete(office.actor("handler_01"), report)
    with pytest.raises(TaskNotOpen):
        put_off(office, report)


def test_it_is_no_history(office: Office) -> None:
    report = office.reports()[0]
    before = office.engine.ask(SYSTEM, lambda reader: reader.history.head(report.instance_id))
    put_off(office, report)
    assert office.engine.ask(SYSTEM, lambda reader: reader.history.head(report.instance_id)) == before
