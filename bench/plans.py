"""Query plans as text: what PostgreSQL does for every statement, and which tables it reads whole."""

import re
from collections.abc import Callable

import sqlalchemy as sa

from engine.domain.identity import Actor
from engine.engine import Engine
from engine.store.unit_of_work import Reader

# What grows with the work of an office; the other tables grow with the office itself.
GROWING = frozenset(
    {
        "content",
        "document_version",
        "draft",
        "follow_up",
        "history_event",
        "message_subscription",
        "outbox",
        "process_instance",
        "snapshot",
        "task",
        "task_candidate",
        "task_exclusion",
        "task_priority",
        "task_text",
        "timer",
    }
)
_READ_WHOLE = re.compile(r"(?:Seq Scan|Sample Scan) on (\w+).*?rows=\d+(?:\.\d+)? loops=(\d+)\)")
_REMOVED = re.compile(r"Rows Removed by Filter: (\d+)")
FEW_ROWS = 300  # so many texts a search looks at, to learn whether a word is common
# The hundreds of pairs of a person stand in one value; a reader of plans needs the first.
_LONG_VALUE = re.compile(r"'([\[{][^']{80})[^']*'")


def tables_read_whole(text: str) -> frozenset[str]:
    """The growing tables of which a plan read more than a few rows without an index.

    A table that is nearly empty is read whole by any database; it counts once it is not.
    """
    found, lines = set(), text.splitlines()
    for number, line in enumerate(lines):
        scan = _READ_WHOLE.search(line)
        if scan is None or scan[1] not in GROWING:
            continue
        rows = int(float(line.rpartition("rows=")[2].split()[0]))
        below = _REMOVED.search("\n".join(lines[number + 1 : number + 3]))
        if rows + (int(below[1]) if below else 0) > FEW_ROWS:
            found.add(scan[1])
    return frozenset(found)


def shortened(text: str) -> str:
    """The plans with their long values cut, as files keep them."""
    return _LONG_VALUE.sub(r"'\1 …'", text)


def plans_of(engine: Engine, actor: Actor, query: Callable[[Reader], object]) -> str:
    """EXPLAIN (ANALYZE, BUFFERS) of each SELECT that the query sends, in their order, each once."""

    def explained(reader: Reader) -> str:
        cursor_type = type(reader.transaction)._cursor  # noqa: SLF001
        sent: list[str] = []
        run = reader.transaction.run

        def noted(sql: str, values: object = ()) -> object:
            sent.append(cursor_type(reader.transaction).mogrify(sql, values))
            return run(sql, values)  # type: ignore[arg-type]

        def before(_c: object, cursor: object, statement: str, values: object, *_rest: object) -> None:
            sent.append(cursor_type(reader.transaction).mogrify(statement, values))

        reader.transaction.run = noted  # type: ignore[method-assign]
        sa.event.listen(reader.transaction.core, "before_cursor_execute", before)
        query(reader)
        sa.event.remove(reader.transaction.core, "before_cursor_execute", before)
        parts = []
        for sql in dict.fromkeys(sent):
            rows = run(f"explain (analyze, buffers) {sql.replace('%', '%%')}").fetchall()
            parts.append("\n".join([sql.strip(), "", *(row[0] for row in rows)]))
        return "\n\n".join(parts) + "\n"

    return engine.ask(actor, explained)
