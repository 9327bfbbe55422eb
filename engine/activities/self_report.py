"""Self-reports of the units and their scores (單位自評、考核評分): nobody scores their own unit."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from engine.activities.assessment import criteria_of
from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.execution import target_rows
from engine.activities.moments import end_of_day, morning
from engine.activities.next_signer import next_signer, unit_signers
from engine.activities.plan_documents import plan_key_of, released_plan, shown
from engine.activities.unit_results import achievement, target_of
from engine.domain.document import Document
from engine.domain.form import FormContent
from engine.domain.task import Task, acting_for
from engine.errors import FieldError
from engine.plan.achievement import check_achievement
from engine.plan.deadlines import escalations
from engine.plan.document import Plan
from engine.plan.rule_error import PlanRuleError
from engine.store.unit_of_work import Reader, UnitOfWork

RESPONSE_WORKING_DAYS = 3
LOW_SHARE, HIGH_SHARE = Decimal("0.7"), Decimal("0.95")
# Which field of a row a fault of the achievement rules belongs to.
FIELD_OF_RULE = {
    "evidence_missing": "evidence",
    "cause_missing": "cause",
    "improvement_missing": "improvement",
    "reason_missing": "reason",
    "actual_missing": "actual",
    "override_reason_missing": "reason",
    "shortfall_reason_missing": "shortfall_reason",
}
_ENTRIES = (
    "actual", "status", "narrative", "evidence", "cause", "improvement", "reason", "shortfall_reason",
    "highlight",
)  # fmt: skip


def report_rows(reader: Reader, task: Task) -> FormContent:
    """The unit's targets with the numbers that it reported last, and the criteria to score itself by."""
    plan_key, unit = plan_key_of(task), str(task.inputs["unit"])
    report = reader.documents.find(plan_key, "self_report", unit)
    progress = reader.documents.find(plan_key, "progress", unit)
    known = _entries(report) or _numbers(progress)
    rows = [
        {**row, **known.get((row["action_id"], row["indicator"]), {})}
        for row in target_rows(released_plan(reader, plan_key), unit)
    ]
    own = {s["name"]: s["self_score"] for s in report.body["scores"]} if report else {}
    scores = [
        {"name": c["name"], "max_score": c["max_score"]}
        | ({"self_score": own[c["name"]]} if c["name"] in own else {})
        for c in criteria_of(reader, plan_key)
    ]
    values: dict[str, Any] = {"rows": rows, "scores": scores}
    return FormContent(values=values | ({"overall": report.body["overall"]} if report else {}))


def check_report(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """達成 needs evidence, 未達成 cause and improvement, an own judgement its reason (4.4); scores fit."""
    plan, unit = released_plan(reader, plan_key_of(task)), str(task.inputs["unit"])
    rows = [
        fault for i, row in enumerate(values["rows"]) for fault in _row_faults(plan, unit, f"rows/{i}", row)
    ]
    return [*rows, *_beyond_maximum(values["scores"], "self_score")]


def record_report(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the self-report; the status of every number is written out beside it."""
    plan, unit = released_plan(uow, plan_key_of(task)), str(task.inputs["unit"])
    rows = [{**row, "status": _status(plan, unit, row)} for row in values["rows"]]
    body = {"unit": unit, "rows": rows, "scores": values["scores"], "overall": values["overall"]}
    ref = uow.documents.put(plan_key_of(task), "self_report", unit, body)
    return {"report_no": ref.no, "signer": next_signer(uow, *unit_signers(unit))}


def report_shown(reader: Reader, task: Task) -> FormContent:
    """The self-report that the chief signs."""
    report = reader.documents.get(plan_key_of(task), "self_report", str(task.inputs["unit"]))
    return FormContent(
        shown=(shown("單位自評", report),),
        panels={"self_report": report.body["rows"], "self_scores": report.body["scores"]},
    )


def score_content(reader: Reader, task: Task) -> FormContent:
    """The unit's own scores beside the empty ones of the assessor."""
    report = _report_of(reader, task)
    scores = [{k: s[k] for k in ("name", "max_score", "self_score")} for s in report.body["scores"]]
    return FormContent(
        values={"scores": scores},
        shown=(shown("單位自評", report),),
        panels={
            "self_report": report.body["rows"],
            "overall": {"title": "單位整體說明", "text": report.body["overall"]},
        },
    )


def second_look_content(reader: Reader, task: Task) -> FormContent:
    """The first scores, and what the unit objects to (申復, one round)."""
    plan_key, unit = plan_key_of(task), str(task.inputs["scored_unit"])
    report = _report_of(reader, task)
    score = reader.documents.get(plan_key, "score", unit)
    response = reader.documents.get(plan_key, "response", unit)
    return FormContent(
        values={name: score.body[name] for name in ("scores", "findings", "opinion")},
        shown=(shown("單位自評", report), shown("初評", score), shown("申復", response)),
        panels={"objection": {"title": "申復理由", "reason": response.body["reason"]}},
    )


def check_score(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Nobody scores their own unit, nor the unit of whom they stand in for.

    Low and high scores need a reason; due dates lie ahead.
    """
    unit = str(task.inputs["scored_unit"])
    deputyship = acting_for(reader.actor, task)
    pairs = reader.actor.pairs | (deputyship.pairs if deputyship else frozenset())
    if any(own == unit for _, own in pairs):
        return [FieldError(path="scores", template="Nobody scores their own unit")]
    faults = [*_beyond_maximum(values["scores"], "score")]
    for index, row in enumerate(values["scores"]):
        share = Decimal(row["score"]) / row["max_score"]
        if not LOW_SHARE <= share <= HIGH_SHARE and not row.get("reason"):
            faults.append(FieldError(path=f"scores/{index}/reason", template="Give a reason for this score"))
    for index, finding in enumerate(values.get("findings", ())):
        if finding.get("due_on") and date.fromisoformat(finding["due_on"]) <= reader.today:
            faults.append(FieldError(path=f"findings/{index}/due_on", template="Choose a day after today"))
    return faults


def record_score(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the scores of a unit; it may answer within 3 working days."""
    unit = str(task.inputs["scored_unit"])
    body = {
        "unit": unit,
        "scores": values["scores"],
        "findings": values.get("findings", []),
        "opinion": values["opinion"],
        "answer": values.get("answer", ""),
        "total": sum(row["score"] for row in values["scores"]),
        "self_total": sum(row["self_score"] for row in values["scores"]),
    }
    ref = uow.documents.put(plan_key_of(task), "score", unit, body)
    due_on = uow.calendar.add_working_days(uow.today, RESPONSE_WORKING_DAYS)
    return {
        "score_no": ref.no,
        "total": body["total"],
        "response_due_at": end_of_day(due_on),
        "response_late_at": morning(escalations(due_on, (1,), uow.calendar)[0]),
    }


def score_shown(reader: Reader, task: Task) -> FormContent:
    """The scores that the unit answers to."""
    score = reader.documents.get(plan_key_of(task), "score", str(task.inputs["scored_unit"]))
    return FormContent(
        shown=(shown("考核評分", score),),
        panels={
            "scores": score.body["scores"],
            "findings": score.body["findings"],
            "opinion": {"title": "綜合意見", "text": score.body["opinion"]},
        },
    )


def record_response(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the unit's answer."""
    unit = str(task.inputs["scored_unit"])
    body = {
        "answer": values["answer"],
        "reason": values.get("reason", ""),
        "attachments": values.get("attachments", []),
    }
    uow.documents.put(plan_key_of(task), "response", unit, body)
    return {}


def record_no_comment(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The unit let the date pass: that counts as no comment, and is written down as such."""
    body = {"answer": "no_comment", "reason": "", "attachments": []}
    uow.documents.put(call.data["plan_key"], "response", call.data["scored_unit"], body)
    return {"answer": "no_comment"}


def _report_of(reader: Reader, task: Task) -> Document:
    return reader.documents.get(plan_key_of(task), "self_report", str(task.inputs["scored_unit"]))


def _entries(report: Document | None) -> dict[tuple[str, str], dict[str, Any]]:
    if report is None:
        return {}
    return {
        (row["action_id"], row["indicator"]): {name: row[name] for name in _ENTRIES if name in row}
        for row in report.body["rows"]
    }


def _numbers(progress: Document | None) -> dict[tuple[str, str], dict[str, Any]]:
    """The year's numbers so far, as a start for the self-report."""
    if progress is None:
        return {}
    return {
        (row["action_id"], row["indicator"]): {
            name: row[name] for name in ("actual", "evidence") if name in row
        }
        for row in progress.body["rows"]
    }


def _row_faults(plan: Plan, unit: str, path: str, row: dict[str, Any]) -> Iterator[FieldError]:
    try:
        result = achievement(plan, unit, row)
    except PlanRuleError as error:
        yield FieldError(path=f"{path}/status", template=error.template, params=dict(error.params))
        return
    if result is None:
        missing = "actual" if row["indicator"] else "status"
        yield FieldError(path=f"{path}/{missing}", template="Say what was reached")
        return
    for finding in check_achievement(result, target_of(plan, result.action_id, result.indicator)):
        yield FieldError(
            path=f"{path}/{FIELD_OF_RULE[finding.rule]}",
            template=finding.template,
            params=dict(finding.params),
        )


def _status(plan: Plan, unit: str, row: dict[str, Any]) -> str | None:
    result = achievement(plan, unit, row)
    return result.status if result else None


def _beyond_maximum(scores: list[dict[str, Any]], name: str) -> Iterator[FieldError]:
    for index, row in enumerate(scores):
        if row[name] > row["max_score"]:
            limit = {"limit": row["max_score"]}
            yield FieldError(
                path=f"scores/{index}/{name}", template="Enter a number of at most {limit}", params=limit
            )


ACTIVITIES: dict[str, Activity] = {"assessment.record_no_comment": record_no_comment}
PREFILLS: dict[str, Prefill] = {
    "assessment.report_rows": report_rows,
    "assessment.report_shown": report_shown,
    "assessment.score_content": score_content,
    "assessment.second_look_content": second_look_content,
    "assessment.score_shown": score_shown,
}
CHECKS: dict[str, Check] = {"assessment.check_report": check_report, "assessment.check_score": check_score}
COMPLETIONS: dict[str, Completion] = {
    "assessment.record_report": record_report,
    "assessment.record_score": record_score,
    "assessment.record_response": record_response,
}
