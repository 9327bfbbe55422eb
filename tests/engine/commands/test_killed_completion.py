"""A real completion, killed at any point: nothing of it stands, or all of it, down to timers and mails."""

import os
import signal
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from engine.activities.content import content_of, form_of
from engine.clock import FixedClock
from engine.commands import definitions, instances, organisation, tasks
from engine.domain.definition import SourceFile
from engine.domain.form import shown_digest
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.engine import Engine
from engine.replay import verify_all
from engine.store import tables
from engine.store.unit_of_work import Reader, UnitOfWork
from tests.engine.runtime.drawing import boundary, end, flow, form, message, process, start, timer, user

Picture = dict[str, list[tuple[Any, ...]]]

CLERK = "clerk"
KEY = "branch:114"
DUE = "2025-01-08T17:00:00+08:00"
TOLD = {"due": DUE}
VARIABLES = {
    "plan_key": KEY,
    "unit": "metrology",
    "due": DUE,
    "open_contributions": {"dates": {"metrology": TOLD}},
}
MESSAGES = '<bpmn:message id="m" name="announced"/><bpmn:message id="r" name="recalled"/>'
BODY = (
    start() + user("draft") + '<bpmn:serviceTask id="tell" planflow:activity="notices.remind_unit"/>'
    '<bpmn:intermediateThrowEvent id="announce" planflow:correlation="plan_key"'
    f' planflow:payload="{{&quot;plan_key&quot;: plan_key}}">{message("m")}</bpmn:intermediateThrowEvent>'
    '<bpmn:parallelGateway id="split"/>' + user("review", "sign")
    + boundary("late", "sign", timer("due"))
    + boundary("back", "review", message("r"), attributes='planflow:correlation="plan_key"')
    + end("done", "signed", "over", "returned")
    + flow("begin > draft > tell > announce > split > review > done") + flow("split > sign > signed")
    + flow("late > over") + flow("back > returned")
)  # fmt: skip
LINKED = f'<bpmn:startEvent id="begin">{message("m")}</bpmn:startEvent>'
FILES: tuple[SourceFile, ...] = (
    form(),
    process("p", BODY, before=MESSAGES, attributes='planflow:starters="unit_handler"'),
    process("q", LINKED + user("read") + end() + flow("begin > read > done"),
            before='<bpmn:message id="m" name="announced"/>'),
)  # fmt: skip


def prepare(uow: UnitOfWork) -> None:
    organisation.add_unit(uow, "metrology", label="第二課", kind="line", agency="branch", position=1)
    organisation.add_user(uow, CLERK, name="承辦人")
    organisation.grant(uow, CLERK, role="unit_handler", unit="metrology", valid_from=uow.today)
    definitions.deploy(uow, FILES)


def drafted(engine: Engine) -> Task:
    """The draft of a started instance."""
    engine.execute(SYSTEM, prepare)
    instance_id = engine.execute(
        engine.actor(CLERK), instances.start, definition_key="p", business_key=KEY, variables=VARIABLES
    )
    (task,) = engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(instance_id))
    return task


def shown(reader: Reader, task: Task) -> str:
    form_ = form_of(reader, task)
    return shown_digest(task.id, form_.digest, task.inputs, content_of(reader, task, form_))


def complete(engine: Engine, task: Task) -> None:
    """Complete the task as its page would, with the id of the command that the page holds."""
    actor = engine.actor(CLERK)
    engine.execute(
        actor, tasks.complete, task.id, values={"decision": "ok"}, revision=task.revision,
        shown_digest=engine.ask(actor, shown, task), command_id="doomed",
    )  # fmt: skip


def picture(engine: Engine) -> Picture:
    """Every row of every table."""

    def read(reader: Reader) -> Picture:
        return {
            table.name: sorted(
                (tuple(row) for row in reader.transaction.core.execute(sa.select(table))), key=repr
            )
            for table in tables.metadata.sorted_tables
        }

    return engine.ask(SYSTEM, read)


def counts(before: Picture, after: Picture) -> dict[str, int]:
    """How many rows more each table has."""
    more = {name: len(rows) - len(before[name]) for name, rows in after.items()}
    return {name: number for name, number in more.items() if number and name != "snapshot"}


# Two tasks behind the split and one of the linked instance, by two kinds of pairs; one mail.
WHOLE = {
    "process_instance": 1,
    "task": 3,
    "task_text": 3,
    "task_candidate": 2,
    "timer": 1,
    "message_subscription": 1,
    "outbox": 1,
}


def is_whole(before: Picture, after: Picture) -> bool:
    found = counts(before, after)
    return found.pop("history_event", 0) > 0 and found == WHOLE


def killed(engine: Engine, url: str, die: Callable[[], dict[str, Any]], task: Task) -> bool:
    """Complete in a process of its own that is told how to die; True if it did."""
    engine.close()  # no connection may be shared with the child
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # a fork beside threads; the child uses none of them
        child = os.fork()
    if child == 0:
        try:
            complete(Engine(url, FixedClock(), **die()), task)
        finally:
            os._exit(1)
    return os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def at_point(point: str) -> Callable[[], dict[str, Any]]:
    def die(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return lambda: {"checkpoint": die}


def at_statement(number: int) -> Callable[[], dict[str, Any]]:
    """Die before this statement of the transaction."""

    def options() -> dict[str, Any]:
        begun: list[str] = []

        def tell(name: str) -> None:
            if begun:
                begun.append(name)
                if len(begun) > number:
                    os.kill(os.getpid(), signal.SIGKILL)

        return {
            "checkpoint": lambda name: begun.append(name) if name == "begin" else None,
            "on_statement": tell,
        }

    return options


@pytest.mark.parametrize("point", ["begin", "written"])
def test_nothing_stands_when_killed_before_the_commit(
    database_url: str, clock: FixedClock, point: str
) -> None:
    engine = Engine(database_url, clock)
    task = drafted(engine)
    before = picture(engine)

    assert killed(engine, database_url, at_point(point), task)

    assert picture(engine) == before
    complete(engine, task)
    assert is_whole(before, picture(engine))
    assert [
        report.faults for report in engine.ask(SYSTEM, lambda r: list(verify_all(r))) if report.faults
    ] == []
    engine.close()


def test_all_stands_when_killed_after_the_commit(database_url: str, clock: FixedClock) -> None:
    engine = Engine(database_url, clock)
    task = drafted(engine)
    before = picture(engine)

    assert killed(engine, database_url, at_point("after commit"), task)

    after = picture(engine)
    assert is_whole(before, after)
    assert [
        report.faults for report in engine.ask(SYSTEM, lambda r: list(verify_all(r))) if report.faults
    ] == []
    complete(engine, task)  # the page sends it again: it is only answered
    assert picture(engine) == after
    engine.close()


def test_no_statement_of_a_completion_stands_alone(database_url: str, clock: FixedClock) -> None:
    engine = Engine(database_url, clock)
    task = drafted(engine)
    before = picture(engine)

    deaths = 0
    while killed(engine, database_url, at_statement(deaths + 1), task):
        deaths += 1
        assert picture(engine) == before

    assert deaths >= 3
    assert is_whole(before, picture(engine))
    assert [
        report.faults for report in engine.ask(SYSTEM, lambda r: list(verify_all(r))) if report.faults
    ] == []
    engine.close()
