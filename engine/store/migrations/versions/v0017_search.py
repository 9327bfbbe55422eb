"""Keep the words of tasks apart from the tasks, and find open tasks by their due date alone."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.search_programs import POSTGRESQL, SQLITE

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_text",
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("label", "subject", name=op.f("pk_task_text")),
    )
    op.execute("insert into task_text (label, subject) select distinct label, subject from task")
    is_open = sa.text("state = 1")
    op.create_index(
        "ix_task_due_at", "task", ["due_at", "id"], sqlite_where=is_open, postgresql_where=is_open
    )
    for program in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(sa.text(program.replace(":", "\\:")))
