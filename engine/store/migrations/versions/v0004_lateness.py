"""Keep beside each candidate when its task is late, so that pages of the inbox need not look at the task."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.lateness_programs import APPLY_STEP

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = "pk_task_candidate"


def upgrade() -> None:
    with op.batch_alter_table("task_candidate") as candidate:
        candidate.add_column(
            sa.Column("late_after_at", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
        )
    op.execute(
        "update task_candidate set late_after_at ="
        " (select late_after_at from task where task.id = task_candidate.task_id)"
    )
    with op.batch_alter_table("task_candidate") as candidate:
        candidate.alter_column("late_after_at", server_default=None)
        candidate.drop_constraint(KEY, type_="primary")
        candidate.create_primary_key(KEY, ["pair_id", "due_at", "task_id", "late_after_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(APPLY_STEP.replace(":", "\\:")))
