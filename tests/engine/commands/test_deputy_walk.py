"""Whatever principal, deputy and colleague do in whatever order: one holder, both names, one replay."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import approval_15
from engine.clock import FixedClock
from engine.commands import tasks
from engine.commands.deputies import end_deputyship, name_deputy
from engine.domain.history import EventType, HistoryEvent
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from engine.engine import Engine
from engine.errors import EngineError
from engine.replay.verify import verify_all
from tests.engine.commands.office import Office, open_office

PEOPLE = ("handler_01", "colleague_01", "handler_02", "chief_01", "head")
ACTS = ("claim", "unclaim", "delegate", "resolve", "assign", "complete", "name", "end", "wait")
MOVES = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), max_size=12
)


@pytest.fixture(scope="module")
def begun(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office whose reports are open."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("walk") / "begun.db"))
    engine = Engine(f"sqlite:///{path}", FixedClock())
    open_office(engine).reports()
    engine.close()
    return path


def move(office: Office, clock: FixedClock, task: Task, act: str, who: str, whom: str) -> None:
    """One thing that somebody tries; whatever is refused changes nothing."""
    today = office.engine.ask(SYSTEM, lambda reader: reader.today)
    commands: dict[str, tuple[Any, tuple[Any, ...], dict[str, Any]]] = {
        "claim": (tasks.claim, (task.id,), {}),
        "unclaim": (tasks.unclaim, (task.id,), {}),
        "resolve": (tasks.resolve, (task.id,), {}),
        "delegate": (tasks.delegate, (task.id,), {"user": whom}),
        "assign": (tasks.assign, (task.id,), {"user": whom}),
        "name": (
            name_deputy, (who,),
            {"deputy": whom, "valid_from": today, "valid_to": today + timedelta(days=1), "cause": "leave"},
        ),
        "end": (end_deputyship, (1,), {"reason": "提前返回"}),
    }  # fmt: skip
    if act == "wait":
        clock.move_to(clock.now() + timedelta(days=1))
    elif act == "complete":
        office.complete(office.actor(who), task)
    else:
        command, arguments, named = commands[act]
        office.engine.execute(office.actor(who), command, *arguments, **named)


def is_signed_rightly(office: Office, event: HistoryEvent) -> bool:
    """Whoever acted for the unit holds its role, or acted for somebody who does."""
    name = event.on_behalf_of or event.actor
    held = office.engine.ask(SYSTEM, lambda reader: reader.organisation.memberships(name))
    return any((m.role, m.unit) == (event.role, event.unit) for m in held)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_any_order_of_acts_keeps_history_and_rows_in_step(
    begun: Path, tmp_path: Path, moves: list[tuple[str, str, str]]
) -> None:
    clock = FixedClock()
    engine = Engine(f"sqlite:///{shutil.copy(begun, tmp_path / 'walk.db')}", clock)
    office = Office(engine, engine.actor("clerk"), approval_15.form_digests(engine))
    (first,) = {t.instance_id for t in engine.ask(SYSTEM, lambda reader: reader.tasks.all_open())}
    own = next(t.id for t in office.open(first) if t.candidates[0].unit == "unit_01")
    for act, who, whom in moves:
        task = engine.ask(SYSTEM, lambda reader: reader.tasks.get(own))
        try:
            move(office, clock, task, act, who, whom)
        except EngineError:
            continue
    faults = [str(f) for report in engine.ask(SYSTEM, lambda r: list(verify_all(r))) for f in report.faults]
    history = engine.ask(SYSTEM, lambda reader: reader.history.events(first))
    completed = [e for e in history if e.type is EventType.TASK_COMPLETED and e.task_id == own]
    assert (faults, len(completed) <= 1) == ([], True)
    assert all(is_signed_rightly(office, event) for event in completed)
    engine.close()
