"""Builds a plan from a mapping of the schema bsmi-plan/1, such as engine/demo/plan-114.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.plan.deadlines import nominal_dates
from engine.plan.document_number import DocumentNumber
from engine.plan.rule_error import PlanRuleError
from engine.plan.tree import (
    Action,
    Assessment,
    BasisLetter,
    Method,
    Plan,
    PlanUnit,
    Rewards,
    Sections,
    Steps,
    Strategy,
    Target,
)
from engine.plan.vocabulary import BUREAU

Raw = Mapping[str, Any]


def plan_from_yaml_dict(body: Raw) -> Plan:
    """The plan that the mapping describes; PlanRuleError when a part is missing or a unit is unknown.

    The groups all_units and line_units stand for every unit and every line unit (各單位, 各業務單位).
    An action without owner units belongs to all units of its method.
    """
    try:
        return _plan(body)
    except PlanRuleError:
        raise
    except (AttributeError, ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise PlanRuleError("The plan cannot be read: {reason}", reason=repr(error)) from error


def enacting_letter(body: Raw) -> tuple[date, DocumentNumber]:
    """Date and number of the letter that enacted the plan of the mapping."""
    raw = body["plan"]["enacted"]
    return date.fromisoformat(raw["date"]), _number(raw)


def _plan(body: Raw) -> Plan:
    plan = body["plan"]
    year = int(plan["roc_year"])
    units = tuple(PlanUnit(id=unit["id"], label=unit["label"], kind=unit["kind"]) for unit in body["units"])
    return Plan(
        agency=plan["agency"],
        agency_id=plan["agency_id"],
        roc_year=year,
        title=plan["title"],
        units=units,
        basis=tuple(_letter(raw, year) for raw in plan["basis"]),
        sections=_sections(body.get("sections", {}), year, units),
        strategies=tuple(_strategy(raw, units) for raw in body["strategies"]),
    )


def _letter(raw: Raw, year: int) -> BasisLetter:
    is_bureau_plan = raw["issuer"] == BUREAU and f"{year}年度" in raw["subject"]
    return BasisLetter(
        issuer=raw["issuer"],
        issued_on=date.fromisoformat(raw["date"]),
        number=_number(raw),
        subject=raw["subject"],
        also=raw.get("also", ""),
        bureau_plan_year=year if is_bureau_plan else None,
    )


def _number(raw: Raw) -> DocumentNumber:
    return DocumentNumber(prefix=raw["doc_prefix"], number=raw["doc_no"], kind=raw["doc_type"])


def _sections(raw: Raw, year: int, units: tuple[PlanUnit, ...]) -> Sections:
    steps, rewards = raw.get("steps", {}), raw.get("rewards", {})
    nominal = nominal_dates(year)
    return Sections(
        basis=raw.get("basis", ""),
        goal=raw.get("goal", ""),
        scope=raw.get("scope", ""),
        scope_units=tuple(unit.id for unit in units),
        strategies=raw.get("strategies", ""),
        steps=Steps(
            text=steps.get("text", ""),
            reporting=steps.get("reporting", False),
            publication=steps.get("publication", False),
        ),
        assessment=Assessment(
            text=raw.get("assessment", {}).get("text", ""),
            k2_on=nominal["K2"],
            k3_on=nominal["K3"],
            k4_on=nominal["K4"],
        ),
        rewards=Rewards(text=rewards.get("text", ""), rule_version=rewards.get("rule_version")),
        supplement=raw.get("supplement", ""),
    )


def _strategy(raw: Raw, units: tuple[PlanUnit, ...]) -> Strategy:
    return Strategy(
        id=raw["id"], title=raw["title"], methods=tuple(_method(method, units) for method in raw["methods"])
    )


def _method(raw: Raw, units: tuple[PlanUnit, ...]) -> Method:
    responsible = _expanded(raw["units"], units)
    return Method(
        id=raw["id"],
        title=raw["title"],
        units=responsible,
        bureau_ref=raw.get("bureau_ref"),
        actions=tuple(_action(action, responsible) for action in raw["actions"]),
    )


def _action(raw: Raw, responsible: tuple[str, ...]) -> Action:
    owners = tuple(raw.get("owner_units", responsible))
    for unit in owners:
        if unit not in responsible:
            raise PlanRuleError("Action {action} does not belong to {unit}", action=raw["id"], unit=unit)
    milestone = raw.get("milestone_on")
    return Action(
        id=raw["id"],
        summary=raw["summary"],
        owner_units=owners,
        targets=(_target(raw["target"]),) if raw.get("target") else (),
        milestone=raw.get("milestone", ""),
        milestone_on=date.fromisoformat(milestone) if milestone else None,
        narrative_reason=raw.get("narrative_reason", ""),
        evidence_kinds=tuple(raw.get("evidence", ())),
        creative=raw.get("creative", False),
        inclusive=raw.get("inclusive", False),
        tags=tuple(raw.get("tags", ())),
    )


def _target(raw: Raw) -> Target:
    baseline = raw.get("baseline")
    return Target(
        indicator=raw["indicator"],
        value=Decimal(str(raw["value"])),
        unit=raw["unit"],
        comparator=raw["comparator"],
        period=raw["period"],
        counting_rule=raw.get("counting_rule", ""),
        baseline=None if baseline is None else Decimal(str(baseline)),
        aggregation=raw.get("aggregation", "sum"),
        owner="bureau" if str(raw.get("owner", "branch")).startswith("bureau") else "branch",
        demand_driven=raw.get("demand_driven", False),
    )


def _expanded(wanted: Iterable[str], units: tuple[PlanUnit, ...]) -> tuple[str, ...]:
    """Unit ids for ids and groups, each once, in the order of the units of the plan."""
    groups = {
        "all_units": {unit.id for unit in units},
        "line_units": {unit.id for unit in units if unit.kind == "line"},
    }
    known = groups["all_units"]
    chosen: set[str] = set()
    for name in wanted:
        if name not in groups and name not in known:
            raise PlanRuleError("The plan does not know the unit {unit}", unit=name)
        chosen |= groups.get(name, {name})
    return tuple(unit.id for unit in units if unit.id in chosen)
