"""Call a task returned only where the same candidates completed it; name who sent it past activities."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.return_programs import APPLY_STEP

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_RETURNED = """
update task set was_returned = exists (
  select 1 from task p where p.instance_id = task.instance_id and p.id < task.id and p.path = task.path
  and p.element_id = task.element_id and p.candidates = task.candidates and p.state = 2
  and p.closed_at <= task.opened_at)
where was_returned
"""
_SENT_BY = """
update task set sent_by = (
  select e.actor from history_event e
  where e.stream = task.instance_id and e.origin = 'cause' and e.type <> 'activity_returned'
  and e.seq < (select o.seq from history_event o
               where o.stream = task.instance_id and o.type = 'task_opened' and o.task_id = task.id)
  order by e.seq desc limit 1)
where sent_by = 'system'
"""


def upgrade() -> None:
    op.execute(_RETURNED)
    op.execute(_SENT_BY)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(APPLY_STEP.replace(":", "\\:")))
