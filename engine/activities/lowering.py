"""Targets that an amendment lowers late (捌): after 1 October, or when the result is known already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.plan.amendment import LoweredTarget, lowered_targets, lowering_needs_reason
from engine.plan.document import Plan
from engine.store.unit_of_work import Reader

Results = Mapping[tuple[str, str], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateLowering:
    """A target lowered so late that the director must say why."""

    target: LoweredTarget
    result_known: bool


def known_results(reader: Reader, plan_key: str) -> dict[tuple[str, str], datetime]:
    """When each target's result became known: reported at year end, or said to be 已完成 before."""
    known: dict[tuple[str, str], datetime] = {}
    for kind in ("self_report", "progress"):
        for unit in reader.documents.keys(plan_key, kind):
            for version in reader.documents.versions(plan_key, kind, unit):
                for row in version.body.get("rows", ()):
                    if _tells_result(kind, row):
                        key = (str(row["action_id"]), str(row["indicator"]))
                        known[key] = min(known.get(key, version.made_at), version.made_at)
    return known


def lowered_late(reader: Reader, before: Plan, after: Plan) -> tuple[LateLowering, ...]:
    """The targets of the plan in effect that the amendment lowers late, in the plan's order."""
    lowered = lowered_targets(before, after)
    known = known_results(reader, before.key) if lowered else {}
    late = (
        LateLowering(target=target, result_known=(target.action_id, target.indicator) in known)
        for target in lowered
    )
    return tuple(
        each
        for each in late
        if lowering_needs_reason(before.roc_year, reader.today, result_known=each.result_known)
    )


def _tells_result(kind: str, row: Mapping[str, Any]) -> bool:
    if not row.get("indicator") or "actual" not in row:
        return False
    return kind == "self_report" or row.get("status") == "completed"
