"""Plan the write path by its keys, whatever the statistics say.

A connection keeps the plans of its first calls. Plans made while the tables were new read whole tables, which
costs more with every task until the next analysis. Every statement of these functions, and every check of a
foreign key under them, finds its few rows by a key.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FUNCTIONS = ("load_task(bigint)", "apply_step(json)")
OFF = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            for setting in OFF:
                op.execute(f"alter function {function} set {setting} = off")
