"""Call a task returned only where a decision sent the work back, not where a step merely begins again."""

import json

import sqlalchemy as sa
from alembic import op

from engine.domain.giving_back import gives_back
from engine.domain.history import EventType
from engine.store.migrations.giving_back_programs import APPLY_STEP

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_RETURNED = """
select t.id, (
  select e.seq from history_event e
  where e.stream = t.instance_id and e.origin = 'cause' and e.type <> 'activity_returned'
  and e.seq < (select o.seq from history_event o
               where o.stream = t.instance_id and o.type = 'task_opened' and o.task_id = t.id)
  order by e.seq desc limit 1) as seq, t.instance_id
from task t where t.was_returned
"""
_CAUSE = "select type, data from history_event where stream = :stream and seq = :seq"


def upgrade() -> None:
    bind = op.get_bind()
    for task_id, seq, stream in bind.execute(sa.text(_RETURNED)).all():
        cause = bind.execute(sa.text(_CAUSE), {"stream": stream, "seq": seq}).first()
        if cause is None or not gives_back(EventType(cause.type), json.loads(cause.data)):
            bind.execute(
                sa.text("update task set was_returned = :no where id = :id"), {"no": False, "id": task_id}
            )
    if bind.dialect.name == "postgresql":
        op.execute(sa.text(APPLY_STEP.replace(":", "\\:")))
