"""Results at year end (陸.一, 柒.一): rates, statuses, proofs, explanations, and the branch's sum."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args

from engine.plan.finding import Finding, block
from engine.plan.rule_error import PlanRuleError
from engine.plan.tree import Target
from engine.plan.vocabulary import CARRIED_OVER

NumericStatus = Literal["achieved", "partly_achieved", "not_achieved", "not_applicable"]
NarrativeStatus = Literal["done", "partly_done", "not_done", "not_applicable"]
Status = Literal[
    "achieved", "partly_achieved", "not_achieved", "done", "partly_done", "not_done", "not_applicable"
]

_PROVEN: frozenset[Status] = frozenset(("achieved", "done"))
_EXPLAINED: frozenset[Status] = frozenset(("partly_achieved", "not_achieved", "partly_done", "not_done"))
_NUMERIC = frozenset(get_args(NumericStatus))
_NARRATIVE = frozenset(get_args(NarrativeStatus))


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement:
    """What one unit reached in one target of an action, or, without `indicator`, in a narrative action."""

    action_id: str
    unit: str
    indicator: str | None = None
    actual: Decimal | None = None
    status: Status
    text: str = ""
    evidence: tuple[str, ...] = ()
    cause: str = ""
    improvement: str = ""
    reason: str = ""
    """Why the action is not applicable, or why the computed status was overridden."""
    shortfall_reason: str = ""
    """Why a demand-driven number stayed low without bad service."""

    def __post_init__(self) -> None:
        known = _NARRATIVE if self.indicator is None else _NUMERIC
        if self.status not in known:
            raise PlanRuleError(
                "{status} is not a status of action {action}", status=self.status, action=self.action_id
            )


def rate(target: Target, actual: Decimal) -> Decimal:
    """How far a target is reached, in per cent rounded down to 0.1, so that 100.0 always means reached.

    `>=` is actual / target; `<=` and `=` give 100 when they hold, else the falling ratio to the target.
    PlanRuleError: a target that is not above zero, an actual below zero.
    """
    return _tenths(_reached(target, actual))


def numeric_status(target: Target, actual: Decimal) -> NumericStatus:
    """達成 from 100 %, 未達成 at nothing, 部分達成 between, however small the part."""
    reached = _reached(target, actual)
    if reached >= 1:
        return "achieved"
    return "partly_achieved" if reached > 0 else "not_achieved"


def check_achievement(achievement: Achievement, target: Target | None = None) -> tuple[Finding, ...]:
    """What hinders the submission of one result; empty when it may go up.

    達成 and 已辦理 need evidence; partly and not reached need cause and improvement; 不適用 and a status
    that differs from the computed one need a reason; a shortfall by lower demand (糾紛鑑定) needs its reason.
    """
    return tuple(_faults(achievement, target))


def aggregate(target: Target, actuals: Mapping[str, Decimal | None]) -> Decimal | None:
    """The branch's number out of the units' numbers; None stands for 不適用 and is left out.

    `any` takes the number of the unit that came closest to the target.
    """
    numbers = [actual for _, actual in sorted(actuals.items()) if actual is not None]
    if not numbers:
        return None
    match target.aggregation:
        case "sum":
            return sum(numbers, Decimal(0))
        case "max":
            return max(numbers)
        case "min":
            return min(numbers)
        case "average":
            return sum(numbers, Decimal(0)) / len(numbers)
        case "any":
            return max(numbers, key=lambda actual: _reached(target, actual))


def branch_status(statuses: Collection[NarrativeStatus]) -> NarrativeStatus:
    """The branch's status of a narrative action out of the units': 不適用 ones are left out."""
    counted = {status for status in statuses if status != "not_applicable"}
    if not counted:
        return "not_applicable"
    return counted.pop() if len(counted) == 1 else "partly_done"


def is_off_year(target: Target, roc_year: int, last_result_year: int) -> bool:
    """Whether a two-yearly target (顧客滿意度調查) rests because last year's result still stands."""
    return target.period == "2years" and roc_year - last_result_year == 1


def carried_over(action_id: str, unit: str, target: Target, last_result_year: int) -> Achievement:
    """The result of an off-year: 不適用(沿用前次)."""
    return Achievement(
        action_id=action_id,
        unit=unit,
        indicator=target.indicator,
        status="not_applicable",
        reason=f"{CARRIED_OVER}({last_result_year}年度)",
    )


def _reached(target: Target, actual: Decimal) -> Fraction:
    if target.value <= 0:
        raise PlanRuleError("The target {indicator} is not above zero", indicator=target.indicator)
    if actual < 0:
        raise PlanRuleError("The actual number of {indicator} is below zero", indicator=target.indicator)
    value, reached = Fraction(target.value), Fraction(actual)
    match target.comparator:
        case ">=":
            return reached / value
        case "<=":
            return Fraction(1) if reached <= value else value / reached
        case "=":
            return min(reached, value) / max(reached, value)


def _tenths(share: Fraction) -> Decimal:
    return Decimal(int(share * 1000)).scaleb(-1)


def _faults(achievement: Achievement, target: Target | None) -> Iterator[Finding]:
    status = achievement.status
    if status in _PROVEN and not achievement.evidence:
        yield _fault("evidence_missing", "The result of action {action} needs evidence", achievement)
    if status in _EXPLAINED and not achievement.cause.strip():
        yield _fault("cause_missing", "Say why action {action} was not fully reached", achievement)
    if status in _EXPLAINED and not achievement.improvement.strip():
        yield _fault("improvement_missing", "Say how action {action} will be improved", achievement)
    if status == "not_applicable":
        if not achievement.reason.strip():
            yield _fault("reason_missing", "Say why action {action} is not applicable", achievement)
        return
    if target is None:
        return
    if achievement.actual is None:
        yield _fault("actual_missing", "Action {action} needs its actual number", achievement)
        return
    computed = numeric_status(target, achievement.actual)
    if status != computed and not achievement.reason.strip():
        yield _fault(
            "override_reason_missing",
            "Say why the status of action {action} differs from its number",
            achievement,
        )
    if target.demand_driven and computed != "achieved" and not achievement.shortfall_reason.strip():
        yield _fault(
            "shortfall_reason_missing", "Say why fewer cases of action {action} were asked for", achievement
        )


def _fault(rule: str, template: str, /, achievement: Achievement) -> Finding:
    return block(
        rule, template, section="strategies", element_id=achievement.action_id, action=achievement.action_id
    )
