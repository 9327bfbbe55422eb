"""The linter: reads files and refuses, naming element and line, what would run wrongly or not at all."""

import re
from collections import Counter
from collections.abc import Collection, Iterator

from engine.domain.definition import SourceFile
from engine.errors import LintFinding
from engine.runtime.decision import TableFault, read_decision
from engine.runtime.diagram import read_diagrams
from engine.runtime.form import read_form
from engine.runtime.lint_decision import decision_rules, decision_twice
from engine.runtime.lint_drawing import drawing_rules
from engine.runtime.lint_flow import flow_rules
from engine.runtime.lint_meaning import meaning_rules
from engine.runtime.lint_tokens import token_rules
from engine.runtime.reading import Reading, finding
from engine.runtime.source import Unreadable, read_xml, unreadable

LONGEST_NAME = 200
FILE_NAME = re.compile(r"(?!\.)[^\x00-\x1f/\\:]+(/(?!\.)[^\x00-\x1f/\\:]+)*")


def read(files: tuple[SourceFile, ...], activities: Collection[str] | None = None) -> Reading:
    """Read and check all files; nothing is raised, everything is a finding."""
    reading = Reading(activities=activities)
    reading.found.extend(_name_rules(files))
    for file in files:
        try:
            _read_file(file, reading)
        except Unreadable as refusal:
            reading.found.append(refusal.finding)
            reading.lose(file.name)
    for diagram in reading.diagrams.values():
        of_flows = list(flow_rules(reading, diagram))
        reading.found.extend(of_flows or token_rules(diagram))
        reading.found.extend(meaning_rules(reading, diagram))
    reading.found.extend(_deployment_rules(reading))
    return reading


def _name_rules(files: tuple[SourceFile, ...]) -> Iterator[LintFinding]:
    """A file is found again by its name: a short relative path, and no other file has it."""
    for name, times in Counter(file.name for file in files).items():
        if times > 1:
            yield _of_name(name, "name_twice", "Another file of the deployment has the same name")
        if len(name) > LONGEST_NAME or not FILE_NAME.fullmatch(name):
            yield _of_name(name, "bad_name", "Name the file by a path inside the deployment")


def _of_name(name: str, rule: str, template: str) -> LintFinding:
    return LintFinding(file=name[:LONGEST_NAME], element="", line=0, rule=rule, template=template)


def _read_file(file: SourceFile, reading: Reading) -> None:
    if file.name.endswith(".bpmn"):
        root = read_xml(file)
        findings = list(drawing_rules(file.name, root))
        reading.found.extend(findings)
        if any(f.rule in ("not_bpmn", "schema") for f in findings):
            reading.lose(file.name)
            return
        reading.roots[file.name] = root
        for diagram in read_diagrams(root, file.name):
            if diagram.key in reading.diagrams:
                reading.found.append(
                    finding(
                        diagram,
                        None,
                        "process_twice",
                        "Another file holds a process “{key}”",
                        key=diagram.key,
                    )
                )
            reading.diagrams[diagram.key] = diagram
    elif file.name.endswith(".dmn"):
        _read_table(file, reading)
    elif file.name.endswith(".json"):
        form, findings = read_form(file)
        reading.found.extend(findings)
        if form is None:
            reading.lose(file.name)
        else:
            reading.forms[form.key] = form
    else:
        raise unreadable(
            file, "unknown_file", "Remove the file: only .bpmn, .dmn and form files are deployed"
        )


def _read_table(file: SourceFile, reading: Reading) -> None:
    try:
        table = read_decision(read_xml(file), file.name)
    except TableFault as fault:
        reading.found.append(
            LintFinding(
                file=file.name,
                element=fault.element,
                line=fault.line,
                rule="invalid_table",
                template="The decision table cannot be used: {reason}",
                params={"reason": str(fault)},
            )
        )
        reading.lose(file.name)
        return
    if table.id in reading.decisions:
        reading.found.append(decision_twice(table))
    reading.decisions[table.id] = table
    reading.found.extend(decision_rules(table))


def _deployment_rules(reading: Reading) -> Iterator[LintFinding]:
    """What must be unique over all files."""
    diagrams = reading.diagrams.values()
    starts = Counter(d.start.message for d in diagrams if d.start is not None and d.start.message)
    scopes = Counter(
        [*reading.diagrams, *(e.id for d in diagrams for e in d.elements.values() if e.kind == "subProcess")]
    )
    for diagram in diagrams:
        if diagram.start is not None and starts[diagram.start.message or ""] > 1:
            yield finding(
                diagram,
                diagram.start,
                "same_start_message",
                "Another process starts with the message “{name}”",
                name=diagram.start.message,
            )
        for element in diagram.elements.values():
            if element.kind == "subProcess" and scopes[element.id] > 1:
                yield finding(
                    diagram,
                    element,
                    "scope_twice",
                    "Another process or sub-process of the deployment is named “{name}”; choose another id",
                    name=element.id,
                )
