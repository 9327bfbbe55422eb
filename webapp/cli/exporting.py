"""Taking histories away."""

from pathlib import Path

import click
from flask import Flask

from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.queries.exports import ExportScope
from webapp.app import create_app
from webapp.exporting import KINDS, export_instance, export_many
from webapp.opening import opened
from webapp.settings import WebSettings


def words_of(engine: Engine) -> Flask:
    """The words and templates of the pages, from which the pages of a dossier are made."""
    return create_app(engine, WebSettings(secret_key=""))


@click.command()
@click.argument("instance", type=int, required=False)
@click.option("--definition", metavar="KEY", help="Every process of this definition.")
@click.option("--plan", metavar="KEY", help="Every process of this plan, such as bsmi_khh:114.")
@click.option(
    "--year", type=click.IntRange(1, 999), help="Every process begun in this year of the ROC calendar."
)
@click.option("--format", "format_", type=click.Choice(sorted(KINDS)), default="json", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE"
)
def export(
    instance: int | None,
    definition: str | None,
    plan: str | None,
    year: int | None,
    format_: str,
    output: Path,
) -> None:
    """Write the history of INSTANCE, or of all that the options name together, into FILE.

    Prints the SHA-256 of the file, which is recorded as well. A dossier holds one instance and what it set
    going.
    """
    scope = ExportScope(definition_key=definition, plan_key=plan, roc_year=year)
    if (instance is None) == scope.is_empty:
        raise click.UsageError("Give an INSTANCE, or say which ones by --definition, --plan and --year.")
    if not output.parent.is_dir():
        raise click.BadParameter(f"There is no folder {output.parent}.", param_hint="-o")
    with opened() as engine:
        made = (
            export_many(engine, SYSTEM, scope, format_)
            if instance is None
            else export_instance(words_of(engine), engine, SYSTEM, instance, format_)
        )
        with output.open("wb") as file:
            file.writelines(made.parts())
    click.echo(f"Wrote {output}.")
    click.echo(f"SHA-256 {made.file.digest}")
