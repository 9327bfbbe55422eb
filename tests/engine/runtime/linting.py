"""Drawings for the linter, and what it finds in them."""

from engine.domain.definition import SourceFile
from engine.runtime import lint
from tests.engine.runtime.drawing import end, flow, form, process, start, user

MESSAGES = '<bpmn:message id="m" name="reply"/><bpmn:message id="n" name="other"/>'
LINE = flow("begin > work > done")
WORK = start() + user("work") + end()


def rules(*files: SourceFile, activities: list[str] | None = None) -> list[tuple[str, str]]:
    """(rule, element) of every finding."""
    return [(finding.rule, finding.element) for finding in lint((form(), *files), activities)]


def drawn(body: str, **options: str) -> list[tuple[str, str]]:
    """The findings in one process with this body."""
    return rules(process("p", body, before=MESSAGES, **options))


def around(element: str, identifier: str = "x") -> str:
    """An element between start and end."""
    return start() + element + end() + flow(f"begin > {identifier} > done")
