"""Results of the units as values: read from self-reports, changed row by row, offered as choices."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.errors import FieldError
from engine.plan.achievement import Achievement, Status, numeric_status
from engine.plan.document import Plan, Target
from engine.store.unit_of_work import Reader


def row_key(row: Achievement) -> str:
    """What a row is filed under: `NumberChange.key` of engine.plan.differences."""
    return f"{row.action_id}|{row.unit}|{row.indicator or ''}"


def target_of(plan: Plan, action_id: str, indicator: str | None) -> Target | None:
    """The target that a row reports on; None for a narrative action."""
    if not indicator:
        return None
    return next((t for t in plan.action(action_id).targets if t.indicator == indicator), None)


def achievement(plan: Plan, unit: str, row: Mapping[str, Any]) -> Achievement | None:
    """The achievement of one row of a self-report; None while it has neither number nor status."""
    indicator = row["indicator"] or None
    target = target_of(plan, row["action_id"], indicator)
    actual = Decimal(row["actual"]) if row.get("actual") is not None else None
    status: Status | None = row.get("status")
    if status is None and target is not None and actual is not None:
        status = numeric_status(target, actual)
    if status is None:
        return None
    return Achievement(
        action_id=row["action_id"],
        unit=unit,
        indicator=indicator,
        actual=actual if indicator else None,
        status=status,
        text=row.get("narrative", ""),
        evidence=tuple(item["digest"] for item in row.get("evidence", ())),
        cause=row.get("cause", ""),
        improvement=row.get("improvement", ""),
        reason=row.get("reason", ""),
        shortfall_reason=row.get("shortfall_reason", ""),
    )


def reported(reader: Reader, plan: Plan, plan_key: str) -> tuple[Achievement, ...]:
    """What all units reported in their latest self-reports."""
    return tuple(
        result
        for document in reader.documents.list(plan_key, "self_report")
        for row in document.body["rows"]
        if (result := achievement(plan, document.key, row)) is not None
    )


def delivered(rows: Iterable[Mapping[str, Any]]) -> tuple[Achievement, ...]:
    """The numbers of a delivery (D1, D2) as they were frozen."""
    return tuple(
        Achievement(
            action_id=row["action"],
            unit=row["unit"],
            indicator=row["indicator"] or None,
            actual=None if row["actual"] is None else Decimal(row["actual"]),
            status=row["status"],
        )
        for row in rows
    )


def with_changes(
    plan: Plan, rows: Iterable[Achievement], changes: Iterable[Mapping[str, Any]]
) -> tuple[Achievement, ...]:
    """The rows after single numbers or statuses were replaced; a status follows from its number."""
    by_key = {change["row"]: change for change in changes}
    return tuple(_changed(plan, row, by_key.get(row_key(row))) for row in rows)


def status_changes(before: Iterable[Achievement], after: Iterable[Achievement]) -> list[str]:
    """The keys of the rows whose status is another one now."""
    was = {row_key(row): row.status for row in before}
    return [row_key(row) for row in after if was.get(row_key(row)) != row.status]


def change_faults(
    rows: Iterable[Achievement], changes: Iterable[Mapping[str, Any]], field: str
) -> list[FieldError]:
    """What hinders changes: a row named twice, or without its number or status."""
    by_key = {row_key(row): row for row in rows}
    faults: list[FieldError] = []
    seen: set[str] = set()
    for index, change in enumerate(changes):
        path, key = f"{field}/{index}", change["row"]
        if key in seen:
            faults.append(FieldError(path=f"{path}/row", template="This row is changed twice"))
        elif by_key[key].indicator and "actual" not in change:
            faults.append(FieldError(path=f"{path}/actual", template="A quantified action needs its number"))
        elif not by_key[key].indicator and "status" not in change:
            faults.append(FieldError(path=f"{path}/status", template="A narrative action needs its status"))
        seen.add(key)
    return faults


def row_choices(plan: Plan, rows: Iterable[Achievement]) -> list[tuple[str, str]]:
    """Every row as a choice of a form: action, unit and indicator in words."""
    return [
        (row_key(row), f"{row.action_id} {plan.unit_label(row.unit)}：{row.indicator or '敘述性作法'}")
        for row in rows
    ]


def _changed(plan: Plan, row: Achievement, change: Mapping[str, Any] | None) -> Achievement:
    if change is None:
        return row
    target = target_of(plan, row.action_id, row.indicator)
    if target is None:
        return replace(row, status=change["status"])
    actual = Decimal(change["actual"])
    return replace(row, actual=actual, status=numeric_status(target, actual))
