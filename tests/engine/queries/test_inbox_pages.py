"""Pages of the inbox: the same tasks in the same order as sorting everything would give, on both
databases."""

import json
import random

import pytest
import sqlalchemy as sa

from engine.clock import FixedClock, to_micros
from engine.domain.identity import ANY_UNIT, SYSTEM, Actor
from engine.domain.task import TASK_BITS, Candidate
from engine.engine import Engine
from engine.errors import Invalid
from engine.queries.tasks import COUNT_CAP, View, inbox, inbox_counts
from engine.store import tables
from engine.store.tables import NEVER
from engine.store.unit_of_work import UnitOfWork
from tests.engine.store.moves import CLERK, at_approval, claim, complete, deploy, open_tasks, person, start

NOW = to_micros(FixedClock().now())
PAGED = (View.OPEN, View.MINE, View.GROUP, View.OVERDUE, View.DUE_SOON, View.RETURNED)
DAY = 86_400_000_000
UNITS = [f"unit_{number:03}" for number in range(130)]
# due_at, number, candidate pairs, assignee, excluded, late_after_at
Row = tuple[int, int, list[tuple[str, str]], str | None, list[str], int]


def random_rows(seed: int, count: int) -> list[Row]:
    dice = random.Random(seed)
    rows: list[Row] = []
    for number in range(1, count + 1):
        due_at = NEVER if dice.random() < 0.1 else NOW + dice.randint(-5, 9) * DAY
        roles = dice.sample(
            ["sec_handler", "director", "unit_handler", "web_owner"], dice.choice([1, 1, 1, 3])
        )
        pairs = [(role, ANY_UNIT if dice.random() < 0.3 else dice.choice(UNITS)) for role in roles]
        assignee = dice.choice([None, None, None, "reader", "other"])
        excluded = dice.choice([[], [], ["reader", "other"], ["other"]]) if assignee is None else []
        late_after_at = due_at + (0 if due_at == NEVER else dice.choice([0, 0, 1, 4]) * DAY)
        rows.append((due_at, number, pairs, assignee, excluded, late_after_at))
    return rows


def fill(uow: UnitOfWork, instance_id: int, rows: list[Row]) -> None:
    """Tasks as the write path leaves them, without the processes that would open them."""
    pair_ids = uow.pair_ids({pair for _, _, pairs, *_ in rows for pair in pairs})
    first = (instance_id << TASK_BITS) + 1000
    uow.transaction.core.execute(
        sa.insert(tables.task),
        [
            {
                "id": first + number, "instance_id": instance_id, "process_key": "review",
                "element_id": "report", "path": f"report[{number}]", "label": "填報",
                "subject": f"第{number}件",
                "state": 1, "revision": 1, "candidates": json.dumps(pairs), "inputs": "{}",
                "assignee": assignee,
                "owner": None, "due_at": due_at, "opened_at": NOW, "sent_by": "clerk",
                "was_returned": number % 3 == 0,
                "late_after_at": late_after_at, "excluded": json.dumps(excluded),
            }
            for due_at, number, pairs, assignee, excluded, late_after_at in rows
        ],
    )  # fmt: skip
    uow.transaction.core.execute(
        sa.insert(tables.task_candidate),
        [
            {
                "pair_id": pair_ids[pair], "due_at": due_at, "task_id": first + number,
                "late_after_at": late_after_at,
            }
            for due_at, number, pairs, assignee, _, late_after_at in rows
            if assignee is None
            for pair in set(pairs)
        ],
    )  # fmt: skip
    exclusions = [
        {"task_id": first + number, "user_id": user}
        for _, number, _, _, excluded, _ in rows
        for user in excluded
    ]
    if exclusions:
        uow.transaction.core.execute(sa.insert(tables.task_exclusion), exclusions)


def numbers_by_hand(rows: list[Row], actor: Actor, view: View) -> list[int]:
    """The page order by looking at every task."""
    found = []
    for due_at, number, pairs, assignee, excluded, late_after_at in sorted(rows):
        admits = actor.user_id not in excluded and any(actor.holds(role, unit) for role, unit in pairs)
        is_held, is_in_pool = assignee == actor.user_id, assignee is None and admits
        wanted = {
            View.MINE: is_held,
            View.GROUP: is_in_pool,
            View.OPEN: is_held or is_in_pool,
            View.OVERDUE: (is_held or is_in_pool) and late_after_at < NOW,
            View.RETURNED: (is_held or is_in_pool) and number % 3 == 0,
            View.DUE_SOON: (is_held or is_in_pool) and late_after_at >= NOW and due_at < NOW + 3 * DAY,
        }
        if wanted[view]:
            found.append(number)
    return found


def numbers_by_pages(engine: Engine, actor: Actor, view: View, limit: int) -> list[int]:
    found: list[int] = []
    cursor = None
    while True:
        page = engine.ask(actor, inbox, view=view, cursor=cursor, limit=limit)
        assert len(page.rows) <= limit
        found += [(row.task_id & ((1 << TASK_BITS) - 1)) - 1000 for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return found


def reader_of(units: int) -> Actor:
    return person(
        "reader",
        ("sec_handler", "office"),
        ("director", "head"),
        *(("unit_handler", u) for u in UNITS[:units]),
    )


@pytest.fixture
def filled(engine: Engine) -> tuple[Engine, list[Row]]:
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start)
    (draft,) = engine.ask(SYSTEM, open_tasks, instance_id)
    (report,) = engine.execute(CLERK, complete, draft.id)
    engine.execute(person("other"), claim, report.id)  # the instance itself adds nothing to anybody's pool
    rows = random_rows(seed=1, count=400)
    engine.execute(SYSTEM, lambda uow: fill(uow, instance_id, rows))
    return engine, rows


@pytest.mark.parametrize("units", [0, 1, 40, 130])
@pytest.mark.parametrize("view", PAGED)
def test_pages_give_each_task_once_in_order(filled: tuple[Engine, list[Row]], view: View, units: int) -> None:
    engine, rows = filled
    actor = reader_of(units)
    expected = numbers_by_hand(rows, actor, view)
    for limit in (3, 25):
        assert numbers_by_pages(engine, actor, view, limit) == expected
    assert engine.ask(actor, inbox_counts)[view] == min(len(expected), COUNT_CAP)


def test_number_of_statements_does_not_depend_on_rows(database_url: str, clock: FixedClock) -> None:
    statements: list[str] = []
    engine = Engine(database_url, clock, on_statement=statements.append)
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start)
    counts = []
    for count in (5, 200):
        rows = random_rows(count, count)
        shifted = [(due, number + count * 10, *rest) for due, number, *rest in rows]
        engine.execute(SYSTEM, lambda uow, shifted=shifted: fill(uow, instance_id, shifted))
        engine.ask(reader_of(130), inbox, limit=100)  # numbers of pairs are remembered
        statements.clear()
        engine.ask(reader_of(130), inbox, limit=100)
        counts.append(len(statements))
    engine.close()
    assert counts[0] == counts[1]


def test_row_says_why_the_actor_sees_it(engine: Engine) -> None:
    _, approval = at_approval(engine)
    (row,) = engine.ask(person("boss", ("director", "head")), inbox).rows
    assert (row.task_id, row.label, row.reason) == (approval.id, "核定", Candidate(role="director"))
    assert (row.sent_by, row.definition_key, row.business_key) == ("clerk", "review", "branch:114")


def test_strangers_see_nothing(engine: Engine) -> None:
    at_approval(engine)
    assert engine.ask(person("stranger", ("web_owner", "office")), inbox).rows == ()
    assert engine.ask(person("nobody"), inbox).rows == ()


def test_held_task_is_only_in_the_inbox_of_its_holder(engine: Engine) -> None:
    _, approval = at_approval(engine)
    engine.execute(CLERK, claim, approval.id)
    (row,) = engine.ask(CLERK, inbox, view="mine").rows
    assert (row.task_id, row.assignee) == (approval.id, "clerk")
    assert engine.ask(person("boss", ("director", "head")), inbox).rows == ()


def test_done_tasks_come_the_latest_first(engine: Engine, clock: FixedClock) -> None:
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start)
    done = []
    for hour in range(2, 4):
        clock.move_to(clock.now().replace(hour=hour))
        (task,) = engine.ask(SYSTEM, open_tasks, instance_id)
        engine.execute(CLERK, complete, task.id)
        done.append(task.id)
    first = engine.ask(CLERK, inbox, view="done", limit=1)
    second = engine.ask(CLERK, inbox, view="done", limit=1, cursor=first.next_cursor)
    assert [row.task_id for row in (*first.rows, *second.rows)] == done[::-1]
    assert second.next_cursor is None


def test_returned_tasks_are_found(engine: Engine) -> None:
    _, approval = at_approval(engine)
    assert engine.ask(CLERK, inbox, view="returned").rows == ()
    (draft,) = engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    assert [row.task_id for row in engine.ask(CLERK, inbox, view="returned").rows] == [draft.id]


@pytest.mark.parametrize(("q", "found"), [("核定", 1), ("114 年度", 1), ("115", 0), ("%", 0), ("_", 0)])
def test_search_looks_for_words_in_label_and_subject(engine: Engine, q: str, found: int) -> None:
    at_approval(engine)
    assert len(engine.ask(CLERK, inbox, q=q).rows) == found


@pytest.mark.parametrize(
    "arguments", [{"view": "everything"}, {"cursor": "x"}, {"cursor": "1.2.3"}, {"sort": "id"}]
)
def test_values_that_do_not_exist_are_refused(sqlite_engine: Engine, arguments: dict[str, str]) -> None:
    with pytest.raises(Invalid) as raised:
        sqlite_engine.ask(CLERK, inbox, **arguments)
    assert [error.path for error in raised.value.errors] == list(arguments)
