"""The linter: reads files and refuses, naming element and line, what would run wrongly or not at all."""

from collections.abc import Collection
from dataclasses import dataclass, field

from lxml import etree

from engine.domain.definition import FormDefinition, SourceFile
from engine.errors import LintFinding
from engine.runtime.decision import DecisionTable, TableFault, read_decision
from engine.runtime.diagram import Diagram, read_diagrams
from engine.runtime.form import read_form
from engine.runtime.source import Unreadable, read_xml


@dataclass(slots=True, kw_only=True)
class Reading:
    """What was read of a set of files, and what is wrong with it."""

    roots: dict[str, etree._Element] = field(default_factory=dict)
    diagrams: dict[str, Diagram] = field(default_factory=dict)
    decisions: dict[str, DecisionTable] = field(default_factory=dict)
    forms: dict[str, FormDefinition] = field(default_factory=dict)
    found: list[LintFinding] = field(default_factory=list)

    @property
    def findings(self) -> tuple[LintFinding, ...]:
        return tuple(sorted(self.found, key=lambda f: (f.file, f.line, f.element, f.rule)))


def read(files: tuple[SourceFile, ...], activities: Collection[str] | None = None) -> Reading:
    """Read and check all files; nothing is raised, everything is a finding."""
    reading = Reading()
    for file in files:
        try:
            _read_file(file, reading)
        except Unreadable as refusal:
            reading.found.append(refusal.finding)
    return reading


def _read_file(file: SourceFile, reading: Reading) -> None:
    if file.name.endswith(".bpmn"):
        root = read_xml(file)
        reading.roots[file.name] = root
        for diagram in read_diagrams(root, file.name):
            reading.diagrams[diagram.key] = diagram
    elif file.name.endswith(".dmn"):
        _read_table(file, reading)
    elif file.name.endswith(".json"):
        form, findings = read_form(file)
        reading.found.extend(findings)
        if form is not None:
            reading.forms[form.key] = form


def _read_table(file: SourceFile, reading: Reading) -> None:
    try:
        table = read_decision(read_xml(file), file.name)
    except TableFault as fault:
        reading.found.append(
            LintFinding(
                file=file.name,
                element="",
                line=fault.line,
                rule="invalid_table",
                template="The decision table cannot be used: {reason}",
                params={"reason": str(fault)},
            )
        )
        return
    reading.decisions[table.id] = table
