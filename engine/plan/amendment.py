"""Amending a plan in effect (修正補充, 捌): how much a change weighs, and which targets it lowers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Literal

from engine.plan.differences import Change
from engine.plan.document_json import decimal_text
from engine.plan.roc import roc_to_ad_year
from engine.plan.tree import Action, Plan, Target
from engine.plan.vocabulary import COMPARATOR_LABELS

# A typing error touches a few characters only [assume]; the setting `errata_characters` changes it.
TYPING_CHARACTERS = 10
_NUMBERS = re.compile(r"[0-9]+|[〇零一二三四五六七八九十百千萬半]+")
_WEIGHTY = "不未無非免得應須勿禁"
_TEXTS = frozenset(
    ("title", "summary", "sections.basis", "sections.goal", "sections.scope", "sections.strategies",
     "sections.steps.text", "sections.assessment.text", "sections.rewards.text", "sections.supplement")
)  # fmt: skip
_INTERNAL = frozenset(
    ("handler", "evidence_kinds", "creative", "inclusive", "tags", "filled_by", "filled_for", "needs_review",
     "sections.supplement")
)  # fmt: skip
_ROW = re.compile(r"[0-9]+(?:\.[0-9]+)*\.(?P<field>[a-z_]+)")
_PERIODS = ("quarter", "half_year", "year", "2years")

Weight = Literal["typing", "internal", "substantive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredTarget:
    """A target that asks for less than before; `after` is None when it is gone."""

    action_id: str
    summary: str
    indicator: str
    before: str
    after: str | None


def weight_of(change: Change, most_characters: int = TYPING_CHARACTERS) -> Weight:
    """What a change is: a typing error, the branch's own business, or substance (A15).

    Substance is what a required section says, a strategy, a method, an action, a responsible unit or a
    target: the bureau acknowledged it, so that a change goes to the bureau again.
    """
    field = _field(change.path)
    corrected = change.before is not None and change.after is not None
    if (
        field in _TEXTS
        and corrected
        and is_typing_error(change.before or "", change.after or "", most_characters)
    ):
        return "typing"
    return "internal" if field in _INTERNAL or field.startswith("not_applicable.") else "substantive"


def is_typing_error(before: str, after: str, most_characters: int = TYPING_CHARACTERS) -> bool:
    """Whether only letters were put right: few characters, no number, and no word that binds or denies."""
    if not before.strip() or not after.strip():
        return False
    if _NUMBERS.findall(before) != _NUMBERS.findall(after):
        return False
    if any(before.count(word) != after.count(word) for word in _WEIGHTY):
        return False
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in steps if tag != "equal") <= most_characters


def beyond_typing(changes: Iterable[Change], most_characters: int = TYPING_CHARACTERS) -> tuple[Change, ...]:
    """The changes that a 勘誤 must not make."""
    return tuple(change for change in changes if weight_of(change, most_characters) != "typing")


def goes_to_bureau(changes: Iterable[Change], most_characters: int = TYPING_CHARACTERS) -> bool:
    """Whether the plan must be reported again (A15)."""
    return any(weight_of(change, most_characters) == "substantive" for change in changes)


def lowered_targets(before: Plan, after: Plan) -> tuple[LoweredTarget, ...]:
    """Every target of the earlier plan that the later one eases or drops."""
    now = {action.id: action for action in after.actions()}
    return tuple(
        LoweredTarget(
            action_id=action.id,
            summary=action.summary,
            indicator=target.indicator,
            before=target_words(target),
            after=None if left is None else target_words(left),
        )
        for action in before.actions()
        for target in action.targets
        if (left := _target(now.get(action.id), target.indicator)) is None or is_lower(target, left)
    )


def is_lower(before: Target, after: Target) -> bool:
    """Whether a target asks for less, or for something that cannot be compared with what it asked for."""
    if (before.comparator, before.unit) != (after.comparator, after.unit):
        return True
    if _PERIODS.index(after.period) > _PERIODS.index(before.period):
        return True
    return after.value > before.value if before.comparator == "<=" else after.value < before.value


def lowering_needs_reason(roc_year: int, on: date, *, result_known: bool) -> bool:
    """A target lowered after 1 October, or after its result is known, needs the director's own reason."""
    return result_known or on > date(roc_to_ad_year(roc_year), 10, 1)


def target_words(target: Target) -> str:
    """What a target asks for, in one line."""
    return f"{COMPARATOR_LABELS[target.comparator]} {decimal_text(target.value)} {target.unit}"


def _field(path: str) -> str:
    row = _ROW.fullmatch(path)
    return row["field"] if row else "title" if path == "plan.title" else path


def _target(action: Action | None, indicator: str) -> Target | None:
    targets = action.targets if action else ()
    return next((target for target in targets if target.indicator == indicator), None)
