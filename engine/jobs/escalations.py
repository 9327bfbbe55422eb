"""Urging by the calendar: once a working day, every dated task that has reached a level is told."""

import logging
from datetime import timedelta

from engine.clock import TAIPEI
from engine.commands.escalations import tell_level
from engine.commands.overdue_reports import has_report, make_weekly
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import EngineError
from engine.plan.deadlines import end_of_day_utc, start_of_day_utc
from engine.plan.escalation import Level, reached_until
from engine.plan.rule_error import PlanRuleError
from engine.store.notices import Key, Stretch
from engine.store.unit_of_work import Reader

logger = logging.getLogger(__name__)
MORNING = 9
BATCH = 200
FIRST: Key = (-1, -1)
# What is late for longer was told at every level long ago.
LONGEST_LATE = timedelta(days=400)


def is_morning_of_work(reader: Reader) -> bool:
    """Whether notices may be given now: from nine o'clock of a working day on, where a calendar is known."""
    try:
        is_working_day = reader.calendar.is_working_day(reader.today)
    except PlanRuleError:
        return False
    return is_working_day and reader.now.astimezone(TAIPEI).hour >= MORNING


def tell_levels(engine: Engine) -> int:
    """Tell every level that is reached, the highest first and of each task one; gives how many were told.

    Each task is a transaction of its own; what fails is told the next time. Workers tell nothing twice.
    """
    if not engine.ask(SYSTEM, is_morning_of_work):
        return 0
    return sum(_tell(engine, level) for level in sorted(Level, reverse=True))


def _tell(engine: Engine, level: Level) -> int:
    told, after = 0, FIRST
    while keys := engine.ask(SYSTEM, untold, level, after):
        for _, task_id in keys:
            try:
                told += engine.execute(SYSTEM, tell_level, task_id, level)
            except EngineError:
                logger.exception("The task %s could not be told at level %s", task_id, int(level))
        after = keys[-1]
    return told


def untold(reader: Reader, level: Level, after: Key) -> list[Key]:
    """The next open tasks that have reached a level which was not told."""
    last = reached_until(level, reader.today, reader.calendar)
    if level is Level.REMINDER:
        since, until, late = start_of_day_utc(reader.today), last, None
    else:
        since, until, late = reader.now - LONGEST_LATE, last, last
    stretch = Stretch(
        since=since,
        until=end_of_day_utc(until) + timedelta(seconds=1),
        late=end_of_day_utc(late) if late else None,
    )
    return reader.notices.untold(int(level), stretch, after, BATCH)


def report_of_the_week(engine: Engine) -> bool:
    """Make the overdue report on the first working morning of a week; tells whether it was made."""
    if not engine.ask(SYSTEM, is_morning_of_work) or engine.ask(SYSTEM, has_report):
        return False
    return engine.execute(SYSTEM, make_weekly)
