"""Completing a task, and who holds it: what is done, and every refusal."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.commands import instances, tasks
from engine.domain.history import EventDraft, EventType
from engine.domain.identity import ROLES_APART, SYSTEM, Membership
from engine.domain.task import Task
from engine.errors import (
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    ShownContentChanged,
    StaleTask,
    TaskAlreadyCompleted,
    TaskHeldByOther,
)
from engine.replay import verify
from engine.store.unit_of_work import UnitOfWork
from tests.engine.commands.office import Office

THREADS = 8
REASON = "暫停辦理，等候總局另行通知後再行決定是否繼續處理。"


def of_type(office: Office, instance_id: int, event_type: EventType) -> list[Any]:
    events = office.engine.ask(SYSTEM, lambda reader: reader.history.events(instance_id))
    return [event for event in events if event.type is event_type]


def stored(office: Office, task: Task) -> Task:
    return office.engine.ask(SYSTEM, lambda reader: reader.tasks.get(task.id))


def test_completion_answers_with_the_next_tasks_of_the_actor(office: Office) -> None:
    done = office.complete(office.clerk, office.start())
    assert len(done.next_tasks) == 15


def test_completion_records_who_in_which_role_for_which_unit(office: Office) -> None:
    report = office.reports()[0]
    office.complete(office.actor("handler_01"), report)
    (event,) = of_type(office, report.instance_id, EventType.TASK_COMPLETED)[1:]
    assert (event.actor, event.role, event.unit) == ("handler_01", "unit_handler", "unit_01")


def test_another_unit_may_not_complete(office: Office) -> None:
    with pytest.raises(NotPermitted):
        office.complete(office.actor("handler_02"), office.reports()[0])


@pytest.mark.parametrize("who", ["auditor", "admin", "head", "chief_01"])
def test_people_without_the_role_may_not_complete(office: Office, who: str) -> None:
    with pytest.raises(NotPermitted):
        office.complete(office.actor(who), office.reports()[0])


def test_unknown_task_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        office.engine.execute(office.clerk, tasks.complete, 1 << 40, values={}, revision=1, shown_digest="-")


def test_page_of_an_old_revision_is_refused(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.actor("handler_01"), tasks.claim, report.id)
    with pytest.raises(StaleTask):
        office.complete(office.actor("handler_01"), report)


def test_page_that_showed_something_else_is_refused(office: Office) -> None:
    with pytest.raises(ShownContentChanged):
        office.complete(office.clerk, office.start(), shown_digest="0" * 64)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({}, "subject"),
        ({"subject": "x" * 100_000}, "subject"),
        ({"subject": 7}, "subject"),
        ({"subject": "第 1 案", "surprise": 1}, "surprise"),
        ({"subject": "第 1 案", "typename": "x"}, "typename"),
        ({"subject": "第\x001 案"}, "subject"),
    ],
)
def test_bad_values_are_refused_by_field_and_change_nothing(
    office: Office, values: dict[str, Any], path: str
) -> None:
    draft = office.start()
    with pytest.raises(Invalid) as refusal:
        office.complete(office.clerk, draft, values=values)
    assert [error.path for error in refusal.value.errors] == [path]
    assert stored(office, draft) == draft
    assert of_type(office, draft.instance_id, EventType.TASK_COMPLETED) == []


def test_second_completion_is_told_who_was_first(office: Office) -> None:
    report = office.reports()[0]
    office.complete(office.actor("handler_01"), report)
    with pytest.raises(TaskAlreadyCompleted) as refusal:
        office.complete(office.actor("colleague_01"), report)
    assert refusal.value.fields["who"] == "handler_01"


def test_repeated_command_answers_as_the_first_time_and_does_nothing(both: Office) -> None:
    draft = both.start()
    call: dict[str, Any] = {"command_id": "once"}
    first = both.complete(both.clerk, draft, **call)
    again = both.complete(both.clerk, draft, **call)
    assert (again.task_id, [t.id for t in again.next_tasks]) == (draft.id, [t.id for t in first.next_tasks])
    assert len(of_type(both, draft.instance_id, EventType.TASK_COMPLETED)) == 1


def test_repeated_start_gives_the_same_instance(office: Office) -> None:
    assert office.start(3).instance_id == office.start(3).instance_id


def test_suspended_instance_refuses_and_goes_on_when_resumed(office: Office) -> None:
    report = office.reports()[0]
    head = office.actor("head")
    office.engine.execute(head, instances.suspend, report.instance_id, reason=REASON)
    with pytest.raises(Conflict):
        office.complete(office.actor("handler_01"), report)
    office.engine.execute(head, instances.resume, report.instance_id, reason=REASON)
    assert office.complete(office.actor("handler_01"), report).task_id == report.id


def test_suspending_needs_a_reason_and_the_right(office: Office) -> None:
    instance_id = office.start().instance_id
    with pytest.raises(Invalid):
        office.engine.execute(office.actor("head"), instances.suspend, instance_id, reason="短")
    with pytest.raises(NotPermitted):
        office.engine.execute(office.actor("handler_01"), instances.suspend, instance_id, reason=REASON)


def test_cancelled_instance_has_no_open_task(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.actor("head"), instances.cancel, report.instance_id, reason=REASON)
    assert office.open(report.instance_id) == []
    with pytest.raises(Conflict):
        office.complete(office.actor("handler_01"), report)


def test_claimed_task_is_completed_by_its_holder_only(office: Office) -> None:
    report = office.reports()[0]
    held = office.engine.execute(office.actor("handler_01"), tasks.claim, report.id)
    with pytest.raises(TaskHeldByOther):
        office.complete(office.actor("colleague_01"), held)
    assert office.complete(office.actor("handler_01"), held).task_id == report.id


def test_claim_steals_nothing(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.actor("handler_01"), tasks.claim, report.id)
    with pytest.raises(TaskHeldByOther):
        office.engine.execute(office.actor("colleague_01"), tasks.claim, report.id)


def test_unclaimed_task_is_in_the_pool_again(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.actor("handler_01"), tasks.claim, report.id)
    office.engine.execute(office.actor("handler_01"), tasks.unclaim, report.id)
    assert (
        office.engine.execute(office.actor("colleague_01"), tasks.claim, report.id).assignee == "colleague_01"
    )


def test_chief_assigns_to_a_member_of_the_unit_only(office: Office) -> None:
    report = office.reports()[0]
    chief = office.actor("chief_01")
    with pytest.raises(Invalid) as refusal:
        office.engine.execute(chief, tasks.assign, report.id, user="handler_02")
    assert [error.path for error in refusal.value.errors] == ["user"]
    assert (
        office.engine.execute(chief, tasks.assign, report.id, user="colleague_01").assignee == "colleague_01"
    )


def test_handler_may_not_assign(office: Office) -> None:
    with pytest.raises(NotPermitted):
        office.engine.execute(
            office.actor("handler_01"), tasks.assign, office.reports()[0].id, user="colleague_01"
        )


def audits_besides(uow: UnitOfWork, role: str) -> None:
    """A colleague of the unit administers or audits as well, which no command grants."""
    membership = Membership(user_id="colleague_01", role=role, unit="office", valid_from=uow.today)
    uow.organisation.save_membership(membership, EventDraft(type=EventType.MEMBERSHIP_GRANTED, data={}))


@pytest.mark.parametrize("role", sorted(ROLES_APART))
def test_whoever_administers_or_audits_is_given_no_task(both: Office, role: str) -> None:
    report = both.reports()[0]
    both.engine.execute(SYSTEM, audits_besides, role)
    with pytest.raises(Invalid):
        both.engine.execute(both.actor("chief_01"), tasks.assign, report.id, user="colleague_01")
    both.engine.execute(both.actor("handler_01"), tasks.claim, report.id)
    with pytest.raises(Invalid):
        both.engine.execute(both.actor("handler_01"), tasks.delegate, report.id, user="colleague_01")


@pytest.mark.parametrize("role", sorted(ROLES_APART))
def test_whoever_administers_or_audits_is_not_urged(office: Office, role: str) -> None:
    report = office.reports()[0]
    office.engine.execute(SYSTEM, audits_besides, role)
    office.engine.execute(office.clerk, tasks.urge, report.id, note="")
    mails = office.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())
    assert [mail.payload["user"] for mail in mails] == ["clerk", "handler_01"]


def test_delegated_task_comes_back_to_its_owner(office: Office) -> None:
    report = office.reports()[0]
    owner, colleague = office.actor("handler_01"), office.actor("colleague_01")
    office.engine.execute(owner, tasks.claim, report.id)
    delegated = office.engine.execute(owner, tasks.delegate, report.id, user="colleague_01")
    with pytest.raises(NotPermitted):
        office.complete(colleague, delegated)
    resolved = office.engine.execute(colleague, tasks.resolve, report.id)
    assert (resolved.assignee, resolved.owner) == ("handler_01", None)
    assert office.complete(owner, resolved).task_id == report.id


def test_urging_is_recorded_and_mailed_to_those_who_owe(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.clerk, tasks.urge, report.id, note="請儘速提報")
    (event,) = of_type(office, report.instance_id, EventType.TASK_URGED)
    assert event.actor == "clerk"
    mails = office.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())
    assert [mail.payload["user"] for mail in mails] == ["clerk", "colleague_01", "handler_01"]


def test_urging_is_for_the_secretariat(office: Office) -> None:
    with pytest.raises(NotPermitted):
        office.engine.execute(office.actor("handler_02"), tasks.urge, office.reports()[0].id, note="")


def test_draft_belongs_to_one_person(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.actor("handler_01"), tasks.save_draft, report.id, values={"progress": 3})
    own = office.engine.ask(office.actor("handler_01"), lambda reader: reader.drafts.find(report.id))
    other = office.engine.ask(office.actor("colleague_01"), lambda reader: reader.drafts.find(report.id))
    assert (own.values if own else None, other) == ({"progress": 3}, None)
    with pytest.raises(NotPermitted):
        office.engine.execute(office.actor("handler_02"), tasks.save_draft, report.id, values={})


def test_one_of_eight_who_complete_the_same_task_wins(both: Office) -> None:
    draft = both.start()

    def attempt(number: int) -> str:
        try:
            both.complete(both.clerk, draft, command_id=f"attempt:{number}")
        except Conflict:
            return "conflict"
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = Counter(pool.map(attempt, range(THREADS)))
    assert outcomes == {"done": 1, "conflict": THREADS - 1}
    assert len(of_type(both, draft.instance_id, EventType.TASK_COMPLETED)) == 1


def test_eight_who_complete_eight_tasks_of_one_instance_all_succeed(both: Office) -> None:
    reports = both.reports()[:THREADS]
    with ThreadPoolExecutor(THREADS) as pool:
        done = list(pool.map(lambda task: both.complete(both.clerk, task).task_id, reports))
    assert done == [task.id for task in reports]
    assert both.engine.ask(SYSTEM, verify, reports[0].instance_id).faults == ()
