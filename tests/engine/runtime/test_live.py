"""A live instance: starting, completing, activities, scripts, candidates, and its picture."""

import pytest

from engine.domain.task import Candidate, instance_of
from engine.errors import Invalid, ProcessFailed, TaskNotOpen
from engine.runtime import LiveInstance
from tests.engine.runtime.bare import Bare
from tests.engine.runtime.drawing import (
    INSTANCE,
    NOW,
    deployment,
    do,
    end,
    events,
    flow,
    form,
    gateway,
    open_ids,
    process,
    script,
    start,
    started,
    user,
)

LINE = deployment(
    process("p", start() + user("write", "check") + end() + flow("begin > write > check > done"))
)
RECALL = '<bpmn:message id="recall" name="recalled"/><bpmn:message id="reply" name="replied"/>'
REJECTED = '<bpmn:error id="rejected" errorCode="rejected"/>'


def test_starting_opens_the_first_task_with_everything_an_inbox_needs() -> None:
    file = process(
        "p",
        start()
        + user(
            "write",
            attributes='planflow:unit="unit" planflow:due="due" planflow:subject="name"',
            form="write",
        )
        + end()
        + flow("begin > write > done"),
    )
    parsed = deployment(file, form("write", inputs='["unit", "before.note", "missing"]'))
    _live, step = started(
        parsed, unit="kinmen", due="2025-02-01T17:00:00+08:00", name="年度計畫", before={"note": [1]}
    )
    task = step.opened[0]
    assert instance_of(task.id) == INSTANCE
    assert (task.process_key, task.element_id, task.path, task.label) == ("p", "write", "write", "Write")
    assert task.subject == "年度計畫"
    assert task.candidates == (Candidate(role="unit_handler", unit="kinmen"),)
    assert task.due_at is not None
    assert task.due_at.isoformat() == "2025-02-01T09:00:00+00:00"
    assert task.inputs == {"unit": "kinmen", "before.note": [1], "missing": None}
    assert events(step) == [("element_passed", "begin"), ("task_opened", "write")]


def test_the_title_comes_from_the_start_variables() -> None:
    file = process(
        "p",
        start() + user("write") + end() + flow("begin > write > done"),
        attributes='planflow:title="text(roc_year) + &quot;年度&quot;"',
    )
    live, step = started(deployment(file), roc_year=114)
    assert live.title == "114年度"
    assert step.opened[0].subject == "114年度"


def test_completing_the_last_task_ends_the_instance_with_the_end_event_as_outcome() -> None:
    live, _ = started(LINE)
    assert do(live, "write", decision="yes").ended is False
    step = do(live, "check", decision="no")
    assert (step.ended, step.outcome, live.ended) == (True, "done", True)
    assert events(step) == [("element_passed", "done"), ("instance_ended", "done")]
    assert live.view().variables == {"write": {"decision": "yes"}, "check": {"decision": "no"}}


def test_a_task_can_be_completed_only_once() -> None:
    live, step = started(LINE)
    task = step.opened[0]
    live.complete(NOW, task.id, {})
    with pytest.raises(TaskNotOpen):
        live.complete(NOW, task.id, {})
    assert not live.broken
    assert open_ids(live) == ["check"]


def test_the_bare_library_completes_a_task_twice_and_before_its_turn() -> None:
    bare = Bare(process("p", start() + user("write", "check") + end() + flow("begin > write > check > done")))
    future = next(t for t in bare.workflow.tasks.values() if t.task_spec.name == "check")
    bare.run(future)
    assert future.state == 64
    assert bare.open_ids() == ["write"]


def test_nothing_happens_after_the_end() -> None:
    live, step = started(LINE)
    live.cancel(NOW)
    with pytest.raises(TaskNotOpen):
        live.complete(NOW, step.opened[0].id, {})
    with pytest.raises(TaskNotOpen):
        live.cancel(NOW)


def test_starting_twice_is_refused() -> None:
    live, _ = started(LINE)
    with pytest.raises(TaskNotOpen):
        live.start(NOW, {})


def test_cancelling_withdraws_what_is_open() -> None:
    live, step = started(LINE)
    cancelled = live.cancel(NOW)
    assert cancelled.withdrawn == (step.opened[0].id,)
    assert (cancelled.ended, cancelled.outcome) == (True, "cancelled")
    assert events(cancelled) == [("task_withdrawn", "write"), ("instance_ended", None)]


@pytest.mark.parametrize(
    "values",
    [
        {"typename": 1},
        {"a": [{"typename": 1}]},
        {"_hidden": 1},
        {"a": {1, 2}},
        {"a": float("nan")},
        {"a": float("inf")},
    ],
    ids=["reserved", "reserved below", "underscore", "not JSON", "nan", "infinity"],
)
def test_values_that_cannot_be_stored_are_refused_and_change_nothing(values: dict[str, object]) -> None:
    live, step = started(LINE)
    before = live.snapshot()
    with pytest.raises(Invalid):
        live.complete(NOW, step.opened[0].id, values)
    assert live.snapshot() == before


def test_values_are_copied_on_the_way_in_and_out() -> None:
    live, step = started(LINE)
    values = {"rows": [{"n": 1}]}
    live.complete(NOW, step.opened[0].id, values)
    values["rows"][0]["n"] = 2
    live.view().variables["write"]["rows"].append("x")
    assert live.view().variables == {"write": {"rows": [{"n": 1}]}}


def test_a_gateway_tells_which_flow_it_took_and_why() -> None:
    file = process(
        "p",
        start()
        + user("write", "yes", "no")
        + gateway("exclusive", "x", default="x_no")
        + end()
        + flow("begin > write > x > no > done")
        + flow("x > yes", "write.decision == 'yes'")
        + flow("yes > done"),
    )
    live, _ = started(deployment(file))
    step = do(live, "write", decision="yes")
    assert step.effects[0].data == {
        "process": "p",
        "path": "x",
        "gateway": "x",
        "taken": ["x_yes"],
        "conditions": [{"flow": "x_yes", "expression": "write.decision == 'yes'", "result": True}],
    }
    assert open_ids(live) == ["yes"]


SERVICE = deployment(
    process(
        "p",
        start()
        + '<bpmn:serviceTask id="number" planflow:activity="plan.number"/>'
        + user("check")
        + end()
        + flow("begin > number > check > done"),
    )
)


def test_a_service_task_stops_the_runtime_until_its_result_comes_back() -> None:
    live, step = started(SERVICE, plan_key="bsmi_khh:114")
    request = step.activities[0]
    assert (request.activity, request.element_id, request.data) == (
        "plan.number",
        "number",
        {"plan_key": "bsmi_khh:114"},
    )
    assert step.opened == ()
    step = live.return_activity(NOW, request.task_id, {"no": 7})
    assert live.view().variables["number"] == {"no": 7}
    assert open_ids(live) == ["check"]
    with pytest.raises(TaskNotOpen):
        live.return_activity(NOW, request.task_id, {"no": 8})


def test_a_script_assigns_and_tells_what() -> None:
    file = process(
        "p",
        start()
        + script("reckon", "total = 1 + 2\nnames = ['a'] + [text(total)]")
        + user("look")
        + end()
        + flow("begin > reckon > look > done"),
    )
    _live, step = started(deployment(file))
    assert step.effects[1].data == {
        "process": "p",
        "path": "reckon",
        "assigned": {"total": 3, "names": ["a", "3"]},
    }


def test_an_expression_that_fails_breaks_the_live_copy_and_tells_where() -> None:
    file = process(
        "p",
        start()
        + user("write")
        + script("reckon", "total = absent + 1")
        + end()
        + flow("begin > write > reckon > done"),
    )
    live, step = started(deployment(file))
    with pytest.raises(ProcessFailed) as failure:
        live.complete(NOW, step.opened[0].id, {})
    assert failure.value.reason == "reckon: there is no variable “absent”: total = absent + 1"
    assert live.broken
    with pytest.raises(ProcessFailed):
        live.cancel(NOW)


def test_roles_and_units_may_come_from_expressions() -> None:
    file = process(
        "p",
        start()
        + user("write", attributes='planflow:role-from="chain"')
        + end()
        + flow("begin > write > done"),
    )
    _live, step = started(
        deployment(file), chain=[["director", None], ["unit_chief", "kinmen"], ["director", None]]
    )
    assert step.opened[0].candidates == (
        Candidate(role="director"),
        Candidate(role="unit_chief", unit="kinmen"),
    )


@pytest.mark.parametrize("chain", [[], "nobody", [["director"]], [["unknown", "kinmen"]], None])
def test_a_task_that_nobody_could_take_fails(chain: object) -> None:
    file = process(
        "p",
        start()
        + user("write", attributes='planflow:role-from="chain"')
        + end()
        + flow("begin > write > done"),
    )
    parsed = deployment(file)
    with pytest.raises(ProcessFailed):
        started(parsed, chain=chain)


def test_a_snapshot_of_something_else_is_refused() -> None:
    live, _ = started(LINE)
    with pytest.raises(ValueError, match="another"):
        LiveInstance.restore(LINE, "other", INSTANCE, live.snapshot())


DATED = deployment(
    process(
        "p",
        start()
        + user("write", attributes='planflow:due="due" planflow:late-after="late"')
        + end()
        + flow("begin > write > done"),
    )
)
DUE = "2026-12-24T23:59:59+08:00"


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        ("2026-12-28T23:59:59+08:00", "2026-12-28T15:59:59+00:00"),
        (None, "2026-12-24T15:59:59+00:00"),
        ("2026-12-01T23:59:59+08:00", "2026-12-24T15:59:59+00:00"),
    ],
    ids=["after a holiday", "without", "never before the due date"],
)
def test_a_task_is_late_after_its_grace(late: str | None, expected: str) -> None:
    _, step = started(DATED, due=DUE, late=late)
    (task,) = step.opened
    assert task.late_after_at is not None
    assert task.due_at is not None
    assert (task.due_at.isoformat(), task.late_after_at.isoformat()) == (
        "2026-12-24T15:59:59+00:00",
        expected,
    )
    assert ("late_after_at" in task.event().data) == (late == "2026-12-28T23:59:59+08:00")


def test_a_grace_of_more_than_a_month_fails_the_step() -> None:
    with pytest.raises(ProcessFailed) as failed:
        started(DATED, due=DUE, late="2027-01-25T00:00:00+08:00")
    assert "write would be late only after 31 days and more" in failed.value.reason
