"""Counts of the inbox are those of its lists, up to the cap, in a fixed number of statements; what was
completed is walked in bounds."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from engine.clock import FixedClock
from engine.domain.deputy import ActiveDeputyship, DeputyCause, DeputyKind
from engine.domain.identity import SYSTEM, Actor
from engine.domain.instance import InstanceState
from engine.domain.task import TASK_BITS
from engine.engine import Engine
from engine.queries import inbox_completed, inbox_counts, tasks
from engine.queries.tasks import COUNTED, View, inbox
from engine.store import tables
from engine.store.personal_tables import follow_up
from engine.store.unit_of_work import UnitOfWork
from tests.engine.queries.test_inbox_pages import NOW, UNITS, Row, fill, random_rows, reader_of
from tests.engine.store.moves import CLERK, deploy, person, start

READER = person("reader")
SECOND = 1_000_000
EVERY = 100_000
STATEMENTS = {"sqlite": 9, "postgresql": 7}


def crowd(engine: Engine, seed: int) -> list[Row]:
    """An instance with many random tasks; every seventh is put off by the reader, its own rows as well."""
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start)
    rows = random_rows(seed, 300)
    engine.execute(SYSTEM, lambda uow: fill(uow, instance_id, rows))
    first = (instance_id << TASK_BITS) + 1000
    engine.execute(SYSTEM, lambda uow: put_off(uow, [first + number for number in range(7, 300, 7)]))
    return rows


def put_off(uow: UnitOfWork, task_ids: list[int]) -> None:
    account = {"id": "reader", "number": 77, "name": "reader", "title": "", "active": True}
    uow.transaction.core.execute(sa.insert(tables.user), [account])
    tomorrow = uow.today + timedelta(days=1)
    uow.transaction.core.execute(
        sa.insert(follow_up),
        [{"user_id": "reader", "task_id": task_id, "until_on": tomorrow} for task_id in task_ids],
    )


def deputy_of_other(actor: Actor) -> Actor:
    standing_in = ActiveDeputyship(
        id=1, principal="other", name="other", title="", until=date(2030, 1, 1), cause=DeputyCause.LEAVE,
        kind=DeputyKind.ACTING, may_decide=True,
        pairs=frozenset({("web_owner", unit) for unit in UNITS[:20]}),
    )  # fmt: skip
    return replace(actor, deputyships=(standing_in,))


def of_view(engine: Engine, actor: Actor, view: View, limit: int, **filters: str) -> tuple[list[int], int]:
    """Every task of a view by its pages, and how many pages there are."""
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = engine.ask(actor, inbox, view=view, cursor=cursor, limit=limit, **filters)
        found += [row.task_id for row in page.rows]
        cursor, pages = page.next_cursor, pages + 1
    return found, pages


def lengths(engine: Engine, actor: Actor, cap: int) -> dict[str, int]:
    """The plain definition: every list read whole, by its pages."""
    return {str(view): min(len(of_view(engine, actor, view, 200)[0]), cap) for view in COUNTED}


@pytest.mark.parametrize("units", [0, 3, 130])
@pytest.mark.parametrize("cap", [5, 40, EVERY])
def test_counts_are_the_lengths_of_the_lists(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, cap: int, units: int
) -> None:
    crowd(engine, seed=units)
    monkeypatch.setattr(tasks, "COUNT_CAP", cap)
    chief = replace(reader_of(units), pairs=reader_of(units).pairs | {("unit_chief", UNITS[50])})
    for actor in (reader_of(units), deputy_of_other(reader_of(units)), chief):
        assert engine.ask(actor, tasks.inbox_counts) == lengths(engine, actor, cap)


def test_counts_hold_where_a_task_has_many_of_the_pairs_and_where_much_is_held(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(engine, seed=5)
    monkeypatch.setattr(tasks, "COUNT_CAP", 12)
    monkeypatch.setattr(inbox_counts, "HELD_AT_ONCE", 4)
    monkeypatch.setattr(inbox_counts, "_ROWS_PER_TASK", 1)
    assert engine.ask(reader_of(130), tasks.inbox_counts) == lengths(engine, reader_of(130), 12)


def completed(
    uow: UnitOfWork, instance_ids: list[int], count: int, who: str = "reader"
) -> list[tuple[int, int]]:
    """Tasks that somebody completed in these instances; gives (task id, instance id), newest first."""
    rows = []
    for number in range(1, count + 1):
        instance_id = instance_ids[number % len(instance_ids)]
        rows.append(
            {
                "id": (instance_id << TASK_BITS) + 5000 + number, "instance_id": instance_id,
                "process_key": "review", "element_id": "report", "path": f"report[{number}]", "label": "填報",
                "subject": f"第{number}件", "state": 2, "revision": 2, "candidates": "[]", "inputs": "{}",
                "due_at": NOW, "opened_at": NOW, "sent_by": "clerk", "closed_by": who,
                # Two of them were closed in one moment each.
                "closed_at": NOW + number // 2 * SECOND, "was_returned": False, "late_after_at": NOW,
                "excluded": "[]",
            }
        )  # fmt: skip
    uow.transaction.core.execute(sa.insert(tables.task), rows)
    rows.sort(key=lambda row: (row["closed_at"], row["id"]), reverse=True)
    return [(int(row["id"]), int(row["instance_id"])) for row in rows]


def set_state(uow: UnitOfWork, instance_id: int, state: InstanceState, restricted_to: str = "") -> None:
    own = tables.process_instance.c.id == instance_id
    changed = {"state": int(state), "restricted_to": restricted_to}
    uow.transaction.core.execute(sa.update(tables.process_instance).where(own).values(**changed))


@pytest.mark.parametrize("limit", [2, 4, 50])
def test_what_was_completed_is_told_by_the_state_of_its_instance_walk_after_walk(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(inbox_completed, "WALK", 5)
    engine.execute(SYSTEM, deploy)
    keys = ("branch:111", "branch:112", "branch:113", "branch:114")
    running, ended, cancelled, hidden = (
        engine.execute(CLERK, start, plan_key=key, command_id=key) for key in keys
    )
    for instance_id, state in ((ended, InstanceState.COMPLETED), (cancelled, InstanceState.CANCELLED)):
        engine.execute(SYSTEM, lambda uow, i=instance_id, s=state: set_state(uow, i, s))
    engine.execute(SYSTEM, lambda uow: set_state(uow, hidden, InstanceState.RUNNING, " hr_handler "))
    # Many in a row of one kind: whole walks find nothing for the other one.
    order = [running] * 8 + [ended] * 9 + [cancelled] * 4 + [hidden] * 6 + [running, ended] * 3
    done = engine.execute(SYSTEM, lambda uow: completed(uow, order, len(order)))
    sent = [task_id for task_id, instance_id in done if instance_id == running]
    closed = [task_id for task_id, instance_id in done if instance_id in (ended, cancelled)]
    assert of_view(engine, READER, View.SENT, limit)[0] == sent
    assert of_view(engine, READER, View.CLOSED, limit)[0] == closed
    assert of_view(engine, READER, View.CLOSED, limit, q="第1")[0] == [
        task_id for task_id in closed if str(task_id % (1 << TASK_BITS) - 5000).startswith("1")
    ]
    newest = [instance_id for _, instance_id in done[:5]]
    counts = engine.ask(READER, tasks.inbox_counts)
    assert (counts["sent"], counts["closed"]) == (
        newest.count(running), newest.count(ended) + newest.count(cancelled),
    )  # fmt: skip


def test_a_walk_that_ends_with_the_last_task_leads_on_to_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_completed, "WALK", 4)
    engine.execute(SYSTEM, deploy)
    running = engine.execute(CLERK, start)
    done = engine.execute(SYSTEM, lambda uow: completed(uow, [running], 8))
    assert of_view(engine, READER, View.CLOSED, 10) == ([], 2)
    assert of_view(engine, READER, View.SENT, 10) == ([task_id for task_id, _ in done], 2)


def test_counts_ask_as_much_however_many_tasks_there_are(database_url: str, clock: FixedClock) -> None:
    asked: list[str] = []
    engine = Engine(database_url, clock, on_statement=asked.append)
    crowd(engine, seed=3)
    actor = replace(reader_of(130), user_id="stranger")
    engine.ask(actor, tasks.inbox_counts)
    asked.clear()
    engine.ask(actor, tasks.inbox_counts)
    engine.close()
    assert len(asked) == STATEMENTS[database_url.partition(":")[0].partition("+")[0]]
