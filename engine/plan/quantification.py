"""伍.三: as concrete and quantified as possible. Soft by design; only a missing reason stops the plan."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import combinations

from engine.plan.finding import Finding, block, warn
from engine.plan.tree import Action, ActionKind, Plan, Target
from engine.plan.vocabulary import MEASURE_UNITS, VAGUE_ADVERBS

MIN_REASON = 10
QUANTIFIED_PERCENT = 30
SIMILAR_PERCENT = 80

_SECTION = "strategies"
_DIGIT = re.compile(r"[0-9０-９]")
_VAGUE = re.compile("|".join(sorted(VAGUE_ADVERBS, key=len, reverse=True)))


def is_countable(target: Target) -> bool:
    """Whether a target can be checked: a value above zero, a known unit and a rule of what counts."""
    return target.value > 0 and target.unit in MEASURE_UNITS and bool(target.counting_rule.strip())


def action_kind(action: Action) -> ActionKind:
    """Quantified by a countable target with evidence, else a dated deliverable, else narrative."""
    if action.evidence_kinds and any(is_countable(target) for target in action.targets):
        return "quantified"
    if action.milestone.strip() and action.milestone_on is not None:
        return "milestone"
    return "narrative"


def quantified_percent(plan: Plan) -> Fraction:
    """The share of quantified actions in per cent; 0 for a plan without actions."""
    kinds = [action_kind(action) for action in plan.actions()]
    return Fraction(100 * kinds.count("quantified"), len(kinds)) if kinds else Fraction(0)


def missing_reasons(plan: Plan) -> tuple[Finding, ...]:
    """The only block of 伍.三: a narrative action that does not say why it has no number."""
    return tuple(
        block(
            "reason_missing",
            "Action {action} needs a target, a dated milestone, or a reason of at least {count} characters",
            section=_SECTION,
            element_id=action.id,
            action=action.id,
            count=MIN_REASON,
        )
        for action in plan.actions()
        if action_kind(action) == "narrative" and len(action.narrative_reason.strip()) < MIN_REASON
    )


def check_quantification(plan: Plan, *, quantified_share: int = QUANTIFIED_PERCENT) -> tuple[Finding, ...]:
    """All findings of 伍.三: blocks, then warnings on share, vague words, weak targets, twin texts."""
    return (
        *missing_reasons(plan),
        *_low_share(plan, quantified_share),
        *_vague_words(plan),
        *_weaker_targets(plan),
        *_twin_texts(plan),
    )


def check_evidence_use(evidence: Mapping[tuple[str, str], Collection[str]]) -> tuple[Finding, ...]:
    """Warn where one file is counted in two targets; `evidence` is files by (action id, indicator)."""
    return tuple(
        warn(
            "evidence_counted_twice",
            "The evidence {evidence} is counted for {first} and for {second}",
            section=_SECTION,
            element_id=second[0],
            evidence=file,
            first=" ".join(first),
            second=" ".join(second),
        )
        for first, second in combinations(sorted(evidence), 2)
        for file in sorted(set(evidence[first]) & set(evidence[second]))
    )


def is_weaker(target: Target, baseline_target: Target | None = None) -> bool:
    """Whether a target asks for less than last year's actual, or than `baseline_target` asks."""
    mark = target.baseline if baseline_target is None else baseline_target.value
    if mark is None:
        return False
    return target.value > mark if target.comparator == "<=" else target.value < mark


def _low_share(plan: Plan, wanted: int) -> Iterator[Finding]:
    share = quantified_percent(plan)
    if any(plan.actions()) and share < wanted:
        yield warn(
            "quantified_share",
            "Only {percent} percent of the actions are quantified; {wanted} percent are expected",
            section=_SECTION,
            percent=int(share),
            wanted=wanted,
        )


def _vague_words(plan: Plan) -> Iterator[Finding]:
    for action in plan.actions():
        if action_kind(action) == "quantified" or _DIGIT.search(action.summary):
            continue
        for word in dict.fromkeys(_VAGUE.findall(action.summary)):
            yield warn(
                "vague_word",
                "Action {action} says {word} without a number",
                section=_SECTION,
                element_id=action.id,
                action=action.id,
                word=word,
            )


def _weaker_targets(plan: Plan) -> Iterator[Finding]:
    for action in plan.actions():
        for target in action.targets:
            if is_weaker(target):
                yield warn(
                    "weaker_than_last_year",
                    "The target {indicator} of action {action} asks for less than last year's {baseline}",
                    section=_SECTION,
                    element_id=action.id,
                    action=action.id,
                    indicator=target.indicator,
                    baseline=str(target.baseline),
                )


def _twin_texts(plan: Plan) -> Iterator[Finding]:
    for first, second in combinations(plan.actions(), 2):
        percent = _similar_percent(first.summary.strip(), second.summary.strip())
        if percent >= SIMILAR_PERCENT:
            yield warn(
                "similar_text",
                "Actions {first} and {second} share {percent} percent of their text",
                section=_SECTION,
                element_id=second.id,
                first=first.id,
                second=second.id,
                percent=percent,
            )


def _similar_percent(first: str, second: str) -> int:
    """Whole per cent; 0 when a cheap upper bound already shows that the texts are not alike."""
    if not first or not second:
        return 0
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    wanted = SIMILAR_PERCENT / 100
    if matcher.real_quick_ratio() < wanted or matcher.quick_ratio() < wanted:
        return 0
    return int(matcher.ratio() * 100)
