"""SpiffWorkflow as shipped, to show what it does with the same diagrams: its own parser, specs and driver."""

from datetime import UTC, datetime
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.util.task import TaskState

from engine.domain.definition import SourceFile
from engine.runtime.expression import evaluate


class _Expressions(TaskDataEnvironment):
    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> Any:
        return evaluate(expression, context)


class Bare:
    """A bare workflow that is moved by element ids."""

    def __init__(self, *files: SourceFile, key: str = "p", **variables: Any) -> None:
        parser = BpmnParser()
        for file in files:
            if file.name.endswith(".bpmn"):
                parser.add_bpmn_xml(etree.fromstring(file.body), filename=file.name)
        self.workflow = BpmnWorkflow(
            parser.get_spec(key),
            parser.get_subprocess_specs(key),
            script_engine=PythonScriptEngine(_Expressions()),
        )
        self.workflow.task_tree.data.update(variables)
        self.workflow.do_engine_steps()

    @property
    def ready(self) -> list[Any]:
        return [t for t in self.workflow.get_tasks(state=TaskState.READY) if t.task_spec.manual]

    def open_ids(self) -> list[str]:
        return sorted(str(task.task_spec.bpmn_id) for task in self.ready)

    def do(self, element_id: str, **variables: Any) -> None:
        task = next(t for t in self.ready if t.task_spec.bpmn_id == element_id)
        self.run(task, **variables)

    def run(self, task: Any, **variables: Any) -> None:
        task.data[str(task.task_spec.bpmn_id)] = variables
        task.run()
        self.workflow.do_engine_steps()

    @property
    def completed(self) -> bool:
        return bool(self.workflow.is_completed())


def long_ago() -> datetime:
    return datetime(2000, 1, 1, tzinfo=UTC)
