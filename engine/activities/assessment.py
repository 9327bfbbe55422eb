"""Opening and closing of the self-assessment (自行考核, 陸.一(一)): dates, criteria, result, publication."""

from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.criteria_sets import released_sets, rows_of
from engine.activities.deadlines import plan_deadline, watch_steps
from engine.activities.improvement import items_of_year, year_of
from engine.activities.moments import end_of_day
from engine.activities.plan_documents import enter_state, not_after_today, plan_key_of, released_plan, shown
from engine.domain.document import Document
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError, ProcessFailed
from engine.store.unit_of_work import Reader, UnitOfWork

REPORT_REMINDERS = (20, 10, 5, 2)
ESCALATIONS = ((1, "chief"), (3, "sec_chief"), (5, "director"))
CRITERIA_WORKING_DAYS = 3
ASSESSMENT = "assessment"
MUST_IMPROVE = "must_improve"
ANSWERS = {"agree": "同意", "object": "申復", "no_comment": "逾期未回應，視為無意見"}


def open_dates(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The dates of the year's assessment, its reminders, and the units that are assessed."""
    plan_key = call.data["plan_key"]
    enter_state(uow, plan_key, "assessing")
    units, chiefs, branch, k2 = (
        plan_deadline(uow, plan_key, name)
        for name in ("assessment_units", "assessment_chiefs", "assessment_branch", "K2")
    )
    plan = released_plan(uow, plan_key)
    assessed = [unit for unit in plan.units if plan.actions_of(unit.id)]
    if not assessed:
        raise ProcessFailed(reason="no unit owns an action of this plan, so there is nothing to assess")
    k2_steps = watch_steps(uow, k2, before=(2,), after=())
    escalation = {"at": end_of_day(k2.internal_due_on), "level": "director"}
    return {
        "units": [unit.id for unit in assessed],
        "unit_labels": {unit.id: unit.label for unit in assessed},
        "open_due_at": end_of_day(uow.calendar.add_working_days(uow.today, CRITERIA_WORKING_DAYS)),
        "report_due_at": end_of_day(units.internal_due_on),
        "report_late_after": end_of_day(units.late_after_on),
        "chief_due_at": end_of_day(chiefs.internal_due_on),
        "chief_late_after": end_of_day(chiefs.late_after_on),
        "branch_due_at": end_of_day(branch.internal_due_on),
        "branch_late_after": end_of_day(branch.late_after_on),
        "k2_at": end_of_day(k2.internal_due_on),
        "k2_late_after": end_of_day(k2.late_after_on),
        "report_steps": watch_steps(uow, units, before=REPORT_REMINDERS, after=ESCALATIONS),
        "watch": {"elements": list(OWN_ELEMENTS), "unit": "", "steps": [*k2_steps, escalation]},
    }


OWN_ELEMENTS = (
    "open_assessment", "self_report", "chief_review", "score_unit", "unit_response", "second_look",
    "finalise_scores", "sign", "publish_improvement_status",
)  # fmt: skip


def criteria(reader: Reader, task: Task) -> FormContent:
    """The released sets of criteria; the newest is proposed, and without any the example (範例)."""
    sets = released_sets(reader, int(task.inputs["roc_year"]))
    words = {each.key: f"{each.name}（{each.total}分）" for each in sets}
    rows = [{"label": words[each.key], **row} for each in sets for row in rows_of(each.criteria)]
    return FormContent(
        values={"criteria_set": sets[0].key},
        choices={"criteria_sets": list(words.items())},
        panels={"criteria": rows},
    )


def record_criteria(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the criteria of this year as they were released; a later version of the set changes nothing."""
    sets = released_sets(uow, int(task.inputs["roc_year"]))
    chosen = next(each for each in sets if each.key == values["criteria_set"])
    body = {
        "set": chosen.key, "name": chosen.name, "criteria": rows_of(chosen.criteria),
        "note": values.get("note", ""),
    }  # fmt: skip
    ref = uow.documents.put(plan_key_of(task), ASSESSMENT, "criteria", body)
    return {"criteria_no": ref.no}


def criteria_of(reader: Reader, plan_key: str) -> list[dict[str, Any]]:
    """The criteria that were set for this year."""
    rows: list[dict[str, Any]] = reader.documents.get(plan_key, ASSESSMENT, "criteria").body["criteria"]
    return rows


def results(reader: Reader, task: Task) -> FormContent:
    """The score of every unit with its answer, for the report of the branch."""
    plan_key = plan_key_of(task)
    scores = reader.documents.list(plan_key, "score")
    labels = {unit.id: unit.label for unit in released_plan(reader, plan_key).units}
    rows = [_result(reader, plan_key, labels, score) for score in scores]
    earlier = reader.documents.find(plan_key, ASSESSMENT)
    values: dict[str, Any] = {"results": rows, "wants_reward": False}
    if earlier:
        values |= {"overall": earlier.body["overall"], "wants_reward": earlier.body["wants_reward"]}
    return FormContent(
        values=values,
        shown=tuple(shown(f"{labels.get(score.key, score.key)}考核", score) for score in scores),
        panels={"findings": [_finding_line(labels, f) for f in findings_of(scores)]},
    )


def record_results(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the result of the branch: this is what the director signs."""
    plan_key = plan_key_of(task)
    body = {
        "roc_year": task.inputs["roc_year"],
        "results": values["results"],
        "findings": findings_of(uow.documents.list(plan_key, "score")),
        "overall": values["overall"],
        "wants_reward": values["wants_reward"],
    }
    ref = uow.documents.put(plan_key, ASSESSMENT, "", body)
    return {"assessment_no": ref.no, "findings": len(body["findings"])}


def result_panels(reader: Reader, document: Document) -> dict[str, Any]:
    """What a version of the branch's result says; nothing for other documents."""
    if document.kind != ASSESSMENT:
        return {}
    body, labels = document.body, {unit.id: unit.label for unit in reader.organisation.units()}
    return {
        "assessment_report": body["overall"],
        "unit_scores": [
            {"unit": row["label"], **{name: row[name] for name in ("self_total", "total", "response")}}
            for row in body["results"]
        ],
        "findings": [_finding_line(labels, finding) for finding in body["findings"]],
        "wants_reward": body["wants_reward"],
    }


def findings_of(scores: list[Document]) -> list[dict[str, Any]]:
    """Every finding with its unit and an id that stays: unit and number."""
    return [
        {**finding, "unit": score.key, "id": f"{score.key}-{number}"}
        for score in scores
        for number, finding in enumerate(score.body["findings"], start=1)
    ]


def start_improvements(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """One follow-up instance for every finding that must be improved (督導改進)."""
    plan_key = call.data["plan_key"]
    items = [
        f for f in uow.documents.get(plan_key, ASSESSMENT).body["findings"] if f["severity"] == MUST_IMPROVE
    ]
    for item in items:
        uow.starts.request(
            "improvement_followup",
            f"{plan_key}:{item['id']}",
            {"plan_key": plan_key, "roc_year": call.data["roc_year"], "unit": item["unit"], "item": item},
        )
    return {"count": len(items)}


def improvement_content(reader: Reader, task: Task) -> FormContent:
    """The state of every item, for the text that is published: items, no persons."""
    labels = {unit.id: unit.label for unit in reader.organisation.units()}
    lines = [
        {
            "roc_year": year_of(i),
            "unit": labels.get(i.body["unit"], i.body["unit"]),
            "finding": i.body["finding"],
            "state": i.body["state_label"],
        }
        for i in items_of_year(reader, plan_key_of(task))
    ]
    return FormContent(panels={"improvements": lines})


def check_published(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Published on a day that has come."""
    return not_after_today(reader, values, "published_on")


def record_improvement_status(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the proof that the improvement status was published (A9: required)."""
    uow.documents.put(plan_key_of(task), "improvement_status", "", values)
    return {"published_on": values["published_on"]}


def record_reward_proposal(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep a proposal for the personnel procedure (柒.一 得): it sets no grade."""
    uow.documents.put(plan_key_of(task), "reward_proposal", "", values)
    return {}


def _result(reader: Reader, plan_key: str, labels: dict[str, str], score: Document) -> dict[str, Any]:
    answer = reader.documents.find(plan_key, "response", score.key)
    return {
        "unit": score.key,
        "label": labels.get(score.key, score.key),
        "self_total": score.body["self_total"],
        "total": score.body["total"],
        "response": ANSWERS[answer.body["answer"]] if answer else "",
        "findings": sum(f["severity"] == MUST_IMPROVE for f in score.body["findings"]),
    }


def _finding_line(labels: dict[str, str], finding: dict[str, Any]) -> dict[str, str]:
    return {
        "unit": labels.get(finding["unit"], finding["unit"]),
        "finding": finding["finding"],
        "severity": finding["severity"],
        "due_on": finding.get("due_on", ""),
    }


ACTIVITIES: dict[str, Activity] = {
    "assessment.open_dates": open_dates,
    "assessment.start_improvements": start_improvements,
}
PREFILLS: dict[str, Prefill] = {
    "assessment.criteria": criteria,
    "assessment.results": results,
    "assessment.improvement_content": improvement_content,
}
CHECKS: dict[str, Check] = {
    "assessment.check_published": check_published,
}
COMPLETIONS: dict[str, Completion] = {
    "assessment.record_criteria": record_criteria,
    "assessment.record_results": record_results,
    "assessment.record_improvement_status": record_improvement_status,
    "assessment.record_reward_proposal": record_reward_proposal,
}
