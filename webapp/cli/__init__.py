"""The command line: one module per noun; the exit code is 0 only when all is well."""

import click

from webapp.cli import (
    accounts,
    auditing,
    definitions,
    demonstration,
    exporting,
    proving,
    running,
    storage,
)
from webapp.cli.plain_errors import PlainErrors


@click.group(
    cls=PlainErrors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="planflow")
def main() -> None:
    """planflow runs the yearly life of an agency's service-improvement plan.

    Settings come from environment variables PLANFLOW_*; the database is PLANFLOW_DATABASE_URL.
    """


for command in (
    demonstration.demo,
    running.serve,
    running.worker,
    running.timers,
    storage.db,
    storage.backup,
    storage.restore,
    definitions.deploy,
    definitions.lint,
    accounts.user,
    accounts.token,
    proving.verify,
    proving.anchor,
    auditing.replay,
    exporting.export,
):
    main.add_command(command)
