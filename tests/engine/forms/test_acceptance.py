"""A completion takes what was shown and open to change, and nothing else (mass assignment)."""

from typing import Any

import pytest

from engine.domain.form import FormContent
from engine.forms import accept_values, file_entries, files_within
from tests.engine.forms.sample import sample_form, valid_row, valid_values

FORM = sample_form()
CONTENT = FormContent(
    values={
        "plan": "115年度計畫",
        "actions": [{"code": "3.2.3", **valid_row()}, {"code": "5.3.2", **valid_row()}],
        "checks": [{"item": "壹、依據"}, {"item": "貳、目標"}],
    },
    choices={"people": [("u1", "王怡婷")], "units": [("metrology", "度量衡科"), ("accounting", "主計室")]},
)


def errors_of(entries: dict[str, Any]) -> list[tuple[str, str]]:
    return [(e.path, e.template) for e in accept_values(FORM, CONTENT, {**valid_values(), **entries})[1]]


def test_read_only_entries_are_put_in_as_they_were_shown() -> None:
    settled, errors = accept_values(FORM, CONTENT, valid_values())
    assert (settled["plan"], errors) == ("115年度計畫", ())


def test_rows_of_a_fixed_table_get_their_read_only_entries_by_place() -> None:
    settled, errors = accept_values(
        FORM, CONTENT, {**valid_values(), "checks": [{"result": "ok"}, {"result": "bad"}]}
    )
    assert settled["checks"] == [{"item": "壹、依據", "result": "ok"}, {"item": "貳、目標", "result": "bad"}]
    assert errors == ()


def test_an_entry_that_is_not_shown_is_dropped() -> None:
    settled, errors = accept_values(FORM, CONTENT, {**valid_values(), "na_reason": "短"})
    assert ("na_reason" in settled, errors) == (False, ())


def test_an_entry_of_a_row_that_is_not_shown_is_dropped() -> None:
    row = {"summary": "說明會", "target_kind": "narrative", "value": "3"}
    settled, _ = accept_values(FORM, CONTENT, {**valid_values(), "actions": [row]})
    assert settled["actions"] == [{"summary": "說明會", "target_kind": "narrative"}]


@pytest.mark.parametrize(
    ("entries", "path", "template"),
    [
        ({"plan": "116年度計畫"}, "plan", "This entry cannot be changed"),
        ({"checks": [{"item": "壹、依據"}]}, "checks", "Rows cannot be added or removed here"),
        ({"checks": [{"item": "別的"}, {"result": "ok"}]}, "checks/0/item", "This entry cannot be changed"),
        ({"actions": [{"code": "9.9.9", **valid_row()}]}, "actions/0/code", "This entry cannot be changed"),
        ({"owner": "u2"}, "owner", "Choose one of the options"),
        ({"units": ["metrology", "secret"]}, "units", "Choose one of the options"),
        ({"assignee": "u1"}, "assignee", "This field does not belong to the form"),
    ],
)
def test_what_is_not_open_to_change_is_refused(entries: dict[str, Any], path: str, template: str) -> None:
    assert errors_of(entries) == [(path, template)]


def test_rows_that_were_shown_may_move() -> None:
    rows = [{"code": "5.3.2", **valid_row()}, {"code": "3.2.3", **valid_row()}, valid_row()]
    assert errors_of({"actions": rows}) == []


def test_the_reserved_key_is_refused_before_anything_else() -> None:
    assert errors_of({"letter": {"typename": "x"}}) == [("letter/typename", "This field name is reserved")]


FILE = {"digest": "ab" * 32, "name": "a.pdf", "size": 1, "media_type": "application/pdf"}


def test_the_files_of_an_entry_are_found_with_their_field() -> None:
    assert file_entries(FORM, {"attachment": [FILE], "tags": ["x"]}) == (("attachment", FILE),)


def test_files_are_found_anywhere_in_what_was_shown() -> None:
    assert files_within({"rows": [{"proof": {"photo": [FILE]}}]}) == {FILE["digest"]: FILE}
