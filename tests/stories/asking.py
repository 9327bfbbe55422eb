"""Asking the standing questions of an audit on a stage, and reading the answers as plain texts."""

from datetime import date, datetime

from engine.clock import TAIPEI
from engine.domain.identity import SYSTEM
from engine.queries.questions.answer import Cell, Row, Term, Value, Words
from engine.queries.questions.registry import Asked, ask_question
from engine.queries.questions.scope import Scope
from tests.stories.stage import Stage


def ask(stage: Stage, slug: str, **scope: int) -> Asked:
    """The answer to a question, over everything unless a scope is named."""
    return stage.engine.ask(SYSTEM, ask_question, slug, Scope(**scope))


def rows(asked: Asked, *columns: str) -> list[tuple[str, ...]]:
    """The rows with the columns of these names, as texts."""
    keys = [column.key for column in asked.question.columns]
    chosen = [keys.index(name) for name in columns]
    return [tuple(cell_text(row.cells[index]) for index in chosen) for row in asked.answer.rows]


def table(stage: Stage, slug: str, *columns: str, **scope: int) -> list[dict[str, str]]:
    """The rows of an answer with some of its columns by name and, as `why`, what makes a row stand out."""
    asked = ask(stage, slug, **scope)
    reasons = [" / ".join(text(words) for words in row.why) for row in asked.answer.rows]
    return [
        {**dict(zip(columns, row, strict=True)), "why": why}
        for row, why in zip(rows(asked, *columns), reasons, strict=True)
    ]


def findings(asked: Asked) -> list[tuple[str, ...]]:
    """The mark and the reasons of every row that stands out."""
    return [(str(row.mark), *(text(words) for words in row.why)) for row in asked.answer.findings]


def summary(asked: Asked) -> list[str]:
    """The sentences that sum the answer up."""
    return [text(words) for words in asked.answer.summary]


def events(stage: Stage, asked: Asked) -> list[str]:
    """The types of the events that the rows lead to."""
    return [_event(stage, row) for row in asked.answer.rows]


def _event(stage: Stage, row: Row) -> str:
    place = row.place
    if place is None:
        return ""
    found = stage.engine.ask(SYSTEM, lambda reader: reader.history.find(place.instance_id, place.seq or 0))
    return str(found.type) if found else ""


def cell_text(cell: Cell) -> str:
    """The lines of a cell."""
    return " / ".join(text(part.value) for part in cell)


def text(value: Value) -> str:
    """A value in English, moments in the time of Taipei."""
    match value:
        case Words():
            return value.template.format(**{name: text(each) for name, each in value.params.items()})
        case Term():
            return value.text
        case datetime():
            return value.astimezone(TAIPEI).isoformat(sep=" ", timespec="minutes")[:16]
        case date():
            return value.isoformat()
        case None:
            return ""
        case _:
            return str(value)
