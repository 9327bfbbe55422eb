"""Keep the passwords that a person had before, and which sessions were signed out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_password",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_former_password_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("user_id", "replaced_at", name=op.f("pk_former_password")),
    )
    op.create_table(
        "ended_session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_ended_session")),
    )
