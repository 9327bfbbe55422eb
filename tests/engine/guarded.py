"""A small process with a guarded step: who may not take it is named at the start; a return opens it again."""

from typing import Any

from engine.commands import definitions, instances
from engine.domain.definition import SourceFile
from engine.domain.form import EMPTY_CONTENT, shown_digest
from engine.domain.identity import SYSTEM, Actor
from engine.domain.task import Task
from engine.engine import Engine
from engine.store.unit_of_work import Reader
from tests.engine.runtime.drawing import (
    boundary,
    end,
    flow,
    form,
    gateway,
    message,
    process,
    start,
    user,
)

KEY = "guarded"
SECRET = "secret"
PLAN_KEY = "bsmi_khh:114"
UNIT = "unit_01"
DUE = "2025-01-03T17:00:00+08:00"
LATE = "2025-01-07T23:59:59+08:00"


def files(attributes: str = "", step: str = "") -> tuple[SourceFile, ...]:
    """`write` for the handlers of a unit but for those named; `check` by the same people but the writer."""
    body = start() + user("write", attributes=f'planflow:unit="unit" planflow:excludes="named" {step}')
    body += user("check", attributes=f'planflow:unit="unit" planflow:excludes="named + [writer]" {step}')
    body += gateway("exclusive", "checked", default="checked_done") + end()
    body += flow("begin > write > check > checked > done") + flow(
        "checked > write", "check.decision == 'return'"
    )
    guarded = process(KEY, body, attributes=f'planflow:starters="sec_handler" {attributes}')
    return (form(), guarded)


FILES = files()
# The same process with every guard: only two roles know of it, and its tasks have a grace of some days.
ALL_GUARDS = files(
    'planflow:restricted="sec_handler unit_handler"', 'planflow:due="due" planflow:late-after="late_after"'
)


def begin(
    engine: Engine,
    starter: Actor,
    *named: str,
    number: int = 1,
    sources: tuple[SourceFile, ...] = FILES,
) -> Task:
    """The first task of a new instance, which excludes the people named."""
    engine.execute(SYSTEM, definitions.deploy, sources)
    variables = {"unit": UNIT, "named": list(named), "writer": "colleague_01", "due": DUE, "late_after": LATE}
    key = f"{KEY}:{number}"
    instance_id = engine.execute(
        starter, instances.start, definition_key=KEY, business_key=key, variables=variables
    )
    return open_task(engine, instance_id)


def open_task(engine: Engine, instance_id: int) -> Task:
    (task,) = engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(instance_id))
    return task


def call(engine: Engine, task: Task, decision: str = "ok", key: str = KEY) -> dict[str, Any]:
    """What the page of a task sends to complete it."""

    def read(reader: Reader) -> str:
        parsed = reader.definitions.parsed(reader.definitions.latest(key).deployment_id)
        return parsed.forms["decide"].digest

    shown = shown_digest(task.id, engine.ask(SYSTEM, read), task.inputs, EMPTY_CONTENT)
    return {"values": {"decision": decision}, "revision": task.revision, "shown_digest": shown}


def begin_restricted(engine: Engine, starter: Actor, number: int = 1, *, role: str = "sec_handler") -> Task:
    """The task of an instance that only holders of a role may know of; a unit's handlers take it."""
    body = start() + user("write", attributes='planflow:unit="unit" planflow:due="due"') + end()
    body += boundary(
        "recalled", "write", message("m"),
        attributes=f'planflow:correlation="key" planflow:role="{role}" planflow:form="decide"',
    )  # fmt: skip
    body += end("withdrawn") + flow("begin > write > done") + flow("recalled > withdrawn")
    attributes = f'planflow:starters="{role}" planflow:restricted="{role}"'
    names = '<bpmn:message id="m" name="secret_recalled"/>'
    secret = process(SECRET, body, attributes=attributes, before=names)
    engine.execute(SYSTEM, definitions.deploy, (form(), secret))
    variables = {"unit": UNIT, "due": DUE, "key": PLAN_KEY, "plan_key": PLAN_KEY}
    instance_id = engine.execute(
        starter,
        instances.start,
        definition_key=SECRET,
        business_key=f"{SECRET}:{number}",
        variables=variables,
    )
    return open_task(engine, instance_id)
