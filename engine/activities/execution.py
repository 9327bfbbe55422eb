"""Execution and progress (執行, 肆): the numbers of every unit until the self-assessment opens."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.deadlines import notify_open, plan_deadline, task_dates
from engine.activities.moments import morning
from engine.activities.next_signer import next_signer, unit_signers
from engine.activities.plan_documents import (
    enter_state,
    plan_key_of,
    plan_with_actions_of,
    released_plan,
    shown,
)
from engine.activities.unit_results import target_of
from engine.activities.year_schedule import schedule_of
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError
from engine.plan.achievement import rate
from engine.plan.document import Action, Plan, Target, decimal_text
from engine.plan.roc import roc_to_ad_year
from engine.plan.vocabulary import COMPARATOR_LABELS
from engine.store.unit_of_work import Reader, UnitOfWork

FREQUENCIES = {"off": 0, "monthly": 1, "quarterly": 3}
DUE_WORKING_DAYS = 5
_DAY = timedelta(days=1)


def open_execution(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The periods to report, the units that report, and the day on which the self-assessment ends it all."""
    plan_key, roc_year = call.data["plan_key"], int(call.data["roc_year"])
    enter_state(uow, plan_key, "executing")
    opens = plan_deadline(uow, plan_key, "assessment_open")
    frequency = schedule_of(uow, plan_key).progress
    periods = [
        {
            "label": label,
            "as_of": last.isoformat(),
            "open_at": morning(last + _DAY),
            **task_dates(uow, uow.calendar.add_working_days(last, DUE_WORKING_DAYS)),
        }
        for label, last in report_periods(roc_year, frequency)
        if uow.today <= last < opens.internal_due_on
    ]
    # Every unit, also one without actions: an amendment may give it some (捌).
    units = [unit.id for unit in released_plan(uow, plan_key).units]
    return {
        "frequency": frequency if periods and units else "off",
        "periods": periods,
        "units": units,
        "assessment_open_at": morning(opens.internal_due_on),
    }


def find_duties(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """Whether the plan in effect at the end of a period gives the unit anything to report."""
    plan = released_plan(uow, plan_key_of(call))
    return {"owes": bool(plan.actions_of(str(call.data["unit"])))}


def remind(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """A unit's progress is due in 2 working days."""
    return _notify(uow, call, "reminder", "remind_at")


def escalate(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """A unit's progress is overdue: its chief hears of it."""
    return _notify(uow, call, "chief", "late_at")


def progress_rows(reader: Reader, task: Task) -> FormContent:
    """One row for every target of the unit, and one for every action without a target.

    A unit that an amendment leaves without actions still ends the report that it has open.
    """
    plan_key, unit, period = plan_key_of(task), str(task.inputs["unit"]), _period(task)
    reported = reader.documents.find(plan_key, "progress", unit)
    latest = {_key(row): row for row in reported.body["rows"]} if reported else {}
    again = reported is not None and reported.body["period"] == period["label"]
    rows = []
    for row in target_rows(plan_with_actions_of(reader, plan_key, unit), unit):
        before = latest.get(_key(row), {})
        kept = {name: before[name] for name in _ENTRIES if name in before} if again else {}
        previous = before.get("previous" if again else "actual")
        rows.append({**row, **({"previous": previous} if previous else {}), "as_of": period["as_of"], **kept})
    return FormContent(
        values={"rows": rows}, panels={"period": {"title": "填報期別", "label": period["label"]}}
    )


def check_progress(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """A quantified action needs its number; a running total that shrinks needs its reason."""
    return [fault for index, row in enumerate(values["rows"]) for fault in _row_faults(f"rows/{index}", row)]


def record_progress(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Keep what the unit reported for the period, with the share of every target that is reached."""
    unit, period = str(task.inputs["unit"]), _period(task)
    plan = plan_with_actions_of(uow, plan_key_of(task), unit)
    rows = [{**row, **_percent(plan, row)} for row in values["rows"]]
    body = {"unit": unit, "period": period["label"], "as_of": period["as_of"], "rows": rows}
    ref = uow.documents.put(plan_key_of(task), "progress", unit, body, note=period["label"])
    return {"progress_no": ref.no, "signer": next_signer(uow, *unit_signers(unit))}


def progress_shown(reader: Reader, task: Task) -> FormContent:
    """The report that the chief confirms."""
    reported = reader.documents.get(plan_key_of(task), "progress", str(task.inputs["unit"]))
    return FormContent(shown=(shown("進度填報", reported),), panels={"progress": reported.body["rows"]})


def target_rows(plan: Plan, unit: str) -> list[dict[str, Any]]:
    """The read-only part of a unit's rows: action, indicator and target, in the plan's order."""
    return [_target_row(action, target) for action, target in _targets(plan, unit)]


def _targets(plan: Plan, unit: str) -> Iterator[tuple[Action, Target | None]]:
    for action in plan.actions_of(unit):
        own = [target for target in action.targets if target.owner == "branch"]
        yield from ((action, target) for target in own)
        if not own:
            yield action, None


def _target_row(action: Action, target: Target | None) -> dict[str, Any]:
    row = {"action_id": action.id, "summary": action.summary, "indicator": "", "target_text": "敘述性作法"}
    if target is not None:
        comparator = COMPARATOR_LABELS[target.comparator]
        row["indicator"] = target.indicator
        row["target_text"] = f"{comparator} {decimal_text(target.value)} {target.unit}"
    return row


_ENTRIES = ("as_of", "actual", "less_reason", "status", "text", "difficulty", "evidence")


def _percent(plan: Plan, row: dict[str, Any]) -> dict[str, str]:
    target = target_of(plan, row["action_id"], row["indicator"])
    if target is None or "actual" not in row:
        return {}
    return {"percent": f"{rate(target, Decimal(row['actual']))}%"}


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["action_id"], row["indicator"]


def _period(task: Task) -> dict[str, Any]:
    period: dict[str, Any] = task.inputs["open_execution.periods"][task.inputs["period_no"]]
    return period


def _row_faults(path: str, row: dict[str, Any]) -> Iterator[FieldError]:
    if not row["indicator"] or row["status"] == "not_applicable":
        return
    if "actual" not in row:
        yield FieldError(path=f"{path}/actual", template="A quantified action needs its number")
    elif Decimal(row["actual"]) < Decimal(row.get("previous") or "0") and not row.get("less_reason"):
        yield FieldError(path=f"{path}/less_reason", template="Say why the number is lower than before")


def _notify(uow: UnitOfWork, call: ActivityCall, level: str, moment: str) -> dict[str, Any]:
    period = call.data["open_execution"]["periods"][call.data["period_no"]]
    return notify_open(uow, call, ["progress_update"], call.data["unit"], level, period[moment])


def report_periods(roc_year: int, frequency: str) -> Iterator[tuple[str, date]]:
    """Label and last day of every period of the year on which the units report."""
    months = FREQUENCIES[frequency]
    if months == 0:
        return
    year = roc_to_ad_year(roc_year)
    for number, month in enumerate(range(months, 13, months), start=1):
        last = (date(year + month // 12, month % 12 + 1, 1)) - _DAY
        yield (f"第 {number} 季" if months == 3 else f"{month} 月"), last


ACTIVITIES: dict[str, Activity] = {
    "execution.open": open_execution,
    "execution.find_duties": find_duties,
    "execution.remind": remind,
    "execution.escalate": escalate,
}
PREFILLS: dict[str, Prefill] = {
    "execution.progress_rows": progress_rows,
    "execution.progress_shown": progress_shown,
}
CHECKS: dict[str, Check] = {"execution.check_progress": check_progress}
COMPLETIONS: dict[str, Completion] = {"execution.record_progress": record_progress}
