"""What changed between two plans, and which numbers changed between D1 and D2 (陸.一(二)(三))."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from engine.plan.achievement import Achievement
from engine.plan.document_json import decimal_text
from engine.plan.document_number import DocumentNumber
from engine.plan.rule_error import PlanRuleError
from engine.plan.tree import Action, BasisLetter, Method, Plan, Sections, Strategy, Target
from engine.plan.vocabulary import FIELD_LABELS, SECTION_LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that differs; `before` is None for something new, `after` for something gone."""

    path: str
    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChange:
    """One reported number that differs between D1 and D2; None where a delivery has no such number."""

    action: str
    unit: str
    indicator: str
    before: str | None
    after: str | None

    @property
    def key(self) -> str:
        """What a reason for this change is filed under."""
        return f"{self.action}|{self.unit}|{self.indicator}"


def diff_plans(before: Plan, after: Plan) -> tuple[Change, ...]:
    """Every difference, row by row and field by field, in the order of the later plan."""
    return (
        *_diff_row("plan", "", before, after, ("agency", "roc_year", "title")),
        *_diff_sections(before.sections, after.sections),
        *_diff_rows("basis", _letters(before), _letters(after)),
        *_diff_rows("", _rows(before), _rows(after)),
        *_diff_not_applicable(before, after),
    )


def freeze_d1(achievements: Iterable[Achievement]) -> dict[str, Any]:
    """The numbers and statuses of a delivery as JSON, in one order, so that D2 can be compared with D1."""
    rows = sorted(achievements, key=lambda row: (_order(row.action_id), row.unit, row.indicator or ""))
    return {
        "rows": [
            {
                "action": row.action_id,
                "unit": row.unit,
                "indicator": row.indicator or "",
                "actual": None if row.actual is None else decimal_text(row.actual),
                "status": row.status,
            }
            for row in rows
        ]
    }


def differences(d1: Mapping[str, Any], d2_numbers: Mapping[str, Any]) -> list[NumberChange]:
    """Every number (for narrative actions, status) of D2 that is not the one of D1; see `freeze_d1`."""
    before, after = _numbers(d1), _numbers(d2_numbers)
    keys = sorted(before.keys() | after.keys(), key=lambda key: (_order(key[0]), key[1], key[2]))
    return [
        NumberChange(
            action=key[0], unit=key[1], indicator=key[2], before=before.get(key), after=after.get(key)
        )
        for key in keys
        if before.get(key) != after.get(key)
    ]


def missing_reasons(changes: Iterable[NumberChange], reasons: Mapping[str, str]) -> list[NumberChange]:
    """The changed numbers for which no reason is given; `reasons` by `NumberChange.key`."""
    return [change for change in changes if not reasons.get(change.key, "").strip()]


def _numbers(delivery: Mapping[str, Any]) -> dict[tuple[str, str, str], str]:
    try:
        return {
            (row["action"], row["unit"], row["indicator"]): row["status"]
            if row["actual"] is None
            else row["actual"]
            for row in delivery["rows"]
        }
    except (KeyError, TypeError) as error:
        raise PlanRuleError("These are not the numbers of a delivery") from error


def _order(action_id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in action_id.split("."))


def _letters(plan: Plan) -> dict[str, BasisLetter]:
    return {
        letter.number.format() if letter.number else f"{no}.{letter.issuer}": letter
        for no, letter in enumerate(plan.basis, start=1)
    }


def _rows(plan: Plan) -> dict[str, Strategy | Method | Action]:
    rows: dict[str, Strategy | Method | Action] = {}
    for strategy in plan.strategies:
        rows[strategy.id] = strategy
        for method in strategy.methods:
            rows[method.id] = method
            rows.update({action.id: action for action in method.actions})
    return rows


def _diff_sections(before: Sections, after: Sections) -> Iterator[Change]:
    prose = ("basis", "goal", "scope", "strategies", "supplement")
    for name in prose:
        yield from _diff_value(
            f"sections.{name}", SECTION_LABELS[name], getattr(before, name), getattr(after, name)
        )
    scope = SECTION_LABELS["scope"]
    yield from _diff_value(
        "sections.scope.units", f"{scope} {FIELD_LABELS['units']}", before.scope_units, after.scope_units
    )
    for name in ("steps", "assessment", "rewards"):
        yield from _diff_row(
            f"sections.{name}", SECTION_LABELS[name], getattr(before, name), getattr(after, name)
        )


def _diff_rows(prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for id, row in after.items():
        path = f"{prefix}.{id}" if prefix else id
        if id in before:
            yield from _diff_row(path, id, before[id], row)
        else:
            yield Change(path=path, label=id, before=None, after=_headline(row))
    for id, row in before.items():
        if id not in after:
            yield Change(path=f"{prefix}.{id}" if prefix else id, label=id, before=_headline(row), after=None)


def _diff_row(path: str, label: str, before: Any, after: Any, names: Iterable[str] = ()) -> Iterator[Change]:
    for name in names or (field.name for field in fields(after)):
        if name in ("id", "methods", "actions"):
            continue
        if name == "targets":
            yield from _diff_rows(
                f"{path}.targets",
                {target.indicator: target for target in before.targets},
                {target.indicator: target for target in after.targets},
            )
            continue
        full = f"{label} {FIELD_LABELS[name]}".strip()
        yield from _diff_value(f"{path}.{name}", full, getattr(before, name), getattr(after, name))


def _diff_not_applicable(before: Plan, after: Plan) -> Iterator[Change]:
    for unit in sorted(before.not_applicable.keys() | after.not_applicable.keys()):
        label = f"{after.unit_label(unit)} {FIELD_LABELS['not_applicable']}"
        yield from _diff_value(
            f"not_applicable.{unit}", label, before.not_applicable.get(unit), after.not_applicable.get(unit)
        )


def _diff_value(path: str, label: str, before: object, after: object) -> Iterator[Change]:
    if before != after:
        yield Change(path=path, label=label, before=_shown(before), after=_shown(after))


def _headline(row: Strategy | Method | Action | Target | BasisLetter) -> str:
    match row:
        case Action():
            return row.summary
        case Target():
            return f"{row.comparator} {decimal_text(row.value)} {row.unit}"
        case BasisLetter():
            return row.subject
        case _:
            return row.title


def _shown(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "是" if value else "否"
        case Decimal():
            return decimal_text(value)
        case date():
            return value.isoformat()
        case DocumentNumber():
            return value.format()
        case tuple():
            return "、".join(str(each) for each in value)
        case _:
            return str(value)
