"""The schedule of a plan's year as a document: read at the start of the cycle, edited before it."""

from collections.abc import Mapping
from datetime import date

from engine.plan.deadlines import Deadline, plan_deadlines
from engine.plan.schedule import Schedule, default_schedule, from_json
from engine.store.unit_of_work import Reader

SCHEDULE = "schedule"


def schedule_of(reader: Reader, plan_key: str) -> Schedule:
    """The year's schedule as it was entered, else the one that the plan's text gives."""
    found = reader.documents.find(plan_key, SCHEDULE)
    if found is not None:
        return from_json(found.body)
    progress = reader.organisation.setting("progress_frequency", "quarterly")
    return default_schedule(int(plan_key.rpartition(":")[2]), progress)


def scheduled_deadlines(
    reader: Reader, plan_key: str, k0_on: date, moved: Mapping[str, tuple[date, str]]
) -> dict[str, Deadline]:
    """Every deadline of the year by its schedule; a date that a letter names goes before it.

    PlanRuleError for a year without an office calendar.
    """
    schedule = schedule_of(reader, plan_key)
    by_letter = {id: (schedule.dates[id], letter) for id, letter in schedule.letters.items()}
    return plan_deadlines(
        int(plan_key.rpartition(":")[2]), k0_on, reader.calendar, {**by_letter, **moved},
        nominal=schedule.dates, enacting_days=schedule.enacting_days,
    )  # fmt: skip
