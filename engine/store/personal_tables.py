"""Tables of what people chose for their own pages; part of the one metadata of `tables.py`."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Table, Text

from engine.store.columns import metadata, text_column

preference = Table(
    "preference",
    metadata,
    Column("user_id", Text, ForeignKey("user_account.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    text_column("value"),
)

follow_up = Table(  # scratch of one person, who wants to see a task again on a day: no history
    "follow_up",
    metadata,
    Column("user_id", Text, ForeignKey("user_account.id"), primary_key=True),
    Column("task_id", BigInteger, primary_key=True, autoincrement=False),
    Column("until_on", Date, nullable=False),
)

saved_view = Table(
    "saved_view",
    metadata,
    Column("owner", Text, ForeignKey("user_account.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    text_column("chosen"),  # JSON {name: value} of the inbox's address: read again by its rules at every use
    text_column("unit", nullable=True),  # whose people it is shared with
    Index("ix_saved_view_unit", "unit"),
)
