"""Improvement follow-up (缺失改進追蹤, 陸.一(一) 督導改進): an item stays open until it is verified."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.deadlines import watch_steps
from engine.activities.moments import end_of_day
from engine.activities.next_signer import signed_ids
from engine.activities.plan_documents import not_after_today, people_of, plan_key_of, shown
from engine.domain.document import Document
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.deadlines import deadline
from engine.plan.roc import roc_to_ad_year
from engine.store.unit_of_work import Reader, UnitOfWork

IMPROVEMENT = "improvement"
FIRST_YEAR = 100  # the form of the bureau's plan takes no earlier one
LAST_DAY = (9, 30)
REMINDERS = (5, 2)
ESCALATIONS = ((1, "chief"), (3, "sec_chief"), (5, "director"))
ANSWERS = {"carried": "列入本年度作法", "not_carried": "不列入"}
STATES = {
    "open": "列管中",
    "planned": "改進中",
    "finished": "已完成，待查核",
    "partly_improved": "部分改善，續列管",
    "not_improved": "未改善，續列管",
    "improved": "已改善",
}


def open_item(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Write the item down and fix its due date and reminders."""
    item, unit = call.data["item"], call.data["unit"]
    body = {"id": item["id"], "unit": unit, "finding": item["finding"], "due_on": item["due_on"]}
    uow.documents.put(call.data["plan_key"], IMPROVEMENT, item["id"], _in_state(body, "open"))
    due = deadline(date.fromisoformat(item["due_on"]), uow.calendar)
    steps = watch_steps(uow, due, before=REMINDERS, after=ESCALATIONS)
    watched = ["improvement", "improvement_verify"]
    return {
        "due_at": end_of_day(due.internal_due_on),
        "late_after": end_of_day(due.late_after_on),
        "watch": {"elements": watched, "unit": "", "steps": steps},
    }


def close_item(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The item is improved and leaves the list."""
    item_id = call.data["item"]["id"]
    before = uow.documents.get(call.data["plan_key"], IMPROVEMENT, item_id)
    closed = _in_state({**before.body, "closed_on": uow.today.isoformat()}, "improved")
    uow.documents.put(call.data["plan_key"], IMPROVEMENT, item_id, closed)
    return {"closed_on": uow.today.isoformat()}


def open_improvements(reader: Reader, plan_key: str) -> list[dict[str, Any]]:
    """What this year and all before left unimproved: it stands in D2 and before the next draft (stage 6)."""
    units = {unit.id: unit.label for unit in reader.organisation.units()}
    return [
        {
            "roc_year": year_of(item),
            "unit": units.get(item.body["unit"], item.body["unit"]),
            "finding": item.body["finding"],
            "due_on": item.body["due_on"],
            "status": item.body["state_label"],
        }
        for item in reader.documents.list_of((*earlier_keys(plan_key), plan_key), IMPROVEMENT)
        if item.body["state"] != "improved"
    ]


def items_to_consider(reader: Reader, plan_key: str, unit: str) -> list[dict[str, Any]]:
    """What the unit has not improved since earlier years: its draft must carry it over, or say why not (12).

    An item keeps the number of its year, so its id here begins with the year.
    """
    return [
        {
            "id": f"{year_of(item)}:{item.key}",
            "roc_year": year_of(item),
            "finding": item.body["finding"],
            "due_on": item.body["due_on"],
            "status": item.body["state_label"],
        }
        for item in reader.documents.list_of(earlier_keys(plan_key), IMPROVEMENT)
        if item.body["unit"] == unit and item.body["state"] != "improved"
    ]


def items_of_year(reader: Reader, plan_key: str) -> list[Document]:
    """The items that the year was about: what its own assessment found, and what it took over unimproved."""
    new_year = f"{roc_to_ad_year(int(plan_key.rpartition(':')[2]))}-01-01"
    taken_over = [
        item
        for item in reader.documents.list_of(earlier_keys(plan_key), IMPROVEMENT)
        if item.body.get("closed_on", new_year) >= new_year
    ]
    return [*taken_over, *reader.documents.list(plan_key, IMPROVEMENT)]


def earlier_keys(plan_key: str) -> list[str]:
    """The keys that the plans of earlier years have, oldest first."""
    agency_id, _, year = plan_key.rpartition(":")
    return [f"{agency_id}:{earlier}" for earlier in range(FIRST_YEAR, int(year))]


def year_of(item: Document) -> int:
    """The year whose assessment found it."""
    return int(item.owner.rpartition(":")[2])


def consideration_faults(values: Mapping[str, Any]) -> Iterator[FieldError]:
    """An item is carried over by an action of the method that the unit names, so there must be one."""
    methods = {row["method"] for row in values.get("actions", ())}
    for index, row in enumerate(values.get("improvements", ())):
        if row["answer"] == "carried" and row["method"] not in methods:
            yield FieldError(
                path=f"improvements/{index}/method",
                template="Add an action to this method that carries the item on, or say why not",
            )


def considered(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answers as lines: what a person reads before signing."""
    return [
        {
            "finding": row["finding"],
            "answer": ANSWERS[row["answer"]],
            "method": row.get("method", ""),
            "reason": row.get("reason", ""),
        }
        for row in values.get("improvements", ())
    ]


def item_content(reader: Reader, task: Task) -> FormContent:
    """The finding, what was planned before, and why the last verification did not close it."""
    unit = str(task.inputs["unit"])
    item = _item(reader, task)
    values = {"finding": item.body["finding"], **item.body.get("measures", {})}
    values.pop("stage", None)
    verdict = item.body.get("verdict")
    panels = {"refusal": {"title": "前次查核結果", **verdict}} if verdict else {}
    return FormContent(
        values={"due_on": item.body["due_on"], **values},
        choices={"people": people_of(reader, "unit_handler", unit) + people_of(reader, "unit_chief", unit)},
        shown=(shown("列管項目", item),),
        panels=panels,
    )


def check_improvement(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Due by the next 30 September (F12), also when it outlived its year; done on a day that has come."""
    today = reader.today
    last = date(today.year + (today > date(today.year, *LAST_DAY)), *LAST_DAY)
    faults = not_after_today(reader, values, "done_on")
    if date.fromisoformat(values["due_on"]) > last:
        faults.append(
            FieldError(path="due_on", template="Choose a day up to {on}", params={"on": last.isoformat()})
        )
    return faults


def record_improvement(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the measure, who does it, and the proof when it is finished."""
    item = _item(uow, task)
    measures = {name: value for name, value in values.items() if name != "finding"}
    body = {**item.body, "measures": measures}
    uow.documents.put(plan_key_of(task), IMPROVEMENT, item.key, _in_state(body, values["stage"]))
    return signed_ids(uow)


def proof(reader: Reader, task: Task) -> FormContent:
    """What the unit did about the finding."""
    item = _item(reader, task)
    return FormContent(
        shown=(shown("列管項目", item),),
        panels={"improvement": {"title": item.body["finding"], **item.body["measures"]}},
    )


def record_verification(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep what the secretariat found; what is not improved stays on the list."""
    item = _item(uow, task)
    verdict = {"result": values["result"], "comment": values.get("comment", ""), "on": uow.today.isoformat()}
    body = _in_state({**item.body, "verdict": verdict}, values["result"])
    uow.documents.put(plan_key_of(task), IMPROVEMENT, item.key, body)
    return {}


def _item(reader: Reader, task: Task) -> Document:
    return reader.documents.get(plan_key_of(task), IMPROVEMENT, task.inputs["item"]["id"])


def _in_state(body: dict[str, Any], state: str) -> dict[str, Any]:
    return {**body, "state": state, "state_label": STATES[state]}


ACTIVITIES: dict[str, Activity] = {"assessment.open_item": open_item, "assessment.close_item": close_item}
PREFILLS: dict[str, Prefill] = {
    "assessment.improvement_item": item_content,
    "assessment.improvement_proof": proof,
}
CHECKS: dict[str, Check] = {"assessment.check_improvement": check_improvement}
COMPLETIONS: dict[str, Completion] = {
    "assessment.record_improvement": record_improvement,
    "assessment.record_verification": record_verification,
}
