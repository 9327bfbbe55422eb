"""The table of secret calendar links; part of the one metadata of `tables.py`."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from engine.store.columns import big_column, metadata

calendar_link = Table(  # the secret itself is shown once and never stored
    "calendar_link",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_id", Text, ForeignKey("user_account.id"), nullable=False),
    big_column("made_at"),
    big_column("revoked_at", nullable=True),
    Index("ix_calendar_link_user_id", "user_id"),
)
