"""Let notes change the candidates and dates of a task."""

import sqlalchemy as sa
from alembic import op

from engine.store.migrations.note_programs import APPLY_STEP

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(APPLY_STEP.replace(":", "\\:")))
