"""Refusals of the engine as plain sentences: no trace, every fault on its own line, exit code 1."""

from typing import Any

import click

from engine.errors import DeploymentRefused, EngineError, Invalid


class PlainErrors(click.Group):
    """A group whose commands may let errors of the engine pass."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EngineError as error:
            raise click.ClickException("\n".join(sentences(error))) from error


def sentences(error: EngineError) -> list[str]:
    """The message, then one line per faulty field or element."""
    if isinstance(error, DeploymentRefused):
        return [str(error), *(finding_line(finding) for finding in error.findings)]
    if isinstance(error, Invalid):
        return [str(error), *(f"  {fault.label or fault.path}: {fault}" for fault in error.errors)]
    return [str(error)]


def finding_line(finding: Any) -> str:
    """A finding as editors understand it: file, line, element, rule, advice."""
    return f"{finding.file}:{finding.line}: {finding.element}: {finding} [{finding.rule}]"
