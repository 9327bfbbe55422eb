"""What may happen to a plan: each transition gives a new plan and leaves the old one as it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from engine.plan.deadlines import nominal_dates
from engine.plan.rule_error import PlanRuleError
from engine.plan.tree import Action, BasisLetter, Method, Plan, Sections

MIN_REASON = 10


def with_unit_actions(
    plan: Plan,
    unit: str,
    actions: Mapping[str, Sequence[Action]],
    filled_by: str | None = None,
    seen: Plan | None = None,
) -> Plan:
    """The plan after a unit handed in its rows, by method id.

    Within each method named, its rows replace what it owned: a row with a known id is changed, one without id
    is added with the next free id, one that is missing loses this unit as owner and vanishes with its last
    owner. Other methods and rows of other units stay. Ids never move here, so that entries made on the same
    plan can be taken in one after the other; `renumber` closes the gaps in the end.
    `seen` is the plan that the unit worked on: rows that it left alone keep what others wrote since.
    `filled_by` marks the rows as written for the unit by somebody else (代填); its own entry clears that.

    PlanRuleError: a method that is not the unit's; a row that the unit does not own; a row that both the unit
    and somebody else changed since `seen`.
    """
    for method_id in actions:
        if unit not in plan.method(method_id).units:
            raise PlanRuleError("Method {method} is not assigned to {unit}", method=method_id, unit=unit)

    def change(method: Method) -> Method:
        if method.id not in actions:
            return method
        return _with_rows(method, unit, tuple(actions[method.id]), filled_by, seen)

    applicable = {id: reason for id, reason in plan.not_applicable.items() if id != unit}
    return _map_methods(replace(plan, not_applicable=applicable), change)


def with_not_applicable(plan: Plan, unit: str, reason: str) -> Plan:
    """The plan after a unit said that nothing concerns it: it owns no action, its reason stands instead.

    PlanRuleError when the reason is shorter than 10 characters.
    """
    if len(reason.strip()) < MIN_REASON:
        raise PlanRuleError(
            "Say in at least {count} characters why the plan does not concern {unit}",
            count=MIN_REASON,
            unit=unit,
        )
    nothing: dict[str, tuple[Action, ...]] = {m.id: () for m in plan.methods() if unit in m.units}
    without = with_unit_actions(plan, unit, nothing)
    return replace(without, not_applicable={**without.not_applicable, unit: reason.strip()})


def with_assignment(plan: Plan, method_id: str, units: Sequence[str], bureau_ref: str | None) -> Plan:
    """The plan with a method given to units and mapped to the bureau's item; this settles its review.

    A unit that is no longer responsible loses its actions; what nobody owns any more goes to all its units.
    PlanRuleError: no unit, or a unit that the plan does not know.
    """
    plan.method(method_id)
    if not units:
        raise PlanRuleError("Method {method} needs at least one responsible unit", method=method_id)
    known = {unit.id for unit in plan.units}
    for unit in units:
        if unit not in known:
            raise PlanRuleError("The plan does not know the unit {unit}", unit=unit)

    def own(action: Action) -> Action:
        return replace(action, owner_units=tuple(u for u in action.owner_units if u in units) or tuple(units))

    def assign(method: Method) -> Method:
        if method.id != method_id:
            return method
        return replace(
            method,
            units=tuple(units),
            bureau_ref=bureau_ref,
            needs_review=False,
            actions=tuple(own(action) for action in method.actions),
        )

    return _map_methods(plan, assign)


def with_sections(plan: Plan, sections: Sections) -> Plan:
    """The plan with other texts of its chapters."""
    return replace(plan, sections=sections)


def with_basis(plan: Plan, basis: Sequence[BasisLetter]) -> Plan:
    """The plan with another list of letters that it rests on."""
    return replace(plan, basis=tuple(basis))


def confirm_filled_rows(plan: Plan, unit: str) -> Plan:
    """The plan after a unit confirmed the rows that were written for it (代填)."""

    def confirm(action: Action) -> Action:
        return replace(action, filled_by=None, filled_for=None) if action.filled_for == unit else action

    return _map_actions(plan, confirm)


def renumber(plan: Plan) -> Plan:
    """The plan with generated ids: strategies 1, methods 1.1, actions 1.1.1, without gaps."""
    strategies = []
    for s, strategy in enumerate(plan.strategies, start=1):
        methods = []
        for m, method in enumerate(strategy.methods, start=1):
            rows = tuple(
                replace(action, id=f"{s}.{m}.{a}") for a, action in enumerate(method.actions, start=1)
            )
            methods.append(replace(method, id=f"{s}.{m}", actions=rows))
        strategies.append(replace(strategy, id=str(s), methods=tuple(methods)))
    return replace(plan, strategies=tuple(strategies))


def number_new(plan: Plan, before: Plan) -> Plan:
    """The plan with the next free ids for rows that have none; numbers that results are filed under stay.

    What `before` had and this plan has not keeps its number for itself: nothing new is filed under it.
    """
    taken = {row for each in (plan, before) for row in _row_ids(each)}
    strategies = []
    for strategy in plan.strategies:
        strategy_id = strategy.id or _next_free("", taken)
        methods = []
        for method in strategy.methods:
            method_id = method.id or _next_free(f"{strategy_id}.", taken)
            rows = tuple(replace(a, id=a.id or _next_free(f"{method_id}.", taken)) for a in method.actions)
            methods.append(replace(method, id=method_id, actions=rows))
        strategies.append(replace(strategy, id=strategy_id, methods=tuple(methods)))
    return replace(plan, strategies=tuple(strategies))


def flag_for_review(plan: Plan, bureau_refs: Collection[str]) -> Plan:
    """The plan after the bureau changed those items of its own plan: what answers them 需重新檢視."""
    return _map_methods(
        plan,
        lambda method: replace(method, needs_review=True) if method.bureau_ref in bureau_refs else method,
    )


def copy_for_year(
    plan: Plan, roc_year: int, actuals: Mapping[tuple[str, str], Decimal] | None = None
) -> Plan:
    """Last year's plan as the starting point of a later year.

    Dates move to the new year, actuals by (action id, indicator) become baselines, every mapping to the
    bureau's plan needs a review, and what belonged to last year's round (not applicable, 代填) is dropped.
    PlanRuleError when the year is not later.
    """
    if roc_year <= plan.roc_year:
        raise PlanRuleError(
            "The plan of {old} can be copied only for a later year, not {new}",
            old=plan.roc_year,
            new=roc_year,
        )
    results = actuals or {}
    years = roc_year - plan.roc_year
    nominal = nominal_dates(roc_year)
    assessment = replace(
        plan.sections.assessment, k2_on=nominal["K2"], k3_on=nominal["K3"], k4_on=nominal["K4"]
    )

    def move(action: Action) -> Action:
        return replace(
            action,
            targets=tuple(replace(t, baseline=results.get((action.id, t.indicator))) for t in action.targets),
            milestone_on=action.milestone_on and _years_later(action.milestone_on, years),
            filled_by=None,
            filled_for=None,
        )

    copied = replace(
        plan,
        roc_year=roc_year,
        title=plan.title.replace(f"{plan.roc_year}年", f"{roc_year}年"),
        sections=replace(plan.sections, assessment=assessment),
        not_applicable={},
    )
    return _map_methods(_map_actions(copied, move), lambda method: replace(method, needs_review=True))


def _years_later(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year + years)
    except ValueError:
        return on.replace(year=on.year + years, day=28)


def _row_ids(plan: Plan) -> Iterator[str]:
    yield from (strategy.id for strategy in plan.strategies)
    yield from (method.id for method in plan.methods())
    yield from (action.id for action in plan.actions())


def _next_free(prefix: str, taken: set[str]) -> str:
    """The next number below a prefix; it is taken from now on."""
    numbers = (id.removeprefix(prefix) for id in taken if id.startswith(prefix))
    free = f"{prefix}{max((int(number) for number in numbers if number.isdecimal()), default=0) + 1}"
    taken.add(free)
    return free


def _map_methods(plan: Plan, change: Callable[[Method], Method]) -> Plan:
    return replace(
        plan,
        strategies=tuple(
            replace(strategy, methods=tuple(change(method) for method in strategy.methods))
            for strategy in plan.strategies
        ),
    )


def _map_actions(plan: Plan, change: Callable[[Action], Action]) -> Plan:
    return _map_methods(
        plan, lambda method: replace(method, actions=tuple(change(action) for action in method.actions))
    )


def _with_rows(
    method: Method, unit: str, given: tuple[Action, ...], filled_by: str | None, seen: Plan | None
) -> Method:
    owned = {action.id for action in method.actions if unit in action.owner_units}
    by_id = {row.id: row for row in given if row.id}
    for action_id in by_id:
        if action_id not in owned:
            raise PlanRuleError("Action {action} does not belong to {unit}", action=action_id, unit=unit)
    before = {} if seen is None else {action.id: action for action in seen.method(method.id).actions}
    kept: list[Action] = []
    for current in method.actions:
        if current.id not in owned:
            kept.append(current)
        elif current.id in by_id:
            merged = _merged(current, by_id[current.id], before.get(current.id))
            kept.append(_marked(merged, unit, filled_by))
        elif len(current.owner_units) > 1:
            kept.append(replace(current, owner_units=tuple(u for u in current.owner_units if u != unit)))
    last = max((_ordinal(id) for id in (*(a.id for a in method.actions), *before)), default=0)
    added = [
        _marked(replace(row, id=f"{method.id}.{n}", owner_units=(unit,)), unit, filled_by)
        for n, row in enumerate((row for row in given if not row.id), start=last + 1)
    ]
    return replace(method, actions=(*kept, *added))


def _merged(current: Action, row: Action, before: Action | None) -> Action:
    """The row after the unit's entry, when `before` is what the unit had been shown."""
    row = replace(
        row, owner_units=current.owner_units, filled_by=current.filled_by, filled_for=current.filled_for
    )
    if before is not None and _content(current) != _content(before):
        if _content(row) == _content(before):
            return current
        if _content(row) != _content(current):
            raise PlanRuleError("Action {action} was changed by another unit in the meantime", action=row.id)
    return row


def _content(action: Action) -> Action:
    """What a row says, without whose it is and who filled it in."""
    return replace(action, owner_units=(), filled_by=None, filled_for=None)


def _marked(action: Action, unit: str, filled_by: str | None) -> Action:
    if filled_by:
        return replace(action, filled_by=filled_by, filled_for=unit)
    if action.filled_for in (unit, None):
        return replace(action, filled_by=None, filled_for=None)
    return action


def _ordinal(action_id: str) -> int:
    return int(action_id.rpartition(".")[2])
