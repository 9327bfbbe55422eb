"""Handing back (退分), redirecting (改分), taking a task from its holder (轉派): by whom, how often, when."""

import json
from datetime import date
from typing import Any

import pytest

from engine.commands import instances, organisation, task_routing, tasks
from engine.commands.deputies import name_deputy
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import Candidate, Task
from engine.errors import InstanceSuspended, Invalid, NotPermitted, StaleTask, TaskHeldByOther, TaskNotOpen
from engine.queries.audit import state_at
from engine.queries.tasks import View, inbox
from engine.replay import verify
from tests.engine.commands.office import Office

REASON = "本案涉度量衡業務，非本單位權責。"
UNIT_01 = Candidate(role="unit_handler", unit="unit_01")
CHIEF_01 = Candidate(role="unit_chief", unit="unit_01")
SECRETARIAT = (Candidate(role="sec_handler"), Candidate(role="sec_chief"))


def hand_back(office: Office, task: Task, who: str = "handler_01", reason: str = REASON) -> Task:
    return office.engine.execute(office.actor(who), task_routing.hand_back, task.id, reason=reason)


def redirect(office: Office, task: Task, who: str = "chief_01", **given: Any) -> Task:
    call = {"reason": "仍屬貴管，請續辦。", **given}
    return office.engine.execute(office.actor(who), task_routing.redirect, task.id, **call)


def stored(office: Office, task: Task) -> Task:
    return office.engine.ask(SYSTEM, lambda reader: reader.tasks.get(task.id))


def told(office: Office, task: Task, event_type: EventType) -> list[dict[str, Any]]:
    found = office.engine.ask(SYSTEM, lambda reader: reader.history.of_task(task.id, event_type))
    return [json.loads(event.data) for event in found]


def owed(office: Office, who: str) -> list[int]:
    return [row.task_id for row in office.engine.ask(office.actor(who), inbox, view=View.OPEN).rows]


def mailed(office: Office) -> list[str]:
    entries = office.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())
    return [entry.payload["user"] for entry in entries]


def faults(office: Office, task: Task) -> tuple[Any, ...]:
    return office.engine.ask(SYSTEM, verify, task.instance_id).faults


def test_what_is_handed_back_waits_for_the_chief_of_the_unit(both: Office) -> None:
    report = both.reports()[0]
    handed = hand_back(both, report)
    assert handed == stored(both, report)
    assert (handed.candidates, handed.assignee, handed.is_handed_back) == ((CHIEF_01,), None, True)
    assert (owed(both, "handler_01"), owed(both, "chief_01")) == ([], [report.id])
    assert (faults(both, report), mailed(both)) == ((), ["chief_01"])


def test_it_goes_to_a_person_of_its_own_pair(both: Office) -> None:
    report = both.reports()[0]
    hand_back(both, report)
    given = redirect(both, report, user="colleague_01")
    assert given == stored(both, report)
    assert (given.candidates, given.assignee, given.owner) == ((UNIT_01,), "colleague_01", None)
    assert both.complete(both.actor("colleague_01"), given).task_id == report.id
    assert faults(both, report) == ()


def test_it_goes_into_the_pool_again_when_nobody_is_named(both: Office) -> None:
    report = both.reports()[0]
    hand_back(both, report)
    given = redirect(both, report)
    assert (given.candidates, given.assignee, given.is_handed_back) == ((UNIT_01,), None, False)
    assert (owed(both, "handler_01"), owed(both, "chief_01")) == ([report.id], [])
    assert faults(both, report) == ()


def test_the_chief_hands_it_on_to_the_secretariat(office: Office) -> None:
    report = office.reports()[0]
    hand_back(office, report)
    handed = hand_back(office, report, "chief_01")
    assert (handed.candidates, handed.owner) == (SECRETARIAT, "chief_01")
    assert [row["from"] for row in told(office, report, EventType.TASK_HANDED_BACK)] == [
        [["unit_handler", "unit_01"]]
    ] * 2
    given = redirect(office, report, "clerk", user="handler_01")
    assert (given.candidates, given.assignee, faults(office, report)) == ((UNIT_01,), "handler_01", ())


def test_nobody_above_the_secretariat_distributes(office: Office) -> None:
    report = office.reports()[0]
    hand_back(office, report)
    hand_back(office, report, "chief_01")
    with pytest.raises(NotPermitted):
        hand_back(office, report, "clerk")


def test_a_unit_without_another_chief_hands_back_to_the_secretariat(office: Office) -> None:
    report = next(task for task in office.reports() if task.candidates[0].unit == "unit_02")
    assert hand_back(office, report, "handler_02").candidates == SECRETARIAT


def test_a_draft_of_the_secretariat_has_nobody_else_to_go_to(office: Office) -> None:
    draft = office.start()
    with pytest.raises(Invalid) as refusal:
        hand_back(office, draft, "clerk")
    assert [str(error) for error in refusal.value.errors] == ["Nobody else distributes this task"]


@pytest.mark.parametrize("who", ["chief_01", "handler_02", "head", "auditor", "admin"])
def test_only_who_could_complete_it_hands_it_back(office: Office, who: str) -> None:
    with pytest.raises(NotPermitted):
        hand_back(office, office.reports()[0], who)


def test_what_a_colleague_holds_is_not_handed_back(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.actor("colleague_01"), tasks.claim, report.id)
    with pytest.raises(NotPermitted):
        hand_back(office, report)


def test_handing_back_needs_a_reason(office: Office) -> None:
    with pytest.raises(Invalid) as refusal:
        hand_back(office, office.reports()[0], reason="不是")
    assert [error.path for error in refusal.value.errors] == ["reason"]


def test_nothing_is_handed_back_twice_by_the_same_hand(office: Office) -> None:
    report = office.reports()[0]
    hand_back(office, report)
    with pytest.raises(NotPermitted):
        hand_back(office, report)


def test_a_closed_task_is_not_handed_back(office: Office) -> None:
    report = office.reports()[0]
    office.complete(office.actor("handler_01"), report)
    with pytest.raises(TaskNotOpen):
        hand_back(office, report)


def test_nothing_is_handed_back_while_the_instance_is_suspended(office: Office) -> None:
    report = office.reports()[0]
    reason = "暫停辦理，等候總局另行通知後再行決定是否繼續。"
    office.engine.execute(office.actor("head"), instances.suspend, report.instance_id, reason=reason)
    with pytest.raises(InstanceSuspended):
        hand_back(office, report)


@pytest.mark.parametrize("act", [tasks.claim, tasks.unclaim])
def test_the_distributor_redirects_and_does_not_take(office: Office, act: Any) -> None:
    report = office.reports()[0]
    hand_back(office, report)
    with pytest.raises(NotPermitted):
        office.engine.execute(office.actor("chief_01"), act, report.id)


def test_the_distributor_does_not_complete(office: Office) -> None:
    handed = hand_back(office, office.reports()[0])
    with pytest.raises(NotPermitted):
        office.complete(office.actor("chief_01"), handed)


def test_the_distributor_does_not_assign_around_the_redirection(office: Office) -> None:
    handed = hand_back(office, office.reports()[0])
    with pytest.raises(NotPermitted):
        office.engine.execute(office.actor("chief_01"), tasks.assign, handed.id, user="chief_01")


@pytest.mark.parametrize("who", ["handler_01", "handler_02", "clerk"])
def test_only_the_distributor_redirects(office: Office, who: str) -> None:
    report = office.reports()[0]
    hand_back(office, report)
    with pytest.raises(NotPermitted):
        redirect(office, report, who)


def test_nothing_is_redirected_that_was_not_handed_back(office: Office) -> None:
    report = office.reports()[0]
    with pytest.raises(NotPermitted):
        redirect(office, report, "handler_01")
    hand_back(office, report)
    redirect(office, report)
    with pytest.raises(NotPermitted):
        redirect(office, report)


def test_nobody_outside_the_pair_is_given_it(office: Office) -> None:
    report = office.reports()[0]
    hand_back(office, report)
    with pytest.raises(Invalid) as refusal:
        redirect(office, report, user="handler_02")
    assert [error.path for error in refusal.value.errors] == ["user"]


def test_it_still_waits_for_the_distributor_when_who_handed_it_back_has_left(office: Office) -> None:
    report = office.reports()[0]
    handed = hand_back(office, report)
    office.engine.execute(office.actor("admin"), organisation.disable_user, "handler_01")
    assert stored(office, report) == handed


def test_a_page_from_before_is_stale(office: Office) -> None:
    report = office.reports()[0]
    hand_back(office, report)
    redirect(office, report)
    with pytest.raises(StaleTask):
        office.complete(office.actor("handler_01"), report)


def test_the_state_of_the_past_names_the_distributor(office: Office) -> None:
    report = office.reports()[0]
    hand_back(office, report)
    seq, view = office.engine.ask(SYSTEM, state_at, report.instance_id, None)
    assert next(task.candidates for task in view.open_tasks if task.id == report.id) == (CHIEF_01,)
    _, before = office.engine.ask(SYSTEM, state_at, report.instance_id, seq - 1)
    assert next(task.candidates for task in before.open_tasks if task.id == report.id) == (UNIT_01,)


def assign(office: Office, task: Task, user: str, reason: str = "") -> Task:
    return office.engine.execute(office.actor("chief_01"), tasks.assign, task.id, user=user, reason=reason)


def test_a_supervisor_takes_a_task_from_its_holder_who_is_told(both: Office) -> None:
    report = both.reports()[0]
    both.engine.execute(both.actor("handler_01"), tasks.claim, report.id)
    given = assign(both, report, "colleague_01", "請假期間由同仁接辦")
    assert (given.assignee, mailed(both)) == ("colleague_01", ["handler_01"])
    (event,) = told(both, report, EventType.TASK_ASSIGNED)
    assert (event["user"], event["held_by"], event["reason"]) == (
        "colleague_01", "handler_01", "請假期間由同仁接辦",
    )  # fmt: skip
    assert faults(both, report) == ()


def test_the_former_holder_cannot_complete_any_more(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.actor("handler_01"), tasks.claim, report.id)
    given = assign(office, report, "colleague_01", REASON)
    with pytest.raises(TaskHeldByOther):
        office.complete(office.actor("handler_01"), given)


def test_taking_it_needs_a_reason(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.actor("handler_01"), tasks.claim, report.id)
    with pytest.raises(Invalid) as refusal:
        assign(office, report, "colleague_01")
    assert [error.path for error in refusal.value.errors] == ["reason"]


def test_what_nobody_holds_is_given_without_one(office: Office) -> None:
    report = office.reports()[0]
    assert (assign(office, report, "colleague_01").assignee, mailed(office)) == ("colleague_01", [])


def test_nobody_is_given_what_they_hold(office: Office) -> None:
    report = office.reports()[0]
    assign(office, report, "colleague_01")
    with pytest.raises(Invalid) as refusal:
        assign(office, report, "colleague_01", REASON)
    assert [error.path for error in refusal.value.errors] == ["user"]


def test_a_delegated_task_is_taken_from_both(office: Office) -> None:
    report = office.reports()[0]
    office.engine.execute(office.actor("handler_01"), tasks.claim, report.id)
    office.engine.execute(office.actor("handler_01"), tasks.delegate, report.id, user="colleague_01")
    given = assign(office, report, "clerk", REASON)
    assert (given.assignee, given.owner, mailed(office)) == ("clerk", None, ["colleague_01", "handler_01"])


def test_what_a_deputy_hands_back_comes_from_the_principal(office: Office) -> None:
    report, day = office.reports()[0], date(2025, 1, 6)
    days = {"valid_from": day, "valid_to": day, "cause": "vacation"}
    office.engine.execute(office.actor("handler_01"), name_deputy, "handler_01", deputy="handler_02", **days)
    handed = hand_back(office, report, who="handler_02")
    assert (handed.owner, handed.is_handed_back, faults(office, report)) == ("handler_01", True, ())
