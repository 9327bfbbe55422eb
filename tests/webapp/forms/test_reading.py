"""What a browser posts becomes the values of the form, and anything else is a fault."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from engine.domain.form_fields import fields_of
from tests.engine.forms.sample import sample_form
from webapp.forms import Reading, read_values

FIELDS = fields_of(sample_form())
FIRST: dict[str, Any] = {"plan": "115年度計畫", "actions": [{"code": "3.2.3"}, {"code": "5.3.2"}]}
FILE = {"digest": "ab" * 32, "name": "a.pdf", "size": 3, "media_type": "application/pdf"}


def read(*pairs: tuple[str, str]) -> Reading:
    return read_values(FIELDS, MultiDict(pairs), first=FIRST, files={FILE["digest"]: FILE})


def entry(name: str, typed: str) -> Any:
    return read((name, typed)).values.get(name)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("doc_date", "1140124", "2025-01-24"),
        ("doc_date", "114/1/24", "2025-01-24"),
        ("doc_date", "114.1.24", "2025-01-24"),
        ("doc_date", " 114 年 1 月 24 日 ", "2025-01-24"),
        ("doc_date", "2025-01-24", "2025-01-24"),
        ("doc_date", "１１４/１/２４", "2025-01-24"),
        ("doc_date", "昨天", "昨天"),
        ("published_at", "114/1/24 10:30", "2025-01-24T10:30:00+08:00"),
        ("published_at", "114年1月24日 9:05", "2025-01-24T09:05:00+08:00"),
        ("published_at", "2025-01-24T10:30", "2025-01-24T10:30:00+08:00"),
        ("published_at", "114/1/24 25:00", "114/1/24 25:00"),
        ("score", "１２", 12),
        ("score", "1,200", 1200),
        ("score", "一二", "一二"),
        ("score", "9" * 40, "9" * 40),
        ("weight", "0.5", 0.5),
        ("weight", "3.0", 3),
        ("weight", "NaN", "NaN"),
        ("applicable", "true", True),
        ("applicable", "false", False),
        ("applicable", "maybe", "maybe"),
        ("na_reason", "114 年 1 月\r\n第二行\t\x00", "114年1月\n第二行"),
        ("na_reason", "invoice\u202efdp.exe", "invoicefdp.exe"),
        ("na_reason", "神\ufa19", "神\ufa19"),
        ("tags", "一\n\n 二 \n", ["一", "二"]),
        ("units", "metrology", ["metrology"]),
    ],
)
def test_a_typed_text_becomes_a_value(name: str, typed: str, value: Any) -> None:
    assert entry(name, typed) == value


def test_empty_entries_are_left_out() -> None:
    assert read(("doc_no", "  "), ("applicable", "")).values.keys() == {
        "plan",
        "acknowledged",
        "actions",
        "checks",
    }


def test_a_box_that_is_not_ticked_means_no() -> None:
    assert (read().values["acknowledged"], read(("acknowledged", "true")).values["acknowledged"]) == (
        False,
        True,
    )


def test_rows_are_read_in_the_order_of_their_numbers() -> None:
    reading = read(
        ("actions-2-summary", "乙"),
        ("actions-2-_row", ""),
        ("actions-0-summary", "甲"),
        ("actions-0-_row", ""),
    )
    assert ([row["summary"] for row in reading.values["actions"]], reading.errors) == (["甲", "乙"], ())


def test_a_row_keeps_the_read_only_entries_it_was_shown_with() -> None:
    reading = read(("actions-0-_row", "1"), ("actions-0-summary", "油量計"))
    assert reading.values["actions"] == [{"code": "5.3.2", "summary": "油量計"}]


@pytest.mark.parametrize(
    ("pair", "path"),
    [
        (("approved_by", "director"), "approved_by"),
        (("plan", "116年度計畫"), "plan"),
        (("actions-0-code", "9.9.9"), "actions/0/code"),
        (("actions-0-_row", "7"), "actions/0/_row"),
        (("actions-0-due", "x"), "actions/0/due"),
        (("actions-x-summary", "y"), "actions/x/summary"),
        (("_assignee", "me"), "_assignee"),
    ],
)
def test_a_name_that_the_form_does_not_have_is_a_fault(pair: tuple[str, str], path: str) -> None:
    errors = read(pair).errors
    assert [(e.path, e.template) for e in errors] == [(path, "This field does not belong to the form")]


def test_an_entry_sent_twice_is_a_fault() -> None:
    errors = read(("doc_no", "1"), ("doc_no", "2")).errors
    assert [(e.path, e.template) for e in errors] == [("doc_no", "This entry was sent more than once")]


def test_names_of_the_page_are_no_fault() -> None:
    assert read(("csrf_token", "x"), ("_revision", "1"), ("_op", "save"), ("command_id", "k")).errors == ()


def test_files_are_taken_from_the_uploads_never_from_the_browser() -> None:
    reading = read(("attachment-0-digest", FILE["digest"]))
    assert (reading.values["attachment"], reading.errors) == ([FILE], ())


def test_a_file_of_somebody_else_is_a_fault() -> None:
    errors = read(("attachment-0-digest", "cd" * 32)).errors
    assert [(e.path, e.template) for e in errors] == [
        ("attachment", "This file is not here any more; please attach it again")
    ]


def test_more_rows_than_a_form_may_have_is_a_fault() -> None:
    reading = read(
        *((f"tags-{i}-x", "y") for i in range(3)), *((f"actions-{i}-_row", "") for i in range(501))
    )
    assert ("actions", "Keep at most {limit} row(s)") in [(e.path, e.template) for e in reading.errors]
