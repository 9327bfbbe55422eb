"""How far each action of a plan has come: the newest numbers of the units, brought together by target."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.domain.document import Document
from engine.plan.achievement import aggregate, branch_status, numeric_status, rate
from engine.plan.document import Action, Plan, Target
from engine.plan.rule_error import PlanRuleError

NARRATIVE = frozenset({"done", "partly_done", "not_done", "not_applicable"})
# The frozen deliveries count before what units reported, and their self-reports before their progress.
SOURCES = ("d2", "d1", "self_report", "progress")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStanding:
    """One target with its number; `share` is the reached part in per cent, None without a number."""

    action_id: str
    target: Target
    actual: Decimal | None
    share: Decimal | None
    status: str | None

    @property
    def bar(self) -> int:
        """The length of the bar: it stops at 100."""
        return 0 if self.share is None else max(0, min(100, int(self.share)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStanding:
    """One action: its targets, the status that units told in words, the evidence, what they explained."""

    targets: tuple[TargetStanding, ...]
    status: str | None
    evidence: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """One row that a unit reported."""

    action_id: str
    indicator: str
    unit: str
    actual: Decimal | None
    status: str | None
    evidence: int
    reason: str


def standings(plan: Plan, documents: Mapping[str, Sequence[Document]]) -> dict[str, ActionStanding]:
    """The standing of every action for which something is counted or was reported, by its id."""
    reports = list(_reports(documents))
    found = {}
    for action in plan.actions():
        own = [report for report in reports if report.action_id == action.id]
        if own or action.targets:
            found[action.id] = _standing(action, own)
    return found


def _reports(documents: Mapping[str, Sequence[Document]]) -> Iterator[_Report]:
    """The newest source that has anything; explanations and evidence always come from the self-reports."""
    explained = {
        (row.get("action_id"), row.get("indicator") or "", document.key): row
        for document in documents.get("self_report", ())
        for row in document.body.get("rows", ())
    }
    source = next((kind for kind in SOURCES if documents.get(kind)), None)
    for document in documents.get(source or "", ()):
        for row in document.body.get("rows", ()):
            action = row.get("action") or row.get("action_id") or ""
            unit, indicator = row.get("unit") or document.key, row.get("indicator") or ""
            words = explained.get((action, indicator, unit), row)
            yield _Report(
                action_id=action,
                indicator=indicator,
                unit=unit,
                actual=Decimal(row["actual"]) if row.get("actual") else None,
                status=row.get("status"),
                evidence=len(words.get("evidence") or ()),
                reason=_reason(words),
            )


def _reason(row: Mapping[str, Any]) -> str:
    return str(row.get("shortfall_reason") or row.get("cause") or row.get("reason") or "")


def _standing(action: Action, reports: Sequence[_Report]) -> ActionStanding:
    told = [report.status for report in reports if not report.indicator and report.status in NARRATIVE]
    return ActionStanding(
        targets=tuple(_target(action, target, reports) for target in action.targets),
        status=branch_status(told) if told else None,  # type: ignore[arg-type]  # checked against NARRATIVE
        evidence=sum(report.evidence for report in reports),
        reasons=tuple(dict.fromkeys(report.reason for report in reports if report.reason)),
    )


def _target(action: Action, target: Target, reports: Sequence[_Report]) -> TargetStanding:
    own = [report for report in reports if report.indicator == target.indicator]
    actual = aggregate(target, {report.unit: report.actual for report in own})
    if actual is None:
        rests = own and all(report.status == "not_applicable" for report in own)
        status = "not_applicable" if rests else None
        return TargetStanding(action_id=action.id, target=target, actual=None, share=None, status=status)
    try:
        share, reached = rate(target, actual), numeric_status(target, actual)
    except PlanRuleError:
        return TargetStanding(action_id=action.id, target=target, actual=actual, share=None, status=None)
    return TargetStanding(action_id=action.id, target=target, actual=actual, share=share, status=reached)
