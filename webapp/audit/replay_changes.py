"""What one event changed, as tables that people read: field, before, after."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from engine.activities.signoff import DECISIONS, HANDLER
from engine.domain.form_fields import fields_of
from engine.domain.identity import Unit, User
from engine.plan.differences import Change
from engine.queries.replay_changes import Changes, DocumentChange, PartChange, VariableChange, parts_changed
from webapp.audit.replay_names import Names
from webapp.definition_words import in_language, worded_choices, worded_fields
from webapp.document_keys import key_words
from webapp.document_names import kind_words, note_words
from webapp.forms.differences import compare
from webapp.forms.drawing import Choices

NUMBER = re.compile(r"\d+(\.\d+)*")  # of a strategy, method or action
MOST_ROWS = 40
LONGEST = 400

# What a sign-off offers by the moment; a form names such choices by these words.
CHOICES = {"decisions": list(DECISIONS.items()), "return_targets": [(HANDLER, "承辦人")]}
UNIT_CHOICES = ("units", "assigned_units")
PEOPLE_CHOICES = ("people", "reviewers")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One field; an empty text is a value that is not there. `code` is the name that the diagram knows."""

    label: str
    code: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTable:
    """The first rows of all that changed in one thing; `more` were left out."""

    title: str
    beside: str
    digest: str
    rows: tuple[ChangeRow, ...]
    more: int
    is_new: bool = False


def variable_table(changes: Changes, names: Names, choices: Choices) -> ChangeTable:
    """The variables that changed, field by field where a form names their parts."""
    rows = [row for change in changes.variables for row in _variable(change, names, choices)]
    return _table("", rows)


def choices_of(people: Mapping[str, User], units: Mapping[str, Unit]) -> Choices:
    """Words for what forms let people choose from the organisation, and for what a sign-off offers."""
    of_units = [(unit.id, unit.label) for unit in units.values()]
    of_people = [(user.id, f"{user.name} {user.title}".strip()) for user in people.values()]
    return (
        worded_choices(CHOICES)
        | dict.fromkeys(UNIT_CHOICES, of_units)
        | dict.fromkeys(PEOPLE_CHOICES, of_people)
    )


def entered_table(changes: Changes, choices: Choices) -> ChangeTable | None:
    """What the person put into the form; nothing for what no person filled in."""
    entered = changes.entered
    if entered is None or entered.form is None:
        return None
    found, _ = compare(
        worded_fields(entered.form), entered.before, entered.after, choices=choices, yes_no=_yes_no()
    )
    rows = [ChangeRow(label=d.label, code="", before="", after=_short(d.after)) for d in found if d.after]
    title = in_language(entered.label)
    return ChangeTable(title=title, beside="", digest="", rows=tuple(rows), more=0)


def document_tables(changes: Changes, names: Names, units: Mapping[str, Unit]) -> list[ChangeTable]:
    """The documents that were written, each against the version before it."""
    return [_document(change, names, units) for change in changes.documents]


def _document(change: DocumentChange, names: Names, units: Mapping[str, Unit]) -> ChangeTable:
    rows = [_of_plan(each, names) for each in change.plan] + [_part(part, names) for part in change.parts]
    words = (kind_words(change.kind), key_words(change.key, units))
    version = gettext("Version %(no)d", no=change.no)
    note = note_words(change.note, units) if change.kind == "plan" else ""
    return _table(
        " ".join(filter(None, words)), rows, beside="，".join(filter(None, (version, note))),
        digest=change.digest, is_new=change.is_new,
    )  # fmt: skip


def _of_plan(change: Change, names: Names) -> ChangeRow:
    """A field of a plan. A target is called by its indicator: the number of its action is put before it."""
    found = NUMBER.match(change.path)
    number = found[0] if found else ""
    return ChangeRow(
        label=change.label if change.label.startswith(number) else f"{number} {change.label}",
        code="",
        before=_short(names.value(change.before)),
        after=_short(names.value(change.after)),
    )


def _table(
    title: str, rows: Sequence[ChangeRow], *, beside: str = "", digest: str = "", is_new: bool = False
) -> ChangeTable:
    shown = tuple(rows[:MOST_ROWS])
    return ChangeTable(
        title=title, beside=beside, digest=digest, rows=shown, more=len(rows) - len(shown), is_new=is_new
    )


def _variable(change: VariableChange, names: Names, choices: Choices) -> Iterator[ChangeRow]:
    label = in_language(change.label)
    if change.form is None:
        for part in parts_changed(change.before, change.after):
            yield _part(part, names, label or names.part(change.name), change.name)
        return
    before, after = _as_values(change.before), _as_values(change.after)
    known = {field.name for field in fields_of(change.form)}
    found, _ = compare(worded_fields(change.form), before, after, choices=choices, yes_no=_yes_no())
    for each in found:
        yield ChangeRow(
            label=f"{label}・{each.label}", code="", before=_short(each.before), after=_short(each.after)
        )
    rest_before = {name: value for name, value in before.items() if name not in known}
    rest_after = {name: value for name, value in after.items() if name not in known}
    for part in parts_changed(rest_before, rest_after):
        yield _part(part, names, label, change.name)


def _as_values(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _part(part: PartChange, names: Names, label: str = "", name: str = "") -> ChangeRow:
    words = [label, *(names.part(key) for key in part.keys)]
    code = ".".join(filter(None, (name, *part.keys)))
    return ChangeRow(
        label="・".join(filter(None, words)),
        code=code if name else "",
        before=_short(names.value(part.before)),
        after=_short(names.value(part.after)),
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _yes_no() -> tuple[str, str]:
    return gettext("Yes"), gettext("No")
