"""Actions of the plan as rows of a form (F3), and back."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, cast

from engine.activities.working_plan import parse_day
from engine.plan.document import Action, Plan, Target, decimal_text
from engine.plan.tree import Comparator, Period
from engine.plan.vocabulary import COMPARATOR_LABELS, SECTION_LABELS

COMPARATORS: Mapping[str, str] = MappingProxyType({"at_least": ">=", "equal": "=", "at_most": "<="})
PERIODS: Mapping[str, str] = MappingProxyType(
    {"year": "year", "half_year": "half_year", "quarter": "quarter", "two_years": "2years"}
)
_COMPARATOR_WORDS = {symbol: word for word, symbol in COMPARATORS.items()}
_PERIOD_WORDS = {period: word for word, period in PERIODS.items()}


def row_of(action: Action, method_id: str) -> dict[str, Any]:
    """One action as a row; an action without a target, a date or a reason is left for the unit to qualify."""
    row: dict[str, Any] = {
        "id": action.id,
        "method": method_id,
        "summary": action.summary,
        "evidence_kinds": list(action.evidence_kinds),
        "creative": action.creative,
        "inclusive": action.inclusive,
        "handler": action.handler,
    }
    if action.targets:
        row |= _target_row(action.targets[0])
    elif action.milestone_on is not None:
        row |= {
            "target_kind": "milestone",
            "milestone": action.milestone,
            "milestone_date": action.milestone_on.isoformat(),
        }
    else:
        row |= {"target_kind": "narrative", "narrative_reason": action.narrative_reason}
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def rows_of_unit(plan: Plan, unit: str) -> list[dict[str, Any]]:
    """The unit's actions in the plan's order."""
    return [
        row_of(a, method.id) for method in plan.methods() for a in method.actions if unit in a.owner_units
    ]


def actions_by_method(plan: Plan, rows: list[dict[str, Any]]) -> dict[str, list[Action]]:
    """The actions that the rows describe, by method; what the form does not show is kept from the plan."""
    known = {action.id: action for action in plan.actions()}
    by_method: dict[str, list[Action]] = {}
    for row in rows:
        before = known.get(row.get("id", ""), Action(summary=""))
        by_method.setdefault(row["method"], []).append(_action(before, row))
    return by_method


def row_lines(plan: Plan, unit: str = "") -> list[dict[str, Any]]:
    """The unit's actions, or all, as read-only lines: what a person reads before signing."""
    return [
        {
            "id": action.id,
            "method": method.title,
            "summary": action.summary,
            "target": target_text(action),
            "filled_for": plan.unit_label(action.filled_for) if action.filled_for else "",
        }
        for method in plan.methods()
        for action in method.actions
        if not unit or unit in action.owner_units
    ]


def plan_reading(plan: Plan) -> dict[str, Any]:
    """The whole plan to be read where somebody decides on it: its chapters and its actions."""
    own = plan.sections
    texts = {
        "basis": own.basis, "goal": own.goal, "scope": own.scope, "strategies": own.strategies,
        "steps": own.steps.text, "assessment": own.assessment.text, "rewards": own.rewards.text,
        "supplement": own.supplement,
    }  # fmt: skip
    chapters = [{"label": SECTION_LABELS[name], "text": text} for name, text in texts.items() if text]
    return {"title": plan.title, "chapters": chapters, "rows": row_lines(plan)}


def target_text(action: Action) -> str:
    """What the action promises, in one line."""
    if action.targets:
        return "；".join(
            f"{t.indicator} {COMPARATOR_LABELS[t.comparator]} {decimal_text(t.value)} {t.unit}"
            for t in action.targets
        )
    if action.milestone_on is not None:
        return f"{action.milestone}（{action.milestone_on.isoformat()}）"
    return action.narrative_reason


def _target_row(target: Target) -> dict[str, Any]:
    return {
        "target_kind": "quantified",
        "indicator": target.indicator,
        "comparator": _COMPARATOR_WORDS[target.comparator],
        "value": decimal_text(target.value),
        "measure": target.unit,
        "period": _PERIOD_WORDS[target.period],
        "counting_rule": target.counting_rule,
        "baseline": None if target.baseline is None else decimal_text(target.baseline),
    }


def _action(before: Action, row: Mapping[str, Any]) -> Action:
    kind = row["target_kind"]
    return replace(
        before,
        id=row.get("id", ""),
        summary=row["summary"],
        handler=row.get("handler"),
        targets=_targets(before, row) if kind == "quantified" else (),
        milestone=row["milestone"] if kind == "milestone" else "",
        milestone_on=parse_day(row["milestone_date"]) if kind == "milestone" else None,
        narrative_reason=row["narrative_reason"] if kind == "narrative" else "",
        evidence_kinds=tuple(row.get("evidence_kinds", ())),
        creative=bool(row.get("creative")),
        inclusive=bool(row.get("inclusive")),
    )


def _targets(before: Action, row: Mapping[str, Any]) -> tuple[Target, ...]:
    """The first target as written; further targets of the action stay as they are."""
    old = before.targets[0] if before.targets else Target(indicator="", value=Decimal(0), unit="")
    written = replace(
        old,
        indicator=row["indicator"],
        comparator=cast("Comparator", COMPARATORS[row["comparator"]]),
        value=Decimal(row["value"]),
        unit=row["measure"],
        period=cast("Period", PERIODS[row["period"]]),
        counting_rule=row["counting_rule"],
        baseline=Decimal(row["baseline"]) if row.get("baseline") else None,
    )
    return (written, *before.targets[1:])
