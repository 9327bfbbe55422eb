"""The linter: every construct that would run wrongly is refused with its element, line and what to do."""

import pytest

from engine.domain.definition import SourceFile
from engine.errors import DeploymentRefused
from engine.runtime import lint, parse_deployment
from tests.engine.runtime.drawing import (
    boundary,
    catch,
    each,
    end,
    flow,
    form,
    gateway,
    message,
    process,
    script,
    start,
    timer,
    user,
)
from tests.engine.runtime.linting import LINE, MESSAGES, WORK, around, drawn, rules

SENDER = 'planflow:sender="who" planflow:form="decide"'


def test_a_good_diagram_has_no_findings() -> None:
    assert drawn(WORK + LINE) == []


def test_a_finding_tells_file_element_line_and_what_to_do() -> None:
    broken = process("p", start() + "\n\n" + user("work", form="absent") + end() + LINE)
    finding = lint((form(), broken))[0]
    assert (finding.file, finding.element, finding.rule) == ("p.bpmn", "work", "unknown_form")
    assert finding.line == 4
    assert str(finding) == "There is no form “absent”"
    with pytest.raises(DeploymentRefused) as refusal:
        parse_deployment((form(), broken))
    assert refusal.value.findings == (finding,)


TASK = '<bpmn:{} id="x"/>'
EVENT = '<bpmn:intermediateThrowEvent id="x"><bpmn:{}/></bpmn:intermediateThrowEvent>'
INNER = start("s") + user("inner") + end("e") + flow("s > inner > e")


@pytest.mark.parametrize(
    "element",
    [
        TASK.format("task"),
        TASK.format("manualTask"),
        TASK.format("complexGateway"),
        EVENT.format('linkEventDefinition name="far"'),
        EVENT.format("compensateEventDefinition"),
        EVENT.format("signalEventDefinition"),
        EVENT.format("escalationEventDefinition"),
        f'<bpmn:adHocSubProcess id="x">{user("inner")}</bpmn:adHocSubProcess>',
        f'<bpmn:transaction id="x">{INNER}</bpmn:transaction>',
        user("x", inner="<bpmn:standardLoopCharacteristics/>"),
        user(
            "x",
            inner="<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality>"
            "</bpmn:multiInstanceLoopCharacteristics>",
        ),
        user("x") + '<bpmn:dataObject id="o"/>',
        user("x", inner="<bpmn:potentialOwner/>"),
        catch("x", timer("R3/P1D", "timeCycle")),
    ],
    ids=[
        "task",
        "manual task",
        "complex gateway",
        "link",
        "compensation",
        "signal",
        "escalation",
        "ad-hoc",
        "transaction",
        "standard loop",
        "cardinality",
        "data object",
        "potential owner",
        "cycle",
    ],
)
def test_constructs_that_are_ignored_or_wrong_are_refused(element: str) -> None:
    assert "refused_element" in [rule for rule, _ in drawn(around(element))]


def test_an_unknown_element_breaks_the_schema() -> None:
    assert [rule for rule, _ in drawn(around('<bpmn:robotTask id="x"/>'))] == ["schema"]


@pytest.mark.parametrize("kind", ["message", "error", "timer"])
def test_an_event_sub_process_is_refused(kind: str) -> None:
    inner = (
        f'<bpmn:startEvent id="s2"><bpmn:{kind}EventDefinition/></bpmn:startEvent>'
        + end("e2")
        + flow("s2 > e2")
    )
    body = WORK + LINE + f'<bpmn:subProcess id="x" triggeredByEvent="true">{inner}</bpmn:subProcess>'
    assert ("event_sub_process", "x") in drawn(body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (WORK + LINE + user("alone"), ("no_incoming", "alone")),
        (WORK + LINE + user("a", "b") + flow("a > b > a"), ("unreachable", "a")),
        (start() + user("work") + flow("begin > work"), ("no_outgoing", "work")),
        (WORK + flow("begin > work") + flow("work > done", "True"), ("condition_ignored", "work_done")),
        (WORK + LINE + user("b") + flow("work > b > done"), ("two_outgoing", "work")),
        (start() + start("two") + user("work") + end() + LINE + flow("two > work"), ("one_start", "p")),
        (WORK + LINE + flow("work > begin"), ("incoming_flow", "begin")),
        (WORK + LINE + flow("done > work"), ("outgoing_flow", "done")),
        (
            start()
            + gateway("exclusive", "x")
            + user("a", "b")
            + end()
            + flow("begin > x > a > done")
            + flow("x > b > done", "True"),
            ("no_default", "x"),
        ),
        (
            start()
            + gateway("inclusive", "x", default="x_a")
            + user("a", "b")
            + end()
            + flow("begin > x > a > done")
            + flow("x > b > done"),
            ("no_condition", "x_b"),
        ),
        (
            start()
            + gateway("exclusive", "x", default="x_a")
            + user("a", "b")
            + end()
            + flow("begin > x")
            + flow("x > a", "True")
            + flow("x > b", "True")
            + flow("a > done")
            + flow("b > done"),
            ("default_condition", "x_a"),
        ),
        (
            start()
            + gateway("exclusive", "x", default="one")
            + user("a")
            + end()
            + flow("begin > x")
            + flow("x > a", name="one")
            + flow("x > a", "True", name="two")
            + flow("a > done"),
            ("double_flow", "x"),
        ),
        (
            start()
            + gateway("parallel", "join")
            + user("a")
            + gateway("exclusive", "x", default="x_done")
            + end()
            + flow("begin > join > a > x > done")
            + flow("x > join", "True"),
            ("join_waits_for_itself", "join"),
        ),
        (
            start()
            + gateway("eventBased", "g")
            + catch("a", timer("due"))
            + catch("b", timer("due"))
            + end()
            + flow("begin > g > a > done")
            + flow("g > b > done"),
            ("two_timers", "g"),
        ),
        (
            start()
            + gateway("eventBased", "g")
            + catch("a", message("m"), 'planflow:correlation="k"')
            + catch("b", message("m"), 'planflow:correlation="k"')
            + end()
            + flow("begin > g > a > done")
            + flow("g > b > done"),
            ("same_message", "g"),
        ),
        (
            start()
            + gateway("eventBased", "g")
            + catch("a", timer("due"))
            + user("b")
            + end()
            + flow("begin > g > a > done")
            + flow("g > b > done"),
            ("not_an_event", "b"),
        ),
        (
            around(script("x", "a = 1"))
            + boundary("late", "x", timer("due"))
            + end("e2")
            + flow("late > e2"),
            ("boundary_on_automatic", "late"),
        ),
        (
            around(user("x"))
            + boundary("bad", "x", "<bpmn:errorEventDefinition/>")
            + end("e2")
            + flow("bad > e2"),
            ("error_on_task", "bad"),
        ),
        (
            around(f'<bpmn:subProcess id="x">{INNER}</bpmn:subProcess>')
            + flow("inner > done", name="crossing"),
            ("flow_leaves_scope", "crossing"),
        ),
    ],
)
def test_ways_that_end_nowhere_or_are_taken_wrongly_are_refused(body: str, expected: tuple[str, str]) -> None:
    assert expected in drawn(body)


def test_an_error_must_be_caught_around_its_sub_process() -> None:
    error = '<bpmn:error id="r" errorCode="rejected"/>'
    inner = start("s") + end("e", inner='<bpmn:errorEventDefinition errorRef="r"/>') + flow("s > e")
    body = around(f'<bpmn:subProcess id="x">{inner}</bpmn:subProcess>')
    assert rules(process("p", body, before=error)) == [("error_not_caught", "x")]


def test_an_error_must_be_caught_at_every_call() -> None:
    error = '<bpmn:error id="r" errorCode="rejected"/>'
    ending = end("e", inner='<bpmn:errorEventDefinition errorRef="r"/>')
    called = process("sub", start("s") + ending + flow("s > e"), before=error)
    caller = process("p", around('<bpmn:callActivity id="x" calledElement="sub"/>'))
    assert rules(called, caller) == [("error_not_caught", "x")]


@pytest.mark.parametrize(
    ("element", "rule"),
    [
        ('<bpmn:userTask id="x"/>', "no_form"),
        (user("x", form="absent"), "unknown_form"),
        (user("x", attributes='planflow:role="king"'), "unknown_role"),
        ('<bpmn:serviceTask id="x"/>', "no_activity"),
        ('<bpmn:serviceTask id="x" planflow:activity="no.such"/>', "unknown_activity"),
        ('<bpmn:callActivity id="x" calledElement="absent"/>', "unknown_process"),
        ('<bpmn:callActivity id="x" calledElement="p"/>', "recursive_call"),
        ('<bpmn:businessRuleTask id="x" planflow:decision="absent"/>', "unknown_decision"),
        (catch("x", message("m")), "no_correlation"),
        (catch("x", message("m"), 'planflow:sender="who"'), "sender_alone"),
        (catch("x", message("m"), f'{SENDER} planflow:correlation="who"'), "sender_alone"),
        (catch("x", timer('"2025-01-01T00:00:00+08:00"')), "fixed_date"),
        (catch("x", timer("2025-01-01")), "fixed_date"),
        (catch("x", timer("P10D", "timeDuration")), "unquoted_duration"),
        (catch("x", timer('"P1M"', "timeDuration")), "duration"),
        (catch("x", timer('"P1Y2D"', "timeDuration")), "duration"),
        (catch("x", ""), "event_kind"),
        (user("x", inner="<bpmn:multiInstanceLoopCharacteristics/>"), "no_collection"),
        (user("x", inner=each("units", "a-b")), "no_item"),
        (user("x", attributes='planflow:unit="units[0:1]"'), "expression"),
        (user("x", attributes='planflow:due="x.__class__"'), "expression"),
        (user("x", attributes='planflow:subject="x.decison"'), "unknown_member"),
        (script("x", "import os"), "script"),
        (script("x", "a.b = 1"), "script"),
        (script("x", ""), "script"),
        (
            script("x", "a = 1").replace("<bpmn:scriptTask", '<bpmn:scriptTask scriptFormat="python"'),
            "script_language",
        ),
        (user("x", attributes='planflow:unti="unit"'), "unknown_attribute"),
        (user("x", attributes='camunda:assignee="demo"'), "foreign_attribute"),
        (
            user("x", inner="<bpmn:extensionElements><camunda:formData/></bpmn:extensionElements>"),
            "foreign_element",
        ),
        (user("class"), "name"),
        (script("x", "x = 1"), "name_clash"),
        (script("x", "done = 1"), "name_clash"),
    ],
)
def test_elements_that_mean_nothing_are_refused(element: str, rule: str) -> None:
    identifier = "class" if "class" in element and rule == "name" else "x"
    body = around(element, identifier)
    assert rule in [r for r, _ in rules(process("p", body, before=MESSAGES), activities=["plan.number"])]


def test_inputs_of_a_form_must_be_variables_of_the_form_that_they_come_from() -> None:
    body = start() + user("write") + user("look", form="look") + end() + flow("begin > write > look > done")
    files = (
        process("p", body),
        form("look", inputs='["plan_key", "write.decision", "write.note", "elsewhere.x"]'),
    )
    assert rules(*files) == [("unknown_member", "look")]


def test_emptying_the_variable_of_an_element_is_allowed() -> None:
    body = start() + script("clear", "work = {}") + user("work") + end() + flow("begin > clear > work > done")
    assert drawn(body) == []


def test_a_lane_without_a_role_is_refused_where_user_tasks_stand() -> None:
    file = process("p", WORK + LINE)
    bare_lane = SourceFile(name=file.name, body=file.body.replace(b' planflow:role="unit_handler"', b""))
    assert rules(bare_lane) == [("no_role", "work")]


def test_a_node_without_a_shape_is_refused() -> None:
    found = rules(process("p", WORK + LINE, shapes=False))
    assert set(found) == {
        ("not_drawn", name) for name in ("begin", "work", "done", "lane", "begin_work", "work_done")
    }


def test_bpmn_correlation_is_refused() -> None:
    keys = (
        '<bpmn:correlationProperty id="c"><bpmn:correlationPropertyRetrievalExpression messageRef="m">'
        "<bpmn:messagePath>plan_key</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression>"
        "</bpmn:correlationProperty>"
    )
    assert rules(process("p", WORK + LINE, before=MESSAGES + keys)) == [("bpmn_correlation", "c")]


def test_a_process_that_is_not_executable_is_refused() -> None:
    file = process("p", WORK + LINE)
    closed = SourceFile(
        name=file.name, body=file.body.replace(b'isExecutable="true"', b'isExecutable="false"')
    )
    assert rules(closed) == [("one_process", "d")]


def test_duplicate_ids_break_the_schema() -> None:
    assert [rule for rule, _ in drawn(WORK + user("work") + LINE)] == ["schema"]


def test_the_process_is_named_like_its_file() -> None:
    file = process("p", WORK + LINE)
    assert rules(SourceFile(name="q.bpmn", body=file.body)) == [("file_name", "p")]


def test_two_processes_may_not_start_with_the_same_message() -> None:
    begin = '<bpmn:startEvent id="begin">' + message("m") + "</bpmn:startEvent>"
    files = [
        process(key, begin + user("work") + end() + LINE, before='<bpmn:message id="m" name="reply"/>')
        for key in ("p", "q")
    ]
    assert rules(*files) == [("same_start_message", "begin"), ("same_start_message", "begin")]


def test_a_called_process_may_not_overwrite_a_result_of_its_caller() -> None:
    called = process("sub", WORK + LINE)
    body = start() + user("work") + '<bpmn:callActivity id="x" calledElement="sub"/>' + end()
    caller = process("p", body + flow("begin > work > x > done"))
    assert rules(called, caller) == [("name_clash", "work")]


def test_sub_processes_need_names_of_their_own() -> None:
    files = [process(k, around(f'<bpmn:subProcess id="x">{INNER}</bpmn:subProcess>')) for k in ("p", "q")]
    assert rules(*files) == [("scope_twice", "x"), ("scope_twice", "x")]


def test_a_process_with_too_many_elements_is_refused() -> None:
    names = [f"t{number}" for number in range(301)]
    body = start() + user(*names) + end() + flow(" > ".join(["begin", *names, "done"]))
    assert drawn(body) == [("too_many_elements", "p")]


def test_a_file_of_another_kind_is_refused() -> None:
    assert rules(SourceFile(name="notes.txt", body=b"x")) == [("unknown_file", "")]


def section(split: str, join: str, extra: str = "") -> str:
    """Two user tasks between a split and a join."""
    default = "" if split == "parallel" else "split_a"
    return (
        start()
        + gateway(split, "split", default=default)
        + user("a", "b")
        + gateway(join, "join")
        + end()
        + flow("begin > split > a > join > done")
        + flow("split > b", None if split == "parallel" else "yes")
        + flow("b > join")
        + extra
    )


@pytest.mark.parametrize(
    "body",
    [
        section("exclusive", "parallel"),
        section("inclusive", "parallel"),
        section("parallel", "parallel", boundary("late", "a", timer("due")) + end("e2") + flow("late > e2")),
    ],
    ids=["exclusive split", "inclusive split", "interrupted branch"],
)
def test_a_join_that_may_wait_for_ever_is_refused(body: str) -> None:
    assert drawn(body) == [("stuck_join", "join")]


@pytest.mark.parametrize(
    "body",
    [
        section("parallel", "parallel"),
        section("exclusive", "exclusive"),
        section("inclusive", "inclusive"),
        section("parallel", "inclusive", boundary("late", "a", timer("due")) + end("e2") + flow("late > e2")),
        section(
            "parallel",
            "parallel",
            boundary("late", "a", timer("due"), interrupting=False) + end("e2") + flow("late > e2"),
        ),
        section(
            "parallel",
            "parallel",
            boundary("stop", "a", timer("due"))
            + end("e2", inner="<bpmn:terminateEventDefinition/>")
            + flow("stop > e2"),
        ),
    ],
    ids=["parallel", "exclusive", "inclusive", "interrupted before inclusive", "reminder", "terminated"],
)
def test_a_join_that_always_goes_on_passes(body: str) -> None:
    assert drawn(body) == []
