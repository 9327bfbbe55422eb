"""The texts of diagrams, forms and roles in the language of the page.

Definitions are written in Chinese, and Chinese is what history keeps. An English page looks each text up in
the catalogue `definitions`, whose msgids are the Chinese texts; what it does not know (names, titles, words
that people wrote) stays as it is.
"""

from collections.abc import Mapping
from dataclasses import replace

from flask_babel import Domain, get_locale

from engine.domain.definition import FormDefinition
from engine.domain.form_fields import Field, field_at, fields_of, label_of
from engine.errors import FieldError

_MOST_FORMS = 512
_texts = Domain(domain="definitions")
_fields: dict[tuple[str, str, str], tuple[Field, ...]] = {}


def in_language(text: str) -> str:
    """A text of a definition in the language of the page; one that is not in the catalogue stays as it is."""
    return str(_texts.gettext(text)) if text else text


def worded_fields(form: FormDefinition) -> tuple[Field, ...]:
    """The fields of a form with titles, help and choices in the language of the page."""
    key = (str(get_locale()), form.key, form.digest)
    if key not in _fields:
        if len(_fields) >= _MOST_FORMS:
            _fields.clear()
        _fields[key] = tuple(_worded(field) for field in fields_of(form))
    return _fields[key]


def worded_choices(choices: Mapping[str, list[tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    """The choices that an activity offers, with their labels in the language of the page."""
    return {
        name: [(value, in_language(label)) for value, label in offered] for name, offered in choices.items()
    }


def fault_label(form: FormDefinition | None, fault: FieldError) -> str:
    """What the field of a fault is called on the page; a fault beside the fields keeps its own label."""
    if form is None or field_at(fields_of(form), fault.path) is None:
        return in_language(fault.label)
    return label_of(worded_fields(form), fault.path)


def _worded(field: Field) -> Field:
    """Phrases stay Chinese: they are what the person puts into the file."""
    return replace(
        field,
        title=in_language(field.title),
        help=in_language(field.help),
        choices=tuple((value, in_language(label)) for value, label in field.choices),
        table=replace(
            field.table, add_label=in_language(field.table.add_label), noun=in_language(field.table.noun)
        ),
        children=tuple(_worded(child) for child in field.children),
    )
