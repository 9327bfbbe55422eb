"""Bringing a database to the newest schema, with Alembic and on a connection that is handed in."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.store.migrations.search_programs import INDEXES as KEPT_BY_PROGRAMS
from engine.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: sa.Connection) -> None:
    """Run every script that the database has not seen, in the transaction of the connection."""
    connection.execute(sa.select(1))  # a begun transaction is one that Alembic does not end
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def version(connection: sa.Connection) -> str | None:
    """The version of the schema, if there is one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_version() -> str | None:
    """The version that `upgrade` leads to."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences(connection: sa.Connection) -> list[object]:
    """Where the database differs from the tables of this program; empty when it is up to date."""
    opts = {"compare_type": True, "include_object": _is_of_tables}
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, metadata))


def _is_of_tables(_object: object, name: str | None, *_rest: object) -> bool:
    return name not in KEPT_BY_PROGRAMS


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
