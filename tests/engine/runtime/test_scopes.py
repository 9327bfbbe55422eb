"""Repetitions, calls, errors and terminate ends: scopes within scopes."""

import pytest

from engine.domain.definition import SourceFile
from engine.domain.instance import ElementMark
from engine.errors import ProcessFailed
from tests.engine.runtime.bare import Bare
from tests.engine.runtime.drawing import (
    NOW,
    boundary,
    catch,
    deployment,
    do,
    each,
    end,
    flow,
    gateway,
    message,
    open_paths,
    process,
    start,
    started,
    timer,
    user,
)

RECALL = '<bpmn:message id="recall" name="recalled"/><bpmn:message id="reply" name="replied"/>'
REJECTED = '<bpmn:error id="rejected" errorCode="rejected"/>'


def called(inner: str = "", before: str = "") -> SourceFile:
    return process(
        "sub",
        start("s")
        + user("edit", attributes='planflow:unit="unit"')
        + gateway("exclusive", "x", default="x_good")
        + end("good")
        + f'<bpmn:endEvent id="bad">{inner}</bpmn:endEvent>'
        + flow("s > edit > x > good")
        + flow("x > bad", "edit.decision == 'no'"),
        before=before,
    )


def repeated(marker: str, extra: str = "", before: str = "") -> SourceFile:
    return process(
        "p",
        start()
        + f'<bpmn:callActivity id="contribute" calledElement="sub">{marker}</bpmn:callActivity>'
        + gateway("exclusive", "again")
        + user("check")
        + gateway("exclusive", "fine", default="fine_done")
        + end()
        + flow("begin > again > contribute > check > fine > done")
        + flow("fine > again", "check.decision == 'return'")
        + extra,
        before=before,
    )


MANY = deployment(repeated(each("units", "unit")), called())


def test_a_repetition_opens_one_child_for_each_item() -> None:
    live, step = started(MANY, units=["kinmen", "penghu"])
    assert [task.path for task in step.opened] == ["contribute[kinmen]/edit", "contribute[penghu]/edit"]
    assert [task.candidates[0].unit for task in step.opened] == ["kinmen", "penghu"]
    assert [task.process_key for task in step.opened] == ["sub", "sub"]
    do(live, "contribute[penghu]/edit", decision="no")
    assert open_paths(live) == ["contribute[kinmen]/edit"]
    do(live, "contribute[kinmen]/edit", decision="yes")
    assert open_paths(live) == ["check"]
    variables = live.view().variables
    assert variables["contribute"] == {"outcome": "good"}
    assert "unit" not in variables


def test_a_repetition_inside_a_rework_loop_starts_anew() -> None:
    live, _ = started(MANY, units=["kinmen", "penghu"])
    for _ in range(3):
        for unit in ("kinmen", "penghu"):
            do(live, f"contribute[{unit}]/edit", decision="yes")
        do(live, "check", decision="return")
    assert open_paths(live) == ["contribute[kinmen]/edit", "contribute[penghu]/edit"]


def test_the_bare_library_cannot_repeat_inside_a_rework_loop() -> None:
    marker = each("units", "unit").replace('id="item_unit"', 'id="unit"')
    bare = Bare(repeated(marker), called(), units=["kinmen", "penghu"])
    for _ in range(2):
        bare.do("edit", decision="yes")
    with pytest.raises(Exception, match="already exists"):
        bare.do("check", decision="return")


def test_a_sequential_repetition_goes_on_one_by_one_and_may_stop_early() -> None:
    parsed = deployment(
        repeated(each("units", "unit", sequential=True, completion="edit.decision == 'no'")), called()
    )
    live, _ = started(parsed, units=["kinmen", "penghu", "pingtung"])
    assert open_paths(live) == ["contribute[kinmen]/edit"]
    do(live, "contribute[kinmen]/edit", decision="yes")
    do(live, "contribute[penghu]/edit", decision="no")
    assert open_paths(live) == ["check"]


def test_a_parallel_repetition_that_stops_early_withdraws_the_others_with_their_calls() -> None:
    parsed = deployment(repeated(each("units", "unit", completion="edit.decision == 'no'")), called())
    live, step = started(parsed, units=["kinmen", "penghu", "pingtung"])
    others = [task.id for task in step.opened if task.path != "contribute[penghu]/edit"]
    step = do(live, "contribute[penghu]/edit", decision="no")
    assert list(step.withdrawn) == others
    assert open_paths(live) == ["check"]


def test_a_repetition_over_nothing_goes_on() -> None:
    live, _ = started(MANY, units=[])
    assert open_paths(live) == ["check"]


@pytest.mark.parametrize("units", [None, "kinmen", {"kinmen": 1}, ["kinmen", None]])
def test_a_repetition_needs_a_list_without_empty_items(units: object) -> None:
    with pytest.raises(ProcessFailed):
        started(MANY, units=units)


def test_interrupting_a_repetition_of_calls_withdraws_all_their_tasks() -> None:
    extra = (
        boundary("withdraw", "contribute", message("recall"), attributes='planflow:correlation="plan_key"')
        + end("stopped")
        + flow("withdraw > stopped")
    )
    files = (repeated(each("units", "unit"), extra, RECALL), called())
    live, step = started(deployment(*files), units=["kinmen", "penghu"], plan_key="k")
    withdrawn = live.receive(NOW, step.awaited[0].task_id, {})
    assert withdrawn.withdrawn == tuple(task.id for task in step.opened)
    assert (withdrawn.ended, withdrawn.outcome) == (True, "stopped")


def test_an_error_end_goes_to_the_boundary_event_of_its_own_call_only() -> None:
    throwing = called('<bpmn:errorEventDefinition errorRef="rejected"/>', REJECTED)
    catching = "".join(
        f'<bpmn:callActivity id="{name}" calledElement="sub"/>'
        + boundary(f"{name}_failed", name, '<bpmn:errorEventDefinition errorRef="rejected"/>')
        + user(f"mend_{name}")
        + end(f"{name}_done", f"{name}_mended")
        + flow(f"split > {name} > {name}_done")
        + flow(f"{name}_failed > mend_{name} > {name}_mended")
        for name in ("left", "right")
    )
    file = process(
        "p", start() + gateway("parallel", "split") + flow("begin > split") + catching, before=REJECTED
    )
    live, _ = started(deployment(file, throwing), unit="kinmen")
    do(live, "right/edit", decision="no")
    assert open_paths(live) == ["left/edit", "mend_right"]
    assert live.view().variables["edit"] == {"decision": "no"}
    bare = Bare(file, throwing, unit="kinmen")
    bare.run(bare.ready[1], decision="no")
    assert bare.open_ids() == ["mend_left", "mend_right"]


def test_a_terminate_end_ends_only_its_own_scope_and_keeps_what_was_written() -> None:
    inner = (
        start("s")
        + gateway("parallel", "split")
        + user("a", "b", "c")
        + end("plain")
        + end("stop", inner="<bpmn:terminateEventDefinition/>")
        + flow("s > split > a > c > plain")
        + flow("split > b > stop")
    )
    file = process(
        "p",
        start()
        + f'<bpmn:subProcess id="work">{inner}</bpmn:subProcess>'
        + user("after")
        + end()
        + flow("begin > work > after > done"),
    )
    live, _ = started(deployment(file))
    do(live, "work/a", note="kept")
    step = do(live, "work/b")
    assert len(step.withdrawn) == 1
    assert open_paths(live) == ["after"]
    assert live.view().variables["work"] == {"outcome": "stop"}
    assert live.view().variables["a"] == {"note": "kept"}


def test_a_process_that_nothing_can_move_fails_instead_of_standing_still() -> None:
    file = process(
        "p",
        start() + user("work") + catch("never", timer("due")) + end() + flow("begin > work > never > done"),
    )
    live, step = started(deployment(file), due=None)
    with pytest.raises(ProcessFailed) as failure:
        live.complete(NOW, step.opened[0].id, {})
    assert "stuck" in failure.value.reason


def test_the_view_marks_elements_and_counts_flows_by_process() -> None:
    live, _ = started(MANY, units=["kinmen", "penghu"])
    do(live, "contribute[kinmen]/edit", decision="yes")
    view = live.view()
    assert view.marks == {
        "p": {
            "again": ElementMark(completed=1),
            "begin": ElementMark(completed=1),
            "contribute": ElementMark(completed=1, active=1),
        },
        "sub": {
            "edit": ElementMark(completed=1, active=1),
            "good": ElementMark(completed=1),
            "s": ElementMark(completed=2),
            "x": ElementMark(completed=1),
        },
    }
    assert view.flows == {
        "p": {"begin_again": 1, "again_contribute": 1},
        "sub": {"s_edit": 2, "edit_x": 1, "x_good": 1},
    }
