"""The query of the replay page: what one moment shows, and what it costs."""

from collections.abc import Iterator

import pytest

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.domain.instance import Instance
from engine.engine import Engine
from engine.queries import instances
from engine.queries.replay_changes import PartChange, parts_changed
from engine.queries.replay_outline import Look
from engine.queries.replay_page import AROUND, ReplayPage, replay_page
from engine.replay import past
from tests.engine.store.moves import CLERK, at_approval, complete, open_tasks

LONG = 1_000


@pytest.fixture
def statements() -> list[str]:
    return []


@pytest.fixture
def counted(database_url: str, clock: FixedClock, statements: list[str]) -> Iterator[Engine]:
    engine = Engine(database_url, clock, on_statement=statements.append)
    yield engine
    engine.close()


def look(engine: Engine, instance_id: int, at: int | None = None, *, proven: bool = False) -> ReplayPage:
    return engine.ask(SYSTEM, replay_page, instance_id, at=at, proven=proven)


def go_round(engine: Engine, instance_id: int, until: int) -> Instance:
    """Return the approval again and again, until the history has so many events."""
    while True:
        for task in engine.ask(SYSTEM, open_tasks, instance_id):
            is_approval = task.element_id == "approve"
            engine.execute(CLERK, complete, task.id, {"decision": "return"} if is_approval else {})
        instance = engine.ask(SYSTEM, lambda reader: reader.instances.get(instance_id))
        if instance.seq >= until:
            return instance


@pytest.mark.parametrize("proven", [False, True])
def test_a_page_costs_as_many_statements_with_a_thousand_events(
    counted: Engine, statements: list[str], proven: bool
) -> None:
    instance_id, _ = at_approval(counted)
    costs = []
    for length in (60, LONG):
        instance = go_round(counted, instance_id, length)
        ticks = look(counted, instance.id, proven=proven).outline.ticks
        returns = [tick.seq for tick in ticks if tick.look is Look.RETURN]
        statements.clear()
        look(counted, instance.id, returns[len(returns) // 2], proven=proven)
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_a_page_of_a_thousand_events_lists_few_and_executes_few(sqlite_engine: Engine) -> None:
    instance = go_round(sqlite_engine, at_approval(sqlite_engine)[0], LONG)
    look(sqlite_engine, instance.id)
    page = look(sqlite_engine, instance.id, LONG // 2)
    assert [row.seq for row in page.rows] == list(range(LONG // 2 - AROUND, LONG // 2 + AROUND + 1))
    assert page.moment.causes <= past.EVERY + 1
    assert len(page.outline.ticks) == instance.seq


def test_the_last_moment_is_the_page_of_the_instance(sqlite_engine: Engine) -> None:
    instance_id, _ = at_approval(sqlite_engine)
    page = look(sqlite_engine, instance_id)
    present = sqlite_engine.ask(SYSTEM, instances.page, instance_id)
    assert page.moment.after is not None
    assert page.moment.after.view == present.view
    assert [task.task.id for task in page.tasks] == [line.task.id for line in present.open_tasks]
    assert page.processes == present.processes
    drawn = sqlite_engine.ask(SYSTEM, instances.diagram, instance_id)
    assert page.diagram == drawn


def test_returns_make_rounds_that_stay_reachable(sqlite_engine: Engine) -> None:
    instance_id, approval = at_approval(sqlite_engine)
    sqlite_engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    outline = look(sqlite_engine, instance_id).outline
    (returned,) = [tick.seq for tick in outline.ticks if tick.look is Look.RETURN]
    first, second = outline.rounds
    assert (first.no, first.last_seq, first.returned is not None) == (1, returned, True)
    assert (second.no, second.first_seq > returned, second.returned) == (2, True, None)


def test_parts_that_differ_are_told_as_deep_as_they_lie() -> None:
    before = {"a": {"b": 1, "c": [1, 2]}, "rows": [{"x": 1}, {"x": 2}], "same": 1}
    after = {"a": {"b": 2, "c": [1]}, "rows": [{"x": 1}, {"x": 3}, {"x": 4}], "same": 1}
    assert list(parts_changed(before, after)) == [
        PartChange(keys=("a", "b"), before=1, after=2),
        PartChange(keys=("a", "c"), before=[1, 2], after=[1]),
        PartChange(keys=("rows", "2", "x"), before=2, after=3),
        PartChange(keys=("rows", "3"), before=None, after={"x": 4}),
    ]
