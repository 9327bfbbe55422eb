"""What the linter reads of a set of files, and how it tells what is wrong."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from engine.domain.definition import FormDefinition
from engine.errors import LintFinding
from engine.runtime.decision import DecisionTable
from engine.runtime.diagram import Diagram, Element, Flow


@dataclass(slots=True, kw_only=True)
class Reading:
    """What was read of a set of files, and what is wrong with it."""

    activities: Collection[str] | None = None
    roots: dict[str, etree._Element] = field(default_factory=dict)
    diagrams: dict[str, Diagram] = field(default_factory=dict)
    decisions: dict[str, DecisionTable] = field(default_factory=dict)
    forms: dict[str, FormDefinition] = field(default_factory=dict)
    found: list[LintFinding] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)  # names of files that could not be read, with what they hold

    @property
    def findings(self) -> tuple[LintFinding, ...]:
        """Each finding once, in the order of files and lines; files that cannot be read at all come first."""
        unique = {
            (not self._is_lost(f.file), f.file, f.line, f.element, f.rule, str(f)): f for f in self.found
        }
        return tuple(unique[key] for key in sorted(unique))

    def lose(self, file_name: str) -> None:
        """Note that a file cannot be read: that what it holds is missing is no fault of others."""
        self.lost.add(PurePosixPath(file_name).stem)

    def _is_lost(self, file_name: str) -> bool:
        return PurePosixPath(file_name).stem in self.lost

    def calls(self, process_key: str) -> set[str]:
        """The processes that a process calls, directly or through others."""
        called: set[str] = set()
        pending = [process_key]
        while pending:
            diagram = self.diagrams.get(pending.pop())
            for element in diagram.elements.values() if diagram is not None else ():
                if element.calls is not None and element.calls not in called:
                    called.add(element.calls)
                    pending.append(element.calls)
        return called


def finding(
    diagram: Diagram, place: Element | Flow | None, rule: str, template: str, **params: Any
) -> LintFinding:
    """A finding at an element or flow, or at the process itself."""
    return LintFinding(
        file=diagram.file,
        element=place.id if place is not None else diagram.key,
        line=place.line if place is not None else diagram.line,
        rule=rule,
        template=template,
        params=params,
    )
