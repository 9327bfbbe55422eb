"""The words for what was chosen in a form that was sent: its choices are not computed again."""

from collections.abc import Iterator
from typing import Any

from engine.activities.signoff import DECISIONS, HANDLER
from engine.domain.definition import FormDefinition
from engine.domain.form_fields import Field, fields_of
from engine.domain.task import Task
from engine.store.unit_of_work import Reader

Choices = dict[str, list[tuple[Any, str]]]
OF_UNITS = frozenset({"units", "assigned_units"})
OF_PEOPLE = frozenset({"people", "reviewers"})


def closed_choices(reader: Reader, task: Task, form: FormDefinition) -> Choices:
    """Decisions, levels, units and people by their names, as far as the form offers them to choose from."""
    found: Choices = {}
    for name in {name for field in fields_of(form) for name in _names(field)}:
        if name == "decisions":
            found[name] = list(DECISIONS.items())
        elif name == "return_targets":
            found[name] = _levels(task)
        elif name in OF_UNITS:
            found[name] = [(unit.id, unit.label) for unit in reader.organisation.units()]
        elif name in OF_PEOPLE:
            users = reader.organisation.users()
            found[name] = [(user.id, f"{user.name} {user.title}".strip()) for user in users]
    return found


def _names(field: Field) -> Iterator[str]:
    if field.choices_name:
        yield field.choices_name
    for child in field.children:
        yield from _names(child)


def _levels(task: Task) -> list[tuple[Any, str]]:
    levels = (task.inputs.get("open_round") or {}).get("levels", ())
    return [(HANDLER, "承辦人"), *((no, str(level["label"])) for no, level in enumerate(levels))]
