"""The table of deputyships; part of the one metadata of `tables.py`."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Table, Text

from engine.store.columns import Number, big_column, metadata, text_column

deputyship = Table(  # 職務代理: both days are included; one that was ended before is over from that moment
    "deputyship",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("principal", Text, ForeignKey("user_account.id"), nullable=False),
    Column("deputy", Text, ForeignKey("user_account.id"), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    text_column("roles"),  # between spaces; "" for all that the principal holds
    text_column("cause"),
    text_column("kind"),
    Column("may_decide", Boolean, nullable=False),
    text_column("named_by"),
    big_column("ended_at", nullable=True),
    text_column("ended_by", nullable=True),
    Index("ix_deputyship_deputy", "deputy", "valid_to"),
    Index("ix_deputyship_principal", "principal", "valid_to"),
)
