"""The shipped workflows: they pass the linter, and their tokens move as the bare library would move them.

To compare, everything that needs an activity, a clock or a person's answer is replaced: services and tables
become user tasks, timers become messages, and each condition asks whether its flow is among the `picks`.
"""

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.exceptions import TaskNotFoundException

from engine.domain.definition import SourceFile
from engine.domain.instance import OpenedTask, Step, Subscription
from engine.errors import ProcessFailed
from engine.runtime import LiveInstance, lint, parse_deployment
from tests.engine.runtime.bare import Bare
from tests.engine.runtime.drawing import BPMN, INSTANCE, NOW, form

WORKFLOWS = Path(__file__).parents[3] / "workflows"
OWN = "{urn:planflow:bpmn}"
UNDERSTOOD_BY_US = [
    "unit",
    "role-from",
    "due",
    "late-after",
    "extendable",
    "excludes",
    "subject",
    "activity",
    "decision",
    "payload",
    "role",
    "form",
]
AUTOMATIC = ("serviceTask", "businessRuleTask")


def shipped() -> tuple[SourceFile, ...]:
    paths = [*WORKFLOWS.glob("*.bpmn"), *WORKFLOWS.glob("*.dmn"), *(WORKFLOWS / "forms").glob("*.json")]
    return tuple(
        SourceFile(name=path.relative_to(WORKFLOWS).as_posix(), body=path.read_bytes())
        for path in sorted(paths)
    )


def tag(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def comparable(file: SourceFile) -> SourceFile:
    """The same way of tokens without anything that only our runtime understands."""
    root = etree.fromstring(file.body)
    process = root.find(tag("process"))
    assert process is not None
    for name in ("title", "start-form", "restricted"):
        process.attrib.pop(f"{OWN}{name}", None)
    for element in list(process.iter()):
        for name in UNDERSTOOD_BY_US:
            if element.tag != tag("lane"):
                element.attrib.pop(f"{OWN}{name}", None)
        local = etree.QName(element).localname
        if local in (*AUTOMATIC, "userTask"):
            element.tag = tag("userTask")
            element.set(f"{OWN}form", "decide")
            element.set(f"{OWN}role", "sec_handler")
        elif local == "conditionExpression":
            flow = element.getparent()
            assert flow is not None
            element.text = f"contains(picks, '{flow.get('id')}')"
        elif local == "script":
            element.text = "passed = 1"
        elif local == "loopDataInputRef":
            element.text = "units"
        elif local == "completionCondition":
            element.text = "False"
        elif local in ("timerEventDefinition", "messageEventDefinition"):
            _replace_event(root, element)
    return SourceFile(name=file.name, body=etree.tostring(root))


def _replace_event(root: etree._Element, definition: etree._Element) -> None:
    """Catch events wait for a message of their own name; throw and start events are plain."""
    event = definition.getparent()
    assert event is not None
    name = f"{root.get('id')}_{event.get('id')}"
    event.remove(definition)
    if event.tag in (tag("intermediateCatchEvent"), tag("boundaryEvent")):
        etree.SubElement(event, tag("messageEventDefinition"), messageRef=name)
        root.insert(0, etree.Element(tag("message"), id=name, name=name))
        event.set(f"{OWN}correlation", "plan_key")
        event.attrib.pop(f"{OWN}sender", None)
    else:
        event.attrib.pop(f"{OWN}correlation", None)


FILES = (form(), *(comparable(file) for file in shipped() if file.name.endswith(".bpmn")))
PARSED = parse_deployment(FILES)
FLOWS = sorted(flow.id for d in PARSED.diagrams.values() for e in d.elements.values() for flow in e.outgoing)


def test_the_shipped_workflows_pass_the_linter() -> None:
    assert [f"{f.file}:{f.line}: {f.element}: {f}" for f in lint(shipped())] == []


@pytest.mark.parametrize("key", sorted(PARSED.diagrams))
@pytest.mark.parametrize("seed", range(6))
def test_tokens_move_as_in_the_bare_library_until_a_loop_begins(key: str, seed: int) -> None:
    """In loops the library itself is wrong; test_join.py is about those."""
    random = Random(f"{key}{seed}")
    picks = [flow for flow in FLOWS if random.random() < (0.15, 0.5, 0.85)[seed % 3]]
    variables = {"units": ["a", "b"], "picks": picks, "plan_key": "k"}
    live = LiveInstance.create(PARSED, key, INSTANCE)
    passed = _paths(live.start(NOW, variables))
    bare = Bare(*FILES, key=key, **variables)
    for _ in range(60):
        view = live.view()
        assert sorted(task.element_id for task in view.open_tasks) == bare.open_ids()
        assert live.ended == bare.completed
        causes = _unambiguous([*view.open_tasks, *view.subscriptions])
        if live.ended or not causes:
            return
        chosen = random.choice(causes)
        try:
            if isinstance(chosen, OpenedTask):
                step = live.complete(NOW, chosen.id, {})
            else:
                step = live.receive(NOW, chosen.task_id, {})
        except ProcessFailed:
            return  # the picks led into a circle or a dead end
        passed += _paths(step)
        if len(passed) > len(set(passed)):
            return
        try:
            _follow(bare, chosen)
        except TaskNotFoundException:
            return  # the library breaks when a repetition of calls is interrupted: test_bare_library.py


def _follow(bare: Bare, cause: OpenedTask | Subscription) -> None:
    if isinstance(cause, OpenedTask):
        bare.do(cause.element_id)
    else:
        bare.workflow.send_event(BpmnEvent(MessageEventDefinition(cause.name), {}))
        bare.workflow.do_engine_steps()


def _unambiguous(causes: list[OpenedTask | Subscription]) -> list[OpenedTask | Subscription]:
    """The bare library is told element ids: it would give a message to every child that waits for it."""
    names = Counter(cause.element_id for cause in causes)
    return [cause for cause in causes if names[cause.element_id] == 1]


def _paths(step: Step) -> list[str]:
    """Where tokens came by: a path that comes twice is a loop."""
    return [f"{event.type} {event.data['path']}" for event in step.effects if "path" in event.data]
