"""Process definitions: lint and deploy sets of files."""

from pathlib import Path

import click

from engine.commands import definitions
from engine.domain.definition import SourceFile
from engine.domain.identity import SYSTEM
from webapp.cli.plain_errors import finding_line
from webapp.opening import opened

KINDS = (".bpmn", ".dmn", ".json")
FORMS = "forms"
PATHS = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH..."
)


@click.command()
@PATHS
def lint(paths: tuple[Path, ...]) -> None:
    """Check BPMN, DMN and form files and folders.

    The exit code is 1 when there is a fault.
    """
    files = read_files(paths)
    findings = definitions.faults_of(files)
    for finding in findings:
        click.echo(finding_line(finding))
    if findings:
        raise click.ClickException(f"{len(findings)} faults in {len(files)} files.")
    click.echo(f"{len(files)} files, no faults.")


@click.command()
@PATHS
def deploy(paths: tuple[Path, ...]) -> None:
    """Deploy files and folders as one set.

    Running instances stay on the set on which they started.
    """
    files = read_files(paths)
    with opened() as engine:
        number = engine.execute(SYSTEM, definitions.deploy, files)
    click.echo(f"Deployment {number}: {len(files)} files.")


def read_files(paths: tuple[Path, ...]) -> tuple[SourceFile, ...]:
    """The files of a deployment by their names in it: forms lie in `forms/`, everything else at the top."""
    found: dict[str, Path] = {}
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix in KINDS:
                name = f"{FORMS}/{file.name}" if file.suffix == ".json" else file.name
                if name in found:
                    raise click.UsageError(f"{found[name]} and {file} have the same name in a deployment.")
                found[name] = file
    if not found:
        raise click.UsageError("There is no .bpmn, .dmn or .json file.")
    return tuple(SourceFile(name=name, body=file.read_bytes()) for name, file in sorted(found.items()))
