"""The rows on which units report (a target of an action, or an action in words), as questions name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.activities.award_records import action_id
from engine.plan.vocabulary import STATUS_LABELS
from engine.queries.questions.answer import Cell, Part, Term, Value
from engine.queries.questions.trail import Recorded, Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRow:
    """One row; without an indicator it is an action in words."""

    plan_key: str
    action: str
    unit: str
    indicator: str

    @property
    def order(self) -> tuple[str, list[int], str, str]:
        """By plan and number of the action: 1.10 comes after 1.9."""
        return self.plan_key, [int(part) for part in self.action.split(".")], self.unit, self.indicator


def reported_row(report: Recorded, row: Mapping[str, Any]) -> ReportedRow:
    """A row of what a unit entered (self-report, progress)."""
    indicator = str(row.get("indicator") or "")
    return ReportedRow(
        plan_key=report.owner, action=str(row["action_id"]), unit=report.key, indicator=indicator
    )


def delivered_row(delivery: Recorded, row: Mapping[str, Any]) -> ReportedRow:
    """A row of D1 or D2."""
    return ReportedRow(
        plan_key=delivery.owner, action=row["action"], unit=row["unit"], indicator=row["indicator"]
    )


def of_scope(trail: Trail, *kinds: str) -> list[Recorded]:
    """The recorded versions of some kinds that belong to the plans asked about."""
    keys = {instance.plan_key for instance in trail.scene.instances.values()}
    is_all = not trail.scene.scope.told
    return [document for document in trail.documents(*kinds) if is_all or document.owner in keys]


def row_cell(trail: Trail, row: ReportedRow) -> Cell:
    """A row as people find it in the plan: number, unit, what is counted."""
    named = (action_id(row.plan_key, row.action), trail.units.get(row.unit, row.unit), row.indicator)
    return tuple(Part(part) for part in named if part)


def row_words(trail: Trail, row: ReportedRow) -> str:
    """The same in one line."""
    return " ".join(str(part.value) for part in row_cell(trail, row))


def told_value(value: str) -> Value:
    """A number as it is, a status by its word."""
    return Term(STATUS_LABELS[value]) if value in STATUS_LABELS else value
