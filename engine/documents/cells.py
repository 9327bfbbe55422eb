"""Cells of tables that are opened in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain_text(value: Any) -> str:
    """The text of a cell; what a spreadsheet would take for a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_file(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as a file that spreadsheets open as UTF-8, with no cell that they would take for a formula."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([plain_text(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
