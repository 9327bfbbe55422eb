"""Tables of what is kept beside an open task: levels that were told, and its priority."""

from sqlalchemy import BigInteger, Column, ForeignKey, SmallInteger, Table

from engine.store.columns import big_column, metadata

# Keyed by the day after which the task is late as well: whoever moves it starts the urging anew.
task_notice = Table(
    "task_notice",
    metadata,
    Column("task_id", BigInteger, ForeignKey("task.id"), primary_key=True, autoincrement=False),
    Column("late_after_at", BigInteger, primary_key=True, autoincrement=False),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    big_column("told_at"),
)

task_priority = Table(  # a projection; a task without a row has the normal priority
    "task_priority",
    metadata,
    Column("task_id", BigInteger, ForeignKey("task.id"), primary_key=True, autoincrement=False),
    Column("rank", SmallInteger, nullable=False),
)
