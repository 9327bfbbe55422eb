"""Timers and messages: what waits, what fires, and what is dropped."""

from datetime import timedelta

import pytest
from SpiffWorkflow.util.task import TaskState

from engine.domain.definition import SourceFile
from engine.domain.instance import ElementMark
from engine.errors import ProcessFailed, TaskNotOpen
from tests.engine.runtime.bare import Bare
from tests.engine.runtime.drawing import (
    NOW,
    boundary,
    catch,
    deployment,
    do,
    end,
    events,
    flow,
    gateway,
    message,
    open_ids,
    process,
    start,
    started,
    timer,
    user,
)

RECALL = '<bpmn:message id="recall" name="recalled"/><bpmn:message id="reply" name="replied"/>'


def waiting(timers: str, *, interrupting: bool = False) -> SourceFile:
    return process(
        "p",
        start()
        + user("work", "late")
        + boundary("alarm", "work", timers, interrupting=interrupting)
        + end("done", "noted")
        + flow("begin > work > done")
        + flow("alarm > late > noted"),
    )


def test_a_timer_falls_due_at_its_date_and_fires_once() -> None:
    live, step = started(deployment(waiting(timer("due"))), due="2025-01-08T09:00:00+08:00")
    alarm = step.timers_set[0]
    assert alarm.due_at.isoformat() == "2025-01-08T01:00:00+00:00"
    assert live.due_timers(alarm.due_at - timedelta(seconds=1)) == ()
    assert live.due_timers(alarm.due_at) == (alarm,)
    with pytest.raises(TaskNotOpen):
        live.fire(alarm.due_at - timedelta(seconds=1), alarm.task_id)
    live.fire(alarm.due_at, alarm.task_id)
    assert open_ids(live) == ["work", "late"]
    with pytest.raises(TaskNotOpen):
        live.fire(alarm.due_at, alarm.task_id)


def test_a_duration_counts_from_the_moment_at_which_the_task_opened() -> None:
    _, step = started(deployment(waiting(timer('"P1DT2H"', "timeDuration"))))
    assert step.timers_set[0].due_at == NOW + timedelta(days=1, hours=2)


def test_a_timer_without_a_date_never_fires() -> None:
    live, step = started(deployment(waiting(timer("due"))), due=None)
    assert step.timers_set == ()
    assert live.due_timers(NOW + timedelta(days=36500)) == ()
    do(live, "work")
    assert live.ended


@pytest.mark.parametrize("due", ["2025-01-08T09:00:00", "tomorrow", 5])
def test_a_timer_without_a_real_instant_fails(due: object) -> None:
    parsed = deployment(waiting(timer("due")))
    with pytest.raises(ProcessFailed):
        started(parsed, due=due)


def test_the_bare_library_sticks_when_a_timer_cannot_be_read() -> None:
    bare = Bare(
        process(
            "p",
            start()
            + user("first", "work", "late")
            + boundary("alarm", "work", timer("due"))
            + end()
            + flow("begin > first > work > done")
            + flow("alarm > late > done"),
        ),
        due="tomorrow",
    )
    with pytest.raises(AttributeError):
        bare.do("first")
    states = {t.task_spec.name: TaskState.get_name(t.state) for t in bare.workflow.tasks.values()}
    assert (states["first"], states["alarm"]) == ("COMPLETED", "WAITING")


def test_an_interrupting_timer_withdraws_the_task() -> None:
    live, step = started(
        deployment(waiting(timer("due"), interrupting=True)), due="2025-01-08T09:00:00+08:00"
    )
    work, alarm = step.opened[0], step.timers_set[0]
    step = live.fire(alarm.due_at, alarm.task_id)
    assert step.withdrawn == (work.id,)
    assert open_ids(live) == ["late"]


def test_completing_a_task_drops_its_timer() -> None:
    live, step = started(deployment(waiting(timer("due"))), due="2025-01-08T09:00:00+08:00")
    alarm = step.timers_set[0]
    step = do(live, "work")
    assert step.timers_dropped == (alarm.task_id,)


def test_a_fired_timer_fires_alone_though_others_are_due_as_well() -> None:
    file = process(
        "p",
        start()
        + user("work", "one", "two")
        + boundary("first", "work", timer("due"), interrupting=False)
        + boundary("second", "work", timer("due"), interrupting=False)
        + end()
        + flow("begin > work > done")
        + flow("first > one > done")
        + flow("second > two > done"),
    )
    live, step = started(deployment(file), due="2025-01-08T09:00:00+08:00")
    first, second = live.due_timers(step.timers_set[0].due_at)
    live.fire(second.due_at, second.task_id)
    assert open_ids(live) == ["work", "two"]
    assert live.due_timers(first.due_at) == (first,)


def test_a_duration_behind_a_timer_counts_from_the_due_time_even_when_it_fires_late() -> None:
    file = process(
        "p",
        start()
        + catch("pause", timer("due"))
        + catch("again", timer('"P1D"', "timeDuration"))
        + end()
        + flow("begin > pause > again > done"),
    )
    live, step = started(deployment(file), due="2025-01-08T09:00:00+08:00")
    late = step.timers_set[0].due_at + timedelta(days=3)
    step = live.fire(late, step.timers_set[0].task_id)
    assert step.timers_set[0].due_at == late + timedelta(days=1)


# messages


MAIL = deployment(
    process(
        "p",
        start()
        + user("work", "late")
        + end("done", "taken_back")
        + boundary(
            "withdraw",
            "work",
            message("recall"),
            attributes='planflow:correlation="plan_key" planflow:form="decide" planflow:role="sec_handler"',
        )
        + flow("begin > work > done")
        + flow("withdraw > late > taken_back"),
        before=RECALL,
    )
)


def test_a_message_event_subscribes_with_its_correlation_and_who_may_send_it() -> None:
    _live, step = started(MAIL, plan_key="bsmi_khh:114")
    subscription = step.awaited[0]
    assert (subscription.name, subscription.correlation) == ("recalled", "bsmi_khh:114")
    assert (subscription.role, subscription.form, subscription.element_id) == (
        "sec_handler",
        "decide",
        "withdraw",
    )


def test_a_message_that_one_person_may_send_has_that_person_as_its_correlation() -> None:
    sender = boundary(
        "withdraw", "work", message("recall"), attributes='planflow:sender="who" planflow:form="decide"'
    )
    body = start() + user("work") + end("done", "taken_back") + sender
    lines = flow("begin > work > done") + flow("withdraw > taken_back")
    _live, step = started(deployment(process("p", body + lines, before=RECALL)), who="sec_chief")
    subscription = step.awaited[0]
    assert (subscription.correlation, subscription.role, subscription.is_action) == ("sec_chief", None, True)


def test_a_message_leaves_its_payload_under_the_element() -> None:
    live, step = started(MAIL, plan_key="k")
    work, subscription = step.opened[0], step.awaited[0]
    step = live.receive(NOW, subscription.task_id, {"reason": "錯字"})
    assert step.withdrawn == (work.id,)
    assert live.view().variables["withdraw"] == {"reason": "錯字"}
    with pytest.raises(TaskNotOpen):
        live.receive(NOW, subscription.task_id, {})


def test_completing_a_task_ends_its_subscription() -> None:
    live, step = started(MAIL, plan_key="k")
    assert do(live, "work").unawaited == (step.awaited[0].task_id,)


@pytest.mark.parametrize("plan_key", [None, ["k"], True])
def test_a_correlation_must_be_a_text_or_a_number(plan_key: object) -> None:
    with pytest.raises(ProcessFailed):
        started(MAIL, plan_key=plan_key)


def test_a_thrown_message_carries_correlation_and_payload() -> None:
    file = process(
        "p",
        start()
        + '<bpmn:intermediateThrowEvent id="tell" planflow:correlation="year"'
        + """ planflow:payload="{'n': [year]}">"""
        + message("reply")
        + "</bpmn:intermediateThrowEvent>"
        + user("work")
        + end()
        + flow("begin > tell > work > done"),
        before=RECALL,
    )
    _live, step = started(deployment(file), year=114)
    thrown = step.thrown[0]
    assert (thrown.element_id, thrown.name, thrown.correlation, thrown.payload) == (
        "tell",
        "replied",
        "114",
        {"n": [114]},
    )


def test_a_thrown_message_is_not_caught_by_the_same_instance_on_its_own() -> None:
    file = process(
        "p",
        start()
        + gateway("parallel", "split")
        + user("work", "after")
        + catch("listen", message("reply"), 'planflow:correlation="other"')
        + '<bpmn:intermediateThrowEvent id="tell" planflow:correlation="plan_key">'
        + message("reply")
        + "</bpmn:intermediateThrowEvent>"
        + end("done", "heard")
        + flow("begin > split > work > tell > done")
        + flow("split > listen > after > heard"),
        before=RECALL,
    )
    live, _ = started(deployment(file), plan_key="k", other="somebody else")
    do(live, "work")
    assert [s.element_id for s in live.view().subscriptions] == ["listen"]
    bare = Bare(file)
    bare.do("work")
    assert bare.open_ids() == ["after"]


def race() -> SourceFile:
    return process(
        "p",
        start()
        + gateway("eventBased", "first_of")
        + catch("reply_came", message("reply"), 'planflow:correlation="plan_key"')
        + catch("too_late", timer("due"))
        + user("read", "urge")
        + end()
        + flow("begin > first_of > reply_came > read > done")
        + flow("first_of > too_late > urge > done"),
        before=RECALL,
    )


def test_behind_an_event_based_gateway_the_message_wins_over_the_timer() -> None:
    live, step = started(deployment(race()), plan_key="k", due="2025-01-08T09:00:00+08:00")
    step = live.receive(NOW, step.awaited[0].task_id, {"no": 1})
    assert events(step)[:2] == [("branch_taken", "first_of"), ("element_passed", "reply_came")]
    assert step.timers_dropped == (step.effects[2].task_id,)
    assert live.view().variables["reply_came"] == {"no": 1}
    assert open_ids(live) == ["read"]


def test_behind_an_event_based_gateway_the_timer_wins_over_the_message() -> None:
    live, step = started(deployment(race()), plan_key="k", due="2025-01-08T09:00:00+08:00")
    alarm, subscription = step.timers_set[0], step.awaited[0]
    step = live.fire(alarm.due_at, alarm.task_id)
    assert step.unawaited == (subscription.task_id,)
    assert open_ids(live) == ["urge"]


def test_a_cancelled_activity_is_marked() -> None:
    live, step = started(MAIL, plan_key="k")
    live.receive(NOW, step.awaited[0].task_id, {})
    assert live.view().marks["p"]["work"] == ElementMark(cancelled=1)
