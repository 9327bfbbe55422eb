"""List by holder only the tasks that somebody holds, and clear dead rows away sooner.

Whatever changes a task changes what an index holds or is bound to; so room on its pages keeps no change out
of the indexes. Each completion leaves one dead row of a task and one of its instance.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HELD = "state = 1 and assignee is not null"


def upgrade() -> None:
    op.drop_index("ix_task_assignee", "task")
    op.create_index(
        "ix_task_assignee",
        "task",
        ["assignee", "due_at", "id"],
        sqlite_where=sa.text(HELD),
        postgresql_where=sa.text(HELD),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table task set (fillfactor = 100, autovacuum_vacuum_scale_factor = 0.05)")
        op.execute("alter table process_instance set (autovacuum_vacuum_scale_factor = 0.05)")
