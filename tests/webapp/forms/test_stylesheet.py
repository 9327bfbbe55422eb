"""Conditions of fields as style rules."""

from engine.domain.form_fields import fields_of
from tests.engine.forms.sample import sample_form
from webapp.forms import conditions_css


def test_each_condition_is_one_rule() -> None:
    assert conditions_css(fields_of(sample_form())).splitlines() == [
        '[data-scope=""]:not(:has([data-field="applicable"] [value="false"]:checked)) '
        '[data-field="na_reason"] { display: none; }',
        '[data-scope="actions"]:not(:has([data-field="actions.target_kind"] [value="quantified"]:checked)) '
        '[data-field="actions.value"] { display: none; }',
    ]


def test_a_value_that_could_end_the_rule_makes_none() -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "title": "a", "enum": ['"]{}*{display:none}']},
            "b": {"type": "string", "title": "b"},
        },
    }
    form = sample_form(schema, {"show_if": {"b": {"a": '"]{}*{display:none}'}}})
    assert conditions_css(fields_of(form)) == ""
