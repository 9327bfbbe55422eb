"""A small process with a guarded step: who may not take it is named at the start; a return opens it again."""

from typing import Any

from engine.commands import definitions, instances
from engine.domain.definition import SourceFile
from engine.domain.form import EMPTY_CONTENT, shown_digest
from engine.domain.identity import SYSTEM, Actor
from engine.domain.task import Task
from engine.engine import Engine
from engine.store.unit_of_work import Reader
from tests.engine.runtime.drawing import end, flow, form, gateway, process, start, user

KEY = "guarded"
UNIT = "unit_01"


def files(attributes: str = "") -> tuple[SourceFile, ...]:
    """`write` for the handlers of a unit but for those named; `check` by the same people but the writer."""
    body = start() + user("write", attributes='planflow:unit="unit" planflow:excludes="named"')
    body += user("check", attributes='planflow:unit="unit" planflow:excludes="named + [writer]"')
    body += gateway("exclusive", "checked", default="checked_done") + end()
    body += flow("begin > write > check > checked > done") + flow(
        "checked > write", "check.decision == 'return'"
    )
    guarded = process(KEY, body, attributes=f'planflow:starters="sec_handler" {attributes}')
    return (form(), guarded)


def begin(engine: Engine, starter: Actor, *named: str, number: int = 1) -> Task:
    """The first task of a new instance, which excludes the people named."""
    engine.execute(SYSTEM, definitions.deploy, files())
    variables = {"unit": UNIT, "named": list(named), "writer": "colleague_01"}
    key = f"{KEY}:{number}"
    instance_id = engine.execute(
        starter, instances.start, definition_key=KEY, business_key=key, variables=variables
    )
    return open_task(engine, instance_id)


def open_task(engine: Engine, instance_id: int) -> Task:
    (task,) = engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(instance_id))
    return task


def call(engine: Engine, task: Task, decision: str = "ok") -> dict[str, Any]:
    """What the page of a task sends to complete it."""

    def read(reader: Reader) -> str:
        parsed = reader.definitions.parsed(reader.definitions.latest(KEY).deployment_id)
        return parsed.forms["decide"].digest

    shown = shown_digest(task.id, engine.ask(SYSTEM, read), task.inputs, EMPTY_CONTENT)
    return {"values": {"decision": decision}, "revision": task.revision, "shown_digest": shown}
