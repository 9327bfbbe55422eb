"""Drafting (研訂): the first draft, the methods' units and dates, changes of the bureau's plan."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.deadlines import (
    MOVED_BY,
    move_deadlines,
    moved_date_faults,
    moved_dates,
    plan_deadline,
)
from engine.activities.improvement import open_improvements
from engine.activities.letter_entries import ISSUERS, basis_letter, incoming_letter, require_faultless
from engine.activities.moments import end_of_day, watch_dates
from engine.activities.plan_documents import RELEASE, is_amendment, plan_key_of, released_plan
from engine.activities.working_plan import (
    AGENCY_NAME,
    PLAN,
    load_plan,
    parse_day,
    plan_units,
    refused,
    save_plan,
)
from engine.activities.year_schedule import schedule_of
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.plan.document import (
    Method,
    Plan,
    Sections,
    Strategy,
    copy_for_year,
    flag_for_review,
    from_json,
    number_new,
    renumber,
    with_basis,
)
from engine.plan.rule_error import PlanRuleError
from engine.plan.vocabulary import ALL_UNITS, LINE_UNITS, OWN_METHOD
from engine.store.unit_of_work import Reader, UnitOfWork

GROUPS = {"all_units": ALL_UNITS, "line_units": LINE_UNITS}


def prepare_draft(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The draft of this round: last year's plan moved to this year or an empty one, with the new letter.

    `drafting` says how the round begins: the methods are assigned, single units are asked, or the texts are
    compiled at once; by when the signed plan must stand; and which levels sign it.
    """
    plan_key, drafting = plan_key_of(call), call.data["drafting"]
    found = uow.documents.find(plan_key, PLAN)
    plan = from_json(found.body) if found else _first_draft(uow, plan_key, int(call.data["roc_year"]))
    plan = _with_dates(uow, _with_bureau_letter(uow, plan, call.data.get("register_bureau_plan", {})))
    save_plan(uow, plan_key, plan, "draft")
    return {
        "way": drafting["way"],
        "label": plan.title,
        "chain": drafting["chain"],
        "assign_due": end_of_day(uow.calendar.add_working_days(uow.today, 1)),
        "compile_due": drafting["due"]["due"],
        "compile_late_after": drafting["due"].get("late_after"),
    }


def assignments(reader: Reader, task: Task) -> FormContent:
    """One row for every method, with last year's units and a date before the plan is due."""
    plan = load_plan(reader, plan_key_of(task))
    due_on = _default_due(reader, task)
    rows = [
        {
            "method": method.id,
            "strategy": strategy.title,
            "title": method.title,
            "units": _folded(plan, method.units),
            "unit_due": due_on,
            **({"bureau_ref": method.bureau_ref} if method.bureau_ref else {}),
        }
        for strategy in plan.strategies
        for method in strategy.methods
    ]
    units = [*GROUPS.items(), *((unit.id, unit.label) for unit in plan.units)]
    return FormContent(
        values={"assignments": rows} if rows else {},
        choices={"units": units, "bureau_refs": _bureau_refs(reader, plan)},
        panels={
            "to_review": [method.id for method in plan.methods() if method.needs_review],
            "improvements": open_improvements(reader, f"{plan.agency_id}:{plan.roc_year - 1}"),
        },
    )


def check_assignments(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Every date is a working day from tomorrow on and before the plan is due (F2); an amendment changes."""
    faults = list(_assignment_faults(reader, task, values["assignments"]))
    if not faults and is_amendment(task):
        plan = load_plan(reader, plan_key_of(task))
        if not _reassigned(plan, _with_assignments(plan, values["assignments"], number_new)):
            return [FieldError(path="assignments", template="Nothing differs from the version in effect")]
    return faults


def assign(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Write the methods with their units into the plan; the earliest date of its methods holds for a unit.

    An amendment keeps the numbers under which results are filed, and asks only units of changed methods.
    """
    plan_key, before = plan_key_of(task), load_plan(uow, plan_key_of(task))
    plan = _with_assignments(before, values["assignments"], number_new if is_amendment(task) else _anew)
    uow.documents.put(plan_key, "assignment", "", values)
    save_plan(uow, plan_key, plan, "assigned")
    dates: dict[str, str] = {}
    for row in values["assignments"]:
        for unit in _expanded(plan, row["units"]):
            dates[unit] = min(dates.get(unit, row["unit_due"]), row["unit_due"])
    if is_amendment(task):
        asked = {unit for method in _reassigned(before, plan) for unit in method.units}
        dates = {unit: due for unit, due in dates.items() if unit in asked}
    notes = {unit: _notes(plan, unit, values["assignments"]) for unit in dates}
    return {"units": _in_order(plan, dates), "due": dates, "notes": {u: n for u, n in notes.items() if n}}


def open_contributions(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The units that are asked now, and the timers of each, computed once from the calendar."""
    compiled = call.data.get("compile_plan", {})
    if compiled.get("decision") == "ask_units":
        units = list(compiled["ask_units"])
        due = dict.fromkeys(units, compiled["ask_due"])
        notes = dict.fromkeys(units, compiled["ask_note"])
    else:
        given = call.data["drafting"].get("asked") or call.data["assign_units"]
        units, due, notes = given["units"], given["due"], given["notes"]
    dates = {unit: watch_dates(date.fromisoformat(due[unit]), uow.calendar, uow.now) for unit in units}
    return {"units": units, "dates": dates, "notes": notes}


def flag_changed_items(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The bureau changed its plan: enter its letter, mark what answers the changed items 需重新檢視."""
    plan_key, values = plan_key_of(call), call.data["bureau_plan_changed"]
    require_faultless(uow, values, ISSUERS[values["issuer"]])
    faults = tuple(moved_date_faults(uow, values))
    if faults:
        raise Invalid(faults)
    letter = uow.letters.register(incoming_letter(plan_key, values))
    move_deadlines(uow, plan_key, moved_dates(values, letter.full_number))
    plan = _with_dates(uow, load_plan(uow, plan_key))
    plan = with_basis(plan, (*plan.basis, basis_letter(letter, plan.roc_year)))
    flagged = flag_for_review(plan, values["changed_refs"])
    save_plan(uow, plan_key, flagged, "bureau_plan_changed")
    return {"letter_id": letter.id, "methods": [m.id for m in flagged.methods() if m.needs_review]}


def _first_draft(uow: UnitOfWork, plan_key: str, roc_year: int) -> Plan:
    agency_id = plan_key.rpartition(":")[0]
    last_year = f"{agency_id}:{roc_year - 1}"
    if uow.documents.find(last_year, RELEASE) is not None:
        return copy_for_year(released_plan(uow, last_year), roc_year, _actuals(uow, last_year))
    before = uow.documents.find(last_year, PLAN)
    if before is not None:
        return copy_for_year(from_json(before.body), roc_year, _actuals(uow, last_year))
    units = plan_units(uow)
    return Plan(
        agency=AGENCY_NAME,
        agency_id=agency_id,
        roc_year=roc_year,
        title=f"{roc_year}年度提升服務效能執行計畫",
        units=units,
        sections=Sections(scope_units=tuple(unit.id for unit in units)),
    )


def _with_dates(uow: UnitOfWork, plan: Plan) -> Plan:
    """陸: the plan names the dates that bind it; only a letter of the bureau moves them."""
    k2, k3, k4 = (plan_deadline(uow, plan.key, id).nominal_on for id in MOVED_BY.values())
    assessment = replace(plan.sections.assessment, k2_on=k2, k3_on=k3, k4_on=k4)
    return replace(plan, sections=replace(plan.sections, assessment=assessment))


def _actuals(uow: UnitOfWork, plan_key: str) -> dict[tuple[str, str], Decimal]:
    """Last year's numbers by action and indicator, summed over the units that reported them."""
    totals: dict[tuple[str, str], Decimal] = {}
    for report in uow.documents.list(plan_key, "self_report"):
        for row in report.body.get("rows", ()):
            if row.get("actual") and row.get("indicator"):
                key = (str(row["action_id"]), str(row["indicator"]))
                totals[key] = totals.get(key, Decimal(0)) + Decimal(row["actual"])
    return totals


def _with_bureau_letter(uow: UnitOfWork, plan: Plan, registered: Mapping[str, Any]) -> Plan:
    """壹: the plan rests on this year's letter of the bureau; last year's one leaves the list."""
    if not registered or any(letter.bureau_plan_year == plan.roc_year for letter in plan.basis):
        return plan
    letter = uow.letters.get(int(registered["letter_id"]))
    kept = [old for old in plan.basis if old.bureau_plan_year is None]
    return with_basis(plan, (*kept, basis_letter(letter, plan.roc_year)))


def _default_due(reader: Reader, task: Task) -> str:
    k1_on = date.fromisoformat(task.inputs["drafting.due"]["internal_due_on"])
    lead = schedule_of(reader, plan_key_of(task)).unit_lead_days
    return reader.calendar.add_working_days(k1_on, -lead).isoformat()


def _bureau_refs(reader: Reader, plan: Plan) -> list[tuple[str, str]]:
    registered = reader.documents.find(plan.key, "bureau_plan")
    items = registered.body["items"] if registered else []
    known = {item["ref"]: f"{item['ref']} {item['title']}" for item in items}
    mapped = {
        m.bureau_ref: m.bureau_ref for m in plan.methods() if m.bureau_ref and m.bureau_ref not in known
    }
    return [*known.items(), *((r, t) for r, t in mapped.items() if r != OWN_METHOD), (OWN_METHOD, OWN_METHOD)]


def _folded(plan: Plan, units: Sequence[str]) -> list[str]:
    words = plan.units_text(tuple(units))
    return next(([group] for group, label in GROUPS.items() if label == words), list(units))


def _expanded(plan: Plan, chosen: Sequence[str]) -> tuple[str, ...]:
    """各單位 and 各業務單位 stand for their units, in the plan's order (A14: offices count as line units)."""
    wanted = {
        unit.id
        for unit in plan.units
        if "all_units" in chosen or unit.id in chosen or ("line_units" in chosen and unit.kind == "line")
    }
    return tuple(unit.id for unit in plan.units if unit.id in wanted)


def _in_order(plan: Plan, units: Mapping[str, Any]) -> list[str]:
    return [unit.id for unit in plan.units if unit.id in units]


def _notes(plan: Plan, unit: str, rows: Sequence[Mapping[str, Any]]) -> str:
    return "；".join(row["note"] for row in rows if row.get("note") and unit in _expanded(plan, row["units"]))


def _assignment_faults(reader: Reader, task: Task, rows: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    k1_on = date.fromisoformat(task.inputs["drafting.due"]["internal_due_on"])
    known = {method.id for method in load_plan(reader, plan_key_of(task)).methods()}
    for index, row in enumerate(rows):
        path, due_on = f"assignments/{index}/unit_due", parse_day(row["unit_due"])
        if row.get("method", "") not in {"", *known}:
            yield FieldError(
                path=f"assignments/{index}/method", template="The plan has no such method any more"
            )
        if due_on is None:
            continue
        if due_on <= reader.today:
            yield FieldError(path=path, template="Choose a day after today")
        elif due_on >= k1_on:
            yield FieldError(
                path=path,
                template="Choose a day before the plan is due on {due}",
                params={"due": k1_on.isoformat()},
            )
        else:
            yield from _holiday_faults(reader, due_on, path)


def _holiday_faults(reader: Reader, on: date, path: str) -> Iterator[FieldError]:
    try:
        if not reader.calendar.is_working_day(on):
            yield FieldError(path=path, template="Choose a working day")
    except PlanRuleError as error:
        yield from refused(error, path).errors


def working_day_faults(reader: Reader, on: date | None, path: str) -> Iterator[FieldError]:
    """Faults of a date that must be a working day after today."""
    if on is not None and on <= reader.today:
        yield FieldError(path=path, template="Choose a day after today")
    elif on is not None:
        yield from _holiday_faults(reader, on, path)


def _with_assignments(
    plan: Plan, rows: Sequence[Mapping[str, Any]], numbered: Callable[[Plan, Plan], Plan]
) -> Plan:
    """The plan whose strategies and methods are those of the rows; the actions of known methods stay."""
    known = {method.id: method for method in plan.methods()}
    methods: dict[str, list[Method]] = {}
    for row in rows:
        old = known.get(row.get("method", ""), Method(id="", title=""))
        units = _expanded(plan, row["units"])
        owned = tuple(_with_owners(action.owner_units, units) for action in old.actions)
        actions = tuple(replace(a, owner_units=o) for a, o in zip(old.actions, owned, strict=True))
        method = replace(
            old, title=row["title"], units=units, bureau_ref=row.get("bureau_ref") or None,
            needs_review=False, actions=actions,
        )  # fmt: skip
        methods.setdefault(row["strategy"], []).append(method)
    ids = {strategy.title: strategy.id for strategy in plan.strategies}
    strategies = tuple(
        Strategy(id=ids.get(title, ""), title=title, methods=tuple(each)) for title, each in methods.items()
    )
    scope = tuple(
        unit.id for unit in plan.units if any(unit.id in m.units for s in strategies for m in s.methods)
    )
    assigned = replace(plan, strategies=strategies, sections=replace(plan.sections, scope_units=scope))
    return numbered(assigned, plan)


def _anew(plan: Plan, _: Plan) -> Plan:
    return renumber(plan)


def _reassigned(before: Plan, after: Plan) -> list[Method]:
    """Methods that are new, renamed, moved, in other hands, or gone."""
    was, now = _placed(before), _placed(after)
    changed = [now[id][1] for id in now if _assigned_as(was.get(id)) != _assigned_as(now[id])]
    return changed + [method for id, (_, method) in was.items() if id not in now]


def _placed(plan: Plan) -> dict[str, tuple[str, Method]]:
    return {
        method.id: (strategy.title, method) for strategy in plan.strategies for method in strategy.methods
    }


def _assigned_as(placed: tuple[str, Method] | None) -> tuple[Any, ...] | None:
    return placed and (placed[0], placed[1].title, placed[1].units, placed[1].bureau_ref)


def _with_owners(owners: tuple[str, ...], units: tuple[str, ...]) -> tuple[str, ...]:
    """An action stays with the owners that are still responsible, or goes to all the method's units (A18)."""
    kept = tuple(unit for unit in owners if unit in units)
    return kept or units


ACTIVITIES: dict[str, Activity] = {
    "drafting.prepare_draft": prepare_draft,
    "drafting.open_contributions": open_contributions,
    "drafting.flag_changed_items": flag_changed_items,
}
PREFILLS: dict[str, Prefill] = {"drafting.assignments": assignments}
CHECKS: dict[str, Check] = {"drafting.check_assignments": check_assignments}
COMPLETIONS: dict[str, Completion] = {"drafting.assign": assign}
