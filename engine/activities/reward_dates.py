"""When the steps of a reward list are due: the speeds of official letters, counted in working days."""

from typing import Any

from engine.activities.calls import Activity, ActivityCall
from engine.activities.moments import end_of_day
from engine.activities.signoff import WORKING_DAYS
from engine.plan.rule_error import PlanRuleError
from engine.store.unit_of_work import Reader, UnitOfWork

# Those who propose, and a committee that has to meet, have the six days of an ordinary letter; whoever holds
# a list that is under way has the three of a fast one, as those who sign it.
NORMAL, FAST = "normal", "fast"
# The other agency decides by itself: like a reply of the bureau, its letter is expected in ten days.
REPLY_WORKING_DAYS = 10


def due_in(reader: Reader, days: int) -> str | None:
    """The end of the working day some working days from today; None beyond the imported office calendars."""
    try:
        return end_of_day(reader.calendar.add_working_days(reader.today, days))
    except PlanRuleError:
        return None


def next_due(reader: Reader) -> str | None:
    """When the next step of a list that is under way is due."""
    return due_in(reader, WORKING_DAYS[FAST])


def date_step(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """The due date of a step that begins anew each time it is reached."""
    return {"due": due_in(uow, WORKING_DAYS[NORMAL])}


ACTIVITIES: dict[str, Activity] = {"rewards.date_step": date_step}
