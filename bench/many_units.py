"""A process as wide or long as one likes: units report in parallel, a check sends it back or ends it."""

from pathlib import Path
from typing import Any

from bench.approval_15 import REMARK, files_in, prepare
from engine.commands import definitions, instances, tasks
from engine.domain.form import EMPTY_CONTENT, shown_digest
from engine.domain.identity import SYSTEM, Actor
from engine.domain.task import Task
from engine.engine import Engine
from engine.store.unit_of_work import Reader

KEY = "many_units"
DEFINITIONS = Path(__file__).parent / "sizes"


class Line:
    """One clerk at one engine, who starts such instances and completes their tasks."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clerk: Actor = prepare(engine)
        engine.execute(SYSTEM, definitions.deploy, files_in(DEFINITIONS))
        self._digests = engine.ask(SYSTEM, _form_digests)

    def start(self, units: int) -> int:
        """Start an instance in which so many units report."""
        return self.engine.execute(
            self.clerk, instances.start, definition_key=KEY, business_key=f"{KEY}:{units}",
            variables={"units": list(range(units))},
        )  # fmt: skip

    def open_tasks(self, instance_id: int) -> list[Task]:
        """What is open in an instance."""
        return self.engine.ask(self.clerk, _open_tasks, instance_id)

    def complete(self, task: Task, decision: str = "approve") -> tuple[Task, ...]:
        """Complete a report, or a check with a decision; gives what opened for the clerk."""
        values: dict[str, Any] = {"decision": decision}
        if task.element_id == "report":
            values = {"progress": task.id % 101, "remark": REMARK}
        done = self.engine.execute(
            self.clerk, tasks.complete, task.id, command_id=f"c:{task.id}", revision=task.revision,
            values=values,
            shown_digest=shown_digest(task.id, self._digests[task.element_id], task.inputs, EMPTY_CONTENT),
        )  # fmt: skip
        return tuple(done.next_tasks)


def _form_digests(reader: Reader) -> dict[str, str]:
    forms = reader.definitions.parsed(reader.definitions.latest(KEY).deployment_id).forms
    return {key.removeprefix(f"{KEY}."): form.digest for key, form in forms.items()}


def _open_tasks(reader: Reader, instance_id: int) -> list[Task]:
    return reader.tasks.open_of_instance(instance_id)
