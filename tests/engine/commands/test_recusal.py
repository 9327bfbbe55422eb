"""Recusal (迴避): whom a task excludes may not see, take, be given or complete it, whatever their roles."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.activities.calls import ActivityCall
from engine.activities.deadlines import notify_open
from engine.commands import instances, organisation, tasks
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.errors import Invalid, NotPermitted, ProcessFailed
from engine.queries import instances as instance_pages
from engine.queries.search import search
from engine.queries.task_page import task_page
from engine.queries.tasks import COUNTED, inbox, inbox_counts
from engine.store.unit_of_work import UnitOfWork
from tests.engine import guarded
from tests.engine.commands.office import Office


def begin(office: Office, *named: str) -> Task:
    return guarded.begin(office.engine, office.clerk, *named)


def complete(office: Office, who: str, task: Task, decision: str = "ok") -> tasks.Completed:
    call = guarded.call(office.engine, task, decision)
    return office.engine.execute(office.actor(who), tasks.complete, task.id, **call)


REFUSED: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "claim": (tasks.claim, {}),
    "unclaim": (tasks.unclaim, {}),
    "assign": (tasks.assign, {"user": "colleague_01"}),
    "delegate": (tasks.delegate, {"user": "colleague_01"}),
    "resolve": (tasks.resolve, {}),
    "save_draft": (tasks.save_draft, {"values": {}}),
}


@pytest.mark.parametrize("act", REFUSED)
def test_an_excluded_person_may_do_nothing_with_the_task(office: Office, act: str) -> None:
    task = begin(office, "handler_01")
    command, arguments = REFUSED[act]
    with pytest.raises(NotPermitted):
        office.engine.execute(office.actor("handler_01"), command, task.id, **arguments)


def test_an_excluded_person_may_not_complete(both: Office) -> None:
    task = begin(both, "handler_01")
    with pytest.raises(NotPermitted):
        complete(both, "handler_01", task)
    assert complete(both, "colleague_01", task).task_id == task.id


def test_an_excluded_person_does_not_find_the_task(both: Office) -> None:
    task = begin(both, "handler_01")
    found = {
        who: [row.task_id for row in both.engine.ask(both.actor(who), search, task.label).open.rows]
        for who in ("handler_01", "colleague_01")
    }
    assert found == {"handler_01": [], "colleague_01": [task.id]}


def test_an_excluded_person_may_not_look(office: Office) -> None:
    task = begin(office, "handler_01")
    with pytest.raises(NotPermitted):
        office.engine.ask(office.actor("handler_01"), task_page, task.id)


def test_an_excluded_chief_gives_the_task_to_nobody(office: Office) -> None:
    task = begin(office, "chief_01")
    with pytest.raises(NotPermitted):
        office.engine.execute(office.actor("chief_01"), tasks.assign, task.id, user="colleague_01")


def test_nobody_gives_the_task_to_an_excluded_person(office: Office) -> None:
    task = begin(office, "handler_01")
    with pytest.raises(Invalid):
        office.engine.execute(office.actor("chief_01"), tasks.assign, task.id, user="handler_01")
    office.engine.execute(office.actor("colleague_01"), tasks.claim, task.id)
    with pytest.raises(Invalid):
        office.engine.execute(office.actor("colleague_01"), tasks.delegate, task.id, user="handler_01")


def test_a_list_may_come_from_what_happened_before(office: Office) -> None:
    task = begin(office)
    complete(office, "colleague_01", task)
    check = guarded.open_task(office.engine, task.instance_id)
    assert check.excluded == ("colleague_01",)
    with pytest.raises(NotPermitted):
        complete(office, "colleague_01", check)
    assert complete(office, "handler_01", check).task_id == check.id


def test_the_next_task_is_not_offered_to_whom_it_excludes(office: Office) -> None:
    assert complete(office, "colleague_01", begin(office)).next_tasks == ()


def test_no_view_count_or_search_shows_the_task_to_an_excluded_person(both: Office) -> None:
    task = begin(both, "handler_01")
    excluded, other = both.actor("handler_01"), both.actor("colleague_01")
    assert both.engine.ask(excluded, inbox_counts) == dict.fromkeys(map(str, COUNTED), 0)
    for view in COUNTED:
        assert both.engine.ask(excluded, inbox, view=view).rows == ()
    for filters in ({}, {"q": "Write"}, {"definition_key": guarded.KEY}, {"sort": "since"}):
        assert both.engine.ask(excluded, inbox, **filters).rows == ()
        assert [row.task_id for row in both.engine.ask(other, inbox, **filters).rows] == [task.id]


def test_the_task_comes_back_to_the_pool_of_the_others_only(both: Office) -> None:
    task = begin(both, "handler_01")
    both.engine.execute(both.actor("colleague_01"), tasks.claim, task.id)
    both.engine.execute(both.actor("colleague_01"), tasks.unclaim, task.id)
    assert both.engine.ask(both.actor("handler_01"), inbox).rows == ()
    assert len(both.engine.ask(both.actor("colleague_01"), inbox).rows) == 1


def test_urging_tells_nobody_who_is_excluded(office: Office) -> None:
    task = begin(office, "handler_01")
    office.engine.execute(office.clerk, tasks.urge, task.id, note="")
    mails = office.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())
    assert [mail.payload["user"] for mail in mails] == ["clerk", "colleague_01"]


@pytest.mark.parametrize(
    ("level", "told"), [("reminder", ["clerk", "colleague_01"]), ("director", ["clerk", "colleague_01"])]
)
def test_notices_tell_nobody_who_is_excluded(office: Office, level: str, told: list[str]) -> None:
    task = begin(office, "handler_01", "chief_01", "head")

    def notify(uow: UnitOfWork) -> list[str]:
        call = ActivityCall(
            instance_id=task.instance_id, task_id=task.id, process_key=guarded.KEY, element_id="watch",
            data={"plan_key": "bsmi_khh:114"}, now=uow.now,
        )  # fmt: skip
        people: list[str] = notify_open(uow, call, ["write"], "", level, "2025-01-07")["told"]
        return people

    assert office.engine.execute(SYSTEM, notify) == told


def test_the_opening_tells_whom_the_task_excludes(office: Office) -> None:
    task = begin(office, "handler_01", "head", "handler_01")
    opened = office.engine.ask(
        SYSTEM, lambda reader: reader.history.last_of_type(task.instance_id, EventType.TASK_OPENED, task.id)
    )
    assert opened is not None
    assert '"excluded":["handler_01","head"]' in opened.data
    assert task.excluded == ("handler_01", "head")


def test_a_task_that_everybody_must_stand_aside_from_opens_and_says_so(both: Office) -> None:
    task = begin(both, "handler_01", "colleague_01", "clerk")
    (line,) = both.engine.ask(both.clerk, instance_pages.page, task.instance_id).open_tasks
    assert (line.nobody_may_take, line.may_open) == (True, False)
    both.engine.execute(SYSTEM, helper)
    (line,) = both.engine.ask(both.clerk, instance_pages.page, task.instance_id).open_tasks
    assert line.nobody_may_take is False


def helper(uow: UnitOfWork) -> None:
    organisation.add_user(uow, "helper", name="支援同仁")
    organisation.grant(uow, "helper", role="unit_handler", unit=guarded.UNIT, valid_from=uow.today)


@pytest.mark.parametrize("named", ["handler_01", None, [7], [["handler_01"]]])
def test_what_is_no_list_of_people_fails_the_step(office: Office, named: Any) -> None:
    task = begin(office)
    variables = {"unit": guarded.UNIT, "named": named, "writer": "colleague_01"}
    with pytest.raises(ProcessFailed) as failed:
        office.engine.execute(
            office.clerk,
            instances.start,
            definition_key=guarded.KEY,
            business_key="other",
            variables=variables,
        )
    assert "the people whom write excludes are not a list of user ids" in str(failed.value.reason)
    assert guarded.open_task(office.engine, task.instance_id) == task
