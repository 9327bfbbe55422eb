"""Our way of carrying tokens along opens the same tasks as the bare library, on random diagrams.

Left out are the places where the library is wrong; those have tests of their own.
"""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent

from engine.runtime import LiveInstance
from tests.engine.runtime.bare import Bare
from tests.engine.runtime.drawing import NOW, deployment, started
from tests.engine.runtime.sketch import COMPARABLE, sketched


def open_ids(live: LiveInstance) -> list[str]:
    return sorted(task.element_id for task in live.view().open_tasks)


@given(
    shape=COMPARABLE, choices=st.lists(st.tuples(st.integers(0, 99), st.sampled_from(["", "1", "2", "12"])))
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_same_tasks_open_as_with_the_bare_library(shape: object, choices: list[tuple[int, str]]) -> None:
    file = sketched(shape)
    variables = {"units": ["a", "b"], "plan_key": "k"}
    live, _ = started(deployment(file), **variables)
    bare = Bare(file, **variables)
    for number in range(60):
        assert open_ids(live) == bare.open_ids()
        assert live.ended == bare.completed
        if live.ended:
            return
        pick, decision = choices[number] if number < len(choices) else (number * 7, "")
        view = live.view()
        causes = [*view.open_tasks, *view.subscriptions] if pick % 4 == 0 else list(view.open_tasks)
        chosen = causes[pick % len(causes)]
        if chosen in view.open_tasks:
            live.complete(NOW, chosen.id, {"decision": decision})
            bare.do(chosen.element_id, decision=decision)
        else:
            live.receive(NOW, chosen.task_id, {})
            bare.workflow.send_event(BpmnEvent(MessageEventDefinition(chosen.name), {}))
            bare.workflow.do_engine_steps()
