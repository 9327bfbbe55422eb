"""The table of the proof under way; part of the one metadata of `tables.py`."""

from sqlalchemy import Column, Integer, SmallInteger, Table

from engine.store.columns import big_column, metadata, text_column

# One row while a proof of everything waits or runs: how far it is. What it found is an event.
proof_run = Table(
    "proof_run",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    text_column("asked_by"),
    big_column("asked_at"),
    big_column("began_at", nullable=True),
    big_column("moved_at", nullable=True),
    Column("streams", Integer, nullable=False),
    Column("proven", Integer, nullable=False),
)
