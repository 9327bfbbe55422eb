"""Every fault of an entry is told on its field, in words that say what to enter."""

from typing import Any

import pytest

from engine.forms import compile_schema, validate_values
from tests.engine.forms.sample import sample_form, valid_row, valid_values

FORM = sample_form()
REQUIRED = "This entry is required"
NUMBER = "Enter a number, such as 120 or 98.5"
CHOOSE = "Choose one of the options"
FOREIGN = "This field does not belong to the form"
MOMENT = "Enter a date and time, such as 114/1/24 10:30"


def told(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(error.path, str(error)) for error in validate_values(FORM, values)]


def test_values_without_fault_have_no_errors() -> None:
    assert told(valid_values()) == []


@pytest.mark.parametrize(
    ("entries", "path", "words"),
    [
        ({"doc_no": ""}, "doc_no", "Write it like this: 10 或 11 位數字"),
        ({"doc_no": "1149000"}, "doc_no", "Write it like this: 10 或 11 位數字"),
        ({"doc_no": None}, "doc_no", REQUIRED),
        ({"doc_no": 7}, "doc_no", "This entry has the wrong form"),
        ({"applicable": "yes"}, "applicable", "Choose yes or no"),
        ({"decision": "sign"}, "decision", "Choose one of the options"),
        ({"na_reason": "太短"}, "na_reason", "Use at least 10 characters (now 2)"),
        ({"na_reason": "長" * 501}, "na_reason", "Use at most 500 characters (now 501)"),
        ({"doc_date": "114/13/1"}, "doc_date", "Enter a date, such as 114/1/24"),
        ({"doc_date": "2025-02-30"}, "doc_date", "Enter a date, such as 114/1/24"),
        ({"published_at": "2025-01-24T10:30:00"}, "published_at", MOMENT),
        ({"url": "javascript:alert(1)"}, "url", "Enter a web address that begins with https://"),
        ({"url": "https://[half"}, "url", "Enter a web address that begins with https://"),
        ({"score": "many"}, "score", "Enter a whole number"),
        ({"score": -1}, "score", "Enter a number of at least 0"),
        ({"score": 26}, "score", "Enter a number of at most 25"),
        ({"weight": "x"}, "weight", NUMBER),
        ({"owner": "../etc"}, "owner", "Choose a person"),
        ({"units": ["a", "a"]}, "units", "Each entry may appear only once"),
        ({"tags": ["a", "b", "c", "d"]}, "tags", "Choose at most 3"),
        ({"actions": []}, "actions", "Add at least 1 row(s)"),
        ({"actions": [{**valid_row(), "value": "0"}]}, "actions/0/value", "Enter a number greater than 0"),
        ({"actions": [{**valid_row(), "value": "abc"}]}, "actions/0/value", NUMBER),
        ({"actions": [{**valid_row(), "value": "1" * 31}]}, "actions/0/value", NUMBER),
        ({"actions": [{**valid_row(), "evidence": ["x"]}]}, "actions/0/evidence/0", CHOOSE),
        ({"approved_by": "me"}, "approved_by", "This field does not belong to the form"),
        ({"actions": [{**valid_row(), "due": "x"}]}, "actions/0/due", FOREIGN),
    ],
)  # fmt: skip
def test_one_fault_is_told_on_its_field(entries: dict[str, Any], path: str, words: str) -> None:
    assert told({**valid_values(), **entries}) == [(path, words)]


def test_missing_entries_are_told_in_the_order_of_the_form() -> None:
    assert told({}) == [("applicable", REQUIRED), ("decision", REQUIRED), ("doc_no", REQUIRED)]


def test_a_conditional_entry_is_told_on_its_own_field() -> None:
    values = {**valid_values(), "applicable": False}
    assert told(values) == [("na_reason", REQUIRED)]


def test_a_condition_within_a_row_is_told_in_that_row() -> None:
    row = {"summary": "砝碼校正", "target_kind": "quantified", "value": "1"}
    assert told({**valid_values(), "actions": [valid_row(), row]}) == [("actions/1/counting_rule", REQUIRED)]


def test_a_fault_carries_the_words_by_which_people_find_its_field() -> None:
    values = {**valid_values(), "actions": [valid_row(), {**valid_row(), "value": "0"}]}
    assert [error.label for error in validate_values(FORM, values)] == ["作法 2・目標值"]


def test_files_of_another_kind_are_refused() -> None:
    file = {"digest": "0" * 64, "name": "a.svg", "size": 1, "media_type": "image/svg+xml"}
    assert told({**valid_values(), "attachment": [file]}) == [
        ("attachment", "Attach files of these kinds only: pdf, odt")
    ]


def test_the_reserved_key_is_refused_at_any_depth() -> None:
    values = {**valid_values(), "letter": {"typename": "x"}}
    assert told(values) == [("letter/typename", "This field name is reserved")]


def test_entries_beyond_two_megabytes_are_refused() -> None:
    assert told({"na_reason": "長" * 800_000}) == [("", "The entries are larger than 2 MB")]


def test_a_pattern_takes_linear_time() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "string", "title": "x", "pattern": "^(a+)+$"}}}
    form = sample_form(schema, {})
    assert [e.path for e in validate_values(form, {"x": "a" * 200_000 + "b"})] == ["x"]


def test_a_pattern_that_needs_backtracking_is_refused() -> None:
    with pytest.raises(ValueError, match="regex"):
        compile_schema({"type": "object", "properties": {"x": {"type": "string", "pattern": "^(?!a)b"}}})
