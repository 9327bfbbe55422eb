"""Amending a plan in effect (修正補充, 捌): beside its execution, with no effect until it is through."""

from datetime import date
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.drafting import working_day_faults
from engine.activities.moments import end_of_day, morning
from engine.activities.plan_documents import (
    AMENDMENT,
    enter_state_of,
    plan_key_of,
    release,
    release_version,
    released_plan,
    released_version,
    shown,
    state_of,
)
from engine.activities.working_plan import AGENCY_ID, PLAN, load_plan, save_plan
from engine.domain.document import Document
from engine.domain.form import FormContent
from engine.domain.instance import Instance
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.plan.amendment import TYPING_CHARACTERS, beyond_typing, goes_to_bureau
from engine.plan.differences import Change, diff_plans
from engine.plan.document import Plan
from engine.plan.words import element_labels, with_words, words_of
from engine.store.unit_of_work import Reader, UnitOfWork

PROCESS = "plan_amendment"
# A plan can be amended while it binds: from its publication until its results are accepted. Before that it
# is still drafted and its own rounds change it; afterwards there is nothing left to carry out.
IN_EFFECT = frozenset({"published", "executing", "assessing", "d1_sent", "d2_sent"})
ERRATA = "errata"
KINDS = {ERRATA: "勘誤", "change": "修正", "supplement": "補充規定"}
ENDED = frozenset({"published", "dropped"})


def open_amendment(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Number the amendment and lay the version in effect before it; Invalid unless the plan is in effect."""
    roc_year = call.data["roc_year"]
    plan_key = f"{uow.organisation.setting('agency_id', AGENCY_ID)}:{roc_year}"
    if call.data["business_key"] != plan_key:
        raise Invalid((FieldError(path="business_key", template="An amendment bears the key of its plan"),))
    if state_of(uow, plan_key) not in IN_EFFECT:
        raise Invalid(
            (
                FieldError(
                    path="roc_year",
                    template="Only a plan in effect can be amended: published, and its results not accepted",
                ),
            )
        )
    version = released_version(uow, plan_key)
    no = next_no(uow, plan_key)
    body = {
        "no": no, "state": "requested", "opened_on": uow.today.isoformat(),
        "from_no": version.no, "from_digest": version.digest, "instance_id": call.instance_id,
    }  # fmt: skip
    uow.documents.put(plan_key, AMENDMENT, str(no), body)
    _lay_out(uow, plan_key, version, f"amendment {no}")
    return {
        "no": no,
        "plan_key": plan_key,
        "round": max((int(report.key) for report in uow.documents.list(plan_key, "report")), default=0),
        "bureau_mode": call.data.get("bureau_mode") or uow.organisation.setting("bureau_mode", "accounts"),
        "ack_mode": uow.organisation.setting("ack_mode", "gate"),
    }


def next_no(reader: Reader, plan_key: str) -> int:
    """The number that the next amendment of a plan bears, also in its title."""
    return len(reader.documents.keys(plan_key, AMENDMENT)) + 1


def request(reader: Reader, task: Task) -> FormContent:
    """The chapters, strategies, methods and actions that can be named, as they are in effect."""
    version = released_version(reader, plan_key_of(task))
    plan = released_plan(reader, plan_key_of(task))
    return FormContent(
        values={"effective_on": reader.today.isoformat()},
        choices={"elements": list(element_labels(plan).items())},
        shown=(shown("現行計畫", version),),
    )


def check_request(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """In effect from today at the earliest; units are asked for rows of theirs, before that day (F22)."""
    effective_on = date.fromisoformat(values["effective_on"])
    if effective_on < reader.today:
        return [FieldError(path="effective_on", template="Choose today or a later day")]
    if values["kind"] == ERRATA or values["way"] == "secretariat":
        return []
    if effective_on == reader.today:
        return [FieldError(path="effective_on", template="Choose a day after today")]
    if values["way"] != "units":
        return []
    if not _units_concerned(released_plan(reader, plan_key_of(task)), values["rows"]):
        return [FieldError(path="rows", template="Choose a strategy, a method or an action: units own them")]
    due_on = date.fromisoformat(values["unit_due"])
    if due_on >= effective_on:
        return [FieldError(path="unit_due", template="Choose a day before the amendment takes effect")]
    return list(working_day_faults(reader, due_on, "unit_due"))


def record_request(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep what shall be amended and why."""
    found = _amendment(uow, task)
    uow.documents.put(plan_key_of(task), AMENDMENT, found.key, {**found.body, **values})
    return {}


def prepare(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """How the amendment is drafted: by the units concerned, by assigning anew, or by the secretariat."""
    plan_key = plan_key_of(call)
    wanted = uow.documents.get(plan_key, AMENDMENT, str(call.data[AMENDMENT]["no"])).body
    plan = released_plan(uow, plan_key)
    effective_on = date.fromisoformat(wanted["effective_on"])
    due_on = uow.calendar.previous_working_day_on_or_before(effective_on)
    ways = {"units": "units", "assign": "assign"}
    drafting: dict[str, Any] = {
        "way": ways.get(wanted.get("way", ""), "compile"),
        "chain": "amendment",
        "due": {"internal_due_on": due_on.isoformat(), "due": end_of_day(due_on)},
    }
    if drafting["way"] == "units":
        units = _units_concerned(plan, wanted["rows"])
        drafting["asked"] = {
            "units": units,
            "due": dict.fromkeys(units, wanted["unit_due"]),
            "notes": dict.fromkeys(units, wanted["reason"]),
        }
    return {"kind": wanted["kind"], "label": f"{plan.title}（{KINDS[wanted['kind']]}）", "drafting": drafting}


def words(reader: Reader, task: Task) -> FormContent:
    """The texts that the request names, as they are now, to be put right."""
    plan = load_plan(reader, plan_key_of(task))
    now, labels = words_of(plan), element_labels(plan)
    named = [row for row in _amendment(reader, task).body["rows"] if row in now]
    return FormContent(
        values={"rows": [{"element": row, "text": now[row]} for row in named]},
        choices={"elements": list(labels.items())},
        shown=(shown("現行計畫", released_version(reader, plan_key_of(task))),),
        panels={"current_words": [{"label": labels[row], "current": now[row]} for row in named]},
    )


def check_words(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """勘誤 puts letters right and nothing else: what changes the substance is refused row by row (A15)."""
    before = released_plan(reader, plan_key_of(task))
    most = int(reader.organisation.setting("errata_characters", TYPING_CHARACTERS))
    labels, faults, changed = element_labels(before), [], False
    for index, row in enumerate(values["rows"]):
        changes = diff_plans(before, with_words(before, {row["element"]: row["text"]}))
        changed = changed or bool(changes)
        if beyond_typing(changes, most):
            faults.append(
                FieldError(
                    path=f"rows/{index}/text",
                    template="“{element}” would say something else; that is an amendment and no typing error",
                    params={"element": labels[row["element"]]},
                )
            )
    if not faults and not changed:
        return [FieldError(path="rows", template="Nothing differs from the version in effect")]
    return faults


def correct(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Write the corrected texts into a version that waits for the director."""
    plan_key = plan_key_of(task)
    texts = {row["element"]: row["text"] for row in values["rows"]}
    save_plan(uow, plan_key, with_words(released_plan(uow, plan_key), texts), "errata")
    return {}


def weigh(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """A15: what the signed amendment changes decides whether the bureau acknowledges it again."""
    changes = _changes(uow, plan_key_of(call))
    most = int(uow.organisation.setting("errata_characters", TYPING_CHARACTERS))
    return {"substantive": goes_to_bureau(changes, most), "changed": [change.path for change in changes][:50]}


def check_effect(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Whether the day that the amendment names is still to come."""
    wanted = uow.documents.get(plan_key_of(call), AMENDMENT, str(call.data[AMENDMENT]["no"])).body
    effective_on = date.fromisoformat(wanted["effective_on"])
    return {"wait": effective_on > uow.today, "at": morning(effective_on)}


def take_effect(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """From now on the amended version is executed, published and assessed; the old one stays readable."""
    plan_key, outcome = plan_key_of(call), call.data.get("report_outcome")
    version = uow.documents.get(plan_key, PLAN)
    if call.data.get("weigh_changes", {}).get("substantive"):
        release(uow, plan_key, str(call.data["round"]), str(outcome))
    else:
        release_version(uow, plan_key, version, str(call.data["prepare_amendment"]["kind"]))
    enter_state_of(uow, call, "in_effect")
    return {"plan_no": version.no, "plan_digest": version.digest}


def finish(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The amended version is public everywhere; the one before it is marked 已修正."""
    enter_state_of(uow, call, "published")
    return {"on": uow.today.isoformat()}


def drop(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The amendment ends without effect: the working copy says again what is in effect."""
    _drop(uow, plan_key_of(call), str(call.data[AMENDMENT]["no"]))
    return {"on": uow.today.isoformat()}


def drop_cancelled(uow: UnitOfWork, instance: Instance) -> None:
    """撤案 of an amendment: the plan stays as it was, unless the amendment is in effect already."""
    running = running_amendment(uow, str(instance.plan_key))
    if running is not None and running.body["state"] != "in_effect":
        _drop(uow, str(instance.plan_key), running.key)
    elif running is not None:
        uow.documents.put(running.owner, AMENDMENT, running.key, {**running.body, "state": "published"})


def running_amendment(reader: Reader, plan_key: str) -> Document | None:
    """The amendment of the plan that has not ended, if there is one."""
    return next(
        (found for found in reader.documents.list(plan_key, AMENDMENT) if found.body["state"] not in ENDED),
        None,
    )


def _drop(uow: UnitOfWork, plan_key: str, key: str) -> None:
    found = uow.documents.get(plan_key, AMENDMENT, key)
    uow.documents.put(plan_key, AMENDMENT, key, {**found.body, "state": "dropped"})
    _lay_out(uow, plan_key, released_version(uow, plan_key), f"amendment {key} dropped")


def _lay_out(uow: UnitOfWork, plan_key: str, version: Document, note: str) -> None:
    """Make the version in effect the working copy, unless it is that already."""
    if uow.documents.get(plan_key, PLAN).body != version.body:
        uow.documents.put(plan_key, PLAN, "", version.body, note=note)


def _amendment(reader: Reader, task: Task) -> Document:
    return reader.documents.get(plan_key_of(task), AMENDMENT, str(task.inputs[AMENDMENT]["no"]))


def _changes(reader: Reader, plan_key: str) -> tuple[Change, ...]:
    return diff_plans(released_plan(reader, plan_key), load_plan(reader, plan_key))


def _units_concerned(plan: Plan, rows: list[str]) -> list[str]:
    """The units that own what the request names, in the plan's order."""
    named = set(rows)
    owners: set[str] = set()
    for strategy in plan.strategies:
        for method in strategy.methods:
            if named & {strategy.id, method.id}:
                owners.update(method.units)
            owners.update(unit for a in method.actions if a.id in named for unit in a.owner_units)
    return [unit.id for unit in plan.units if unit.id in owners]


ACTIVITIES: dict[str, Activity] = {
    "amendment.open": open_amendment,
    "amendment.prepare": prepare,
    "amendment.weigh": weigh,
    "amendment.check_effect": check_effect,
    "amendment.take_effect": take_effect,
    "amendment.finish": finish,
    "amendment.drop": drop,
}
PREFILLS: dict[str, Prefill] = {"amendment.request": request, "amendment.words": words}
CHECKS: dict[str, Check] = {
    "amendment.check_request": check_request,
    "amendment.check_words": check_words,
}
COMPLETIONS: dict[str, Completion] = {
    "amendment.record_request": record_request,
    "amendment.correct": correct,
}
