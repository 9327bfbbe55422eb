"""A parsed deployment: everything that the runtime needs of a set of files, read once and never changed."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.domain.definition import (
    ElementDefinition,
    FormDefinition,
    ProcessDefinition,
    SourceFile,
    deployment_digest,
)
from engine.errors import DeploymentRefused, LintFinding
from engine.runtime.diagram import Diagram
from engine.runtime.lint import read
from engine.runtime.parser import build_specs

THROWING = ("intermediateThrowEvent", "endEvent", "sendTask")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDeployment:
    """Definitions, forms and specs of one deployment; safe to share between threads."""

    digest: bytes
    processes: dict[str, ProcessDefinition]
    forms: dict[str, FormDefinition]
    start_messages: dict[str, str]
    diagrams: dict[str, Diagram]
    specs: dict[str, Any]
    sources: dict[str, SourceFile]

    @property
    def thrown_messages(self) -> frozenset[str]:
        """Names of the messages that processes of this deployment send to one another."""
        elements = (element for diagram in self.diagrams.values() for element in diagram.elements.values())
        return frozenset(e.message for e in elements if e.message is not None and e.kind in THROWING)

    def diagram(self, process_key: str) -> bytes:
        """The BPMN file in which a process is drawn."""
        return self.sources[self.diagrams[process_key].file].body


def parse_deployment(
    files: tuple[SourceFile, ...], version: int = 1, activities: Collection[str] | None = None
) -> ParsedDeployment:
    """Check and parse a set of files; raises DeploymentRefused with every finding of the linter.

    `activities` are the names that service tasks may use; None checks none of them.
    """
    reading = read(files, activities)
    if reading.findings:
        raise DeploymentRefused(reading.findings)
    try:
        specs = build_specs(reading.roots, reading.diagrams, reading.decisions)
    except ValidationException as fault:
        raise DeploymentRefused((_finding(fault),)) from None
    return ParsedDeployment(
        digest=deployment_digest(files),
        processes={key: _process(diagram, version) for key, diagram in reading.diagrams.items()},
        forms=reading.forms,
        start_messages={
            diagram.start.message: key
            for key, diagram in reading.diagrams.items()
            if diagram.start is not None and diagram.start.message is not None
        },
        diagrams=reading.diagrams,
        specs=specs,
        sources={file.name: file for file in files},
    )


@lru_cache(maxsize=32)
def parse_once(files: tuple[SourceFile, ...], version: int) -> ParsedDeployment:
    """`parse_deployment`, once per process for the same files: nobody changes what it gives."""
    return parse_deployment(files, version)


def lint(files: tuple[SourceFile, ...], activities: Collection[str] | None = None) -> tuple[LintFinding, ...]:
    """Every reason why a set of files would be refused, in the order of files and lines."""
    reading = read(files, activities)
    if reading.findings:
        return reading.findings
    try:
        build_specs(reading.roots, reading.diagrams, reading.decisions)
    except ValidationException as fault:
        return (_finding(fault),)
    return ()


def _finding(fault: ValidationException) -> LintFinding:
    return LintFinding(
        file=fault.file_name or "",
        element="",
        line=fault.line_number or 0,
        rule="not_executable",
        template="The diagram cannot be executed: {reason}",
        params={"reason": str(fault.args[0]) if fault.args else ""},
    )


def _process(diagram: Diagram, version: int) -> ProcessDefinition:
    start = diagram.start
    return ProcessDefinition(
        key=diagram.key,
        name=diagram.name,
        file=diagram.file,
        version=version,
        agency=diagram.agency,
        starters=diagram.starters,
        start_form=diagram.start_form,
        start_message=start.message if start is not None else None,
        restricted_to=diagram.restricted_to,
        elements={
            element.id: ElementDefinition(
                id=element.id,
                kind=element.kind,
                name=element.name,
                process_key=element.process_key,
                line=element.line,
                lane=element.lane,
                role=element.role,
                form=element.form,
                activity=element.activity,
                calls=element.calls,
            )
            for element in diagram.elements.values()
        },
    )
