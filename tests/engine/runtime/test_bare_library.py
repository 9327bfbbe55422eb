"""What the bare library does silently with constructs that our linter refuses or our runtime mends.

If one of these fails after an update of SpiffWorkflow, a rule or a mend may have become superfluous.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.exceptions import TaskNotFoundException
from SpiffWorkflow.util.task import TaskState

from tests.engine.runtime.bare import Bare
from tests.engine.runtime.drawing import (
    boundary,
    catch,
    deployment,
    do,
    end,
    flow,
    gateway,
    open_ids,
    process,
    start,
    started,
    timer,
    user,
)

LINE = start() + user("work") + end() + flow("begin > work > done")


def test_a_link_event_swallows_the_token_and_the_process_reports_completed() -> None:
    link = '<bpmn:linkEventDefinition name="far"/>'
    body = (
        start()
        + f'<bpmn:intermediateThrowEvent id="go">{link}</bpmn:intermediateThrowEvent>'
        + catch("arrive", link)
        + user("work")
        + end()
        + flow("begin > go")
        + flow("arrive > work > done")
    )
    bare = Bare(process("p", body))
    assert (bare.open_ids(), bare.completed) == ([], True)


def test_a_condition_on_a_flow_behind_a_task_is_ignored() -> None:
    body = start() + user("work", "never") + end() + flow("begin > work") + flow("never > done")
    bare = Bare(process("p", body + flow("work > never", "False")))
    bare.do("work")
    assert bare.open_ids() == ["never"]


def test_an_element_without_incoming_flow_is_dropped() -> None:
    bare = Bare(process("p", LINE + user("alone") + end("end2") + flow("alone > end2")))
    bare.do("work")
    assert bare.completed


def test_an_event_sub_process_for_errors_starts_at_once() -> None:
    inner = (
        '<bpmn:startEvent id="s"><bpmn:errorEventDefinition/></bpmn:startEvent>' + user("repair") + end("e")
    )
    inner += flow("s > repair > e")
    sub = f'<bpmn:subProcess id="mend" triggeredByEvent="true">{inner}</bpmn:subProcess>'
    assert Bare(process("p", LINE + sub)).open_ids() == ["repair", "work"]


def test_an_unquoted_duration_leaves_the_process_stuck() -> None:
    body = start() + user("work") + catch("pause", timer("P10D", "timeDuration")) + end()
    bare = Bare(process("p", body + flow("begin > work > pause > done")))
    with pytest.raises(Exception, match="P10D"):
        bare.do("work")
    states = {t.task_spec.name: t.state for t in bare.workflow.tasks.values()}
    assert (states["work"], states["pause"]) == (TaskState.COMPLETED, TaskState.FUTURE)


def test_a_month_is_as_long_as_the_month_in_which_it_starts() -> None:
    start_of = datetime(2025, 1, 31, tzinfo=UTC)
    month = TimerEventDefinition.get_timedelta_from_start(
        TimerEventDefinition.parse_iso_duration("P1M"), start_of
    )
    assert (start_of + month).date().isoformat() == "2025-03-03"


def test_two_timers_behind_an_event_gateway_share_one_date() -> None:
    body = (
        start()
        + gateway("eventBased", "g")
        + catch("far", timer("far_date"))
        + catch("near", timer("near_date"))
        + user("a", "b")
        + end()
        + flow("begin > g > far > a > done")
        + flow("g > near > b > done")
    )
    bare = Bare(
        process("p", body), far_date="2999-01-01T00:00:00+00:00", near_date="2000-01-01T00:00:00+00:00"
    )
    bare.workflow.refresh_timers()
    bare.workflow.do_engine_steps()
    assert bare.open_ids() == []


def test_a_loop_of_many_rounds_reports_completed_while_a_task_is_open() -> None:
    body = (
        start()
        + user("work")
        + gateway("exclusive", "again")
        + gateway("exclusive", "more", default="more_done")
        + end()
        + flow("begin > again > work > more > done")
        + flow("more > again", "work.decision == 'more'")
    )
    bare = Bare(process("p", body))
    task: Any = bare.ready[0]
    for _ in range(340):
        bare.run(task, decision="more")
        ready = bare.ready
        if not ready:
            break
        task = ready[0]
    alive = [t for t in bare.workflow.tasks.values() if t.state == TaskState.READY]
    assert (len(alive), bare.completed) == (1, True)


def test_values_with_the_key_typename_make_a_stored_instance_unloadable() -> None:
    bare = Bare(process("p", LINE))
    bare.ready[0].data["form"] = {"typename": "anything"}
    serializer = BpmnWorkflowSerializer()
    stored = serializer.serialize_json(bare.workflow)
    with pytest.raises(TypeError):
        serializer.deserialize_json(stored)


def test_interrupting_a_repetition_of_calls_breaks_the_instance() -> None:
    """The same diagram through our runtime withdraws the tasks: test_scopes.py."""
    repeated = (
        '<bpmn:callActivity id="many" calledElement="sub"><bpmn:multiInstanceLoopCharacteristics>'
        '<bpmn:loopDataInputRef>units</bpmn:loopDataInputRef><bpmn:inputDataItem id="unit" name="unit"/>'
        "</bpmn:multiInstanceLoopCharacteristics></bpmn:callActivity>"
    )
    body = start() + repeated + boundary("late", "many", timer("due")) + end("done", "stopped")
    called = process("sub", start("s") + user("edit") + end("e") + flow("s > edit > e"))
    file = process("p", body + flow("begin > many > done") + flow("late > stopped"))
    bare = Bare(file, called, units=["a"], due="2999-01-01T00:00:00+00:00")
    late = next(t for t in bare.workflow.tasks.values() if t.task_spec.name == "late")
    late.internal_data["event_fired"] = True
    late.task_spec._update(late)
    with pytest.raises(TaskNotFoundException):
        bare.workflow.do_engine_steps()


def test_an_inclusive_join_does_not_wait_for_a_sub_process_before_a_gateway() -> None:
    """Ours waits: the sub-process is at work and can still bring a token."""
    inner = start("s") + user("inner") + end("e") + flow("s > inner > e")
    body = (
        start()
        + user("a", "b", "c", "c2", "after")
        + gateway("inclusive", "split", default="split_a")
        + gateway("inclusive", "join")
        + gateway("exclusive", "x", default="x_c")
        + end("done", "left")
        + f'<bpmn:subProcess id="sub">{inner}</bpmn:subProcess>'
        + flow("begin > split > a > join > after > done")
        + flow("split > sub", "True")
        + flow("split > b", "True")
        + flow("sub > x > c > c2 > join")
        + flow("x > left", "False")
        + flow("b > join")
    )
    file = process("p", body)
    bare = Bare(file)
    live, _ = started(deployment(file))
    bare.do("b")
    do(live, "b")
    assert open_ids(live) == ["inner"]
    assert bare.open_ids() == ["after", "inner"]
