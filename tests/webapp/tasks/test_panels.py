"""Panels tell what they hold in words, never in codes, and never as markup."""

from typing import Any

import pytest
from flask import Flask

from tests.webapp.tasks.house import House
from webapp.forms.differences import Difference
from webapp.panels import inline_difference, panel_columns, panel_is_short, panel_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "是"),
        (False, "否"),
        ("2025-01-24", "114/01/24"),
        ("2025-01-24T10:30:00+08:00", "114/01/24 (五) 10:30"),
        ("2025-99-99", "2025-99-99"),
        ("achieved", "達成"),
        (["a", "b"], "a、b"),
        ({"label": "度量衡科", "id": "metrology"}, "度量衡科"),
        (131, "131"),
    ],
)
def test_a_value_is_told_in_words(house: House, value: Any, text: str) -> None:
    assert in_chinese(house.app, value) == text


def in_chinese(app: Flask, value: Any) -> str:
    with app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        return panel_text(value)


def test_columns_without_content_and_keys_of_the_program_are_left_out() -> None:
    rows = [{"key": "k", "編號": "3.2.3", "指標": ""}, {"key": "l", "編號": "5.3.2", "指標": ""}]
    assert panel_columns(rows) == ["編號"]


def test_what_names_a_row_is_its_first_column() -> None:
    assert panel_columns([{"max_score": 40, "name": "目標達成情形", "self_score": 36}]) == [
        "name", "max_score", "self_score",
    ]  # fmt: skip


def test_short_words_stand_in_one_line(house: House) -> None:
    with house.app.test_request_context():
        assert (panel_is_short(["1.1", "1.2"]), panel_is_short(["一句比較長的說明文字在這裡"])) == (
            True,
            False,
        )


def test_a_difference_is_never_markup() -> None:
    change = Difference(label="x", before="<b>1</b>", after="<b>2</b>")
    assert inline_difference(change) == ("&lt;b&gt;<del>1</del><ins>2</ins>&lt;/b&gt;")
