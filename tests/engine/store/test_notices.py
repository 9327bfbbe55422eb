"""Looking for tasks to urge: by one index walk per pool and per person, on both databases."""

import sqlalchemy as sa

from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.notices import UNTOLD_POSTGRESQL, UNTOLD_SQLITE
from engine.store.unit_of_work import Reader

VALUES = {"since": 0, "until": 9, "late": 9, "level": 1, "due": -1, "task": -1, "limit": 200}


def plans(reader: Reader) -> list[str]:
    """How the database finds the tasks."""
    is_sqlite = reader.transaction.is_sqlite
    explain = "explain query plan " if is_sqlite else "explain "
    if not is_sqlite:  # a handful of rows is read whole unless that is forbidden
        reader.transaction.core.execute(sa.text("set local enable_seqscan = off"))
    statements = UNTOLD_SQLITE if is_sqlite else UNTOLD_POSTGRESQL
    return [
        "\n".join(str(row[-1]) for row in reader.transaction.core.execute(sa.text(explain + text), VALUES))
        for text in statements
    ]


def test_neither_pools_nor_held_tasks_are_read_whole(engine: Engine) -> None:
    pool, held = engine.ask(SYSTEM, plans)
    if engine.database.is_sqlite:
        assert "c USING COVERING INDEX sqlite_autoindex_task_candidate_1 (pair_id=? AND due_at>?" in pool
        assert "t USING INDEX ix_task_assignee (assignee=? AND due_at>?" in held
    else:
        assert "Index Only Scan using pk_task_candidate" in pool
        assert "Index Scan using ix_task_assignee" in held
