"""The two deliveries of results (陸.一(二)(三)): D1 is frozen and sent, D2 explains every change since D1."""

from datetime import date, datetime
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.deadlines import plan_deadline, watch_steps
from engine.activities.deciding_levels import deciding_pools
from engine.activities.files_made import CHAPTERS, CORRECTED, keep_d1_file, keep_d2_file
from engine.activities.improvement import open_improvements
from engine.activities.moments import end_of_day
from engine.activities.next_signer import ABOVE_UNITS, next_signer
from engine.activities.plan_documents import enter_state, plan_key_of, released_plan, shown, version_text
from engine.activities.unit_results import (
    change_faults,
    delivered,
    reported,
    row_choices,
    row_key,
    status_changes,
    with_changes,
)
from engine.domain.document import Document
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.plan.achievement import Achievement
from engine.plan.deadlines import nominal_dates
from engine.plan.differences import differences, freeze_d1
from engine.plan.document import Plan, decimal_text
from engine.store.unit_of_work import Reader, UnitOfWork

D1_REMINDERS = (15, 5, 2, 0)
D2_REMINDERS = (10, 5, 2, 0)
# Only 2 working days lie between year end and K3: a late D1 goes to the director at once (stage 7).
D1_ESCALATIONS = ((1, "director"),)
D2_ESCALATIONS = ((1, "bureau"),)
LABELS = {"d1": "績效成果資料（D1）", "d2": "執行績效與成果報告（D2）"}


def open_results(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The dates of both deliveries with their reminders; D2 late is known to the bureau as 未報."""
    plan_key = call.data["plan_key"]
    k3, k4 = plan_deadline(uow, plan_key, "K3"), plan_deadline(uow, plan_key, "K4")
    d1_steps = watch_steps(uow, k3, before=D1_REMINDERS, after=D1_ESCALATIONS)
    d2_steps = watch_steps(uow, k4, before=D2_REMINDERS, after=D2_ESCALATIONS)
    return {
        "d1_due_on": k3.nominal_on.isoformat(),
        "d2_due_on": k4.nominal_on.isoformat(),
        "d1_due_at": end_of_day(k3.internal_due_on),
        "d1_late_after": end_of_day(k3.late_after_on),
        "d2_due_at": end_of_day(k4.internal_due_on),
        "d2_late_after": end_of_day(k4.late_after_on),
        "watches": [
            {"elements": ["compile_d1", "sign_d1", "send_d1"], "unit": "", "steps": d1_steps},
            {"elements": ["compile_d2", "sign", "dispatch_d2"], "unit": "", "steps": d2_steps},
        ],
    }


def freeze(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Freeze the signed numbers of D1; D2 starts from them."""
    plan_key = call.data["plan_key"]
    draft = uow.documents.get(plan_key, "d1")
    frozen = {
        **draft.body,
        "frozen_on": uow.today.isoformat(),
        "file": keep_d1_file(uow, plan_key, draft.body),
    }
    ref = uow.documents.put(plan_key, "d1", "", frozen, note="frozen")
    return {"no": ref.no, "digest": ref.digest}


def close_results(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Both deliveries are accepted."""
    enter_state(uow, call.data["plan_key"], "accepted")
    return {"accepted_on": uow.today.isoformat()}


def request_correction(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Start a correction (更正函) of a delivery; refused with Invalid while it has not been sent."""
    asked, plan_key = call.data["correct_result"], call.data["plan_key"]
    if uow.documents.find(plan_key, "delivery", asked["delivery"]) is None:
        raise Invalid((FieldError(path="delivery", template="This delivery has not been sent yet"),))
    uow.starts.request(
        "result_correction",
        plan_key,
        {"plan_key": plan_key, "roc_year": call.data["roc_year"], **asked},
    )
    return {"requested_on": uow.today.isoformat()}


def d1_content(reader: Reader, task: Task) -> FormContent:
    """The numbers of all units as of 31 December; late numbers may be added without a new round (A7)."""
    plan_key = plan_key_of(task)
    plan = released_plan(reader, plan_key)
    rows = reported(reader, plan, plan_key)
    earlier = reader.documents.find(plan_key, "d1")
    as_of = nominal_dates(int(task.inputs["roc_year"]))["K2"].isoformat()
    values: dict[str, Any] = {"as_of": as_of, "waived": False}
    if earlier:
        values |= {
            n: v for n in ("late_changes", "note", "waived", "waiver_basis") if (v := earlier.body.get(n))
        }
    return FormContent(
        values=values, choices={"rows": row_choices(plan, rows)}, panels={"result_rows": _lines(plan, rows)}
    )


def check_changes(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Each row is changed once, numbers by numbers, narrative rows by a status."""
    field = "late_changes" if task.element_id == "compile_d1" else "changes"
    return change_faults(_rows_before(reader, task), values.get(field, ()), field)


def record_d1(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the draft of D1; a changed status asks for the director's signature instead of the chief's."""
    plan_key = plan_key_of(task)
    plan = released_plan(uow, plan_key)
    before = reported(uow, plan, plan_key)
    changes = values.get("late_changes", [])
    after = with_changes(plan, before, changes)
    changed = status_changes(before, after)
    body = {**freeze_d1(after), **values, "late_changes": changes, "status_changes": changed}
    ref = uow.documents.put(plan_key, "d1", "", body)
    signer = next_signer(uow, *(ABOVE_UNITS[-1:] if changed else deciding_pools(uow, "d1")))
    return {"d1_no": ref.no, "status_changed": bool(changed), "signer": signer}


def d1_shown(reader: Reader, task: Task) -> FormContent:
    """The data sheet that is signed and sent."""
    plan_key = plan_key_of(task)
    return _shown_delivery(reader, plan_key, reader.documents.get(plan_key, "d1"), "績效成果資料（D1）")


def check_sent(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Sent before now."""
    if datetime.fromisoformat(values["sent_at"]) > reader.now:
        return [FieldError(path="sent_at", template="This moment lies in the future")]
    return []


def record_sent(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep when, how and to whom D1 went."""
    plan_key = plan_key_of(task)
    record_delivery(uow, plan_key, "d1", values)
    enter_state(uow, plan_key, "d1_sent")
    return {}


def d2_content(reader: Reader, task: Task) -> FormContent:
    """The frozen numbers of D1, and what was written before a return."""
    plan_key = plan_key_of(task)
    plan = released_plan(reader, plan_key)
    d1 = reader.documents.get(plan_key, "d1")
    rows = delivered(d1.body["rows"])
    earlier = reader.documents.find(plan_key, "d2")
    still_open = open_improvements(reader, plan_key)
    values: dict[str, Any] = (
        {**earlier.body["sections"], "changes": earlier.body["changes"]}
        if earlier
        else {"findings": "\n".join(_finding_text(plan, item) for item in still_open)}
    )
    return FormContent(
        values=values,
        choices={"rows": row_choices(plan, rows)},
        shown=(shown("績效成果資料（D1）", d1),),
        panels={"result_rows": _lines(plan, rows), "improvements": still_open},
    )


def record_d2(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the report: its chapters, its numbers, and every difference from D1 with its reason."""
    plan_key = plan_key_of(task)
    d1 = uow.documents.get(plan_key, "d1")
    changes = values.get("changes", [])
    body = {
        **_changed_numbers(released_plan(uow, plan_key), d1, changes),
        "sections": {n: v for n, v in values.items() if n not in ("changes", "attachments")},
        "changes": changes,
        "attachments": values.get("attachments", []),
        "improvements": open_improvements(uow, plan_key),
        "d1": {"no": d1.no, "digest": d1.digest},
    }
    ref = uow.documents.put(plan_key, "d2", "", {**body, "file": keep_d2_file(uow, plan_key, body)})
    return {"d2_no": ref.no, "differences": len(body["differences"])}


def correction_content(reader: Reader, task: Task) -> FormContent:
    """The numbers as they were sent, and why they must be corrected."""
    plan_key = plan_key_of(task)
    plan = released_plan(reader, plan_key)
    sent = reader.documents.get(plan_key, task.inputs["delivery"])
    rows = delivered(sent.body["rows"])
    earlier = reader.documents.find(plan_key, "correction", task.inputs["delivery"])
    is_same = earlier is not None and earlier.body["corrects"]["digest"] == sent.digest
    values: dict[str, Any] = {"changes": earlier.body["changes"]} if earlier and is_same else {}
    return FormContent(
        values={"reason": task.inputs["reason"], **values},
        choices={"rows": row_choices(plan, rows)},
        shown=(shown(LABELS[task.inputs["delivery"]], sent),),
        panels={"result_rows": _lines(plan, rows)},
    )


def record_correction(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the proposed correction; what was sent stays as it was until the letter goes out."""
    plan_key, delivery = plan_key_of(task), task.inputs["delivery"]
    sent = uow.documents.get(plan_key, delivery)
    changed = _changed_numbers(released_plan(uow, plan_key), sent, values["changes"])
    body = {**changed, "changes": values["changes"], "reason": task.inputs["reason"],
            "corrects": {"no": sent.no, "digest": sent.digest}}  # fmt: skip
    corrected = {**sent.body, "rows": body["rows"], "differences": body["differences"]}
    if delivery == "d1":
        file = keep_d1_file(uow, plan_key, corrected)
    else:
        file = keep_d2_file(uow, plan_key, corrected, CORRECTED)
    ref = uow.documents.put(plan_key, "correction", delivery, {**body, "file": file})
    return {"correction_no": ref.no, "signer": next_signer(uow, *deciding_pools(uow, "correction"))}


def correction_shown(reader: Reader, task: Task) -> FormContent:
    """The correction with every number before and after."""
    plan_key, delivery = plan_key_of(task), task.inputs["delivery"]
    correction = reader.documents.get(plan_key, "correction", delivery)
    return FormContent(
        shown=(shown(f"{LABELS[delivery]}更正", correction),),
        panels={
            "differences": _named(released_plan(reader, plan_key), correction.body["differences"]),
            "reason": {"title": "更正原因", "text": correction.body["reason"]},
            "made_file": {"files": [correction.body["file"]]},
        },
    )


def apply_correction(uow: UnitOfWork, plan_key: str, delivery: str) -> Document:
    """Make the corrected numbers the next version of the delivery; the version that was sent stays."""
    correction = uow.documents.get(plan_key, "correction", delivery)
    sent = uow.documents.get(plan_key, delivery)
    told = {name: correction.body[name] for name in ("reason", "corrects", "differences")}
    uow.documents.put(
        plan_key,
        delivery,
        "",
        {
            **sent.body,
            "rows": correction.body["rows"],
            "file": correction.body["file"],
            "correction": told,
        },
        note="更正",
    )
    return uow.documents.get(plan_key, delivery)


def record_delivery(uow: UnitOfWork, plan_key: str, delivery: str, details: dict[str, Any]) -> None:
    """Write down which version of a delivery went out."""
    sent = uow.documents.get(plan_key, delivery)
    body = {
        **details,
        "document": {"kind": delivery, "no": sent.no, "digest": sent.digest},
        "on": uow.today.isoformat(),
    }
    uow.documents.put(plan_key, "delivery", delivery, body)


def check_working_day(reader: Reader, values: dict[str, Any], name: str) -> list[FieldError]:
    """A new due date is a working day after today."""
    on = date.fromisoformat(values[name])
    if on <= reader.today or not reader.calendar.is_working_day(on):
        return [FieldError(path=name, template="Choose a working day after today")]
    return []


def delivery_panels(reader: Reader, plan_key: str, delivery: str) -> FormContent:
    """What the bureau looks at: the numbers of a delivery, and for D2 the chapters and differences."""
    return _shown_delivery(reader, plan_key, reader.documents.get(plan_key, delivery), LABELS[delivery])


def delivery_reading(reader: Reader, document: Document) -> dict[str, Any]:
    """What a version of a delivery says; nothing for other documents."""
    if document.kind not in LABELS:
        return {}
    return _shown_delivery(reader, document.owner, document, LABELS[document.kind]).panels


def _shown_delivery(reader: Reader, plan_key: str, document: Document, label: str) -> FormContent:
    plan = released_plan(reader, plan_key)
    panels: dict[str, Any] = {
        "version": {"title": label, "version": version_text(document.no, document.digest)},
        "result_rows": _lines(plan, delivered(document.body["rows"])),
    }
    if file := document.body.get("file"):
        panels["made_file"] = {"files": [file]}
    if sections := document.body.get("sections"):
        written = {label: sections[name] for name, label in CHAPTERS.items() if name in sections}
        panels["sections"] = {"title": "報告內容"} | written
    if still_open := document.body.get("improvements"):
        panels["improvements"] = still_open
    if told := document.body.get("differences"):
        panels["differences"] = _named(plan, told)
    if late := document.body.get("late_changes"):
        panels["late_changes"] = {
            "title": "十二月補列數字",
            "rows": [_late_line(plan, change) for change in late],
        }
    return FormContent(shown=(shown(label, document),), panels=panels)


def _rows_before(reader: Reader, task: Task) -> tuple[Achievement, ...]:
    """The rows that a form changes: the units' own, or those of the delivery it starts from."""
    plan_key = plan_key_of(task)
    if task.element_id == "compile_d1":
        return reported(reader, released_plan(reader, plan_key), plan_key)
    delivery = task.inputs.get("delivery") or "d1"
    return delivered(reader.documents.get(plan_key, delivery).body["rows"])


def _changed_numbers(plan: Plan, start: Document, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """The numbers after changes, and every difference from the start with its reason."""
    numbers = freeze_d1(with_changes(plan, delivered(start.body["rows"]), changes))
    reasons = {change["row"]: change["reason"] for change in changes}
    told = [
        {"action": d.action, "unit": d.unit, "indicator": d.indicator, "before": d.before, "after": d.after,
         "reason": reasons[d.key]}
        for d in differences(start.body, numbers)
    ]  # fmt: skip
    return {**numbers, "differences": told}


def _finding_text(plan: Plan, item: dict[str, Any]) -> str:
    """One line of the chapter on findings; one of an earlier year says so."""
    year = "" if item["roc_year"] == plan.roc_year else f"（{item['roc_year']}年度）"
    return f"{item['unit']}：{item['finding']}{year}（{item['status']}）"


def _named(plan: Plan, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Differences with the names of their units."""
    return [{**difference, "unit_label": plan.unit_label(difference["unit"])} for difference in told]


def _late_line(plan: Plan, change: dict[str, Any]) -> dict[str, Any]:
    action_id, unit, indicator = change["row"].split("|")
    return {
        "action_id": action_id,
        "unit": plan.unit_label(unit),
        "indicator": indicator,
        "actual": change.get("actual", ""),
        "status": change.get("status", ""),
        "reason": change["reason"],
    }


def _lines(plan: Plan, rows: tuple[Achievement, ...]) -> list[dict[str, Any]]:
    return [
        {
            "key": row_key(row),
            "action_id": row.action_id,
            "unit": plan.unit_label(row.unit),
            "indicator": row.indicator or "",
            "actual": "" if row.actual is None else decimal_text(row.actual),
            "status": row.status,
        }
        for row in rows
    ]


ACTIVITIES: dict[str, Activity] = {
    "results.open": open_results,
    "results.freeze_d1": freeze,
    "results.close": close_results,
    "results.request_correction": request_correction,
}
PREFILLS: dict[str, Prefill] = {
    "results.d1_content": d1_content,
    "results.d1_shown": d1_shown,
    "results.d2_content": d2_content,
    "results.correction_content": correction_content,
    "results.correction_shown": correction_shown,
}
CHECKS: dict[str, Check] = {"results.check_changes": check_changes, "results.check_sent": check_sent}
COMPLETIONS: dict[str, Completion] = {
    "results.record_d1": record_d1,
    "results.record_sent": record_sent,
    "results.record_d2": record_d2,
    "results.record_correction": record_correction,
}
