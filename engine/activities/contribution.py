"""What a unit contributes: rows, the chief's approval, and rows that were filled in for it (代填)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.activities.action_rows import actions_by_method, row_lines, rows_of_unit
from engine.activities.calls import Check, Completion, Prefill
from engine.activities.improvement import consideration_faults, considered, items_to_consider
from engine.activities.next_signer import next_signer, signature, signed_ids, unit_signers
from engine.activities.plan_documents import is_amendment, people_of, plan_key_of, shown
from engine.activities.working_plan import load_plan, refused, save_plan
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.document import Plan, confirm_filled_rows, with_not_applicable, with_unit_actions
from engine.plan.roc import roc_to_ad_year
from engine.plan.rule_error import PlanRuleError
from engine.store.unit_of_work import Reader, UnitOfWork

CONTRIBUTION = "contribution"


def unit_actions(reader: Reader, task: Task) -> FormContent:
    """The unit's rows as they stand in the plan now, with last year's numbers and the remarks to answer."""
    plan, unit = load_plan(reader, plan_key_of(task)), _unit(task)
    people = people_of(reader, "unit_handler", unit)
    rows = [{"handler": people[0][0], **row} if people else row for row in rows_of_unit(plan, unit)]
    others = {row["handler"] for row in rows if row.get("handler")} - dict(people).keys()
    known = dict(people) | {person: _name(reader, person) for person in sorted(others)}
    values: dict[str, Any] = {"actions": rows} if rows else {}
    if task.element_id == "edit_actions":
        values |= {"applicable": unit not in plan.not_applicable}
        if unit in plan.not_applicable:
            values["na_reason"] = plan.not_applicable[unit]
        values |= _to_consider(reader, task, unit)
    return FormContent(
        values=values,
        choices={
            "methods": [(m.id, f"{m.id} {m.title}") for m in plan.methods() if unit in m.units],
            "people": list(known.items()),
        },
        panels={"remarks": _remarks(task, unit), "comments": _comments(reader, plan, unit)},
    )


def _name(reader: Reader, person: str) -> str:
    """A contact of another unit, who answers for an action that both carry out."""
    user = reader.organisation.find_user(person)
    return f"{user.name} {user.title}".strip() if user else person


def check_actions(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """At least one action when the plan concerns the unit, and milestones within the plan's year (F3)."""
    if faults := list(consideration_faults(values)):
        return faults
    if values.get("applicable") is False:
        return []
    rows = values.get("actions", [])
    if not rows:
        return [
            FieldError(
                path="actions", template="Add at least one action, or say why the plan does not concern you"
            )
        ]
    year = roc_to_ad_year(int(task.inputs["roc_year"]))
    return list(_milestone_faults(rows, year))


def write_actions(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Write the unit's rows, or its reason why the plan does not concern it, into the plan.

    Invalid when a row belongs to another unit. What the unit saw is what is replaced: the digest of the
    form is checked before, so that of two units that edit one row the second is shown the difference.
    """
    unit = _unit(task)
    if values["applicable"]:
        return _write(uow, task, unit, values, filled_by=None)
    return _write_not_applicable(uow, task, unit, values)


def take_over(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Write rows for a unit that is very late; they are marked until the unit confirms them (代填)."""
    return _write(uow, task, _unit(task), values, filled_by=uow.actor.user_id)


def filled_rows(reader: Reader, task: Task) -> FormContent:
    """The rows that were written for the unit."""
    plan_key, unit = plan_key_of(task), _unit(task)
    contribution = reader.documents.get(plan_key, CONTRIBUTION, unit)
    return FormContent(
        shown=(shown("代填內容", contribution),),
        panels={"rows": contribution.body["lines"], "remarks": [contribution.body.get("reason", "")]},
    )


def confirm_rows(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """The unit takes over the rows that were filled in for it."""
    plan_key, unit = plan_key_of(task), _unit(task)
    plan = confirm_filled_rows(load_plan(uow, plan_key), unit)
    save_plan(uow, plan_key, plan, "rows_confirmed")
    body = {**uow.documents.get(plan_key, CONTRIBUTION, unit).body, "confirmed_by": uow.actor.user_id}
    uow.documents.put(plan_key, CONTRIBUTION, unit, {**body, "comment": values.get("comment", "")})
    return {}


def contribution_shown(reader: Reader, task: Task) -> FormContent:
    """What the unit's handler hands to the chief."""
    contribution = reader.documents.get(plan_key_of(task), CONTRIBUTION, _unit(task))
    return FormContent(
        shown=(shown("單位提報", contribution),),
        panels={
            "applicable": contribution.body["applicable"],
            "reason": contribution.body.get("reason", ""),
            "rows": contribution.body["lines"],
            "improvements": considered(contribution.body),
        },
    )


def record_chief(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the chief's decision beside the contribution."""
    plan_key, unit = plan_key_of(task), _unit(task)
    found = uow.documents.get(plan_key, CONTRIBUTION, unit)
    chief = {
        "decision": values["decision"],
        "opinion": values.get("opinion", ""),
        **signature(uow),
    }
    uow.documents.put(plan_key, CONTRIBUTION, unit, {**found.body, "chief": chief})
    return signed_ids(uow)


def considered_by_units(reader: Reader, plan_key: str) -> list[dict[str, Any]]:
    """What every unit answered about last year's open items, for those who compile the plan."""
    labels = {unit.id: unit.label for unit in reader.organisation.units()}
    return [
        {"unit": labels.get(found.key, found.key), **line}
        for found in reader.documents.list(plan_key, CONTRIBUTION)
        for line in considered(found.body)
    ]


def _to_consider(reader: Reader, task: Task, unit: str) -> dict[str, Any]:
    """Last year's open items with the answers that the unit gave before; an amendment asks for none."""
    items = [] if is_amendment(task) else items_to_consider(reader, plan_key_of(task), unit)
    if not items:
        return {}
    found = reader.documents.find(plan_key_of(task), CONTRIBUTION, unit)
    given = {row["id"]: row for row in found.body.get("improvements", ())} if found else {}
    kept = ("answer", "method", "reason")
    rows = [{**item, **{n: v for n, v in given.get(item["id"], {}).items() if n in kept}} for item in items]
    return {"to_consider": True, "improvements": rows}


def _unit(task: Task) -> str:
    return str(task.inputs["unit"])


def _remarks(task: Task, unit: str) -> list[str]:
    """Why the unit is asked: the secretariat's note, and the chief's reason for a return."""
    review = task.inputs.get("chief_review") or {}
    notes = task.inputs.get("open_contributions.notes") or {}
    returned = review.get("opinion") if review.get("decision") == "return" else None
    return [text for text in (notes.get(unit), returned) if text]


def _comments(reader: Reader, plan: Plan, unit: str) -> list[dict[str, str]]:
    """The bureau's last comments on the unit's own rows."""
    own = {action.id for action in plan.actions_of(unit)}
    replies = sorted(reader.documents.list(plan.key, "reply"), key=lambda reply: int(reply.key))
    comments = replies[-1].body["comments"] if replies else []
    return [comment for comment in comments if comment["element"] in own]


def _milestone_faults(rows: list[dict[str, Any]], year: int) -> Iterator[FieldError]:
    for index, row in enumerate(rows):
        if row["target_kind"] == "milestone" and date.fromisoformat(row["milestone_date"]).year != year:
            yield FieldError(
                path=f"actions/{index}/milestone_date", template="Choose a day within the plan's year"
            )


def _write(
    uow: UnitOfWork, task: Task, unit: str, values: dict[str, Any], filled_by: str | None
) -> dict[str, Any]:
    plan_key = plan_key_of(task)
    plan = load_plan(uow, plan_key)
    try:
        plan = with_unit_actions(plan, unit, actions_by_method(plan, values["actions"]), filled_by)
    except PlanRuleError as error:
        raise refused(error, "actions") from None
    save_plan(uow, plan_key, plan, f"contribution {unit}")
    body = {"applicable": True, "reason": values.get("reason", ""), "filled_by": filled_by}
    return _keep(uow, plan, unit, {**body, "improvements": values.get("improvements", [])})


def _write_not_applicable(uow: UnitOfWork, task: Task, unit: str, values: dict[str, Any]) -> dict[str, Any]:
    plan_key, reason = plan_key_of(task), values["na_reason"]
    try:
        plan = with_not_applicable(load_plan(uow, plan_key), unit, reason)
    except PlanRuleError as error:
        raise refused(error, "na_reason") from None
    save_plan(uow, plan_key, plan, f"not applicable {unit}")
    body = {"applicable": False, "reason": reason, "filled_by": None}
    return _keep(uow, plan, unit, {**body, "improvements": values.get("improvements", [])})


def _keep(uow: UnitOfWork, plan: Plan, unit: str, body: dict[str, Any]) -> dict[str, Any]:
    lines = row_lines(plan, unit)
    ref = uow.documents.put(plan.key, CONTRIBUTION, unit, {**body, "lines": lines})
    signer = next_signer(uow, *unit_signers(unit))
    return {"contribution_no": ref.no, "contributed_by": uow.actor.user_id, "signer": signer}


PREFILLS: dict[str, Prefill] = {
    "drafting.unit_actions": unit_actions,
    "drafting.filled_rows": filled_rows,
    "drafting.contribution_shown": contribution_shown,
}
CHECKS: dict[str, Check] = {"drafting.check_actions": check_actions}
COMPLETIONS: dict[str, Completion] = {
    "drafting.write_actions": write_actions,
    "drafting.take_over": take_over,
    "drafting.confirm_rows": confirm_rows,
    "drafting.record_chief": record_chief,
}
