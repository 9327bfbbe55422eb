"""The schema: one set of scripts for both databases, and what the database itself refuses."""

import pytest
import sqlalchemy as sa

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import ProcessFailed
from engine.plan.calendar import load_calendars
from engine.store import schema, tables
from engine.store.migrations.versions.v0015_plans import OFF
from engine.store.unit_of_work import UnitOfWork
from tests.engine.store.moves import CLERK, at_approval, claim, complete, played_through

OF_SEARCH = (
    "index ix_task_due_at",
    "index if exists ix_task_open_text",
    "index if exists ix_task_closed_text",
    "table task_text",
)
APPEND_ONLY = (tables.history_event, tables.content, tables.deployment_file, tables.anchor)


def run(uow: UnitOfWork, statement: sa.Executable) -> None:
    uow.transaction.core.execute(statement)


def test_scripts_make_the_tables_of_the_program(engine: Engine) -> None:
    assert engine.ask(SYSTEM, lambda r: schema.differences(r.transaction.core)) == []
    assert engine.ask(SYSTEM, lambda r: schema.version(r.transaction.core)) == schema.newest_version()


def test_upgrade_of_an_upgraded_database_changes_nothing(engine: Engine) -> None:
    before = engine.ask(SYSTEM, lambda r: r.history.heads())
    engine.upgrade()
    assert engine.ask(SYSTEM, lambda r: r.history.heads()) == before


def test_a_step_that_merely_began_again_is_not_called_returned_any_more(engine: Engine) -> None:
    """The program before called every task returned whose step its candidates had completed once."""
    _, approval = at_approval(engine)
    (draft,) = engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    opened = engine.execute(CLERK, complete, draft.id)
    wrong = sa.update(tables.task).where(tables.task.c.id == opened[0].id).values(was_returned=True)
    engine.execute(SYSTEM, run, wrong)
    of_later = (
        "table follow_up",
        "table proof_run",
        "index ix_history_event_personal",
        "table task_priority",
        *OF_SEARCH,
    )
    for later in of_later:
        engine.execute(SYSTEM, run, sa.text(f"drop {later}"))
    engine.execute(SYSTEM, run, sa.text("update alembic_version set version_num = '0010'"))
    engine.upgrade()
    flags = engine.ask(
        SYSTEM,
        lambda r: r.transaction.core.execute(
            sa.select(tables.task.c.id).where(tables.task.c.was_returned)
        ).scalars().all(),
    )  # fmt: skip
    assert flags == [draft.id]


def test_only_tasks_that_somebody_holds_are_listed_by_holder(engine: Engine) -> None:
    """The index of an earlier version is made anew, over the tasks that are there."""
    _, approval = at_approval(engine)
    engine.execute(CLERK, claim, approval.id)
    for back in (
        *(f"drop {later}" for later in OF_SEARCH),
        "drop index ix_task_assignee",
        "create index ix_task_assignee on task (assignee, due_at, id)",
    ):
        engine.execute(SYSTEM, run, sa.text(back))
    engine.execute(SYSTEM, run, sa.text("update alembic_version set version_num = '0015'"))
    engine.upgrade()
    found = engine.ask(
        SYSTEM, lambda r: sa.inspect(r.transaction.core).get_indexes("task")
    )  # fmt: skip
    (held,) = [index for index in found if index["name"] == "ix_task_assignee"]
    told = " ".join(str(where) for where in held["dialect_options"].values()).lower()
    assert "assignee is not null" in told
    task = engine.ask(SYSTEM, lambda r: r.tasks.get(approval.id))
    assert task.assignee == CLERK.user_id


def test_the_write_path_is_planned_by_keys(postgres_url: str, clock: FixedClock) -> None:
    """A function that is made anew by a later script must say so again."""
    asked = sa.text("select proname, proconfig from pg_proc where proname in ('apply_step', 'load_task')")
    engine = Engine(postgres_url, clock)
    found = dict(engine.ask(SYSTEM, lambda r: [tuple(row) for row in r.transaction.core.execute(asked)]))
    engine.close()
    by_keys = [f"{setting}=off" for setting in OFF]
    assert found == {"apply_step": by_keys, "load_task": by_keys}


def test_new_database_has_the_shipped_calendars(engine: Engine) -> None:
    assert engine.ask(SYSTEM, lambda r: r.calendars.tables()) == load_calendars()


@pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda table: str(table.name))
@pytest.mark.parametrize("change", [sa.update, sa.delete], ids=["update", "delete"])
def test_database_refuses_to_change_what_is_append_only(
    engine: Engine, table: sa.Table, change: type
) -> None:
    played_through(engine)
    engine.execute(SYSTEM, lambda uow: uow.anchors.make() and None)
    statement = change(table)
    if isinstance(statement, sa.Update):
        column = list(table.columns)[-1]
        statement = statement.values({column.name: column})
    with pytest.raises(ProcessFailed) as raised:
        engine.execute(SYSTEM, run, statement)
    assert "append-only" in raised.value.reason


def test_database_refuses_to_truncate_history(postgres_url: str) -> None:
    engine = Engine(postgres_url)
    with pytest.raises(ProcessFailed) as raised:
        engine.execute(SYSTEM, run, sa.text("truncate history_event"))
    engine.close()
    assert "append-only" in raised.value.reason


def test_database_refuses_rows_that_belong_to_nothing(engine: Engine) -> None:
    stray = sa.insert(tables.timer).values(task_id=1, instance_id=9999, element_id="late", due_at=0)
    with pytest.raises(ProcessFailed) as raised:
        engine.execute(SYSTEM, run, stray)
    assert "foreign key" in raised.value.reason.lower()


def test_sqlite_waits_for_the_disk_and_knows_foreign_keys(sqlite_engine: Engine) -> None:
    def pragmas(uow: UnitOfWork) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [uow.transaction.core.exec_driver_sql(f"pragma {name}").scalar() for name in names]

    assert sqlite_engine.execute(SYSTEM, pragmas) == ["wal", 2, 1]
