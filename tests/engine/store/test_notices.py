"""Looking for tasks to urge, and for what a unit is late with: along indexes only, on both databases."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import EPOCH, FixedClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.notices import FIRST, Stretch
from engine.store.unit_of_work import Reader

Asked = Callable[[Reader], object]


def plan(reader: Reader, asked: Asked) -> str:
    """How the database answers what is asked."""
    core, sent = reader.transaction.core, list[tuple[str, Any]]()
    if not reader.transaction.is_sqlite:  # a handful of rows is read whole unless that is forbidden
        core.execute(sa.text("set local enable_seqscan = off"))

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        sent.append((statement, values))

    sa.event.listen(core, "before_cursor_execute", note)
    asked(reader)
    sa.event.remove(core, "before_cursor_execute", note)
    ((statement, values),) = sent
    explain = "explain query plan " if reader.transaction.is_sqlite else "explain "
    return "\n".join(str(row[-1]) for row in core.exec_driver_sql(explain + statement, values))


def untold(now: datetime) -> Asked:
    return lambda reader: reader.notices.untold(1, Stretch(since=EPOCH, until=now, late=now), FIRST, 200)


def test_what_is_to_be_told_is_read_along_the_due_dates(engine: Engine, clock: FixedClock) -> None:
    found = engine.ask(SYSTEM, plan, untold(clock.now()))
    if engine.database.is_sqlite:
        assert "SEARCH task USING INDEX ix_task_due_at (due_at>? AND due_at<?)" in found
    else:
        assert "using ix_task_due_at on task" in found
    assert "pk_task_notice" in found or "sqlite_autoindex_task_notice_1" in found


def test_the_overdue_list_is_read_along_the_due_dates(engine: Engine) -> None:
    found = engine.ask(SYSTEM, plan, lambda reader: reader.notices.late_in_branch(50))
    assert "ix_task_due_at" in found


def test_that_of_a_unit_reads_its_pools_and_what_people_hold(postgres_url: str, clock: FixedClock) -> None:
    engine = Engine(postgres_url, clock)
    found = engine.ask(SYSTEM, plan, lambda reader: reader.notices.late_in_branch(50, units=["metrology"]))
    engine.close()
    assert "Index Only Scan using pk_task_candidate" in found
    assert "Seq Scan on task" not in found
