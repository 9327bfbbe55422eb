"""The table of the search; its indexes and what keeps it are in `migrations/search_programs.py`."""

from sqlalchemy import Column, Table, Text

from engine.store.columns import metadata

# Label and subject of every task that there ever was, each pair once: kept by a trigger of the task table.
task_text = Table(
    "task_text",
    metadata,
    Column("label", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
)
