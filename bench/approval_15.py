"""The work that is measured: a draft, fifteen units in parallel, an approval: seventeen completions."""

from pathlib import Path
from typing import Any

from engine.commands import definitions, instances, organisation, tasks
from engine.domain.definition import SourceFile
from engine.domain.form import EMPTY_CONTENT, shown_digest
from engine.domain.identity import SYSTEM, Actor
from engine.domain.task import Task
from engine.engine import Engine
from engine.store.unit_of_work import Reader, UnitOfWork

KEY = "approval_15"
CLERK = "clerk"
UNITS = [f"unit_{number:02}" for number in range(1, 16)]
HELD = [("sec_handler", "office"), ("director", "office"), *(("unit_handler", unit) for unit in UNITS)]
COMPLETIONS = len(UNITS) + 2
WORKFLOWS = Path(__file__).parent / "workflows"
REMARK = "依限完成本單位應辦事項，並已檢附佐證資料。"


def prepare(engine: Engine) -> Actor:
    """Make the schema, the units, one clerk who holds every role, and the definition; gives the clerk."""
    engine.upgrade()
    engine.execute(SYSTEM, _add_clerk)
    engine.execute(SYSTEM, definitions.deploy, files_in(WORKFLOWS))
    return engine.actor(CLERK)


def files_in(folder: Path) -> tuple[SourceFile, ...]:
    """The files of a folder as one deployment."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(SourceFile(name=p.relative_to(folder).as_posix(), body=p.read_bytes()) for p in paths)


def _add_clerk(uow: UnitOfWork) -> None:
    organisation.add_user(uow, CLERK, name="承辦人")
    organisation.add_unit(uow, "office", label="秘書室", kind="staff", agency="branch", position=0)
    for position, unit in enumerate(UNITS, start=1):
        organisation.add_unit(
            uow, unit, label=f"單位{position}", kind="line", agency="branch", position=position
        )
    for role, unit in HELD:
        organisation.grant(uow, CLERK, role=role, unit=unit, valid_from=uow.today)


def start(engine: Engine, clerk: Actor, number: int) -> Task:
    """Start one instance; gives its first task."""
    instance_id = engine.execute(
        clerk, instances.start, definition_key=KEY, business_key=f"{KEY}:{number}", variables={},
        command_id=f"start:{number}",
    )  # fmt: skip
    return engine.ask(clerk, first_task, instance_id)


def first_task(reader: Reader, instance_id: int) -> Task:
    """The one task that is open after the start."""
    (task,) = reader.tasks.open_of_instance(instance_id)
    return task


def complete(
    engine: Engine, clerk: Actor, task: Task, number: int, digests: dict[str, str]
) -> tuple[Task, ...]:
    """Complete a task; gives what opened for the clerk."""
    done = engine.execute(
        clerk, tasks.complete, task.id, command_id=f"c:{task.id}", revision=task.revision,
        values=values_for(task.element_id, number), shown_digest=shown(task, digests),
    )  # fmt: skip
    return tuple(done.next_tasks)


def form_digests(engine: Engine) -> dict[str, str]:
    """The digest of every form, by the kind of task that shows it."""

    def read(reader: Reader) -> dict[str, str]:
        forms = reader.definitions.parsed(reader.definitions.latest(KEY).deployment_id).forms
        return {key.removeprefix(f"{KEY}."): form.digest for key, form in forms.items()}

    return engine.ask(SYSTEM, read)


def kind_of(element_id: str) -> str:
    """Which of the three forms an element shows."""
    return element_id.partition("_")[0]


def values_for(element_id: str, number: int) -> dict[str, Any]:
    """What is entered: about a hundred bytes for a unit."""
    kinds: dict[str, dict[str, Any]] = {
        "draft": {"subject": f"第 {number} 案"},
        "report": {"progress": number % 101, "remark": REMARK},
        "approve": {"decision": "approve"},
    }
    return kinds[kind_of(element_id)]


def shown(task: Task, digests: dict[str, str]) -> str:
    """What a page of the task would give back as the digest of what it showed."""
    return shown_digest(task.id, digests[kind_of(task.element_id)], task.inputs, EMPTY_CONTENT)
