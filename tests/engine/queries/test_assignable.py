"""What a chief may hand to somebody: the pool of the unit, without what is hidden or excludes the chief."""

import pytest

from engine.commands import tasks
from engine.domain.identity import Actor
from engine.domain.task import Task
from engine.engine import Engine
from engine.queries.several_tasks import known_tasks, people_to_assign
from engine.queries.tasks import DueWithin, View, inbox, inbox_counts
from tests.engine import guarded
from tests.engine.store.moves import person

CLERK = person("clerk", ("sec_handler", "office"))
CHIEF = person("chief", ("unit_chief", guarded.UNIT))
ORDERS = ({}, {"sort": "since"}, {"due": DueWithin.WEEK}, {"unit": guarded.UNIT})


@pytest.fixture
def pool(engine: Engine) -> Task:
    """A task of the unit's handlers."""
    return guarded.begin(engine, CLERK, sources=guarded.files("", 'planflow:due="due"'))


def listed(engine: Engine, chief: Actor) -> list[list[int]]:
    pages = (engine.ask(chief, inbox, view=View.ASSIGNABLE, **order) for order in ORDERS)
    return [[row.task_id for row in page.rows] for page in pages]


def test_the_pool_of_the_unit_waits_for_its_chief(engine: Engine, pool: Task) -> None:
    assert listed(engine, CHIEF) == [[pool.id]] * len(ORDERS)
    assert engine.ask(CHIEF, inbox_counts)[View.ASSIGNABLE] == 1
    assert engine.ask(CHIEF, inbox_counts)[View.OPEN] == 0


@pytest.mark.parametrize(
    "other",
    [
        person("handler", ("unit_handler", guarded.UNIT)),
        person("elsewhere", ("unit_chief", "unit_02")),
        person("office", ("sec_chief", "office")),
    ],
    ids=lambda actor: actor.user_id,
)
def test_nobody_else_assigns_it(engine: Engine, pool: Task, other: Actor) -> None:
    assert listed(engine, other) == [[]] * len(ORDERS)


def test_what_is_held_already_is_not_listed(engine: Engine, pool: Task) -> None:
    engine.execute(person("handler", ("unit_handler", guarded.UNIT)), tasks.claim, pool.id)
    assert listed(engine, CHIEF) == [[]] * len(ORDERS)


def test_a_chief_whom_the_task_excludes_does_not_see_it(engine: Engine) -> None:
    guarded.begin(engine, CLERK, CHIEF.user_id, sources=guarded.files("", 'planflow:due="due"'))
    assert listed(engine, CHIEF) == [[]] * len(ORDERS)


def test_a_restricted_instance_is_listed_for_those_only_who_may_know_of_it(engine: Engine) -> None:
    task = guarded.begin_restricted(engine, CLERK)
    also_clerk = person("both", ("unit_chief", guarded.UNIT), ("sec_handler", "office"))
    assert (listed(engine, CHIEF), listed(engine, also_clerk)) == (
        [[]] * len(ORDERS),
        [[task.id]] * len(ORDERS),
    )
    assert engine.ask(CHIEF, inbox_counts)[View.ASSIGNABLE] == 0
    assert engine.ask(CHIEF, known_tasks, [task.id]) == {}
    (item,) = engine.ask(CHIEF, people_to_assign, [task.id]).items
    assert (item.task, item.people) == (None, frozenset())
