"""Every table, as SQLAlchemy Core metadata; the migrations make them, nothing is mapped to classes.

Instants are microseconds since 1970 UTC in bigint columns. What can be rebuilt from `history_event` and
`content` is called a projection; the rest is master data whose every change stands in the organisation's
stream.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store import columns
from engine.store.columns import Number, big_column, text_column

metadata = columns.metadata
NEVER = 1 << 60  # "no due date" sorts last; 2^50 would lie before today in microseconds

# --- the truth ------------------------------------------------------------------------------------

history_event = Table(
    "history_event",
    metadata,
    Column("stream", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    text_column("type"),
    text_column("origin"),
    text_column("actor"),
    text_column("on_behalf_of", nullable=True),
    text_column("role", nullable=True),
    text_column("unit", nullable=True),
    big_column("occurred_at"),
    text_column("command_id", nullable=True),
    text_column("element_id", nullable=True),
    big_column("task_id", nullable=True),
    text_column("data"),
    Column("digest", LargeBinary, nullable=False),
)
Index(
    "uq_history_event_command",
    history_event.c.stream,
    history_event.c.command_id,
    unique=True,
    sqlite_where=history_event.c.command_id.is_not(None),
    postgresql_where=history_event.c.command_id.is_not(None),
)
Index(  # what one person did beside the work: few, and looked through by time
    "ix_history_event_personal",
    history_event.c.occurred_at,
    history_event.c.stream,
    history_event.c.seq,
    sqlite_where=text("stream <= 0"),
    postgresql_where=text("stream <= 0"),
)

content = Table(
    "content",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    text_column("media_type"),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

stream_head = Table(  # heads of the streams that are not process instances
    "stream_head",
    metadata,
    Column("stream", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
)

anchor = Table(
    "anchor",
    metadata,
    Column("id", Number, primary_key=True),
    big_column("made_at"),
    Column("root", LargeBinary, nullable=False),
    Column("streams", Integer, nullable=False),
    Column("heads", LargeBinary, ForeignKey("content.digest"), nullable=False),
)

# --- definitions ----------------------------------------------------------------------------------

deployment = Table(
    "deployment",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    big_column("deployed_at"),
    text_column("deployed_by"),
)

deployment_file = Table(
    "deployment_file",
    metadata,
    Column("deployment_id", Number, ForeignKey("deployment.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("digest", LargeBinary, ForeignKey("content.digest"), nullable=False),
)

process_definition = Table(
    "process_definition",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("deployment_id", Number, ForeignKey("deployment.id"), nullable=False),
    text_column("name"),
    text_column("agency"),
)

# --- projections of instance streams --------------------------------------------------------------

process_instance = Table(
    "process_instance",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    text_column("definition_key"),
    text_column("business_key"),
    text_column("title"),
    Column("deployment_id", Number, ForeignKey("deployment.id"), nullable=False),
    text_column("agency"),
    text_column("plan_key", nullable=True),
    Column("state", SmallInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("causes", Integer, nullable=False),
    big_column("started_at"),
    text_column("started_by"),
    big_column("ended_at", nullable=True),
    Column("parent_id", BigInteger, ForeignKey("process_instance.id"), nullable=True),
    Column("start_command_id", Text, nullable=True, unique=True),
    Column("restricted_to", Text, nullable=False, server_default=""),  # roles between spaces; "": everybody
    Index("ix_process_instance_business_key", "business_key"),
    Index("ix_process_instance_plan_key", "plan_key"),
    Index("ix_process_instance_definition_key", "definition_key", "state", "id"),
)

task = Table(
    "task",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("instance_id", BigInteger, ForeignKey("process_instance.id"), nullable=False),
    text_column("process_key"),
    text_column("element_id"),
    text_column("path"),
    text_column("label"),
    text_column("subject"),
    Column("state", SmallInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    text_column("candidates"),  # JSON [[role, unit], …]: stays when the task is closed
    text_column("inputs"),
    text_column("assignee", nullable=True),
    text_column("owner", nullable=True),
    big_column("due_at"),
    big_column("opened_at"),
    text_column("sent_by", nullable=True),
    big_column("closed_at", nullable=True),
    text_column("closed_by", nullable=True),
    Column("was_returned", Boolean, nullable=False),
    Column("late_after_at", BigInteger, nullable=False, server_default=text("0")),
    Column("excluded", Text, nullable=False, server_default="[]"),  # JSON ["user", …]: stays when closed
)


def _index_of_open(name: str, *wanted: Column[Any], beside: str = "") -> Index:
    is_open = text(f"state = 1{beside}")
    return Index(name, *wanted, sqlite_where=is_open, postgresql_where=is_open)


_index_of_open(
    "ix_task_assignee", task.c.assignee, task.c.due_at, task.c.id, beside=" and assignee is not null"
)
_index_of_open("ix_task_element_id", task.c.element_id, task.c.due_at, task.c.id)
Index(
    "ix_task_was_returned",
    task.c.due_at,
    task.c.id,
    sqlite_where=text("state = 1 and was_returned = 1"),
    postgresql_where=text("state = 1 and was_returned"),
)
Index(
    "ix_task_closed_by",
    task.c.closed_by,
    task.c.closed_at,
    task.c.id,
    sqlite_where=text("state = 2"),
    postgresql_where=text("state = 2"),
)

_index_of_open("ix_task_due_at", task.c.due_at, task.c.id)

candidate_pair = Table(
    "candidate_pair",
    metadata,
    Column("id", Number, primary_key=True),
    text_column("role"),
    text_column("unit"),
    UniqueConstraint("role", "unit"),
)

# Open tasks that nobody holds; `due_at` is the task's, so that one index walk gives a page in order, and so
# is `late_after_at`, so that the walk passes over what is late, or not yet, without a look at the task.
task_candidate = Table(
    "task_candidate",
    metadata,
    Column("pair_id", Number, ForeignKey("candidate_pair.id"), primary_key=True, autoincrement=False),
    Column("due_at", BigInteger, primary_key=True, autoincrement=False),
    Column("task_id", BigInteger, ForeignKey("task.id"), primary_key=True, autoincrement=False),
    Column("late_after_at", BigInteger, primary_key=True, autoincrement=False),
)

# Who may never take a task (迴避): what the pages of a pool leave out; the task's row says the same.
task_exclusion = Table(
    "task_exclusion",
    metadata,
    Column("task_id", BigInteger, ForeignKey("task.id"), primary_key=True, autoincrement=False),
    Column("user_id", Text, primary_key=True),
)

timer = Table(
    "timer",
    metadata,
    Column("task_id", BigInteger, primary_key=True, autoincrement=False),
    Column("instance_id", BigInteger, ForeignKey("process_instance.id"), nullable=False),
    text_column("element_id"),
    big_column("due_at"),
    Index("ix_timer_due_at", "due_at", "task_id"),
)

message_subscription = Table(
    "message_subscription",
    metadata,
    Column("task_id", BigInteger, primary_key=True, autoincrement=False),
    Column("instance_id", BigInteger, ForeignKey("process_instance.id"), nullable=False),
    text_column("process_key"),
    text_column("element_id"),
    text_column("name"),
    text_column("correlation"),
    text_column("role", nullable=True),
    text_column("form", nullable=True),
    Index("ix_message_subscription_name_correlation", "name", "correlation"),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("instance_id", Number, ForeignKey("process_instance.id"), primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Number, primary_key=True),
    big_column("instance_id", nullable=True),
    big_column("task_id", nullable=True),
    text_column("actor"),
    text_column("command"),
    text_column("reason"),
    text_column("trace"),
    big_column("raised_at"),
)

# --- documents, letters, files: projections of the refs in events ---------------------------------

document_version = Table(
    "document_version",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, ForeignKey("content.digest"), nullable=False),
    text_column("note"),
    big_column("made_at"),
    text_column("made_by"),
    big_column("task_id", nullable=True),
)

letter = Table(
    "letter",
    metadata,
    Column("id", Number, primary_key=True),
    text_column("plan_key"),
    big_column("stream"),
    text_column("issuer"),
    text_column("prefix"),
    text_column("number"),
    text_column("body"),  # the letter's JSON
    UniqueConstraint("issuer", "prefix", "number"),
    Index("ix_letter_plan_key", "plan_key"),
)

file = Table(
    "file",
    metadata,
    Column("id", Number, primary_key=True),
    Column("digest", LargeBinary, ForeignKey("content.digest"), nullable=False),
    text_column("name"),
    Column("size", Integer, nullable=False),
    text_column("media_type"),
    text_column("uploaded_by"),
    big_column("uploaded_at"),
    UniqueConstraint("digest", "uploaded_by", "name"),
)

# --- the organisation -----------------------------------------------------------------------------

user = Table(
    "user_account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    text_column("name"),
    text_column("title"),
    Column("active", Boolean, nullable=False),
    text_column("email", nullable=True),
)

password = Table(  # apart from the account, so that no read of people carries a hash, and never in history
    "password",
    metadata,
    Column("user_id", Text, ForeignKey("user_account.id"), primary_key=True),
    text_column("hash"),
    big_column("changed_at"),
    Column("must_change", Boolean, nullable=False),
)

former_password = Table(  # of the latest ones only, so that none of them is chosen again
    "former_password",
    metadata,
    Column("user_id", Text, ForeignKey("user_account.id"), primary_key=True),
    Column("replaced_at", BigInteger, primary_key=True, autoincrement=False),
    text_column("hash"),
)

ended_session = Table(  # scratch of the sign-in: a cookie of a session that was signed out is worth nothing
    "ended_session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    big_column("ended_at"),
)

unit = Table(
    "unit",
    metadata,
    Column("id", Text, primary_key=True),
    text_column("label"),
    text_column("kind"),
    text_column("agency"),
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("user_id", Text, ForeignKey("user_account.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("unit", Text, primary_key=True),  # "" for roles that hold in every unit, hence no foreign key
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date, nullable=True),
    Index("ix_membership_role_unit", "role", "unit"),
)

api_token = Table(  # the token itself is shown once and never stored
    "api_token",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_id", Text, ForeignKey("user_account.id"), nullable=False),
    text_column("label"),
    big_column("issued_at"),
    big_column("expires_at", nullable=True),
    big_column("revoked_at", nullable=True),
)

login_failure = Table(  # scratch of the throttle: the refusal itself is an event
    "login_failure",
    metadata,
    Column("id", Number, primary_key=True),
    text_column("user_id"),
    text_column("address"),
    big_column("failed_at"),
    Index("ix_login_failure_user_id", "user_id", "failed_at"),
    Index("ix_login_failure_address", "address", "failed_at"),
)

draft = Table(  # scratch of one person at one task: nothing was done yet, so it is no history
    "draft",
    metadata,
    Column("task_id", BigInteger, ForeignKey("task.id"), primary_key=True, autoincrement=False),
    Column("user_id", Text, ForeignKey("user_account.id"), primary_key=True),
    text_column("values"),
    big_column("saved_at"),
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    text_column("body"),
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    text_column("value"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Number, primary_key=True),
    Column("dedup_key", Text, nullable=False, unique=True),
    text_column("kind"),
    text_column("payload"),
    big_column("made_at"),
    big_column("send_at"),
    Column("attempts", Integer, nullable=False),
    big_column("sent_at", nullable=True),
    text_column("failure", nullable=True),
)
Index(
    "ix_outbox_unsent",
    outbox.c.send_at,
    outbox.c.id,
    sqlite_where=outbox.c.sent_at.is_(None),
    postgresql_where=outbox.c.sent_at.is_(None),
)
