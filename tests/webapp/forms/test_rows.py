"""Rows are added, copied, moved and removed by submit buttons."""

from typing import Any

import pytest

from engine.domain.form_fields import fields_of
from tests.engine.forms.sample import sample_form
from webapp.forms import edit_rows

FIELDS = fields_of(sample_form())


def values() -> dict[str, Any]:
    return {
        "actions": [{"code": "1", "summary": "甲"}, {"code": "2", "summary": "乙"}],
        "checks": [{"item": "壹"}],
        "attachment": [{"name": "a.pdf"}],
    }


@pytest.mark.parametrize(
    ("operation", "summaries", "opened"),
    [
        ("add:actions", ["甲", "乙", None], "actions/2"),
        ("copy:actions:0", ["甲", "甲", "乙"], "actions/1"),
        ("remove:actions:0", ["乙"], "actions"),
        ("up:actions:1", ["乙", "甲"], "actions/0"),
        ("down:actions:0", ["乙", "甲"], "actions/1"),
        ("up:actions:0", ["甲", "乙"], "actions/0"),
        ("down:actions:1", ["甲", "乙"], "actions/1"),
        ("remove:actions:9", ["甲", "乙"], ""),
        ("remove:actions:x", ["甲", "乙"], ""),
        ("swap:actions:0", ["甲", "乙"], ""),
        ("add:nothing", ["甲", "乙"], ""),
        ("add:checks", ["甲", "乙"], ""),
    ],
)
def test_an_operation_changes_rows(operation: str, summaries: list[str | None], opened: str) -> None:
    changed, row = edit_rows(FIELDS, values(), operation)
    assert ([r.get("summary") for r in changed["actions"]], row) == (summaries, opened)


def test_a_copied_row_does_not_take_the_number_of_the_old_one() -> None:
    changed, _ = edit_rows(FIELDS, values(), "copy:actions:0")
    assert changed["actions"][1] == {"summary": "甲"}


def test_rows_of_a_fixed_table_stay() -> None:
    changed, _ = edit_rows(FIELDS, values(), "remove:checks:0")
    assert changed["checks"] == [{"item": "壹"}]


def test_a_file_is_taken_off_the_list() -> None:
    changed, opened = edit_rows(FIELDS, values(), "remove:attachment:0")
    assert (changed["attachment"], opened) == ([], "attachment")


def test_the_values_given_are_not_touched() -> None:
    before = values()
    edit_rows(FIELDS, before, "remove:actions:0")
    assert before == values()


def test_a_first_row_is_added_to_an_absent_table() -> None:
    changed, opened = edit_rows(FIELDS, {}, "add:actions")
    assert (changed, opened) == ({"actions": [{}]}, "actions/0")
