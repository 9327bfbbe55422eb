"""Keep whom a task excludes, when it is late, and the roles that may know of an instance."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.guard_programs import APPLY_STEP

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "process_instance", sa.Column("restricted_to", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "task", sa.Column("late_after_at", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("task", sa.Column("excluded", sa.Text(), nullable=False, server_default="[]"))
    op.execute("update task set late_after_at = due_at")
    op.create_table(
        "task_exclusion",
        sa.Column("task_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_exclusion_task_id_task")),
        sa.PrimaryKeyConstraint("task_id", "user_id", name=op.f("pk_task_exclusion")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(APPLY_STEP.replace(":", "\\:")))
