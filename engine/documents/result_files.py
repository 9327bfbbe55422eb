"""The two deliveries of results as files: the data sheet D1 (ODS) and the report D2 (ODT)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.documents.odf import Block, sheet_file, text_file
from engine.documents.plan_file import target_text
from engine.plan.achievement import rate
from engine.plan.numbering import heading
from engine.plan.roc import format_roc
from engine.plan.tree import Plan
from engine.plan.vocabulary import STATUS_LABELS

Row = Mapping[str, Any]
COLUMNS = ("編號", "具體推動作法", "單位", "指標", "目標", "實績", "達成率(%)", "狀態", "執行成效")
DIFFERENCE_COLUMNS = ("編號", "單位", "指標", "原列", "改列", "原因")


def d1_file(plan: Plan, rows: Iterable[Row], texts: Mapping[str, str], *, as_of: str, made_on: date) -> bytes:
    """The data sheet: one line per number or narrative action; `texts` by "action|unit|indicator"."""
    title = f"{plan.roc_year}年度績效成果資料"
    numbers = [COLUMNS, *(_line(plan, row, texts) for row in rows)]
    about = [
        ("機關", plan.agency), ("計畫", plan.title),
        ("資料截止日", format_roc(date.fromisoformat(as_of))), ("製表日", format_roc(made_on)),
    ]  # fmt: skip
    return sheet_file(title, made_on, [("績效成果資料", numbers), ("說明", about)])


def d2_file(
    plan: Plan,
    rows: Iterable[Row],
    chapters: Mapping[str, str],
    changes: Iterable[Row],
    changes_title: str,
    *,
    made_on: date,
) -> bytes:
    """The report: `chapters` by their titles, the numbers, and every changed number with its reason."""
    blocks = list(_chapters(chapters))
    told = [(*_told(plan, row), row["reason"]) for row in changes]
    parts = [("成果數據", [COLUMNS[:-1], *(_texts(plan, row) for row in rows)])]
    if told:
        parts.append((changes_title, [DIFFERENCE_COLUMNS, *told]))
    for place, (title, table) in enumerate(parts, start=len(chapters) + 1):
        blocks += [Block(level=2, text=heading(1, place) + title), Block(rows=tuple(table))]
    return text_file(f"{plan.roc_year}年度執行績效與成果報告", made_on, blocks)


def _chapters(chapters: Mapping[str, str]) -> Iterator[Block]:
    for place, (title, text) in enumerate(chapters.items(), start=1):
        yield Block(level=2, text=heading(1, place) + title)
        yield from (Block(text=line) for line in text.splitlines() if line.strip())


def _line(plan: Plan, row: Row, texts: Mapping[str, str]) -> tuple[Any, ...]:
    text = texts.get(f"{row['action']}|{row['unit']}|{row['indicator']}", "")
    return (*_cells(plan, row), text)


def _texts(plan: Plan, row: Row) -> tuple[str, ...]:
    return tuple("" if value is None else str(value) for value in _cells(plan, row))


def _cells(plan: Plan, row: Row) -> tuple[Any, ...]:
    action = plan.action(row["action"])
    target = next((t for t in action.targets if t.indicator == row["indicator"]), None)
    actual = None if row["actual"] is None else Decimal(row["actual"])
    reached = rate(target, actual) if target and actual is not None else None
    return (
        action.id, action.summary, plan.unit_label(row["unit"]), row["indicator"],
        target_text(action), actual, reached, STATUS_LABELS[row["status"]],
    )  # fmt: skip


def _told(plan: Plan, row: Row) -> tuple[str, ...]:
    before, after = (STATUS_LABELS.get(row[side], row[side]) or "" for side in ("before", "after"))
    return row["action"], plan.unit_label(row["unit"]), row["indicator"], before, after
