"""Definitions: deploy diagrams, tables and forms."""

from engine.activities import ACTIVITIES
from engine.domain.definition import SourceFile
from engine.domain.permission import Action, require
from engine.errors import DeploymentRefused, LintFinding
from engine.runtime import lint
from engine.store.unit_of_work import UnitOfWork


def deploy(uow: UnitOfWork, files: tuple[SourceFile, ...]) -> int:
    """Deploy a set of files as one version; gives the deployment's id. Running instances stay on theirs.

    Refused with every fault that the linter finds. The same set of files deployed again changes nothing.
    """
    require(uow.actor, Action.DEPLOY)
    findings = faults_of(files)
    if findings:
        raise DeploymentRefused(findings)
    return uow.definitions.deploy(files)


def faults_of(files: tuple[SourceFile, ...]) -> tuple[LintFinding, ...]:
    """Every fault for which these files would be refused."""
    return lint(files, ACTIVITIES.keys())
