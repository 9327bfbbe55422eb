"""Definitions: deploy diagrams, tables and forms."""

from collections.abc import Iterator

from engine.activities import ACTIVITIES, CHECKS, COMPLETIONS, PREFILLS
from engine.domain.definition import FormDefinition, SourceFile
from engine.domain.permission import Action, require
from engine.errors import DeploymentRefused, LintFinding
from engine.runtime import lint, parse_deployment
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
    findings = lint(files, ACTIVITIES.keys())
    if findings:
        return findings
    return tuple(fault for form in parse_deployment(files).forms.values() for fault in _unknown_hooks(form))


def _unknown_hooks(form: FormDefinition) -> Iterator[LintFinding]:
    """Functions that a form names and that nobody wrote: found here, since only here they are known."""
    for hook, name, known in (
        ("prefill", form.prefill, PREFILLS.keys()),
        ("check", form.check, CHECKS.keys()),
        ("on_complete", form.on_complete, COMPLETIONS.keys()),
    ):
        if name is not None and name not in known:
            yield LintFinding(
                file=f"forms/{form.key}.json",
                element=form.key,
                line=0,
                rule="unknown_hook",
                template="“{hook}” names “{name}”, which does not exist",
                params={"hook": hook, "name": name},
            )
