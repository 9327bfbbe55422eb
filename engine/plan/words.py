"""The words of a plan by the element that they belong to: chapters, strategies, methods, actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.plan.tree import Method, Plan, Sections, Strategy
from engine.plan.vocabulary import SECTION_LABELS


def words_of(plan: Plan) -> dict[str, str]:
    """Element id -> its text, in the plan's order; chapters come first."""
    own = plan.sections
    words = {
        "basis": own.basis, "goal": own.goal, "scope": own.scope, "strategies": own.strategies,
        "steps": own.steps.text, "assessment": own.assessment.text, "rewards": own.rewards.text,
        "supplement": own.supplement,
    }  # fmt: skip
    for strategy in plan.strategies:
        words[strategy.id] = strategy.title
        for method in strategy.methods:
            words[method.id] = method.title
            words |= {action.id: action.summary for action in method.actions}
    return words


def element_labels(plan: Plan) -> dict[str, str]:
    """Element id -> what it is called in a list: chapters by name, rows by number and first words."""
    return {
        id: SECTION_LABELS.get(id) or f"{id} {text[:40]}"
        for id, text in words_of(plan).items()
    }  # fmt: skip


def with_words(plan: Plan, words: Mapping[str, str]) -> Plan:
    """The plan with other texts for some of its elements; nothing else changes."""
    strategies = tuple(_strategy(strategy, words) for strategy in plan.strategies)
    return replace(plan, sections=_sections(plan.sections, words), strategies=strategies)


def _sections(old: Sections, words: Mapping[str, str]) -> Sections:
    return replace(
        old,
        basis=words.get("basis", old.basis),
        goal=words.get("goal", old.goal),
        scope=words.get("scope", old.scope),
        strategies=words.get("strategies", old.strategies),
        steps=replace(old.steps, text=words.get("steps", old.steps.text)),
        assessment=replace(old.assessment, text=words.get("assessment", old.assessment.text)),
        rewards=replace(old.rewards, text=words.get("rewards", old.rewards.text)),
        supplement=words.get("supplement", old.supplement),
    )


def _strategy(old: Strategy, words: Mapping[str, str]) -> Strategy:
    methods = tuple(_method(method, words) for method in old.methods)
    return replace(old, title=words.get(old.id, old.title), methods=methods)


def _method(old: Method, words: Mapping[str, str]) -> Method:
    actions = tuple(replace(action, summary=words.get(action.id, action.summary)) for action in old.actions)
    return replace(old, title=words.get(old.id, old.title), actions=actions)
