"""伍.二: a plan is complete when its seven required contents are valid; more chapters are allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from engine.plan.finding import Finding, block, warn
from engine.plan.quantification import (
    QUANTIFIED_PERCENT,
    check_quantification,
    missing_reasons,
)
from engine.plan.tree import BasisLetter, Plan
from engine.plan.vocabulary import GOAL_PHRASES

GOAL_LENGTH = (50, 2000)


def check_completeness(
    plan: Plan, *, active_reward_rules: Collection[str], enacted_on: date | None = None
) -> tuple[Finding, ...]:
    """Every finding of 伍.二 in the order of the chapters.

    `active_reward_rules` are the versions of the reward rule that may be linked; `enacted_on` is the date of
    the branch's own letter, after which no basis letter may be dated, when it is known.
    """
    return (
        *_basis(plan, enacted_on),
        *_goal(plan),
        *_scope(plan),
        *_strategies(plan),
        *missing_reasons(plan),
        *_units_without_action(plan),
        *_open_reviews(plan),
        *_steps(plan),
        *_assessment(plan),
        *_rewards(plan, active_reward_rules),
    )


def check_plan(
    plan: Plan,
    *,
    active_reward_rules: Collection[str],
    enacted_on: date | None = None,
    quantified_share: int = QUANTIFIED_PERCENT,
) -> tuple[Finding, ...]:
    """Completeness and quantification together, nothing said twice: what the compiling step shows."""
    complete = check_completeness(plan, active_reward_rules=active_reward_rules, enacted_on=enacted_on)
    said = {(finding.rule, finding.element_id) for finding in complete}
    quantified = check_quantification(plan, quantified_share=quantified_share)
    return (*complete, *(f for f in quantified if f.severity == "warn" or (f.rule, f.element_id) not in said))


def _basis(plan: Plan, enacted_on: date | None) -> Iterator[Finding]:
    if not plan.basis:
        yield block("basis_empty", "The plan names no letter that it rests on", section="basis")
    for no, letter in enumerate(plan.basis, start=1):
        if not _is_whole(letter):
            yield block(
                "basis_letter_incomplete",
                "Basis letter {no} needs issuer, date, prefix, number and subject",
                section="basis",
                element_id=str(no),
                no=no,
            )
        if letter.issued_on and enacted_on and letter.issued_on > enacted_on:
            yield block(
                "basis_letter_later",
                "Basis letter {no} is dated after the plan was enacted",
                section="basis",
                element_id=str(no),
                no=no,
            )
    if not any(letter.bureau_plan_year == plan.roc_year for letter in plan.basis):
        yield block(
            "bureau_plan_missing",
            "The basis does not contain the head office's plan of {year}",
            section="basis",
            year=plan.roc_year,
        )


def _is_whole(letter: BasisLetter) -> bool:
    return bool(letter.issuer.strip() and letter.issued_on and letter.number and letter.subject.strip())


def _goal(plan: Plan) -> Iterator[Finding]:
    goal = plan.sections.goal.strip()
    least, most = GOAL_LENGTH
    if not least <= len(goal) <= most:
        yield block(
            "goal_length",
            "The goal must have {least} to {most} characters; it has {count}",
            section="goal",
            least=least,
            most=most,
            count=len(goal),
        )
    for phrase in GOAL_PHRASES:
        if phrase not in goal:
            yield warn("goal_phrase", "The goal does not refer to {phrase}", section="goal", phrase=phrase)


def _scope(plan: Plan) -> Iterator[Finding]:
    if not plan.sections.scope_units:
        yield block("scope_empty", "The scope names no unit", section="scope")


def _strategies(plan: Plan) -> Iterator[Finding]:
    if not plan.strategies:
        yield _tree("strategy_missing", "The plan has no strategy", "")
    for strategy in plan.strategies:
        if not strategy.methods:
            yield _tree("method_missing", "Strategy {element} has no method", strategy.id)
        for method in strategy.methods:
            if not method.units:
                yield _tree("unit_missing", "Method {element} has no responsible unit", method.id)
            if not method.actions:
                yield _tree("action_missing", "Method {element} has no action", method.id)
            for action in method.actions:
                if not action.summary.strip():
                    yield _tree("summary_missing", "Action {element} has no summary", action.id)


def _tree(rule: str, template: str, /, element_id: str) -> Finding:
    return block(rule, template, section="strategies", element_id=element_id, element=element_id)


def _units_without_action(plan: Plan) -> Iterator[Finding]:
    for unit in plan.sections.scope_units:
        if not plan.actions_of(unit) and not plan.not_applicable.get(unit, "").strip():
            yield block(
                "unit_without_action",
                "{unit} has neither an action nor a reason why the plan does not concern it",
                section="strategies",
                element_id=unit,
                unit=plan.unit_label(unit),
            )


def _open_reviews(plan: Plan) -> Iterator[Finding]:
    """伍.一: the plan follows from the bureau's. Also rows that a unit has not confirmed (代填)."""
    for method in plan.methods():
        if method.needs_review:
            yield warn(
                "mapping_review",
                "The mapping of method {element} to the head office's plan needs a review",
                section="strategies",
                element_id=method.id,
                element=method.id,
            )
        elif not method.bureau_ref:
            yield warn(
                "mapping_missing",
                "Method {element} is neither mapped to the head office's plan nor marked as the branch's own",
                section="strategies",
                element_id=method.id,
                element=method.id,
            )
    for action in plan.actions():
        if action.filled_for:
            yield warn(
                "filled_row_unconfirmed",
                "{unit} has not confirmed action {action}, which was filled in for it",
                section="strategies",
                element_id=action.id,
                action=action.id,
                unit=plan.unit_label(action.filled_for),
            )


def _steps(plan: Plan) -> Iterator[Finding]:
    steps = plan.sections.steps
    if not steps.text.strip():
        yield block("steps_empty", "The steps are empty", section="steps")
    if not steps.reporting:
        yield block("steps_reporting", "The steps lack reporting to the head office", section="steps")
    if not steps.publication:
        yield block("steps_publication", "The steps lack the publication of the plan", section="steps")


def _assessment(plan: Plan) -> Iterator[Finding]:
    assessment = plan.sections.assessment
    if not assessment.text.strip():
        yield block("assessment_empty", "The assessment is empty", section="assessment")
    for id, on in (("K2", assessment.k2_on), ("K3", assessment.k3_on), ("K4", assessment.k4_on)):
        if on is None:
            yield block(
                "assessment_date",
                "The assessment lacks the date {id}",
                section="assessment",
                element_id=id,
                id=id,
            )


def _rewards(plan: Plan, active: Collection[str]) -> Iterator[Finding]:
    rewards = plan.sections.rewards
    if not rewards.text.strip():
        yield block("rewards_empty", "The rewards are empty", section="rewards")
    if rewards.rule_version not in active:
        yield block(
            "rewards_rule", "The rewards do not link to a reward rule that is in force", section="rewards"
        )
