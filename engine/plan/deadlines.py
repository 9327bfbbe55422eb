"""When the plan's dates are due: act by the previous working day, late only after the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from engine.plan.calendar import WorkCalendar
from engine.plan.roc import roc_to_ad_year
from engine.plan.rule_error import PlanRuleError

TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")
ENACTING_WORKING_DAYS = 14
SURVEY_REPLY_WORKING_DAYS = 5

CLAUSES: Mapping[str, str] = {
    "K1": "伍.一",
    "K2": "陸.一(一)",
    "K3": "陸.一(二)",
    "K4": "陸.一(三)",
    "K5": "陸.二(一)1",
    "assessment_open": "陸.一(一)",
    "assessment_units": "陸.一(一)",
    "assessment_chiefs": "陸.一(一)",
    "assessment_branch": "陸.一(一)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One date of the plan. `basis` is the letter that set it, when one did."""

    id: str
    clause: str
    nominal_on: date
    internal_due_on: date
    late_after_on: date
    basis: str | None = None

    def is_late(self, on: date) -> bool:
        """逾期: only after the end of `late_after_on`."""
        return on > self.late_after_on


def internal_due(nominal_on: date, calendar: WorkCalendar) -> date:
    """The working day by which people should act: `nominal_on` or the working day before it."""
    return calendar.previous_working_day_on_or_before(nominal_on)


def deadline(
    nominal_on: date, calendar: WorkCalendar, *, id: str = "", clause: str = "", basis: str | None = None
) -> Deadline:
    """The deadline of "N日前", N included; PlanRuleError when a year has no office calendar."""
    return Deadline(
        id=id,
        clause=clause,
        nominal_on=nominal_on,
        internal_due_on=internal_due(nominal_on, calendar),
        late_after_on=calendar.next_working_day_on_or_after(nominal_on),
        basis=basis,
    )


def nominal_dates(roc_year: int) -> dict[str, date]:
    """The dates that the plan's text (陸) and its schedule name, working days or not."""
    year = roc_to_ad_year(roc_year)
    return {
        "K2": date(year, 12, 31),
        "K3": date(year + 1, 1, 5),
        "K4": date(year + 1, 1, 20),
        "K5": date(year + 1, 3, 1) - timedelta(days=1),
        "assessment_open": date(year, 11, 15),
        "assessment_units": date(year, 12, 10),
        "assessment_chiefs": date(year, 12, 15),
        "assessment_branch": date(year, 12, 25),
    }


def plan_deadlines(
    roc_year: int,
    k0_on: date,
    calendar: WorkCalendar,
    overrides: Mapping[str, tuple[date, str]] | None = None,
    *,
    nominal: Mapping[str, date] | None = None,
    enacting_days: int = ENACTING_WORKING_DAYS,
) -> dict[str, Deadline]:
    """All deadlines of the plan of one year, K1..K5 and the stages of the self-assessment.

    K1 is K0 (arrival of the bureau's plan) and 14 working days; `nominal` and `enacting_days` are those of
    the year's schedule where it has others. A date that a letter set replaces the nominal
    one and keeps the letter's number as its basis.
    PlanRuleError: an unknown id, an override without a letter number, a year without an office calendar.
    """
    given = overrides or {}
    for id, (_, letter_no) in given.items():
        if id not in CLAUSES:
            raise PlanRuleError("The plan has no deadline {id}", id=id)
        if not letter_no.strip():
            raise PlanRuleError("The date of {id} can be changed only with the number of a letter", id=id)
    days = {**nominal_dates(roc_year), **(nominal or {})}
    if "K1" not in given:
        days["K1"] = calendar.add_working_days(k0_on, enacting_days)
    days |= {id: on for id, (on, _) in given.items()}
    return {
        id: deadline(
            days[id], calendar, id=id, clause=CLAUSES[id], basis=given[id][1] if id in given else None
        )
        for id in CLAUSES
    }


def survey_reply_due(roc_year: int, calendar: WorkCalendar) -> date:
    """When the branch answers the award survey if no letter says: 5 working days before K5's."""
    last = internal_due(nominal_dates(roc_year)["K5"], calendar)
    return calendar.add_working_days(last, -SURVEY_REPLY_WORKING_DAYS)


def reminders(due_on: date, days_before: Iterable[int], calendar: WorkCalendar) -> tuple[date, ...]:
    """The working days on which to remind, in the given order; 0 is the due day itself.

    A due date that is no working day is first moved to the working day before it.
    """
    due = internal_due(due_on, calendar)
    return tuple(calendar.add_working_days(due, -days) for days in days_before)


def escalations(late_after_on: date, days_after: Iterable[int], calendar: WorkCalendar) -> tuple[date, ...]:
    """The working days after a missed deadline on which the next level is told, in the given order."""
    return tuple(calendar.add_working_days(late_after_on, days) for days in days_after)


def start_of_day_utc(on: date) -> datetime:
    """Midnight in Taipei, as UTC."""
    return datetime.combine(on, time(), TAIPEI).astimezone(UTC)


def end_of_day_utc(on: date) -> datetime:
    """The last second (23:59:59) of the day in Taipei, as UTC."""
    return datetime.combine(on, time(23, 59, 59), TAIPEI).astimezone(UTC)


def iso_taipei(on: date, hour: int = 0, minute: int = 0) -> str:
    """An ISO instant with +08:00, the only form that timers of the process models accept."""
    return datetime.combine(on, time(hour, minute), TAIPEI).isoformat()
