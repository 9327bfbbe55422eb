"""Keep how far a proof of everything is; find looks and refusals of all people by their time."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proof_run",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("moved_at", sa.BigInteger(), nullable=True),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.Column("proven", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_run")),
    )
    op.create_index(
        "ix_history_event_personal",
        "history_event",
        ["occurred_at", "stream", "seq"],
        sqlite_where=sa.text("stream <= 0"),
        postgresql_where=sa.text("stream <= 0"),
    )
