"""Query plans as text: what PostgreSQL does for every statement of a query."""

from collections.abc import Callable

import sqlalchemy as sa

from engine.domain.identity import Actor
from engine.engine import Engine
from engine.store.unit_of_work import Reader


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
